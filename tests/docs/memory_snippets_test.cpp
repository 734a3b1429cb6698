// SPDX-License-Identifier: Apache-2.0
// The snippets of docs/memory.md, run: every line of them stands in this file, in their order.
#include <array>
#include <memory>
#include <vector>

#include "tests/docs/page_snippets.h"

#include "astrolabe/graph/gradient.h"
#include "astrolabe/lower/memory_plan.h"
#include "astrolabe/runtime/compile.h"

namespace astrolabe {
namespace {

TEST(MemorySnippets, have_none_that_is_not_run_here) {
  EXPECT_EQ(expect_snippets_of(ASTROLABE_MEMORY_PAGE, ASTROLABE_MEMORY_SNIPPETS), 2U);
}

TEST(MemorySnippets, plan_of_two_buffers_is_as_small_as_any) {
  // clang-format off
  const std::vector<Lifetime> buffers = {{.bytes = 4, .lower = 0, .upper = 3}, {.bytes = 4, .lower = 3, .upper = 9}};
  const MemoryPlan plan = plan_memory(buffers, {.alignment = 1, .most_steps = 20'000});
  const bool is_least = plan.bytes == plan.lower_bound;
  // clang-format on
  EXPECT_TRUE(is_least);
  EXPECT_EQ(plan.bytes, 4U);
}

// The way back of eight layers, which keeps what each of them made.
Program deep_program() {
  Program program;
  Graph& graph = program.graph;
  const NodeId w = graph.state("w", ElementType::f32, Shape{16, 16});
  NodeId h = graph.input("x", ElementType::f32, Shape{512, 16});
  for (int layer = 0; layer < 8; ++layer) h = graph.math("tanh", graph.dot(h, w));
  program.outputs = gradient(graph, graph.sum_all(h), std::array{w});
  return program;
}

TEST(MemorySnippets, step_within_half_of_its_memory_computes_again) {
  const Program program = deep_program();
  // clang-format off
  const std::shared_ptr<const Executable> plain = compile(program);
  const std::size_t limit = plain->arena_bytes() / 2;
  const std::shared_ptr<const Executable> step = compile(program, {.memory_limit = limit});
  const std::size_t arena = step->arena_bytes();
  const std::size_t again = step->recomputation().steps_again;
  const double dearer = step->recomputation().extra_work;
  // clang-format on
  EXPECT_LE(arena, limit);
  EXPECT_GT(again, 0U);
  EXPECT_GT(dearer, 0);
}

}  // namespace
}  // namespace astrolabe
