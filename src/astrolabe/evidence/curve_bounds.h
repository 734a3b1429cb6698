// SPDX-License-Identifier: Apache-2.0
// A function of one variable with its first two derivatives, bounded on intervals.
//
//   CurveBounds curve(curve_of(parse_expression(Vocabulary::activation, "x*sigmoid(x)"), "x"));
//   curve.slope({-1, 1});                     // contains the slope at every x in [-1, 1]
//
// Derivatives come from autodiff (graph/gradient.h); across a corner the slope is that of either side. Values
// and slopes are sharpened by the mean value theorem where the function is differentiable. Not thread-safe.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "astrolabe/evidence/graph_bounds.h"
#include "astrolabe/graph/expression.h"

namespace astrolabe {

// A function of one variable, put into a graph: f64, of rank 0.
using CurveBuilder = std::function<NodeId(Graph& graph, NodeId x)>;

// An expression in one of its variables: trained constants have their initial values, `fixed` gives the other
// variables.
// `expression` has to outlive the builder.
[[nodiscard]] CurveBuilder curve_of(const Expression& expression, std::string_view variable,
                                    const std::unordered_map<std::string, double>& fixed = {});

class CurveBounds {
 public:
  explicit CurveBounds(const CurveBuilder& build);
  CurveBounds(const CurveBounds&) = delete;
  CurveBounds& operator=(const CurveBounds&) = delete;

  [[nodiscard]] Bounds value(const Bounds& x);
  [[nodiscard]] Bounds slope(const Bounds& x);
  [[nodiscard]] Bounds bend(const Bounds& x);  // the second derivative, where there is one
  // Whether it is convex by the way it is made.
  [[nodiscard]] bool is_made_convex() const;
  // The value as the interpreter has it, rounded; NaN where there is none.
  [[nodiscard]] double number_at(double x) const;
  // Whether the function may have a corner or a jump somewhere in x.
  [[nodiscard]] bool may_have_corner(const Bounds& x);

 private:
  struct Built {
    Graph graph;
    NodeId x = kNoNode, value = kNoNode, slope = kNoNode, bend = kNoNode;
  };
  [[nodiscard]] static Built differentiated(const CurveBuilder& build);
  [[nodiscard]] static Bounds at(GraphBounds& bounds, NodeId x, const Bounds& where);

  Built built_;
  GraphBounds value_, slope_, bend_;
};

}  // namespace astrolabe
