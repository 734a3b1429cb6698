// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "astrolabe/evidence/certify.h"
#include "astrolabe/evidence/certify_curve.h"
#include "astrolabe/graph/gradient.h"

namespace astrolabe {
namespace {

constexpr double kMostRate = 8;
constexpr std::size_t kRatePieces = 100'000;
constexpr double kLeastRate = 0x1p-10;

// One step on a quadratic of curvature 1, where the gradient is the weight: (w, memories) to (w, memories), a
// matrix whose entries depend on the learning rate alone.
struct StepMatrix {
  Graph graph;
  NodeId rate = kNoNode;
  std::size_t size = 0;
  std::vector<NodeId> entries;  // [size, size]
  std::string why_not;          // it is no such matrix
};

bool reads(const Graph& graph, NodeId value, const std::vector<NodeId>& leaves) {
  const std::vector<NodeId> read = reachable(graph, std::vector<NodeId>{value});
  return std::ranges::any_of(leaves,
                             [&](NodeId leaf) { return std::ranges::find(read, leaf) != read.end(); });
}

StepMatrix step_matrix(const Expression& optimizer) {
  StepMatrix step{
      .graph = {}, .rate = kNoNode, .size = optimizer.memories.size() + 1, .entries = {}, .why_not = {}};
  Graph& graph = step.graph;
  const auto leaf = [&](std::string_view name) { return graph.input(name, ElementType::f64, Shape{}); };
  const NodeId g = leaf("g"), w = leaf("w"), k = leaf("k"), t = leaf("t");
  step.rate = leaf("lr");
  std::unordered_map<std::string, NodeId> leaves = number_leaves(optimizer, graph);
  leaves.insert({{"g", g}, {"w", w}, {"k", k}, {"t", t}, {"lr", step.rate}});
  std::vector<NodeId> moving = {w};
  for (const Expression::Memory& memory : optimizer.memories)
    moving.push_back(leaves[memory.name] = leaf(memory.name));
  const Placed placed = place(optimizer, graph, leaves);
  std::vector<NodeId> next = {graph.subtract(w, placed.value)};
  next.insert(next.end(), placed.next.begin(), placed.next.end());

  std::vector<NodeId> state = moving;
  state.push_back(g);
  // What chooses or bends is not linear, however flat its slopes are.
  for (const NodeId node : reachable(graph, next)) {
    const Op op = graph[node].op;
    const bool bends = op == Op::math || op == Op::minimum || op == Op::maximum || op == Op::select ||
                       op == Op::less || op == Op::equal;
    if (bends && reads(graph, node, state))
      step.why_not = "the step is not linear in gradient, weight and memories";
  }
  for (const NodeId value : next) {
    const std::vector<NodeId> slopes = gradient(graph, value, state);
    for (const NodeId slope : slopes) {
      // Linear is what has the same slopes everywhere.
      if (reads(graph, slope, state))
        step.why_not = "the step is not linear in gradient, weight and memories";
      if (reads(graph, slope, {k, t})) step.why_not = "the step changes from one to the next";
    }
    for (std::size_t i = 0; i < moving.size(); ++i)
      step.entries.push_back(i == 0 ? graph.add(slopes[0], slopes.back()) : slopes[i]);
  }
  return step;
}

// Coefficients of the characteristic polynomial, the constant one first, by Faddeev and LeVerrier.
std::vector<Bounds> characteristic(const std::vector<Bounds>& matrix, std::size_t size) {
  std::vector<Bounds> coefficients(size + 1), product(size * size);
  coefficients[size] = Bounds{1};
  for (std::size_t step = 1; step <= size; ++step) {
    std::vector<Bounds> inner = product;
    for (std::size_t i = 0; i < size; ++i)
      inner[i * size + i] = inner[i * size + i] + coefficients[size - step + 1];
    Bounds trace{0};
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t j = 0; j < size; ++j) {
        Bounds sum{0};
        for (std::size_t l = 0; l < size; ++l) sum = sum + matrix[i * size + l] * inner[l * size + j];
        product[i * size + j] = sum;
      }
      trace = trace + product[i * size + i];
    }
    coefficients[size - step] = -(trace / Bounds{static_cast<double>(step)});
  }
  return coefficients;
}

// Whether all roots lie inside the unit circle (Schur and Cohn; Jury 1964).
Answer is_stable(std::vector<Bounds> p) {
  while (p.size() > 1) {
    const Bounds last = bounds_of_math("abs", p.back()), first = bounds_of_math("abs", p.front());
    if (first.low > last.high) return Answer::no;
    if (!(first.high < last.low)) return Answer::open;
    std::vector<Bounds> smaller;
    for (std::size_t i = 1; i < p.size(); ++i)
      smaller.push_back(p.back() * p[i] - p.front() * p[p.size() - 1 - i]);
    p = std::move(smaller);
  }
  return Answer::yes;
}

}  // namespace

std::vector<Certificate> certify_optimizer(const Expression& optimizer) {
  const StepMatrix step = step_matrix(optimizer);
  Certificate linear{
      .name = "linear",
      .certainty = step.why_not.empty() ? Certainty::proved : Certainty::not_decided,
      .where = "everywhere",
      .words = step.why_not.empty() ? "the step is linear, and the same at every step" : step.why_not};
  if (!step.why_not.empty()) return {linear};
  GraphBounds entries(step.graph, step.entries);
  const Bounds domain{kLeastRate, kMostRate};
  const Sweep sweep = decide_everywhere(
      domain,
      [&](const Bounds& rate) {
        entries.set(step.rate, rate);
        return is_stable(characteristic(entries.evaluate(), step.size));
      },
      kRatePieces);
  Certificate stable{.name = "stable", .certainty = Certainty::not_decided, .where = {}, .words = {}};
  for (const Piece& piece : sweep.pieces) {
    if (piece.answer != Answer::yes) continue;
    stable.certainty = Certainty::proved;
    stable.where += (stable.where.empty() ? "lr * curvature in " : " and ") + interval_words(piece.x);
  }
  stable.words = stable.certainty == Certainty::proved ? "converges on every quadratic with such a curvature"
                 : sweep.holds_nowhere()               ? "converges for no learning rate"
                                                       : "no range of learning rates is known";
  if (sweep.holds_nowhere()) stable.certainty = Certainty::refuted;
  return {linear, stable};
}

}  // namespace astrolabe
