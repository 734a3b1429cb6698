// SPDX-License-Identifier: Apache-2.0
#include "tests/tiles/sets.h"
#include <gtest/gtest.h>

#include "astrolabe/base/random.h"

namespace astrolabe {
namespace {

using nest_reference::difference_by_tiles;
using nest_reference::NestCase;
using nest_reference::random_case;
using nest_reference::random_nest;
using nest_reference::testable_sets;

// How long a part of a call may be: any for the outermost loop, whole lanes for the innermost one.
std::int64_t random_part(const NestCode& code, RandomStream& random) {
  const bool is_inner = split_loop(code) + 1U == code.loops;
  if (is_inner && code.shape == NestShape::lanes) return INT64_MAX;
  const auto units = static_cast<std::int64_t>(1 + random.below(3));
  return is_inner ? units * 32 : units;
}

TEST(TileProgram, of_a_random_nest_writes_what_the_reference_writes) {
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    const Key key = Key::from_seed(2026).split(seed);
    const NestCode code = random_nest(key.split(0));
    RandomStream random(key.split(2));
    for (std::uint64_t i = 0; i < 3; ++i) {
      const NestCase data = random_case(code, key.split(10 + i));
      const std::int64_t part = random.below(2) == 0 ? INT64_MAX : random_part(code, random);
      for (const InstructionSet set : testable_sets())
        ASSERT_EQ(difference_by_tiles(code, data, set, part), "")
            << "seed " << seed << ", case " << i << ", " << instruction_set_name(set) << ", part " << part;
    }
  }
}

// Extents around the lengths of strips, tiles and lanes.
TEST(TileProgram, of_a_random_nest_with_long_rows_writes_what_the_reference_writes) {
  constexpr std::int64_t kLengths[] = {16, 32, 63, 64, 65, 127, 128, 256, 257, 511, 512, 513, 1024, 1100};
  for (std::uint64_t seed = 0; seed < 250; ++seed) {
    const Key key = Key::from_seed(77).split(seed);
    const NestCode code = random_nest(key.split(0));
    RandomStream random(key.split(2));
    std::vector<std::int64_t> extents;
    for (std::size_t loop = 0; loop + 2 < code.loops; ++loop)
      extents.push_back(1 + static_cast<std::int64_t>(random.below(2)));
    const bool has_long_columns = random.below(3) == 0;
    if (code.loops > 1) extents.push_back(has_long_columns ? kLengths[random.below(14)] : 3);
    extents.push_back(has_long_columns ? 1 + static_cast<std::int64_t>(random.below(5))
                                       : kLengths[random.below(14)]);
    const NestCase data = random_case(code, key.split(1), extents);
    const std::int64_t part = random.below(2) == 0 ? INT64_MAX : random_part(code, random);
    for (const InstructionSet set : testable_sets())
      ASSERT_EQ(difference_by_tiles(code, data, set, part), "")
          << "seed " << seed << ", " << instruction_set_name(set) << ", part " << part;
  }
}

}  // namespace
}  // namespace astrolabe
