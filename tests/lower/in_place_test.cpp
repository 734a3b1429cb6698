// SPDX-License-Identifier: Apache-2.0
// The arena of whole programs, looked at element by element: no two buffers that live at one time overlap,
// but where one takes over the memory of another, and then element i of the new needs element i of the old
// alone.
#include "astrolabe/lower/in_place.h"

#include <array>
#include <map>

#include <gtest/gtest.h>

#include "astrolabe/graph/gradient.h"
#include "astrolabe/lower/lower.h"
#include "astrolabe/lower/step_regions.h"
#include "astrolabe/passes/pass_catalog.h"

namespace astrolabe {
namespace {

constexpr ElementType kF32 = ElementType::f32;
constexpr std::array<std::size_t, 2> kTurned = {1, 0};
constexpr std::array<std::size_t, 1> kColumns = {1};

std::size_t end_of(const PlanBuffer& buffer) {
  return buffer.offset + buffer.elements * element_bytes(buffer.type);
}

// The element that an access touches in each turn of the loops, in order.
std::vector<std::int64_t> walk_of(const NestStep& nest, std::size_t access) {
  std::vector<std::int64_t> elements = {nest.regions[access].offset};
  for (std::size_t loop = 0; loop < nest.extents.size(); ++loop) {
    std::vector<std::int64_t> inner;
    for (const std::int64_t start : elements)
      for (std::int64_t turn = 0; turn < nest.extents[loop]; ++turn)
        inner.push_back(start + turn * nest.strides[access * nest.code.loops + loop]);
    elements = std::move(inner);
  }
  return elements;
}

// Whether `to`, born in `step`, may lie on `from`, which dies there: every element is written once, and read
// in that turn only.
bool is_elementwise(const Plan& plan, std::size_t step, std::size_t from, std::size_t to) {
  const auto* nest = std::get_if<NestStep>(&plan.steps[step]);
  if (nest == nullptr) return false;
  std::map<std::int64_t, std::size_t> turn_of;  // of elements that are written
  bool is_read = false;
  for (std::size_t access = 0; access < nest->regions.size(); ++access) {
    if (nest->regions[access].buffer != to) continue;
    const std::vector<std::int64_t> walk = walk_of(*nest, access);
    for (std::size_t turn = 0; turn < walk.size(); ++turn)
      if (!turn_of.emplace(walk[turn], turn).second) return false;
  }
  for (std::size_t access = 0; access < nest->regions.size(); ++access) {
    if (nest->regions[access].buffer != from) continue;
    is_read = true;
    const std::vector<std::int64_t> walk = walk_of(*nest, access);
    for (std::size_t turn = 0; turn < walk.size(); ++turn) {
      const auto written = turn_of.find(walk[turn]);
      if (written == turn_of.end() || written->second != turn) return false;
    }
  }
  return is_read;
}

// Pairs of buffers that share memory while one dies as the other is born.
std::size_t expect_sound(const Plan& plan) {
  std::size_t in_place = 0;
  for (std::size_t i = 0; i < plan.buffers.size(); ++i) {
    for (std::size_t j = 0; j < plan.buffers.size(); ++j) {
      const PlanBuffer &a = plan.buffers[i], &b = plan.buffers[j];
      if (i == j || a.place != Place::arena || b.place != Place::arena || a.elements * b.elements == 0)
        continue;
      const bool overlap = a.offset < end_of(b) && b.offset < end_of(a);
      const bool together = a.first_step <= b.last_step && b.first_step <= a.last_step;
      if (!overlap || !together || b.first_step < a.first_step) continue;
      EXPECT_EQ(a.offset, b.offset) << i << " and " << j;
      EXPECT_EQ(a.last_step, b.first_step) << i << " and " << j << " live together for more than a step";
      EXPECT_TRUE(is_elementwise(plan, a.last_step, i, j)) << i << " and " << j;
      ++in_place;
    }
  }
  return in_place;
}

NodeId spread(Graph& g, NodeId column) {
  return g.expand(g.reshape(column, Shape{8, 1}), Shape{8, 12});
}

// The rows of softmax(x w), and their product with v.
Plan softmax_plan(bool is_elementwise_alone) {
  Graph g;
  const NodeId x = g.input("x", kF32, Shape{8, 16}), w = g.input("w", kF32, Shape{16, 12});
  const NodeId v = g.input("v", kF32, Shape{12, 4});
  const NodeId z = g.dot(x, w);
  const NodeId e = g.math("exp", g.subtract(z, spread(g, g.reduce(ReduceKind::maximum, z, kColumns))));
  const NodeId p = g.divide(e, spread(g, g.sum(e, {1})));
  const NodeId q = is_elementwise_alone ? p : g.add(p, g.dot(p, g.dot(v, g.permute(v, kTurned))));
  const std::array outputs = {g.dot(q, v)};
  return lower({.graph = g, .outputs = outputs, .updates = {}});
}

TEST(InPlace, a_value_lies_where_the_one_it_is_made_of_died) {
  const Plan plan = softmax_plan(true);
  EXPECT_GE(expect_sound(plan), 1U);
  EXPECT_EQ(plan.arena_bytes, plan.arena_lower_bound);
}

TEST(InPlace, what_is_read_later_is_not_overwritten) {
  expect_sound(softmax_plan(false));
}

TEST(InPlace, slopes_of_a_pool_lie_where_the_pixels_lay) {
  Graph g;
  const ConvolveShape same{.stride = {1, 1}, .before = {1, 1}, .after = {1, 1}};
  const NodeId x = g.input("x", kF32, Shape{3, 8, 6, 2}), w = g.input("w", kF32, Shape{3, 3, 2, 4});
  const NodeId z = g.convolve(x, w, same);
  const NodeId windows = g.reshape(g.multiply(z, z), Shape{3, 4, 2, 3, 2, 4});
  const NodeId top = g.reduce(ReduceKind::maximum, windows, std::array<std::size_t, 2>{2, 4});
  const NodeId loss = g.sum_all(g.math("tanh", g.reshape(top, Shape{36, 4})));
  const std::array roots = {loss, gradient(g, loss, std::array{w})[0]};
  Rewritten plain = expand_functions(g, roots);
  plain = unroll_windows(plain.graph, plain.roots);
  plain = split_reductions(plain.graph, plain.roots);
  const Plan plan = lower({.graph = plain.graph, .outputs = plain.roots, .updates = {}});
  std::size_t largest = 0;
  for (const PlanBuffer& buffer : plan.buffers)
    largest += buffer.place == Place::arena && buffer.elements == 3 * 8 * 6 * 4 ? 1U : 0U;
  EXPECT_EQ(largest, 2U) << "answers of the convolution and their slopes; nothing else is as large";
  EXPECT_GE(expect_sound(plan), 1U);
}

TEST(InPlace, of_a_transpose_is_no_takeover) {
  Graph g;
  const NodeId a = g.input("a", kF32, Shape{8, 8});
  const NodeId z = g.dot(a, a);
  const NodeId turned = g.math("exp", g.add(z, g.permute(z, kTurned)));
  const std::array outputs = {g.dot(turned, a)};
  const Plan plan = lower({.graph = g, .outputs = outputs, .updates = {}});
  EXPECT_EQ(expect_sound(plan), 0U);
}

TEST(InPlace, of_a_training_step_is_sound) {
  for (const char* activation : {"tanh", "softplus", "sigmoid"}) {
    Graph g;
    const NodeId x = g.input("x", kF32, Shape{16, 12});
    std::vector<NodeId> weights;
    NodeId h = x;
    std::size_t width = 12;
    for (const std::size_t next : {24U, 16U, 5U}) {
      weights.push_back(g.state("w" + std::to_string(next), kF32, Shape{width, next}));
      h = g.math(activation, g.dot(h, weights.back()));
      width = next;
    }
    const NodeId loss = g.sum_all(g.multiply(h, h));
    const std::vector<NodeId> slopes = gradient(g, loss, weights);
    std::vector<std::pair<NodeId, NodeId>> updates;
    for (std::size_t i = 0; i < weights.size(); ++i)
      updates.emplace_back(weights[i], g.subtract(weights[i], g.multiply(g.scalar("lr"), slopes[i])));
    const std::array outputs = {loss};
    const Plan plan = lower({.graph = g, .outputs = outputs, .updates = updates});
    EXPECT_GE(expect_sound(plan), 1U) << activation << ": the way back overwrites what it is made of";
  }
}

// A nest of one loop: store of a computed value of buffer 0 to buffer 1.
struct OneNest {
  std::vector<PlanBuffer> buffers = {{.place = Place::arena, .elements = 8, .first_step = 0, .last_step = 1},
                                     {.place = Place::arena, .elements = 8, .first_step = 1, .last_step = 2}};
  NestStep nest;

