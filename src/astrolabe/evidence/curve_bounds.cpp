// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evidence/curve_bounds.h"

#include <array>
#include <string>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/evidence/curvature.h"
#include "astrolabe/graph/gradient.h"
#include "astrolabe/graph/interpret.h"

namespace astrolabe {

CurveBuilder curve_of(const Expression& expression, std::string_view variable,
                      const std::unordered_map<std::string, double>& fixed) {
  return [&expression, variable = std::string(variable), fixed](Graph& graph, NodeId x) {
    std::unordered_map<std::string, NodeId> leaves = number_leaves(expression, graph);
    leaves[variable] = x;
    for (const auto& [name, value] : fixed) leaves[name] = graph.constant(value, ElementType::f64);
    return place(expression, graph, leaves).value;
  };
}

CurveBounds::Built CurveBounds::differentiated(const CurveBuilder& build) {
  Built built;
  Graph& graph = built.graph;
  built.x = graph.input("x", ElementType::f64, Shape{});
  built.value = build(graph, built.x);
  // An expression without leaves is of f32.
  if (graph.type(built.value) != ElementType::f64) built.value = graph.cast(built.value, ElementType::f64);
  built.slope = gradient(graph, built.value, std::array{built.x}).front();
  built.bend = gradient(graph, built.slope, std::array{built.x}).front();
  return built;
}

CurveBounds::CurveBounds(const CurveBuilder& build)
    : built_(differentiated(build)),
      value_(built_.graph, {built_.value}),
      slope_(built_.graph, {built_.slope}),
      bend_(built_.graph, {built_.bend}) {}

Bounds CurveBounds::at(GraphBounds& bounds, NodeId x, const Bounds& where) {
  bounds.set(x, where);
  return bounds.evaluate().front();
}

Bounds CurveBounds::value(const Bounds& x) {
  const Bounds plain = at(value_, built_.x, x);
  if (x.width() == 0 || !plain.is_total || value_.may_branch()) return plain;
  const Bounds slope = at(slope_, built_.x, x);
  if (!slope.is_finite()) return plain;
  const Bounds middle{x.middle()};
  return intersection(plain, at(value_, built_.x, middle) + slope * (x - middle));
}

Bounds CurveBounds::slope(const Bounds& x) {
  const Bounds plain = at(slope_, built_.x, x);
  if (x.width() == 0 || !plain.is_total || slope_.may_branch() || may_have_corner(x)) return plain;
  const Bounds bend = at(bend_, built_.x, x);
  if (!bend.is_finite()) return plain;
  const Bounds middle{x.middle()};
  return intersection(plain, at(slope_, built_.x, middle) + bend * (x - middle));
}

Bounds CurveBounds::bend(const Bounds& x) {
  return at(bend_, built_.x, x);
}

bool CurveBounds::is_made_convex() const {
  const Curvature curvature = curvature_of(built_.graph, built_.value, built_.x);
  return curvature == Curvature::convex || curvature == Curvature::straight ||
         curvature == Curvature::constant;
}

double CurveBounds::number_at(double x) const {
  Feed feed;
  feed.inputs.push_back(Array::of<double>(Shape{}, {x}));
  const std::vector<Array> values = interpret(built_.graph, std::array{built_.value}, feed);
  return values.front().as<double>()[0];
}

bool CurveBounds::may_have_corner(const Bounds& x) {
  const Bounds value = at(value_, built_.x, x);
  return !value.is_total || value_.may_branch();
}

}  // namespace astrolabe
