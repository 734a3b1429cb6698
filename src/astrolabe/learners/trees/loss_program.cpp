// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/loss_program.h"

#include <algorithm>

#include <fmt/format.h>

#include "astrolabe/graph/gradient.h"

namespace astrolabe::trees {
namespace {

using Leaves = std::unordered_map<std::string, NodeId>;

class Builder {
 public:
  Builder(const Expression& loss, std::size_t classes, std::size_t block)
      : loss_(loss), classes_(classes), shape_({block}) {}

  Program build(TaskKind kind, LossProgram::Wanted wanted) {
    y_ = graph().input("y", ElementType::f64, shape_);
    z_ = graph().input("z", ElementType::f64, shape_);
    switch (kind) {
      case TaskKind::regression:
        finish(place(y_, z_, {}), wanted);
        break;
      case TaskKind::binary:
        finish(two_classes(), wanted);
        break;
      case TaskKind::multiclass:
        one_class_of_many(wanted);
        break;
    }
    return std::move(program_);
  }

 private:
  Graph& graph() { return program_.graph; }
  NodeId number(double value) { return graph().constant(value, ElementType::f64); }

  NodeId place(NodeId y, NodeId z, const Leaves& probabilities) {
    Leaves leaves = probabilities;
    leaves["y"] = y;
    leaves["z"] = z;
    leaves["classes"] = number(static_cast<double>(classes_));
    for (std::size_t i = 0; i < loss_.constants.size(); ++i) {
      const std::string name = fmt::format("c{}", i);
      leaves[name] = graph().scalar(name, ElementType::f64);
    }
    const NodeId value = astrolabe::place(loss_, graph(), leaves).value;
    if (graph().shape(value).rank() > 0) return value;
    return graph().expand(graph().reshape(value, Shape{1}), shape_);  // it looks at nothing of the row
  }

  NodeId two_classes() {
    const NodeId minus_z = graph().negate(z_);
    const NodeId log_p = graph().negate(graph().math("softplus", minus_z));
    const NodeId log_1_p = graph().negate(graph().math("softplus", z_));
    const NodeId own =
        place(y_, z_, {{"p", graph().math("sigmoid", z_)}, {"log_p", log_p}, {"log_1_p", log_1_p}});
    const NodeId other =
        place(graph().subtract(number(1), y_), minus_z,
              {{"p", graph().math("sigmoid", minus_z)}, {"log_p", log_1_p}, {"log_1_p", log_p}});
    return graph().add(own, other);
  }

  NodeId derivative(NodeId value, NodeId in) {
    return gradient(graph(), graph().sum_all(value), std::vector<NodeId>{in})[0];
  }

  void finish(NodeId value, LossProgram::Wanted wanted) {
    if (wanted == LossProgram::Wanted::value) {
      program_.outputs = {value};
      return;
    }
    program_.outputs = {derivative(value, z_)};
    if (wanted == LossProgram::Wanted::pairs) program_.outputs.push_back(derivative(program_.outputs[0], z_));
  }

  void one_class_of_many(LossProgram::Wanted wanted) {
    const NodeId d = graph().input("d", ElementType::f64, shape_);
    const NodeId log_1_p = graph().math("log", graph().negate(graph().math("expm1", d)));
    const NodeId value = place(y_, z_, {{"p", graph().math("exp", d)}, {"log_p", d}, {"log_1_p", log_1_p}});
    if (wanted == LossProgram::Wanted::value) {
      program_.outputs = {value};
      return;
    }
    const NodeId by_z = derivative(value, z_);
    const NodeId by_d = derivative(value, d);
    program_.outputs = {by_z, by_d, derivative(by_z, z_), derivative(by_d, z_), derivative(by_d, d)};
  }

  const Expression& loss_;
  std::size_t classes_;
  Shape shape_;
  Program program_;
  NodeId y_ = kNoNode, z_ = kNoNode;
};

}  // namespace

LossProgram::LossProgram(const Expression& loss, TaskKind kind, std::size_t classes, Wanted wanted)
    : block_(std::max(kBlock, classes)), constants_(loss.constants) {
  executable_ = compile(Builder(loss, classes, block_).build(kind, wanted));
}

std::unique_ptr<LossProgram::Place> LossProgram::take() const {
  {
    const std::scoped_lock lock(mutex_);
    if (!free_.empty()) {
      std::unique_ptr<Place> place = std::move(free_.back());
      free_.pop_back();
      return place;
    }
  }
  auto place = std::make_unique<Place>(executable_);
  for (const auto& [name, values] : {std::pair{"y", &place->y}, {"z", &place->z}, {"d", &place->d}}) {
    values->assign(block_, 0.0);
    place->execution.bind_input(name, values->data());
  }
  for (std::size_t i = 0; i < constants_.size(); ++i)
    place->execution.set_scalar(fmt::format("c{}", i), constants_[i]);
  return place;
}

void LossProgram::give_back(std::unique_ptr<Place> place) const {
  const std::scoped_lock lock(mutex_);
  free_.push_back(std::move(place));
}

}  // namespace astrolabe::trees
