// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evidence/verdict.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace astrolabe {
namespace {

Estimate between(double low, double high) {
  return {.value = (low + high) / 2, .low = low, .high = high, .method = ""};
}

TEST(Verdict, follows_the_interval) {
  EXPECT_EQ(decide(between(0.1, 0.3), 0.05), Verdict::better);
  EXPECT_EQ(decide(between(-0.3, -0.1), 0.05), Verdict::worse);
  EXPECT_EQ(decide(between(-0.3, 0.1), 0.05), Verdict::undecided);
  EXPECT_EQ(decide(between(-0.04, 0.05), 0.05), Verdict::tie);
}

TEST(Verdict, calls_a_proved_difference_that_makes_none_a_tie) {
  EXPECT_EQ(decide(between(0.01, 0.02), 0.05), Verdict::tie);
  EXPECT_EQ(decide(between(0.01, 0.06), 0.05), Verdict::better);
}

TEST(Verdict, of_what_is_not_known_is_undecided) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(decide(between(-kInfinity, kInfinity), 1), Verdict::undecided);
  EXPECT_EQ(decide(Estimate::undefined(3), 1), Verdict::undecided);
}

TEST(BothChances, add_up_like_errors) {
  const Estimate both = over_both_chances(between(0.1, 0.7), between(0.0, 0.8));
  EXPECT_DOUBLE_EQ(both.value, 0.4);
  EXPECT_DOUBLE_EQ(both.low, 0.4 - 0.5);
  EXPECT_DOUBLE_EQ(both.high, 0.4 + 0.5);
  EXPECT_EQ(decide(over_both_chances(between(0.1, 0.3), Estimate::undefined(0.2)), 0), Verdict::undecided);
}

TEST(Verdict, has_a_name_that_leads_back) {
  for (const Verdict verdict : {Verdict::better, Verdict::worse, Verdict::tie, Verdict::undecided})
    EXPECT_EQ(find_verdict(verdict_name(verdict)), verdict);
  EXPECT_FALSE(find_verdict("best"));
}

}  // namespace
}  // namespace astrolabe
