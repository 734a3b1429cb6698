// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/recurrence_runner.h"

namespace astrolabe {

void run_recurrence(const RecurrenceStep& recurrence, const Executable& step, std::byte* const* addresses) {
  const WorkspaceLease lease;
  std::vector<const std::byte*>& rows = (*lease).rows;
  const std::size_t leaves = recurrence.inputs.size();
  rows.assign(addresses, addresses + leaves);
  std::byte* const out = addresses[leaves];
  for (std::size_t done = 0; done < recurrence.steps; ++done) {
    const std::size_t row = recurrence.backwards ? recurrence.steps - 1 - done : done;
    for (std::size_t i = 1; i <= recurrence.stepped; ++i)
      rows[i] = addresses[i] + row * recurrence.row_bytes[i];
    std::byte* const next = out + row * recurrence.row_bytes[0];
    step.run({.inputs = rows,
              .states = {},
              .scalars = {},
              .outputs = std::span(&next, 1),
              .arena = addresses[leaves + 1]},
             nullptr);
    rows[0] = next;
  }
}

}  // namespace astrolabe
