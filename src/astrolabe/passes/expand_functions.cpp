// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/math_table.h"
#include "astrolabe/graph/threefry_nodes.h"
#include "astrolabe/passes/pass_catalog.h"

namespace astrolabe {

Rewritten expand_functions(const Graph& graph, std::span<const NodeId> roots) {
  return rewrite(graph, roots, [](Graph& to, const NodeDraft& draft, NodeId) {
    if (draft.op == Op::bits && to.shape(draft.inputs[0]) == Shape{2}) {
      return place_threefry(to, draft.inputs[0], draft.wanted.shape,
                            static_cast<std::uint32_t>(draft.attributes.value))[0];
    }
    const NodeId node = to.append(draft);
    return draft.op == Op::math ? expand_math(to, node) : node;
  });
}

}  // namespace astrolabe
