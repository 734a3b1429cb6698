// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evidence/contrast.h"

#include <vector>

#include <gtest/gtest.h>

namespace astrolabe {
namespace {

// Two parts by three: rows 10 20 60 and 13 25 80.
const std::vector<double> kScores = {10, 20, 60, 13, 25, 80};
constexpr FactorialTable kTable{.rows = 2, .columns = 3};

TEST(Contrast, of_two_systems_is_their_difference) {
  EXPECT_DOUBLE_EQ(value_of(comparison_of(4, 1), kScores), 5);
  EXPECT_DOUBLE_EQ(value_of(comparison_of(2, 2), kScores), 0);
}

TEST(Contrast, main_effects_are_means_over_the_other_slot) {
  // (13 + 25 + 80) / 3 - (10 + 20 + 60) / 3
  EXPECT_NEAR(value_of(kTable.main_effect_of_row(1, 0), kScores), 28.0 / 3, 1e-12);
  // (60 + 80) / 2 - (10 + 13) / 2
  EXPECT_NEAR(value_of(kTable.main_effect_of_column(2, 0), kScores), 58.5, 1e-12);
}

TEST(Contrast, an_interaction_is_a_difference_of_differences) {
  // (80 - 60) - (13 - 10)
  EXPECT_NEAR(value_of(kTable.interaction(1, 0, 2, 0), kScores), 17, 1e-12);
  // (25 - 20) - (13 - 10)
  EXPECT_NEAR(value_of(kTable.interaction(1, 0, 1, 0), kScores), 2, 1e-12);
}

TEST(Contrast, what_adds_up_does_not_interact) {
  const std::vector<double> sums = {1, 4, 7, 3, 6, 9};
  EXPECT_NEAR(value_of(kTable.interaction(1, 0, 2, 0), sums), 0, 1e-12);
}

TEST(Contrast, weights_sum_to_nothing) {
  for (const Contrast& contrast : {comparison_of(0, 1), kTable.main_effect_of_row(1, 0),
                                   kTable.main_effect_of_column(1, 2), kTable.interaction(1, 0, 2, 1)})
    EXPECT_NEAR(value_of(contrast, std::vector<double>(6, 7.0)), 0, 1e-12);
}

}  // namespace
}  // namespace astrolabe
