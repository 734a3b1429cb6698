// SPDX-License-Identifier: Apache-2.0
// Builds the graph of an expression: folds numbers, writes powers as multiplications, keeps memories, and
// puts stable forms in the place of naive ones. Every node of an expression comes from here, so that the
// printed text, read again, meets the same rules and becomes the same graph.
//
//   ExpressionBuilder build(Vocabulary::activation);
//   const NodeId x = build.variable("x");
//   const NodeId y = build.math("log", build.math("sigmoid", x));  // -softplus(-x)
//   Expression e = build.finish(y);
//
// Until finish() every number is a constant, whatever its size: that is how equal numbers become one scalar.
// Not thread-safe.
#pragma once

#include <string_view>
#include <vector>

#include "astrolabe/graph/expression.h"

namespace astrolabe {

class ExpressionBuilder {
 public:
  explicit ExpressionBuilder(Vocabulary vocabulary) : vocabulary_(vocabulary) {}

  [[nodiscard]] Vocabulary vocabulary() const { return vocabulary_; }

  NodeId number(double value) { return graph_.constant(value + 0.0); }  // never -0
  NodeId variable(std::string_view name) { return graph_.input(name, ElementType::f32, Shape{}); }

  NodeId negate(NodeId a);
  NodeId add(NodeId a, NodeId b);
  NodeId subtract(NodeId a, NodeId b);
  NodeId multiply(NodeId a, NodeId b);
  NodeId divide(NodeId a, NodeId b);
  NodeId power(NodeId a, NodeId b);
  NodeId minimum(NodeId a, NodeId b) { return graph_.minimum(a, b); }
  NodeId maximum(NodeId a, NodeId b) { return graph_.maximum(a, b); }
  NodeId less(NodeId a, NodeId b) { return graph_.less(a, b); }
  NodeId equal(NodeId a, NodeId b) { return graph_.equal(a, b); }
  NodeId select(NodeId condition, NodeId a, NodeId b) { return graph_.select(condition, a, b); }
  NodeId math(std::string_view row, NodeId a);

  // Functions with a memory; the formulas are in expression.h.
  NodeId ema(NodeId e, NodeId beta);
  NodeId sum(NodeId e);
  NodeId trace(NodeId e, NodeId a);
  NodeId previous(NodeId e);

  // The canonical expression of that value. Throws usage_error when it is too large to be written out.
  [[nodiscard]] Expression finish(NodeId value) const;

 private:
  enum class MemoryKind : std::uint8_t { ema, sum, trace, previous };
  struct BuiltMemory {
    MemoryKind kind;
    NodeId e, factor;  // what it was made of
    NodeId state, next;
  };

  [[nodiscard]] bool is_number(NodeId a) const { return graph_[a].op == Op::constant; }
  [[nodiscard]] bool is_math(NodeId a, std::string_view row) const;
  [[nodiscard]] bool is_probability(NodeId a) const;  // the p of a loss
  // v where a is 1+v or v+1; kNoNode otherwise.
  [[nodiscard]] NodeId added_to_one(NodeId a) const;
  [[nodiscard]] NodeId taken_from_one(NodeId a) const;  // v where a is 1-v
  // Positive whatever its input is, so that the logarithm of a product with it may be taken apart.
  [[nodiscard]] bool is_positive(NodeId a) const;
  NodeId whole_power(NodeId a, int exponent);
  NodeId stable_log(NodeId a);    // kNoNode where the plain logarithm is as good
  NodeId stable_log1p(NodeId a);  // the same of log(1+a)
  [[nodiscard]] const BuiltMemory* find_memory(MemoryKind kind, NodeId e, NodeId factor) const;
  NodeId new_state();
  [[nodiscard]] NodeId next_of(NodeId state) const;
  void check_depth(NodeId value) const;
  [[nodiscard]] std::vector<NodeId> leaves_in_order(NodeId value) const;

  Vocabulary vocabulary_;
  Graph graph_;
  std::vector<BuiltMemory> memories_;
};

}  // namespace astrolabe
