// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tests/codegen/nest_builder.h"
#include "tests/lower/nest_reference.h"
#include <gtest/gtest.h>

#include "astrolabe/codegen/nest_compiler.h"

namespace astrolabe {
namespace {

using nest_reference::first_difference;
using nest_reference::NestCase;
using nest_reference::random_case;
using nest_reference::random_nest;
using nest_reference::run;
using nest_reference::run_reference;

TEST(NestCompilerProperty, random_nests_equal_the_reference_on_every_set) {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    const Key key = Key::from_seed(seed);
    const NestCode code = random_nest(key.split("code"));
    const NestCode* const codes[] = {&code};
    for (const InstructionSet set : nest_builder::supported_sets()) {
      const CompiledNests nests = compile_nests(codes, set);
      for (std::uint64_t i = 0; i < 3; ++i) {
        const NestCase fresh = random_case(code, key.split(i));
        NestCase expected = fresh, found = fresh;
        run_reference(code, expected);
        run(nests.functions()[0], found, 0, fresh.split_extent(code));
        ASSERT_EQ(first_difference(code, expected, found), "") << seed << " " << instruction_set_name(set);
      }
    }
  }
}

TEST(NestCompilerProperty, strips_of_every_width_equal_the_reference) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Key key = Key::from_seed(seed);
    const NestCode code = random_nest(key.split("code"));
    for (const InstructionSet set : nest_builder::supported_sets()) {
      const std::vector<NestSchedule> schedules = nest_schedules(code, set);
      EXPECT_EQ(schedules.empty(), code.shape == NestShape::lanes);
      const std::vector<const NestCode*> codes(schedules.size(), &code);
      const CompiledNests nests = compile_nests(codes, set, schedules);
      const NestCase fresh = random_case(code, key.split("case"));
      NestCase expected = fresh;
      run_reference(code, expected);
      for (std::size_t i = 0; i < schedules.size(); ++i) {
        NestCase found = fresh;
        run(nests.functions()[i], found, 0, fresh.split_extent(code));
        ASSERT_EQ(first_difference(code, expected, found), "")
            << seed << " " << instruction_set_name(set) << " lanes " << schedules[i].lanes;
      }
    }
  }
}

TEST(NestCompilerProperty, short_rows_equal_the_reference) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Key key = Key::from_seed(seed);
    NestCode code = random_nest(key.split("code"));
    if (code.shape == NestShape::lanes) continue;
    code.is_narrow = true;
    const NestCode* const codes[] = {&code};
    for (const InstructionSet set : nest_builder::supported_sets()) {
      const CompiledNests nests = compile_nests(codes, set);
      NestCase fresh = random_case(code, key.split("case"));
      fresh.extents.back() =
          std::min<std::int64_t>(fresh.extents.back(), 1 + static_cast<std::int64_t>(seed % 16));
      NestCase expected = fresh, found = fresh;
      run_reference(code, expected);
      run(nests.functions()[0], found, 0, fresh.split_extent(code));
      ASSERT_EQ(first_difference(code, expected, found), "") << seed << " " << instruction_set_name(set);
    }
  }
}

}  // namespace
}  // namespace astrolabe
