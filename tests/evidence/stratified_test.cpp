// SPDX-License-Identifier: Apache-2.0
// Expected numbers: scipy 1.x, stats.t.
#include "astrolabe/evidence/stratified.h"

#include <cmath>

#include <gtest/gtest.h>

#include "astrolabe/base/random.h"

namespace astrolabe {
namespace {

TEST(Stratified, one_stratum_is_students_interval) {
  const std::vector<Stratum> strata = {{.differences = {1, 2, 3}}};
  const StratifiedEffect effect = mean_over_strata(strata, 0.95);
  EXPECT_DOUBLE_EQ(effect.estimate.value, 2);
  EXPECT_NEAR(effect.estimate.high - 2, 2.48413771175033, 1e-9);
  EXPECT_NEAR(effect.p_value, 0.07417990022744855, 1e-9);
  EXPECT_NEAR(effect.degrees_of_freedom, 2, 1e-12);
}

TEST(Stratified, resamples_of_one_table_pay_for_their_common_rows) {
  const std::vector<Stratum> strata = {{.differences = {1, 2, 3}, .test_to_train = 0.5}};
  EXPECT_NEAR(mean_over_strata(strata, 0.95).estimate.high - 2, 3.9277665953249326, 1e-9);
}

TEST(Stratified, strata_count_alike_whatever_their_seeds) {
  const std::vector<Stratum> strata = {{.differences = {1, 2, 3}}, {.differences = {2, 4}}};
  const StratifiedEffect effect = mean_over_strata(strata, 0.95);
  EXPECT_DOUBLE_EQ(effect.estimate.value, 2.5);
  EXPECT_NEAR(effect.degrees_of_freedom, 1.6842105263157894, 1e-9);
  EXPECT_NEAR(effect.estimate.high - 2.5, 2.9884987241291867, 1e-9);
  EXPECT_NEAR(effect.p_value, 0.06649603374135415, 1e-9);
}

TEST(Stratified, where_nothing_varies_the_interval_is_its_value) {
  const std::vector<Stratum> same = {{.differences = {0, 0, 0}}};
  EXPECT_EQ(mean_over_strata(same, 0.95).estimate.high, 0);
  EXPECT_EQ(mean_over_strata(same, 0.95).p_value, 1);
  const std::vector<Stratum> shifted = {{.differences = {0.5, 0.5}}};
  EXPECT_EQ(mean_over_strata(shifted, 0.95).estimate.low, 0.5);
  EXPECT_EQ(mean_over_strata(shifted, 0.95).p_value, 0);
}

TEST(Stratified, what_cannot_be_known_is_undefined) {
  EXPECT_TRUE(std::isnan(mean_over_strata({}, 0.95).estimate.value));
  const std::vector<Stratum> thin = {{.differences = {1, 2}}, {.differences = {3}}};
  const StratifiedEffect effect = mean_over_strata(thin, 0.95);
  EXPECT_DOUBLE_EQ(effect.estimate.value, 2.25);
  EXPECT_TRUE(std::isnan(effect.estimate.low));
  EXPECT_TRUE(std::isnan(effect.p_value));
}

TEST(Stratified, intervals_of_five_seeds_hold_the_truth_as_often_as_they_say) {
  constexpr std::size_t kRuns = 4000;
  const std::vector<double> truths = {0, 1, -0.4}, spreads = {0.2, 1, 3};
  std::size_t held = 0;
  for (std::size_t run = 0; run < kRuns; ++run) {
    RandomStream random(Key::from_seed(7).split(run));
    std::vector<Stratum> strata(3);
    for (std::size_t i = 0; i < 3; ++i)
      for (int seed = 0; seed < 5; ++seed)
        strata[i].differences.push_back(truths[i] + spreads[i] * random.normal());
    const Estimate interval = mean_over_strata(strata, 0.95).estimate;
    held += interval.low <= 0.2 && interval.high >= 0.2 ? 1 : 0;
  }
  // 95 % give or take three standard errors of the simulation, and what Satterthwaite approximates.
  EXPECT_NEAR(static_cast<double>(held) / kRuns, 0.95, 0.015);
}

}  // namespace
}  // namespace astrolabe
