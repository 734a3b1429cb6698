// SPDX-License-Identifier: Apache-2.0
// The suite that every pass runs: over every sample program the result is a sound graph of the same meaning,
// and a second run changes nothing that matters.
#include <cmath>

#include "tests/runtime/sample_programs.h"
#include <gtest/gtest.h>

#include "astrolabe/graph/interpret.h"
#include "astrolabe/graph/print.h"
#include "astrolabe/graph/verify.h"
#include "astrolabe/passes/pass_catalog.h"

namespace astrolabe {
namespace {

std::vector<Array> values(const Graph& graph, std::span<const NodeId> roots) {
  Feed feed;
  for (const Slot& slot : graph.input_slots()) feed.inputs.push_back(sample_numbers(slot));
  for (const Slot& slot : graph.state_slots()) feed.states.push_back(sample_numbers(slot));
  for (const Slot& slot : graph.scalar_slots()) feed.scalars.push_back(sample_numbers(slot));
  return interpret(graph, roots, feed);
}

void expect_close(const Array& a, const Array& b, const std::string& what) {
  ASSERT_EQ(a.shape(), b.shape()) << what;
  ASSERT_EQ(a.type(), b.type()) << what;
  if (a.type() != ElementType::f32) {
    EXPECT_EQ(a, b) << what;
    return;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    const float x = a.as<float>()[i], y = b.as<float>()[i];
    if (std::isnan(x) && std::isnan(y)) continue;
    // Fused products round once instead of twice: a few units in the last place of the largest term.
    EXPECT_TRUE(x == y || std::abs(x - y) <= 2e-4F * (1 + std::abs(x))) << what << ": " << x << " and " << y;
  }
}

bool keeps_bytes(const Pass& pass) {
  return pass.name != "simplify" && pass.name != "fuse_multiply_add";
}

std::vector<SampleProgram> programs() {
  std::vector<SampleProgram> all = sample_programs();
  for (std::uint64_t seed = 0; seed < 40; ++seed)
    all.push_back({"random " + std::to_string(seed), random_program(Key::from_seed(seed))});
  return all;
}

std::vector<NodeId> roots_of(const Program& program) {
  std::vector<NodeId> roots = program.outputs;
  for (const auto& update : program.updates) roots.push_back(update.next);
  return roots;
}

TEST(PassContract, every_pass_keeps_the_meaning_of_every_program) {
  for (const SampleProgram& sample : programs()) {
    const std::vector<NodeId> roots = roots_of(sample.program);
    const std::vector<Array> before = values(sample.program.graph, roots);
    for (const Pass& pass : passes()) {
      const std::string what = sample.name + ", " + std::string(pass.name);
      const Rewritten after = pass.run(sample.program.graph, roots);
      verify(after.graph, after.roots);
      const std::vector<Array> now = values(after.graph, after.roots);
      ASSERT_EQ(now.size(), before.size()) << what;
      for (std::size_t i = 0; i < now.size(); ++i) {
        if (keeps_bytes(pass) && before[i].type() != ElementType::f32) {
          EXPECT_EQ(now[i], before[i]) << what;
        } else {
          expect_close(now[i], before[i], what);
        }
      }
    }
  }
}

TEST(PassContract, a_second_run_finds_nothing_to_do) {
  for (const SampleProgram& sample : programs()) {
    for (const Pass& pass : passes()) {
      const Rewritten once = pass.run(sample.program.graph, roots_of(sample.program));
      const Rewritten twice = pass.run(once.graph, once.roots);
      EXPECT_EQ(print_graph(twice.graph, twice.roots), print_graph(once.graph, once.roots))
          << sample.name << ", " << pass.name;
    }
  }
}

TEST(PassContract, every_pass_says_what_it_does) {
  for (const Pass& pass : passes()) {
    EXPECT_TRUE(pass.doc.ends_with('.')) << pass.name;
    EXPECT_NE(pass.run, nullptr);
  }
}

}  // namespace
}  // namespace astrolabe
