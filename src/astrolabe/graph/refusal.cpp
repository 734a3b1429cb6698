// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/refusal.h"

#include <fmt/format.h>

#include "astrolabe/graph/graph.h"
#include "astrolabe/graph/op.h"

namespace astrolabe {

std::string typed_shape_text(ElementType type, const Shape& shape) {
  return fmt::format("{} {}", element_name(type), shape.to_text());
}

Error refusal(const Graph& graph, const NodeDraft& draft, const std::string& expected) {
  std::string found;
  for (std::size_t i = 0; i < draft.inputs.size(); ++i) {
    if (i > 0) found += i + 1 == draft.inputs.size() ? " and " : ", ";
    found += typed_shape_text(graph.type(draft.inputs[i]), graph.shape(draft.inputs[i]));
  }
  const bool says_result = draft.op == Op::cast || draft.op == Op::bitcast || draft.op == Op::reshape ||
                           draft.op == Op::expand || draft.op == Op::slice || draft.op == Op::bits;
  if (says_result) found += " to become " + typed_shape_text(draft.wanted.type, draft.wanted.shape);
  return usage_error({.attempted = fmt::format("building {}", op_rule(draft.op).name),
                      .expected = expected,
                      .found = found,
                      .remedy = "Cast or reshape what it reads, or build it otherwise."});
}

}  // namespace astrolabe