  OneNest() {
    NestAccess walk{.type = kF32, .strides = {}};
    walk.strides[0] = Stride::one;
    nest.code.accesses = {walk, walk};
    nest.code.body = {{.kind = NestOp::load, .op = Op::input, .type = kF32, .operands = {}, .value = 0},
                      {.kind = NestOp::compute, .op = Op::negate, .type = kF32, .operands = {0}, .value = 0}};
    nest.code.stores = {{.value = 1, .access = 1}};
    nest.extents = {8};
    nest.strides = {1, 1};
    nest.regions = {{0, 0}, {1, 0}};
  }

  [[nodiscard]] bool takes_over() const {
    const std::array<Step, 2> steps = {BitsStep{}, nest};
    return find_in_place(buffers, steps)[1] == 0;
  }
};

TEST(InPlace, needs_the_same_walk_size_and_type_and_a_death) {
  EXPECT_TRUE(OneNest().takes_over());
  OneNest backwards;
  backwards.nest.strides[0] = -1;
  backwards.nest.regions[0].offset = 7;
  EXPECT_FALSE(backwards.takes_over());
  OneNest shifted;
  shifted.nest.regions[0].offset = 1;
  EXPECT_FALSE(shifted.takes_over());
  OneNest lives_on;
  lives_on.buffers[0].last_step = 2;
  EXPECT_FALSE(lives_on.takes_over());
  OneNest wider;
  wider.buffers[1].elements = 16;
  EXPECT_FALSE(wider.takes_over());
  OneNest other_type;
  other_type.buffers[1].type = ElementType::i32;
  EXPECT_FALSE(other_type.takes_over());
  OneNest is_input;
  is_input.buffers[0].place = Place::input;
  EXPECT_FALSE(is_input.takes_over());
}

TEST(InPlace, is_not_where_the_bare_element_is_stored_too) {
  OneNest copy;
  copy.buffers.push_back({.place = Place::output, .elements = 8});
  copy.nest.code.accesses.push_back(copy.nest.code.accesses[0]);
  copy.nest.strides.push_back(1);
  copy.nest.regions.push_back({2, 0});
  copy.nest.code.stores.push_back({.value = 1, .access = 2});
  EXPECT_TRUE(copy.takes_over());
  copy.nest.code.stores.back().value = 0;
  EXPECT_FALSE(copy.takes_over());
}

}  // namespace
}  // namespace astrolabe
