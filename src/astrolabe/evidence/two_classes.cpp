// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evidence/two_classes.h"

#include <string>
#include <unordered_map>

#include <fmt/format.h>

namespace astrolabe {

NodeId loss_of_true_class(const Expression& loss, Graph& graph, NodeId z) {
  const auto constant = [&](double value) { return graph.constant(value, ElementType::f64); };
  const auto term = [&](double y, NodeId raw) {
    std::unordered_map<std::string, NodeId> leaves = {
        {"y", constant(y)},
        {"z", raw},
        {"p", graph.math("sigmoid", raw)},
        {"classes", constant(2)},
        {"log_p", graph.negate(graph.math("softplus", graph.negate(raw)))},
        {"log_1_p", graph.negate(graph.math("softplus", raw))}};
    for (std::size_t i = 0; i < loss.constants.size(); ++i)
      leaves[fmt::format("c{}", i)] = constant(loss.constants[i]);
    return place(loss, graph, leaves).value;
  };
  return graph.add(term(1, z), term(0, graph.negate(z)));
}

}  // namespace astrolabe
