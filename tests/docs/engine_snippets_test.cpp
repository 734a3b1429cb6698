// SPDX-License-Identifier: Apache-2.0
// The snippets of docs/engine.md, run: every line of them stands in this file, in their order.
#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <vector>

#include "tests/docs/page_snippets.h"

#include "astrolabe/graph/gradient.h"
#include "astrolabe/graph/scan.h"
#include "astrolabe/runtime/compile.h"
#include "astrolabe/train/filter_rows.h"

namespace astrolabe {
namespace {

TEST(EngineSnippets, have_none_that_is_not_run_here) {
  EXPECT_EQ(expect_snippets_of(ASTROLABE_ENGINE_PAGE, ASTROLABE_ENGINE_SNIPPETS), 4U);
}

TEST(EngineSnippets, program_by_hand_trains) {
  const std::vector<float> rows(64 * 16, 1.0F);
  // clang-format off
  Program program;
  Graph& graph = program.graph;
  const NodeId x = graph.input("x", ElementType::f32, Shape{64, 16});
  const NodeId w = graph.state("w", ElementType::f32, Shape{16, 1});
  const NodeId loss = graph.sum_all(graph.math("softplus", graph.dot(x, w)));
  const NodeId slope = gradient(graph, loss, std::array{w})[0];
  program.outputs = {loss};
  program.updates = {{w, graph.subtract(w, graph.multiply(graph.scalar("lr"), slope))}};

  Execution run(compile(program));
  run.bind_input("x", rows.data());
  run.set_scalar("lr", 0.1);
  run.run();
  const float value = run.output<float>(0)[0];
  // clang-format on
  EXPECT_NEAR(value, 64 * std::log(2.0F), 1e-3F);
  run.run();
  EXPECT_LT(run.output<float>(0)[0], value);
}

TEST(EngineSnippets, convolution_and_its_gradient_run) {
  const std::vector<float> pictures(8 * 12 * 12, 1.0F), filters(3 * 3 * 16, 0.1F);
  // clang-format off
  Program program;
  Graph& graph = program.graph;
  const NodeId x = graph.input("x", ElementType::f32, Shape{8, 12, 12, 1});
  const NodeId w = graph.state("w", ElementType::f32, Shape{3, 3, 1, 16});
  const ConvolveShape same{.stride = {1, 1}, .before = {1, 1}, .after = {1, 1}};
  const NodeId z = graph.convolve(x, w, same);
  const NodeId blocks = graph.reshape(z, Shape{8, 6, 2, 6, 2, 16});
  const NodeId h = graph.reduce(ReduceKind::maximum, blocks, std::array<std::size_t, 2>{2, 4});
  const NodeId loss = graph.sum_all(graph.math("tanh", h));
  program.outputs = {loss, gradient(graph, loss, std::array{w})[0]};

  Execution run(compile(program));
  run.bind_input("x", pictures.data());
  std::ranges::copy(filters, run.state<float>("w").begin());
  run.run();
  const std::span<const float> slope = run.output<float>(1);
  // clang-format on
  // The largest of each block is a sum over all nine places.
  EXPECT_NEAR(run.output<float>(0)[0], 8 * 36 * 16 * std::tanh(0.9F), 0.5F);
  EXPECT_EQ(slope.size(), filters.size());
  EXPECT_GT(slope[4 * 16], 0);
}

TEST(EngineSnippets, recurrence_and_its_gradients_run) {
  Program program;
  Graph& graph = program.graph;
  // clang-format off
  const NodeId x = graph.input("x", ElementType::f32, Shape{20, 8, 3});
  const NodeId u = graph.state("u", ElementType::f32, Shape{3, 16});
  const NodeId w = graph.state("w", ElementType::f32, Shape{16, 16});
  const NodeId h0 = graph.input("h0", ElementType::f32, Shape{8, 16});
  const NodeId h = scan(graph, {.first = h0, .stepped = {x}, .shared = {u, w}},
                        [](Graph& step, const ScanLeaves& at) {
                          const NodeId from_x = step.dot(at.stepped[0], at.shared[0]);
                          return step.math("tanh", step.add(from_x, step.dot(at.carry, at.shared[1])));
                        });
  const NodeId end = graph.sum_all(last_carry(graph, h));
  const std::vector<NodeId> slopes = gradient(graph, end, std::array{u, w});
  // clang-format on
  program.outputs = {end, slopes[0], slopes[1]};
  bool is_planned = false;
  Execution run(compile(program, {.on_pass = [&](const PassReport& pass) {
                          is_planned = is_planned || pass.plan != nullptr;
                        }}));
  EXPECT_TRUE(is_planned);
  const std::vector<float> rows(20 * 8 * 3, 0.5F), start(8 * 16, 0.0F);
  run.bind_input("x", rows.data());
  run.bind_input("h0", start.data());
  std::ranges::fill(run.state<float>("u"), 0.1F);
  run.run();
  EXPECT_NEAR(run.output<float>(0)[0], 8 * 16 * std::tanh(0.15F), 1e-3F);
  EXPECT_NE(run.output<float>(1)[0], 0);
  EXPECT_NE(run.output<float>(2)[0], 0);
}

TEST(EngineSnippets, clipped_gradients_of_pictures_are_no_longer_than_their_number) {
  Program program;
  Graph& graph = program.graph;
  const ConvolveShape same{.before = {1, 1}, .after = {1, 1}};
  const NodeId pictures = graph.input("pictures", ElementType::f32, Shape{5, 6, 6, 2});
  const NodeId by_answers = graph.input("slopes", ElementType::f32, Shape{5, 6, 6, 4});
  // clang-format off
  const FilterUse use{.x = pictures, .slopes = by_answers, .filters = Shape{3, 3, 2, 4}, .how = same};
  const NodeId norms = graph.math("sqrt", filter_square_norms(graph, use));
  const NodeId factors = graph.divide(graph.constant(1), graph.maximum(norms, graph.constant(1)));
  const NodeId clipped = scaled_filter_sum(graph, use, factors);
  // clang-format on
  program.outputs = {clipped};
  Execution run(compile(program));
  const std::vector<float> x(5 * 6 * 6 * 2, 2.0F), slopes(5 * 6 * 6 * 4, 1.0F);
  run.bind_input("pictures", x.data());
  run.bind_input("slopes", slopes.data());
  run.run();
  double square = 0;
  for (const float value : run.output<float>(0)) square += static_cast<double>(value * value);
  EXPECT_NEAR(std::sqrt(square), 5, 1e-3);  // five equal pictures, each cut to length 1
}

}  // namespace
}  // namespace astrolabe
