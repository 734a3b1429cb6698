// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "astrolabe/passes/pass_catalog.h"

namespace astrolabe {
namespace {

NodeId split(Graph& to, const NodeDraft& draft, NodeId /*from*/) {
  if (draft.op != Op::reduce) return to.append(draft);
  const NodeId input = draft.inputs[0];
  const Shape& shape = to.shape(input);
  // The block of reduced axes at the end, axes of size 1 counting as reduced; then the others.
  std::vector<std::size_t> innermost, others;
  bool is_at_end = true;
  for (std::size_t axis = shape.rank(); axis-- > 0;) {
    const bool is_reduced = draft.attributes.first[axis] != 0;
    if (!is_reduced && shape[axis] != 1) is_at_end = false;
    if (is_reduced) (is_at_end ? innermost : others).insert((is_at_end ? innermost : others).begin(), axis);
  }
  if (innermost.empty() || others.empty()) return to.append(draft);
  const auto kind = static_cast<ReduceKind>(draft.attributes.value);
  const NodeId first = to.reduce(kind, input, innermost);
  // The other axes stand before the ones that went, or before axes of size 1: their numbers change by what
  // went.
  std::vector<std::size_t> renumbered;
  for (const std::size_t axis : others) {
    std::size_t before = 0;
    for (const std::size_t gone : innermost) before += gone < axis ? 1 : 0;
    renumbered.push_back(axis - before);
  }
  return to.reduce(kind, first, renumbered);
}

}  // namespace

Rewritten split_reductions(const Graph& graph, std::span<const NodeId> roots) {
  return rewrite(graph, roots, split);
}

}  // namespace astrolabe
