// SPDX-License-Identifier: Apache-2.0
// Expressions over plain vectors, by the interpreter: for experiments, which are small and want no compiler.
//
//   ElementwiseFunction silu(resolve_part(Vocabulary::activation, "silu").expression, "x");
//   silu.value(inputs);  silu.slope(inputs);
//   ElementwiseStep adam(resolve_part(Vocabulary::optimizer, "adam").expression, weights.size());
//   adam.step(weights, gradient, 0.01, 1, 1000);
//
// In f64. Not thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "astrolabe/graph/expression.h"
#include "astrolabe/graph/interpret.h"

namespace astrolabe {

class ElementwiseFunction {
 public:
  // Trained constants have their initial values.
  ElementwiseFunction(const Expression& expression, std::string_view variable);

  [[nodiscard]] std::vector<double> value(std::span<const double> x) const;
  [[nodiscard]] std::vector<double> slope(std::span<const double> x) const;

 private:
  [[nodiscard]] std::vector<double> apply(std::span<const double> x, bool wants_slope) const;

  Expression expression_;
  std::string variable_;
};

// An optimizer with its memories.
class ElementwiseStep {
 public:
  ElementwiseStep(const Expression& optimizer, std::size_t weights);

  // `step` counts from 1, of `steps`.
  void step(std::span<double> weights, std::span<const double> gradient, double rate, std::size_t step,
            std::size_t steps);

 private:
  Graph graph_;
  std::vector<NodeId> roots_;
  Feed feed_;  // g, w, lr, k, t, then memories
  std::size_t memories_;
};

}  // namespace astrolabe
