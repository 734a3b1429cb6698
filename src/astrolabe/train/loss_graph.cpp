// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/loss_graph.h"

#include <array>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/train/net_graph.h"

namespace astrolabe {
namespace {

// The values of the variables for one class, or for all classes at once.
struct ClassValues {
  NodeId y, z, p, log_p, log_1_p;
};

void refuse_meaningless(const Expression& loss, Head head) {
  if (head != Head::number || !loss.uses_probability()) return;
  throw usage_error({.attempted = fmt::format("using the loss {}", loss.text),
                     .expected = "y and z only: the target is a number, so no class has a probability",
                     .found = "p",
                     .remedy = "Choose a loss of y and z, such as mse, huber or log(cosh(y-z))."});
}

// [classes, rows] less the largest of each row, so that no exponential overflows.
NodeId less_largest(Graph& graph, NodeId z) {
  constexpr std::array<std::size_t, 1> kClassAxis{0};
  const Shape shape = graph.shape(z);
  const NodeId largest = graph.reduce(ReduceKind::maximum, z, kClassAxis);
  return graph.subtract(z, graph.expand(graph.reshape(largest, Shape{1, shape[1]}), shape));
}

class LossPlacer {
 public:
  LossPlacer(Graph& graph, const Expression& loss, const LossInput& input)
      : graph_(graph),
        loss_(loss),
        input_(input),
        rows_(graph.shape(input.z)[0]),
        classes_(graph.shape(input.z)[1]) {}

  NodeId place() {
    refuse_meaningless(loss_, input_.head);
    switch (input_.head) {
      case Head::number:
        return at({.y = input_.y, .z = column(), .p = kNoNode, .log_p = kNoNode, .log_1_p = kNoNode}, 1);
      case Head::binary:
        return binary();
      case Head::classes:
        break;
    }
    return classes();
  }

 private:
  NodeId number(double value) { return graph_.constant(value); }
  NodeId column() { return graph_.reshape(input_.z, Shape{rows_}); }

  NodeId at(const ClassValues& values, std::size_t classes) {
    auto leaves = constant_leaves(graph_, loss_, "loss");
    leaves["y"] = values.y;
    leaves["z"] = values.z;
    leaves["p"] = values.p;
    leaves["log_p"] = values.log_p;
    leaves["log_1_p"] = values.log_1_p;
    leaves["classes"] = number(static_cast<double>(classes));
    std::erase_if(leaves, [](const auto& leaf) { return leaf.second == kNoNode; });
    return astrolabe::place(loss_, graph_, leaves).value;
  }

  NodeId smoothed(NodeId y, std::size_t classes) {
    if (input_.smoothing == kNoNode) return y;
    const NodeId floor = graph_.multiply(input_.smoothing, number(1.0 / static_cast<double>(classes)));
    return graph_.add(graph_.multiply(y, graph_.subtract(number(1), input_.smoothing)), floor);
  }

  // A value of any shape as f32 [classes, rows] or [rows]: a loss may ignore what has that shape.
  NodeId shaped(NodeId value, const Shape& shape) {
    if (graph_.shape(value) == shape) return value;
    std::vector<std::size_t> ones(shape.rank(), 1);
    return graph_.expand(graph_.reshape(value, Shape(ones)), shape);
  }

  NodeId binary() {
    const NodeId z = column();
    const NodeId minus_z = graph_.negate(z);
    const NodeId y = smoothed(input_.y, 2);
    const NodeId log_p = graph_.negate(graph_.math("softplus", minus_z));
    const NodeId log_1_p = graph_.negate(graph_.math("softplus", z));
    const NodeId p = graph_.math("sigmoid", z);
    const NodeId other_p = graph_.math("sigmoid", minus_z);
    const NodeId own = at({.y = y, .z = z, .p = p, .log_p = log_p, .log_1_p = log_1_p}, 2);
    const NodeId other = at(
        {.y = graph_.subtract(number(1), y), .z = minus_z, .p = other_p, .log_p = log_1_p, .log_1_p = log_p},
        2);
    return shaped(graph_.add(own, other), Shape{rows_});
  }

  NodeId classes() {
    const Shape shape{classes_, rows_};
    const NodeId z = graph_.swap_last(input_.z);
    const auto over_classes = [&](NodeId row) {
      return graph_.expand(graph_.reshape(row, Shape{1, rows_}), shape);
    };
    const NodeId s = less_largest(graph_, z);
    const NodeId e = graph_.math("exp", s);
    const NodeId total = graph_.sum(e, {0});
    const NodeId log_p = graph_.subtract(s, over_classes(graph_.math("log", total)));
    const NodeId p = graph_.divide(e, over_classes(total));
    const NodeId own = graph_.equal(graph_.iota(ElementType::i32, shape, 0),
                                    over_classes(graph_.cast(input_.y, ElementType::i32)));
    const NodeId y = smoothed(graph_.cast(own, ElementType::f32), classes_);
    const NodeId log_1_p =
        loss_.uses("log_1_p") ? log_of_others(e, over_classes(graph_.math("log", total))) : kNoNode;
    const NodeId value = at({.y = y, .z = z, .p = p, .log_p = log_p, .log_1_p = log_1_p}, classes_);
    return graph_.sum(shaped(value, shape), {0});
  }

  // log(1 - p) from what the other classes hold: a sum of positive numbers, where 1 - p would lose them all.
  NodeId log_of_others(NodeId e, NodeId log_total) {
    const Shape square{classes_, classes_};
    const NodeId same =
        graph_.equal(graph_.iota(ElementType::i32, square, 0), graph_.iota(ElementType::i32, square, 1));
    const NodeId others = graph_.dot(graph_.select(same, number(0), number(1)), e);
    return graph_.subtract(graph_.math("log", graph_.maximum(others, number(0x1p-126))), log_total);
  }

  Graph& graph_;
  const Expression& loss_;
  const LossInput& input_;
  std::size_t rows_, classes_;
};

}  // namespace

NodeId place_loss(Graph& graph, const Expression& loss, const LossInput& input) {
  const NodeId value = LossPlacer(graph, loss, input).place();
  // A loss of constants alone is no loss of rows yet.
  if (graph.shape(value).rank() > 0) return value;
  return graph.expand(graph.reshape(value, Shape{1}), Shape{graph.shape(input.z)[0]});
}

NodeId unscaled_probabilities(Graph& graph, NodeId z) {
  return graph.math("exp", less_largest(graph, graph.swap_last(z)));
}

}  // namespace astrolabe
