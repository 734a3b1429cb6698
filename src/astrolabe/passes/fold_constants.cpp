// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "astrolabe/graph/interpret.h"
#include "astrolabe/graph/op.h"
#include "astrolabe/passes/pass_catalog.h"

namespace astrolabe {
namespace {

// The one element of an array as a constant.
NodeId constant_of(Graph& graph, const Array& value) {
  switch (value.type()) {
    case ElementType::f32:
      return graph.constant(value.as<float>()[0], ElementType::f32);
    case ElementType::f64:
      return graph.constant(value.as<double>()[0], ElementType::f64);
    case ElementType::i32:
      return graph.constant(value.as<std::int32_t>()[0], ElementType::i32);
    case ElementType::u32:
      return graph.constant(value.as<std::uint32_t>()[0], ElementType::u32);
    default:
      return kNoNode;  // i64 does not fit a double, bool is rare
  }
}

NodeId fold(Graph& to, const NodeDraft& draft, NodeId /*from*/) {
  const NodeId node = to.append(draft);
  const bool are_constants = std::ranges::all_of(draft.inputs, [&](NodeId input) {
    return to[input].op == Op::constant && is_floating(to.type(input));
  });
  if (draft.inputs.empty() || !are_constants || op_rule(draft.op).batching != Batching::elementwise)
    return node;
  const std::vector<Array> value = interpret(to, std::span(&node, 1), {});
  const NodeId folded = constant_of(to, value[0]);
  return folded == kNoNode ? node : folded;
}

}  // namespace

Rewritten fold_constants(const Graph& graph, std::span<const NodeId> roots) {
  return rewrite(graph, roots, fold);
}

}  // namespace astrolabe
