// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evidence/graph_bounds.h"

#include <utility>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/math_table.h"
#include "astrolabe/graph/op.h"

namespace astrolabe {
namespace {

constexpr Bounds kFalse{0}, kTrue{1}, kEither{0, 1};

Bounds less(const Bounds& a, const Bounds& b) {
  if (a.high < b.low) return kTrue;
  if (a.low >= b.high) return kFalse;
  return kEither;
}

Bounds equal(const Bounds& a, const Bounds& b) {
  if (a.high < b.low || b.high < a.low) return kFalse;
  if (a.low == a.high && b.low == b.high) return kTrue;
  return kEither;
}

}  // namespace

GraphBounds::GraphBounds(const Graph& graph, std::vector<NodeId> roots)
    : graph_(graph),
      roots_(std::move(roots)),
      order_(reachable(graph, roots_)),
      values_(graph.size(), Bounds::anything(true)) {}

void GraphBounds::set(NodeId leaf, const Bounds& bounds) {
  ASTROLABE_CHECK(is_slot(graph_[leaf].op), "only leaves are given");
  values_[leaf] = bounds;
}

std::vector<Bounds> GraphBounds::evaluate() {
  may_branch_ = false;
  for (const NodeId node : order_)
    if (!is_slot(graph_[node].op)) values_[node] = bounds_of(node);
  std::vector<Bounds> results;
  for (const NodeId root : roots_) results.push_back(values_[root]);
  return results;
}

Bounds GraphBounds::bounds_of(NodeId id) {
  const Node& node = graph_[id];
  const auto in = [&](std::size_t i) -> const Bounds& { return values_[graph_.input_of(id, i)]; };
  switch (node.op) {
    case Op::constant:
      return Bounds{is_floating(node.type) ? node.constant_value()
                                           : static_cast<double>(node.attributes.value)};
    case Op::cast:
      return in(0);
    case Op::negate:
      return -in(0);
    case Op::add:
      return in(0) + in(1);
    case Op::subtract:
      return in(0) - in(1);
    case Op::multiply:
      return graph_.input_of(id, 0) == graph_.input_of(id, 1) ? square(in(0)) : in(0) * in(1);
    case Op::divide:
      return in(0) / in(1);
    case Op::fused_multiply_add:
      return in(0) * in(1) + in(2);
    case Op::less:
      return less(in(0), in(1));
    case Op::equal:
      return equal(in(0), in(1));
    case Op::logical_and:
      return minimum(in(0), in(1));
    case Op::logical_or:
      return maximum(in(0), in(1));
    case Op::exclusive_or:
      return in(0).width() == 0 && in(1).width() == 0 ? Bounds{in(0).low == in(1).low ? 0.0 : 1.0} : kEither;
    case Op::minimum:
    case Op::maximum:
      may_branch_ |= in(0).high >= in(1).low && in(1).high >= in(0).low;
      return node.op == Op::minimum ? minimum(in(0), in(1)) : maximum(in(0), in(1));
    case Op::select:
      if (in(0).low == 1) return in(1);
      if (in(0).high == 0) return in(2);
      may_branch_ = true;
      return hull(in(1), in(2));
    case Op::math: {
      const std::string_view row = math_rows()[static_cast<std::size_t>(node.attributes.value)].name;
      const bool has_corner = row == "abs" || row == "sign" || row == "floor" || row == "round";
      const Bounds value = bounds_of_math(row, in(0));
      may_branch_ |= has_corner && (row == "abs" || row == "sign" ? in(0).contains(0) && in(0).width() > 0
                                                                  : value.width() > 0);
      return value;
    }
    default:
      break;
  }
  ASTROLABE_CHECK(false, "other operations are refused at the beginning");
  return Bounds::anything();
}

}  // namespace astrolabe
