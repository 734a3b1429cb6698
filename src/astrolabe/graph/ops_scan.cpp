// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <stdexcept>

#include "astrolabe/graph/interpret.h"
#include "astrolabe/graph/op_families.h"
#include "astrolabe/graph/refusal.h"
#include "astrolabe/graph/scan.h"

namespace astrolabe::ops {
namespace {

// [steps, ..] of a leaf, or nothing when it has too many axes or elements.
std::optional<Shape> with_steps(std::size_t steps, const Shape& row) {
  std::vector<std::size_t> dimensions{steps};
  dimensions.insert(dimensions.end(), row.dimensions().begin(), row.dimensions().end());
  return Shape::from_untrusted(dimensions);
}

bool fits(const Graph& graph, NodeId input, ElementType type, const std::optional<Shape>& shape) {
  return shape && graph.type(input) == type && graph.shape(input) == *shape;
}

Array row_of(const Array& all, std::size_t row, const Shape& shape) {
  Array one(all.type(), shape);
  std::ranges::copy(all.bytes().subspan(row * one.bytes().size(), one.bytes().size()), one.bytes().begin());
  return one;
}

const ScanBody& body_of(const Graph& graph, const NodeDraft& draft) {
  try {
    return *graph.body_at(draft.attributes.first[0]);
  } catch (const std::out_of_range&) {
    throw refusal(graph, draft, "a step that the graph has");
  }
}

}  // namespace

TypedShape infer_scan(const Graph& graph, const NodeDraft& draft) {
  const ScanBody& body = body_of(graph, draft);
  const auto steps = static_cast<std::size_t>(draft.attributes.value);
  if (draft.attributes.value < 1 || draft.inputs.size() != body.leaves.size())
    throw refusal(graph, draft, "a step or more, and something for every leaf of the step");
  const Node& carry = body.graph[body.leaves[0]];
  const Node& next = body.graph[body.next];
  if (next.type != carry.type || next.shape != carry.shape) {
    throw refusal(graph, draft,
                  "a step that gives back " + typed_shape_text(carry.type, carry.shape) + ", not " +
                      typed_shape_text(next.type, next.shape));
  }
  for (std::size_t i = 0; i < draft.inputs.size(); ++i) {
    const Node& leaf = body.graph[body.leaves[i]];
    const bool is_stepped = i >= 1 && i <= body.stepped;
    const std::optional<Shape> wanted = is_stepped ? with_steps(steps, leaf.shape) : leaf.shape;
    if (!fits(graph, draft.inputs[i], leaf.type, wanted))
      throw refusal(graph, draft, "what the leaves of the step say, one row per step where it is stepped");
  }
  const std::optional<Shape> shape = with_steps(steps, carry.shape);
  if (!shape) throw refusal(graph, draft, "a carry of every step that has few enough axes and elements");
  return {carry.type, *shape};
}

Array evaluate_scan(const Evaluation& evaluation) {
  const Node& node = evaluation.node;
  const ScanBody& body = *evaluation.graph->body_at(node.attributes.first[0]);
  const auto steps = static_cast<std::size_t>(node.attributes.value);
  const bool backwards = node.attributes.first[1] != 0;
  Array result(node.type, node.shape);
  Feed feed;
  for (std::size_t i = 0; i < evaluation.inputs.size(); ++i)
    feed.inputs.push_back(i >= 1 && i <= body.stepped ? Array() : *evaluation.inputs[i]);
  for (std::size_t done = 0; done < steps; ++done) {
    const std::size_t row = backwards ? steps - 1 - done : done;
    for (std::size_t i = 1; i <= body.stepped; ++i)
      feed.inputs[i] = row_of(*evaluation.inputs[i], row, body.graph.shape(body.leaves[i]));
    feed.inputs[0] = interpret(body.graph, std::span(&body.next, 1), feed)[0];
    const std::size_t bytes = feed.inputs[0].bytes().size();
    std::ranges::copy(feed.inputs[0].bytes(), result.bytes().subspan(row * bytes, bytes).begin());
  }
  return result;
}

}  // namespace astrolabe::ops
