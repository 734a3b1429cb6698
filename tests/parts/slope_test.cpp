// SPDX-License-Identifier: Apache-2.0
// Slopes of parts, by autodiff: against central differences, and finite where they have to be.
#include <cmath>

#include <gtest/gtest.h>

#include "astrolabe/graph/gradient.h"
#include "astrolabe/graph/interpret.h"
#include "astrolabe/parts/catalog.h"

namespace astrolabe {
namespace {

// Value and slope in x or z of a part over an array; a loss sees y and, of z, the stable probabilities.
struct ValueAndSlope {
  std::vector<float> value, slope;
};

ValueAndSlope over(const Expression& e, const std::vector<float>& points, float y = 0) {
  Graph graph;
  Feed feed;
  feed.inputs.push_back(Array::of<float>(Shape{points.size()}, points));
  const NodeId z = graph.input("z", ElementType::f32, Shape{points.size()});
  std::unordered_map<std::string, NodeId> leaves{
      {"x", z},
      {"z", z},
      {"p", graph.math("sigmoid", z)},
      {"log_p", graph.negate(graph.math("softplus", graph.negate(z)))},
      {"log_1_p", graph.negate(graph.math("softplus", z))},
      {"y", graph.constant(y)},
      {"classes", graph.constant(2)}};
  for (std::size_t i = 0; i < e.constants.size(); ++i)
    leaves["c" + std::to_string(i)] = graph.constant(e.constants[i]);
  const NodeId value = place(e, graph, leaves).value;
  const NodeId slope = gradient(graph, graph.sum_all(value), std::vector<NodeId>{z})[0];
  const std::vector<Array> results = interpret(graph, std::vector<NodeId>{value, slope}, feed);
  const auto values = results[0].as<float>();
  const auto slopes = results[1].as<float>();
  return {{values.begin(), values.end()}, {slopes.begin(), slopes.end()}};
}

// Off the corners at 0 and 1, so that a difference across them is not asked for.
std::vector<float> grid(float shift = 0) {
  std::vector<float> points;
  for (float x = -5.06F; x < 5; x += 0.25F) points.push_back(x + shift);
  return points;
}

void expect_slopes(std::string_view name, const Expression& e, float y) {
  constexpr float kStep = 0x1p-6;
  const std::vector<float> points = grid();
  const auto [value, slope] = over(e, points, y);
  const auto above = over(e, grid(kStep), y).value;
  const auto below = over(e, grid(-kStep), y).value;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double difference = (static_cast<double>(above[i]) - below[i]) / (2 * kStep);
    EXPECT_NEAR(slope[i], difference, 2e-3 * std::max(1.0, std::abs(difference)))
        << name << " at " << points[i];
  }
}

TEST(PartSlopes, are_what_differences_say) {
  for (const PartRow& row : parts_of(Vocabulary::activation))
    expect_slopes(row.name, resolve_part(Vocabulary::activation, row.name).expression, 0);
  for (const PartRow& row : parts_of(Vocabulary::loss))
    for (const float y : {0.0F, 1.0F})
      expect_slopes(row.name, resolve_part(Vocabulary::loss, row.name).expression, y);
}

TEST(PartSlopes, of_activations_are_finite_for_every_size_of_input) {
  for (const PartRow& row : parts_of(Vocabulary::activation)) {
    const std::vector<float> points{-1e6F, -1000, -90, -20, 0, 20, 90, 1000, 1e6F};
    const auto [value, slope] = over(resolve_part(Vocabulary::activation, row.name).expression, points);
    for (std::size_t i = 0; i < points.size(); ++i) {
      EXPECT_TRUE(std::isfinite(value[i])) << row.name << " at " << points[i];
      EXPECT_TRUE(std::isfinite(slope[i])) << row.name << " at " << points[i];
    }
  }
}

TEST(PartSlopes, of_losses_for_classes_are_finite_however_sure_the_model_is) {
  for (const std::string name : {"cross_entropy", "focal", "focal(1.5)", "label_smoothing", "brier"}) {
    const std::vector<float> points{-1000, -90, -20, 0, 20, 90, 1000};
    const auto [value, slope] = over(resolve_part(Vocabulary::loss, name).expression, points, 1);
    for (std::size_t i = 0; i < points.size(); ++i) {
      EXPECT_TRUE(std::isfinite(value[i])) << name << " at " << points[i];
      EXPECT_TRUE(std::isfinite(slope[i])) << name << " at " << points[i];
    }
  }
}

TEST(PartSlopes, of_cross_entropy_is_the_probability_less_one) {
  const std::vector<float> points{-1000, -3, 0, 3, 1000};
  const auto slope = over(resolve_part(Vocabulary::loss, "cross_entropy").expression, points, 1).slope;
  for (std::size_t i = 0; i < points.size(); ++i)
    EXPECT_NEAR(slope[i], 1 / (1 + std::exp(-static_cast<double>(points[i]))) - 1, 1e-6);
}

TEST(PartSlopes, at_the_corners_are_those_of_torch) {
  const auto at_zero = [](std::string_view text) {
    return over(resolve_part(Vocabulary::activation, text).expression, {0}).slope[0];
  };
  EXPECT_EQ(at_zero("relu"), 0);
  EXPECT_EQ(at_zero("leaky_relu(0.25)"), 0.25F);
  EXPECT_EQ(at_zero("elu"), 1);
  EXPECT_EQ(over(resolve_part(Vocabulary::loss, "mae").expression, {2}, 2).slope[0], 0);
}

}  // namespace
}  // namespace astrolabe
