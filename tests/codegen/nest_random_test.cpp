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

TEST(NestCompilerProperty, schedules_of_every_kind_equal_the_reference) {
  std::size_t strips = 0, unrolls = 0, orders = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Key key = Key::from_seed(seed);
    const NestCode code = random_nest(key.split("code"));
    for (const InstructionSet set : nest_builder::supported_sets()) {
      const std::vector<NestSchedule> schedules = nest_schedules(code, set);
      EXPECT_EQ(nest_strips(code, set).empty(), code.shape == NestShape::lanes);
      strips += nest_strips(code, set).size();
      unrolls += nest_unrolls(code).size();
      orders += nest_orders(code).size();
      const std::vector<const NestCode*> codes(schedules.size(), &code);
      const CompiledNests nests = compile_nests(codes, set, schedules);
      const NestCase fresh = random_case(code, key.split("case"));
      NestCase expected = fresh;
      run_reference(code, expected);
      for (std::size_t i = 0; i < schedules.size(); ++i) {
        NestCase found = fresh;
        run(nests.functions()[i], found, 0, fresh.split_extent(code));
        ASSERT_EQ(first_difference(code, expected, found), "")
            << seed << " " << instruction_set_name(set) << " lanes " << schedules[i].lanes << " unroll "
            << int{schedules[i].unroll} << " order " << int{schedules[i].order[0]}
            << int{schedules[i].order[1]} << int{schedules[i].order[2]};
      }
    }
  }
  EXPECT_GT(std::min({strips, unrolls, orders}), 60U);
}

TEST(NestSchedule, that_the_nest_does_not_allow_is_the_default) {
  const NestCode sums{.shape = NestShape::lanes,
                      .loops = 2,
                      .accesses = {{}},
                      .body = {{.kind = NestOp::load}},
                      .stores = {},
                      .reductions = {}};
  const NestSchedule wanted{.lanes = 64, .unroll = 2, .order = {1, 0}};
  EXPECT_EQ(allowed_schedule(sums, InstructionSet::avx512, wanted), NestSchedule{.unroll = 2})
      << "sums have lanes of their own, and are walked last";
  NestCode plain = sums;
  plain.shape = NestShape::plain;
  EXPECT_EQ(allowed_schedule(plain, InstructionSet::avx512, wanted), wanted);
  EXPECT_EQ(allowed_schedule(plain, InstructionSet::avx2, wanted).lanes, 0);
  for (const auto& order : {std::array<std::uint8_t, kMaxLoops>{1, 1}, {2, 0, 1}, {1, 0, 3}})
    EXPECT_FALSE(allowed_schedule(plain, InstructionSet::avx512, {.order = order}).has_order());
  plain.stores = {{.value = 0, .access = 0}};  // of an access that stands still
  EXPECT_TRUE(nest_orders(plain).empty()) << "the last turn has to stay the last";
  plain.body.assign(60, plain.body[0]);
  EXPECT_TRUE(nest_unrolls(plain).empty()) << "a long body is not written out";
}

TEST(NestSchedule, orders_keep_reduced_loops_last) {
  const NestCode outer{.shape = NestShape::outer,
                       .loops = 4,
                       .reduced_loops = 1,
                       .accesses = {},
                       .body = {},
                       .stores = {},
                       .reductions = {}};
  const std::vector<NestSchedule> orders = nest_orders(outer);
  EXPECT_EQ(orders.size(), 5U);
  for (const NestSchedule& each : orders) EXPECT_EQ(each.order[3], 2) << "the loop before the innermost one";
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
