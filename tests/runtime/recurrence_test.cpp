// SPDX-License-Identifier: Apache-2.0
// Recurrences as programs: planned as loops, told apart by their steps, equal to their steps written out.
#include <array>
#include <string>

#include <gtest/gtest.h>

#include "astrolabe/graph/scan.h"
#include "astrolabe/runtime/compile.h"

namespace astrolabe {
namespace {

constexpr std::size_t kSteps = 40, kRows = 9, kUnits = 17;

NodeId step_of(Graph& g, const ScanLeaves& at) {
  return g.math("tanh", g.add(g.dot(at.carry, at.shared[0]), at.stepped[0]));
}

struct Leaves {
  NodeId x, w, first;
};

Leaves leaves_of(Graph& g) {
  return {.x = g.input("x", ElementType::f32, Shape{kSteps, kRows, kUnits}),
          .w = g.input("w", ElementType::f32, Shape{kUnits, kUnits}),
          .first = g.input("first", ElementType::f32, Shape{kRows, kUnits})};
}

std::vector<float> numbers(std::size_t count, float scale) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i)
    values[i] = scale * (static_cast<float>(i * 7919 % 1000) / 500.0F - 1.0F);
  return values;
}

std::vector<float> result_of(const Program& program, const CompileOptions& options = {}) {
  Execution run(compile(program, options));
  const std::vector<float> x = numbers(kSteps * kRows * kUnits, 0.5F), w = numbers(kUnits * kUnits, 0.4F),
                           first = numbers(kRows * kUnits, 1);
  run.bind_input("x", x.data());
  run.bind_input("w", w.data());
  run.bind_input("first", first.data());
  run.run();
  const std::span<const float> out = run.output<float>(0);
  return {out.begin(), out.end()};
}

TEST(Recurrence, is_a_loop_of_the_plan_with_the_bytes_of_its_steps_written_out) {
  Program loop, flat;
  const Leaves leaves = leaves_of(loop.graph);
  const NodeId all =
      scan(loop.graph, {.first = leaves.first, .stepped = {leaves.x}, .shared = {leaves.w}}, step_of);
  loop.outputs = {last_carry(loop.graph, all)};
  const Leaves same = leaves_of(flat.graph);
  ScanLeaves at{.carry = same.first, .stepped = {kNoNode}, .shared = {same.w}};
  for (std::size_t t = 0; t < kSteps; ++t) {
    const std::array<std::size_t, 3> begin{t, 0, 0};
    at.stepped[0] =
        flat.graph.reshape(flat.graph.slice(same.x, begin, Shape{1, kRows, kUnits}), Shape{kRows, kUnits});
    at.carry = step_of(flat.graph, at);
  }
  flat.outputs = {at.carry};
  std::string plan;
  const auto look = [&](const PassReport& pass) {
    if (pass.plan != nullptr) plan = pass.text();
  };
  for (const Tier tier : {Tier::tiles, Tier::compiled})
    EXPECT_EQ(result_of(loop, {.tier = tier, .on_pass = look}), result_of(flat, {.tier = tier}));
  EXPECT_NE(plan.find("scan 40 steps"), std::string::npos) << plan;
  EXPECT_NE(plan.find("  dot [9, 17] by [17, 17]"), std::string::npos) << plan;
}

TEST(Recurrence, is_not_another_one_with_the_same_inputs) {
  const auto program_of = [](const StepBuilder& step) {
    Program program;
    const Leaves leaves = leaves_of(program.graph);
    program.outputs = {
        scan(program.graph, {.first = leaves.first, .stepped = {leaves.x}, .shared = {leaves.w}}, step)};
    return program;
  };
  const auto sums = [](Graph& g, const ScanLeaves& at) { return g.add(at.carry, at.stepped[0]); };
  const auto differences = [](Graph& g, const ScanLeaves& at) { return g.subtract(at.carry, at.stepped[0]); };
  EXPECT_NE(result_of(program_of(sums)), result_of(program_of(differences)));
  EXPECT_EQ(compile(program_of(sums)), compile(program_of(sums)));  // known already
}

// Products of doubles are not planned; the interpreter knows them.
TEST(Recurrence, whose_step_has_no_lowering_is_left_to_the_interpreter) {
  Program program;
  Graph& g = program.graph;
  const NodeId first = g.input("first", ElementType::f64, Shape{2, 2});
  program.outputs = {scan(g, {.first = first, .steps = 3},
                          [](Graph& step, const ScanLeaves& at) { return step.dot(at.carry, at.carry); })};
  Execution run(compile(program));
  const std::array<double, 4> two{2, 0, 0, 2};
  run.bind_input("first", two.data());
  run.run();
  EXPECT_EQ(run.output<double>(0)[8], 256);
}

}  // namespace
}  // namespace astrolabe
