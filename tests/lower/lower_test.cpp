// SPDX-License-Identifier: Apache-2.0
// What lowering promises beside the right bytes (tests/runtime): what is fused, what is kept, where it lies.
#include "astrolabe/lower/lower.h"

#include <array>

#include <gtest/gtest.h>

#include "astrolabe/lower/strided.h"

namespace astrolabe {
namespace {

constexpr ElementType kF32 = ElementType::f32;

std::size_t count_nests(const Plan& plan) {
  std::size_t count = 0;
  for (const Step& step : plan.steps) count += std::holds_alternative<NestStep>(step) ? 1U : 0U;
  return count;
}

std::size_t count_arena_buffers(const Plan& plan) {
  std::size_t count = 0;
  for (const PlanBuffer& buffer : plan.buffers) count += buffer.place == Place::arena ? 1U : 0U;
  return count;
}

TEST(Lower, makes_one_nest_of_elementwise_operations) {
  Graph g;
  const NodeId x = g.input("x", kF32, Shape{8, 16});
  const NodeId y = g.multiply(g.add(x, g.constant(1)), g.subtract(x, g.scalar("s")));
  const std::array outputs = {y, g.add(y, x)};
  const Plan plan = lower({.graph = g, .outputs = outputs, .updates = {}});
  EXPECT_EQ(plan.steps.size(), 1U);
  EXPECT_EQ(std::get<NestStep>(plan.steps[0]).code.loops, 1) << "contiguous axes are one loop";
  EXPECT_EQ(plan.arena_bytes, 0U);
}

TEST(Lower, folds_a_sum_where_its_terms_are_computed) {
  Graph g;
  const NodeId x = g.input("x", kF32, Shape{8, 16});
  const std::array outputs = {g.sum(g.multiply(x, x), {0})};
  const Plan plan = lower({.graph = g, .outputs = outputs, .updates = {}});
  ASSERT_EQ(plan.steps.size(), 1U);
  EXPECT_EQ(std::get<NestStep>(plan.steps[0]).code.shape, NestShape::outer);
  EXPECT_EQ(plan.arena_bytes, 0U);
}

TEST(Lower, keeps_a_derivative_beside_the_function_whose_parts_it_shares) {
  // h = f(z) with f' from the same expensive part: computed once, kept for the way back.
  Graph g;
  const NodeId x = g.input("x", kF32, Shape{8, 16}), w = g.input("w", kF32, Shape{16, 16});
  const NodeId z = g.dot(x, w);
  const NodeId part = g.divide(g.constant(1), g.add(g.constant(1), g.multiply(z, z)));
  const NodeId h = g.multiply(z, part), slope = g.multiply(part, part);
  const NodeId back = g.multiply(g.dot(h, w), slope);
  const std::array outputs = {back};
  const Plan plan = lower({.graph = g, .outputs = outputs, .updates = {}});
  std::size_t divisions = 0;
  for (const Step& step : plan.steps) {
    if (const auto* nest = std::get_if<NestStep>(&step))
      for (const NestInstruction& instruction : nest->code.body)
        divisions += instruction.kind == NestOp::compute && instruction.op == Op::divide ? 1U : 0U;
  }
  EXPECT_EQ(divisions, 1U);
  EXPECT_EQ(count_nests(plan), 2U);
}

TEST(Lower, lets_the_decay_of_a_memory_wait_for_the_gradient) {
  Graph g;
  const NodeId m = g.state("m", kF32, Shape{64}), x = g.input("x", kF32, Shape{1, 64});
  const NodeId one = g.input("one", kF32, Shape{1, 1});
  const NodeId slope = g.reshape(g.dot(one, x), Shape{64});
  const NodeId next = g.add(g.multiply(m, g.scalar("b")), slope);
  const std::array updates = {std::pair(m, next)};
  const Plan plan = lower({.graph = g, .outputs = {}, .updates = updates});
  EXPECT_EQ(count_nests(plan), 1U);
  EXPECT_EQ(count_arena_buffers(plan), 1U) << "the gradient; the memory is updated in place";
}

TEST(Lower, recomputes_what_costs_one_operation_on_what_is_there) {
  Graph g;
  const NodeId x = g.input("x", kF32, Shape{8, 16}), w = g.input("w", kF32, Shape{16, 16});
  const NodeId z = g.add(g.dot(x, w), g.broadcast_rows(g.input("b", kF32, Shape{16}), 8));
  const NodeId h = g.maximum(z, g.constant(0));
  const NodeId back = g.select(g.less(g.constant(0), z), g.dot(h, w), g.constant(0));
  const std::array outputs = {back};
  const Plan plan = lower({.graph = g, .outputs = outputs, .updates = {}});
  EXPECT_EQ(count_nests(plan), 2U);
  EXPECT_EQ(count_arena_buffers(plan), 3U) << "two products and h; neither z nor its sign";
}

TEST(Lower, computes_parts_of_a_concat_where_they_belong) {
  Graph g;
  const NodeId x = g.input("x", kF32, Shape{4, 4});
  const std::array<NodeId, 2> parts = {g.reshape(g.dot(x, x), Shape{16}),
                                       g.reshape(g.multiply(x, x), Shape{16})};
  const std::array outputs = {g.concat(parts, 0)};
  const Plan plan = lower({.graph = g, .outputs = outputs, .updates = {}});
  EXPECT_EQ(plan.steps.size(), 2U) << "no copies";
  EXPECT_EQ(plan.arena_bytes, 0U);
}

TEST(Lower, refuses_what_has_no_lowering) {
  Graph g;
  const NodeId x = g.input("x", ElementType::f64, Shape{4, 4});
  const std::array outputs = {g.dot(x, x)};
  EXPECT_THROW((void)lower({.graph = g, .outputs = outputs, .updates = {}}), NoLowering);
}

TEST(Strided, sees_a_reshape_of_a_slice_where_no_copy_is_needed) {
  EXPECT_EQ(reshape_strides(Shape{4, 6}, std::array<std::int64_t, 2>{12, 2}, Shape{4, 2, 3}),
            (std::vector<std::int64_t>{12, 6, 2}));
  EXPECT_EQ(reshape_strides(Shape{4, 6}, std::array<std::int64_t, 2>{6, 1}, Shape{24}),
            (std::vector<std::int64_t>{1}));
  EXPECT_FALSE(reshape_strides(Shape{4, 6}, std::array<std::int64_t, 2>{7, 1}, Shape{24}).has_value());
}

}  // namespace
}  // namespace astrolabe
