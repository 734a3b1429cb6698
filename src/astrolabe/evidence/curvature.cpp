// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evidence/curvature.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "astrolabe/graph/math_table.h"

namespace astrolabe {
namespace {

constexpr std::array<std::string_view, 4> kConvexIncreasing = {"exp", "exp2", "expm1", "softplus"};
constexpr std::array<std::string_view, 3> kConvexOfStraight = {"abs", "cosh", "log_cosh"};
constexpr std::array<std::string_view, 4> kConcaveIncreasing = {"log", "log1p", "log2", "sqrt"};

bool is_convex(Curvature c) {
  return c == Curvature::convex || c == Curvature::straight || c == Curvature::constant;
}
bool is_concave(Curvature c) {
  return c == Curvature::concave || c == Curvature::straight || c == Curvature::constant;
}

Curvature negated(Curvature c) {
  if (c == Curvature::convex) return Curvature::concave;
  return c == Curvature::concave ? Curvature::convex : c;
}

Curvature sum(Curvature a, Curvature b) {
  if (a == Curvature::constant) return b;
  if (b == Curvature::constant || a == b) return a;
  if (is_convex(a) && is_convex(b)) return Curvature::convex;
  return is_concave(a) && is_concave(b) ? Curvature::concave : Curvature::unknown;
}

Curvature scaled(double factor, Curvature c) {
  return factor < 0 ? negated(c) : c;
}

Curvature of_math(std::string_view row, Curvature x) {
  if (x == Curvature::constant) return x;
  if (std::ranges::find(kConvexIncreasing, row) != kConvexIncreasing.end() && is_convex(x))
    return Curvature::convex;
  if (std::ranges::find(kConcaveIncreasing, row) != kConcaveIncreasing.end() && is_concave(x))
    return Curvature::concave;
  if (std::ranges::find(kConvexOfStraight, row) != kConvexOfStraight.end() && x == Curvature::straight)
    return Curvature::convex;
  return Curvature::unknown;
}

class Walk {
 public:
  Walk(const Graph& graph, NodeId variable) : graph_(graph), variable_(variable), known_(graph.size()) {}

  Curvature operator()(NodeId root) {
    for (const NodeId node : reachable(graph_, std::vector<NodeId>{root})) known_[node] = of(node);
    return known_[root];
  }

 private:
  [[nodiscard]] Curvature product(NodeId a, NodeId b) const {
    if (known_[a] == Curvature::constant && known_[b] == Curvature::constant) return Curvature::constant;
    if (a == b) return known_[a] == Curvature::straight ? Curvature::convex : Curvature::unknown;
    if (graph_[b].op == Op::constant) std::swap(a, b);
    if (graph_[a].op == Op::constant) return scaled(graph_[a].constant_value(), known_[b]);
    const bool is_scaled = known_[a] == Curvature::constant || known_[b] == Curvature::constant;
    const Curvature other = known_[a] == Curvature::constant ? known_[b] : known_[a];
    return is_scaled && other == Curvature::straight ? other : Curvature::unknown;
  }

  [[nodiscard]] Curvature of(NodeId id) const {
    const Node& node = graph_[id];
    if (id == variable_) return Curvature::straight;
    if (node.input_count == 0) return Curvature::constant;
    const auto in = [&](std::size_t i) { return known_[graph_.input_of(id, i)]; };
    switch (node.op) {
      case Op::cast:
        return in(0);
      case Op::negate:
        return negated(in(0));
      case Op::add:
        return sum(in(0), in(1));
      case Op::subtract:
        return sum(in(0), negated(in(1)));
      case Op::multiply:
        return product(graph_.input_of(id, 0), graph_.input_of(id, 1));
      case Op::fused_multiply_add:
        return sum(product(graph_.input_of(id, 0), graph_.input_of(id, 1)), in(2));
      case Op::divide:
        if (graph_[graph_.input_of(id, 1)].op == Op::constant)
          return scaled(graph_[graph_.input_of(id, 1)].constant_value(), in(0));
        break;
      case Op::maximum:
        if (is_convex(in(0)) && is_convex(in(1))) return Curvature::convex;
        break;
      case Op::minimum:
        if (is_concave(in(0)) && is_concave(in(1))) return Curvature::concave;
        break;
      case Op::math:
        return of_math(math_rows()[static_cast<std::size_t>(node.attributes.value)].name, in(0));
      default:
        break;
    }
    const auto inputs = graph_.inputs(id);
    const bool is_constant =
        std::ranges::all_of(inputs, [&](NodeId input) { return known_[input] == Curvature::constant; });
    return is_constant ? Curvature::constant : Curvature::unknown;
  }

  const Graph& graph_;
  NodeId variable_;
  std::vector<Curvature> known_;
};

}  // namespace

Curvature curvature_of(const Graph& graph, NodeId value, NodeId variable) {
  return Walk(graph, variable)(value);
}

}  // namespace astrolabe
