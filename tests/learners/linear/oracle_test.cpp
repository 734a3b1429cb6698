// SPDX-License-Identifier: Apache-2.0
// The learner against its slow twin: the objective is strictly convex in the predictions, so both must meet.
// The learner stops when a round gains less than 1e-12 of the loss. An objective is flat at its minimum, so
// that leaves about its square root in predictions; 5e-7 is the most that was seen.
#include <cmath>
#include <tuple>

#include "tests/learners/linear/sample.h"
#include "tests/learners/linear/slow_twin.h"
#include <gtest/gtest.h>

namespace astrolabe::linear {
namespace {

constexpr double kTwinTolerance = 1e-6;

SampleShape shape_of(Family family) {
  SampleShape shape;
  if (family == Family::logistic) shape.kind = TaskKind::binary;
  if (family == Family::multinomial) shape.kind = TaskKind::multiclass;
  shape.counts = family == Family::poisson;
  return shape;
}

void expect_twins(const TrainingData& data, Family family, double penalty, double l1_ratio) {
  const auto model =
      fit(data, {{"family", std::string(family_name(family))}, {"penalty", penalty}, {"l1_ratio", l1_ratio}});
  const std::vector<double> fast = predict(*model, data.features);
  const std::vector<double> slow = predict_slowly(data, family, penalty, l1_ratio);
  ASSERT_EQ(fast.size(), slow.size());
  for (std::size_t i = 0; i < fast.size(); ++i)
    ASSERT_NEAR(fast[i], slow[i], kTwinTolerance * std::max(1.0, std::abs(slow[i]))) << i;
}

class LinearOracle : public testing::TestWithParam<std::tuple<Family, double, double>> {};

TEST_P(LinearOracle, agrees_with_the_slow_twin) {
  const auto [family, penalty, l1_ratio] = GetParam();
  expect_twins(make_sample(shape_of(family), 1), family, penalty, l1_ratio);
}

TEST_P(LinearOracle, agrees_with_the_slow_twin_on_weighted_rows) {
  const auto [family, penalty, l1_ratio] = GetParam();
  SampleShape shape = shape_of(family);
  shape.weights = true;
  expect_twins(make_sample(shape, 2), family, penalty, l1_ratio);
}

std::string oracle_name(const testing::TestParamInfo<std::tuple<Family, double, double>>& info) {
  return std::string(family_name(std::get<0>(info.param))) + "_" + std::to_string(info.index);
}

INSTANTIATE_TEST_SUITE_P(Families, LinearOracle,
                         testing::Combine(testing::Values(Family::gaussian, Family::logistic,
                                                          Family::multinomial, Family::poisson),
                                          testing::Values(0.3, 0.01), testing::Values(0.0, 0.5, 1.0)),
                         oracle_name);

class WideLinearOracle : public testing::TestWithParam<std::tuple<Family, double>> {};

// More features than a Gram matrix is made for: coordinate descent, with strong rules when there is a lasso.
TEST_P(WideLinearOracle, agrees_with_the_slow_twin) {
  const auto [family, l1_ratio] = GetParam();
  SampleShape shape = shape_of(family);
  shape.rows = 60;
  shape.dense = 20;
  shape.sparse = 520;
  expect_twins(make_sample(shape, 3), family, 0.1, l1_ratio);
}

INSTANTIATE_TEST_SUITE_P(Families, WideLinearOracle,
                         testing::Combine(testing::Values(Family::gaussian, Family::logistic,
                                                          Family::multinomial, Family::poisson),
                                          testing::Values(0.0, 0.7)));

}  // namespace
}  // namespace astrolabe::linear
