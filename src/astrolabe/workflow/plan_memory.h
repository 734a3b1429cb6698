// SPDX-License-Identifier: Apache-2.0
// Buffers with lifetimes from a table, placed in one memory.
//
//   const MemoryLayout layout = plan_buffers({.file = "buffers.csv", .capacity = 1 << 20});
//   if (!layout.fits()) ...   // the best plan that was found is there all the same
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "astrolabe/report/memory_layout.h"

namespace astrolabe {

struct BufferQuestion {
  std::filesystem::path file;                  // columns id, lower, upper, size, in any order, among others
  std::optional<std::uint64_t> capacity = {};  // bytes; without, the smallest plan is looked for
  std::uint64_t alignment = 1;                 // of offsets
  std::uint64_t most_steps = 1'000'000;        // of the search: seconds
};

// Throws bad_input for a file that is no such table, naming the row, and usage_error for a capacity below the
// most that lives at one time. Equal files give equal plans.
[[nodiscard]] MemoryLayout plan_buffers(const BufferQuestion& question);

}  // namespace astrolabe
