// SPDX-License-Identifier: Apache-2.0
// Which steps are done a few pictures at a time; and that no chunk needs what a later one has not made yet,
// or finds what an earlier one has overwritten: told byte by byte.
#include "astrolabe/lower/picture_runs.h"

#include <array>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "astrolabe/graph/gradient.h"
#include "astrolabe/lower/in_place.h"
#include "astrolabe/lower/lower.h"
#include "astrolabe/passes/pass_catalog.h"

namespace astrolabe {
namespace {

constexpr ElementType kF32 = ElementType::f32;
constexpr ConvolveShape kSame{.stride = {1, 1}, .before = {1, 1}, .after = {1, 1}};
constexpr RunLimits kAnySize{.chunk = 1, .least = 0};

// A plan of little memory, which is why lowering found no runs in it, and its runs for any size.
struct Cut {
  Plan plan;
  std::vector<std::size_t> lies_at;
  std::vector<PictureRun> runs;
};

Cut cut(Plan plan) {
  Cut result{.plan = std::move(plan), .lies_at = {}, .runs = {}};
  result.lies_at = find_in_place(result.plan.buffers, result.plan.steps);
  result.runs = find_picture_runs(result.plan.steps, result.plan.buffers, result.lies_at, kAnySize);
  return result;
}

NodeId pool(Graph& g, NodeId x) {
  const Shape s = g.shape(x);
  const NodeId windows = g.reshape(x, Shape{s[0], s[1] / 2, 2, s[2] / 2, 2, s[3]});
  return g.reduce(ReduceKind::maximum, windows, std::array<std::size_t, 2>{2, 4});
}

// Two convolutions with bias, relu and a pool each; the filters' slopes if asked for.
Plan net_plan(std::size_t pictures, bool has_slopes) {
  Graph g;
  NodeId h = g.input("x", kF32, Shape{pictures, 8, 8, 2});
  std::array<NodeId, 2> filters{};
  for (std::size_t i = 0; i < 2; ++i) {
    const std::size_t c = g.shape(h)[3];
    filters[i] = g.input(i == 0 ? "a" : "b", kF32, Shape{3, 3, c, 2 * c});
    const NodeId z = g.convolve(h, filters[i], kSame);
    h = pool(g, g.maximum(g.add(z, g.scalar("bias")), g.constant(0)));
  }
  std::vector<NodeId> roots = {h};
  if (has_slopes)
    for (const NodeId slope : gradient(g, g.sum_all(g.multiply(h, h)), filters)) roots.push_back(slope);
  Rewritten plain = expand_functions(g, roots);
  plain = unroll_windows(plain.graph, plain.roots);
  plain = split_reductions(plain.graph, plain.roots);
  return lower({.graph = plain.graph, .outputs = plain.roots, .updates = {}});
}

using Bytes = std::set<std::pair<std::size_t, std::int64_t>>;  // memory of a buffer, byte

struct Touched {
  Bytes reads, writes;
};

void touch(const Cut& cut, const Region& region, std::int64_t element, Bytes& bytes) {
  const auto size = static_cast<std::int64_t>(element_bytes(cut.plan.buffers[region.buffer].type));
  const std::int64_t at = (region.offset + element) * size;
  for (std::int64_t byte = at; byte < at + size; ++byte) bytes.emplace(cut.lies_at[region.buffer], byte);
}

void touch_run(const Cut& cut, const Region& region, std::size_t begin, std::size_t end, Bytes& bytes) {
  for (std::size_t i = begin; i < end; ++i) touch(cut, region, static_cast<std::int64_t>(i), bytes);
}

Touched touched_by(const Cut& cut, const NestStep& nest, std::int64_t begin, std::int64_t end) {
  Touched touched;
  std::vector<bool> is_write(nest.regions.size(), false);
  for (const NestStore& store : nest.code.stores) is_write[store.access] = true;
  for (const NestReduction& reduction : nest.code.reductions) is_write[reduction.access] = true;
  for (std::size_t access = 0; access < nest.regions.size(); ++access) {
    std::vector<std::int64_t> walk = {0};
    for (std::size_t loop = 0; loop < nest.extents.size(); ++loop) {
      std::vector<std::int64_t> further;
      for (const std::int64_t at : walk)
        for (std::int64_t i = loop == 0 ? begin : 0; i < (loop == 0 ? end : nest.extents[loop]); ++i)
          further.push_back(at + i * nest.strides[access * nest.code.loops + loop]);
      walk = std::move(further);
    }
    for (const std::int64_t element : walk)
      touch(cut, nest.regions[access], element, is_write[access] ? touched.writes : touched.reads);
  }
  return touched;
}

// Of the pictures [begin, end).
Touched touched_by(const Cut& cut, const ConvolveStep& step, std::size_t begin, std::size_t end) {
  Touched touched;
  const std::size_t picture = step.h * step.w * step.c, answers = step.oh * step.ow * step.f;
  const std::size_t filters = step.kh * step.kw * step.c * step.f;
  const bool is_forward = step.op == Op::convolve;
  if (step.op == Op::convolve_filters) {
    touch_run(cut, step.a, begin * picture, end * picture, touched.reads);
    touch_run(cut, step.b, begin * answers, end * answers, touched.reads);
    touch_run(cut, step.out, 0, filters, touched.writes);
  } else {
    const std::size_t from = is_forward ? picture : answers, to = is_forward ? answers : picture;
    touch_run(cut, step.a, begin * from, end * from, touched.reads);
    touch_run(cut, step.b, 0, filters, touched.reads);
    touch_run(cut, step.out, begin * to, end * to, touched.writes);
  }
  return touched;
}

bool meet(const Bytes& a, const Bytes& b) {
  return std::ranges::any_of(a, [&](const auto& byte) { return b.contains(byte); });
}

// Steps of a run, chunk by chunk, against steps before them whose later chunks come afterwards.
void expect_sound(const Cut& cut, const PictureRun& run) {
  const Plan& plan = cut.plan;
  std::vector<std::vector<Touched>> touched;  // by step and chunk
  for (std::size_t at = run.first; at < run.first + run.count; ++at) {
    auto& chunks = touched.emplace_back();
    for (std::size_t chunk = 0; chunk < run.chunks; ++chunk) {
      if (const auto* nest = std::get_if<NestStep>(&plan.steps[at])) {
        const std::int64_t each = nest->extents[0] / static_cast<std::int64_t>(run.chunks);
        ASSERT_EQ(nest->extents[0] % static_cast<std::int64_t>(run.chunks), 0);
        const auto begin = static_cast<std::int64_t>(chunk) * each;
        chunks.push_back(touched_by(cut, *nest, begin, begin + each));
      } else {
        const auto& windows = std::get<ConvolveStep>(plan.steps[at]);
        const std::size_t each = windows.n / run.chunks;
        chunks.push_back(touched_by(cut, windows, chunk * each, (chunk + 1) * each));
      }
    }
  }
  for (std::size_t early = 0; early < run.count; ++early)
    for (std::size_t late = early + 1; late < run.count; ++late)
      for (std::size_t i = 1; i < run.chunks; ++i)
        for (std::size_t j = 0; j < i; ++j) {  // the late step's chunk j now comes first
          const Touched &a = touched[early][i], &b = touched[late][j];
          EXPECT_FALSE(meet(a.writes, b.reads) || meet(a.reads, b.writes) || meet(a.writes, b.writes))
              << "steps " << early << " and " << late << ", chunks " << i << " and " << j;
        }
  // A buffer for one chunk is touched by nobody else, and by every chunk in its own part.
  for (std::size_t i = 0; i < plan.buffers.size(); ++i) {
    const PlanBuffer& buffer = plan.buffers[i];
    if (buffer.chunks == 1 || buffer.first_step < run.first || buffer.first_step >= run.first + run.count)
      continue;
    EXPECT_EQ(buffer.chunks, run.chunks);
    EXPECT_LT(buffer.last_step, run.first + run.count);
    const auto part = static_cast<std::int64_t>(buffer.elements * element_bytes(buffer.type) / run.chunks);
    for (const auto& chunks : touched)
      for (std::size_t chunk = 0; chunk < run.chunks; ++chunk)
        for (const Bytes* bytes : {&chunks[chunk].reads, &chunks[chunk].writes})
          for (const auto& [space, byte] : *bytes)
            EXPECT_TRUE(space != cut.lies_at[i] || byte / part == static_cast<std::int64_t>(chunk))
                << "buffer " << i << ", chunk " << chunk;
  }
}

std::size_t count_shrunk(const Plan& plan) {
  std::size_t count = 0;
  for (const PlanBuffer& buffer : plan.buffers) count += buffer.chunks > 1 ? 1U : 0U;
  return count;
}

TEST(PictureRuns, of_a_net_forward_are_one) {
  const Cut forward = cut(net_plan(4, false));
  ASSERT_EQ(forward.runs.size(), 1U) << print_plan(forward.plan);
  EXPECT_EQ(forward.runs[0].count, 4U) << "two convolutions, two nests";
  EXPECT_EQ(forward.runs[0].chunks, 4U);
  EXPECT_EQ(count_shrunk(forward.plan), 3U) << "all but the result";
  expect_sound(forward, forward.runs[0]);
}

TEST(PictureRuns, of_a_training_step_are_sound) {
  const Cut training = cut(net_plan(4, true));
  std::size_t end = 0, in_runs = 0;
  for (const PictureRun& run : training.runs) {
    EXPECT_GE(run.first, end);
    end = run.first + run.count;
    in_runs += run.count;
    expect_sound(training, run);
  }
  EXPECT_LE(end, training.plan.steps.size());
  EXPECT_GE(in_runs, 8U) << "forward, and slopes of a pool with the convolution behind it\n"
                         << print_plan(training.plan);
  EXPECT_GE(count_shrunk(training.plan), 4U)
      << "what convolutions make, whose signs are kept, and slopes of it";
}

TEST(PictureRuns, of_little_memory_are_none) {
  EXPECT_TRUE(net_plan(4, true).runs.empty());
}

}  // namespace
}  // namespace astrolabe
