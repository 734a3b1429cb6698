// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evidence/two_classes.h"

#include <string>
#include <unordered_map>

namespace astrolabe {

NodeId loss_of_true_class(const Expression& loss, Graph& graph, NodeId z) {
  const auto constant = [&](double value) { return graph.constant(value, ElementType::f64); };
  const auto term = [&](double y, NodeId raw) {
    std::unordered_map<std::string, NodeId> leaves = number_leaves(loss, graph);
    leaves["y"] = constant(y);
    leaves["z"] = raw;
    leaves["p"] = graph.math("sigmoid", raw);
    leaves["classes"] = constant(2);
    leaves["log_p"] = graph.negate(graph.math("softplus", graph.negate(raw)));
    leaves["log_1_p"] = graph.negate(graph.math("softplus", raw));
    return place(loss, graph, leaves).value;
  };
  return graph.add(term(1, z), term(0, graph.negate(z)));
}

}  // namespace astrolabe
