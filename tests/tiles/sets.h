// SPDX-License-Identifier: Apache-2.0
// The instruction sets that this machine can test, and a nest run by tiles against the literal reference.
//
//   for (const InstructionSet set : testable_sets())
//     EXPECT_EQ(difference_by_tiles(code, data, set), "");
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "tests/lower/nest_reference.h"

#include "astrolabe/base/instruction_set.h"
#include "astrolabe/tiles/tile_program.h"

namespace astrolabe::nest_reference {

inline std::vector<InstructionSet> testable_sets() {
  std::vector<InstructionSet> sets;
  for (const InstructionSet set : {InstructionSet::plain, InstructionSet::avx2, InstructionSet::avx512})
    if (is_supported(set)) sets.push_back(set);
  return sets;
}

// Empty when tiles write what the reference writes. The call is cut in parts of `part`.
inline std::string difference_by_tiles(const NestCode& code, const NestCase& fresh, InstructionSet set,
                                       std::int64_t part = INT64_MAX) {
  NestCase expected = fresh, found = fresh;
  run_reference(code, expected);
  const TileProgram program(code, set);
  const auto call = [&](auto... arguments) { program.run(arguments...); };
  const std::int64_t all = fresh.split_extent(code);
  if (part >= all) {
    run(call, found, 0, all);
  } else {
    for (std::int64_t begin = 0; begin < all; begin += part)
      run(call, found, begin, std::min(all, begin + part));
  }
  return first_difference(code, expected, found);
}

}  // namespace astrolabe::nest_reference
