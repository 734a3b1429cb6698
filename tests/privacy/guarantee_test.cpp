// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/guarantee.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

double epsilon_of(const PrivateSteps& steps, double delta) {
  return guaranteed_epsilon({&steps, 1}, delta);
}

std::string usage_message(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

TEST(GuaranteedEpsilon, of_nothing_is_nothing) {
  EXPECT_EQ(guaranteed_epsilon({}, 1e-5), 0);
  EXPECT_EQ(epsilon_of({.noise_multiplier = 1, .sampling_rate = 0.1, .steps = 0}, 1e-5), 0);
}

TEST(GuaranteedEpsilon, is_at_most_what_renyi_orders_give) {
  const double epsilon =
      epsilon_of({.noise_multiplier = 1.3, .sampling_rate = 150 / 60000.0, .steps = 6000}, 1e-5);
  EXPECT_LE(epsilon, 0.7242235);
  EXPECT_GT(epsilon, 0.5);
}

TEST(NoiseMultiplierFor, keeps_the_budget_and_hardly_more) {
  const PrivacyBudget budget{.epsilon = 3, .delta = 1e-5};
  const double noise = noise_multiplier_for(budget, 256 / 60000.0, 14063);
  PrivateSteps steps{.noise_multiplier = noise, .sampling_rate = 256 / 60000.0, .steps = 14063};
  EXPECT_LE(epsilon_of(steps, 1e-5), 3);
  steps.noise_multiplier *= 1 - 1e-4;
  EXPECT_GT(epsilon_of(steps, 1e-5), 3);
}

TEST(NoiseMultiplierFor, needs_more_where_something_is_spent) {
  const PrivacyBudget budget{.epsilon = 3, .delta = 1e-5};
  const PrivateSteps already{.noise_multiplier = 10, .steps = 1};
  const double alone = noise_multiplier_for(budget, 0.01, 1000);
  const double after = noise_multiplier_for(budget, 0.01, 1000, {&already, 1});
  EXPECT_GT(after, alone);
  const std::vector<PrivateSteps> both = {already,
                                          {.noise_multiplier = after, .sampling_rate = 0.01, .steps = 1000}};
  EXPECT_LE(guaranteed_epsilon(both, 1e-5), 3);
}

TEST(Guarantee, refuses_what_makes_no_sense_and_says_what_to_do) {
  const PrivateSteps sound{.noise_multiplier = 1, .sampling_rate = 0.01, .steps = 10};
  for (const double delta : {0.0, 1.0, -1e-5, 2.0, kNan})
    EXPECT_NE(usage_message([&] { (void)epsilon_of(sound, delta); }).find("delta above 0 and below 1"),
              std::string::npos);
  for (const double sigma : {0.0, -1.0, kNan, std::numeric_limits<double>::infinity()})
    EXPECT_NE(usage_message([&] {
                (void)epsilon_of({.noise_multiplier = sigma, .steps = 1}, 1e-5);
              }).find("noise multiplier (sigma) above 0"),
              std::string::npos);
  for (const double rate : {0.0, 1.5, kNan})
    EXPECT_NE(usage_message([&] {
                (void)epsilon_of({.noise_multiplier = 1, .sampling_rate = rate, .steps = 1}, 1e-5);
              }).find("the batch cannot exceed the rows"),
              std::string::npos);
}

TEST(NoiseMultiplierFor, refuses_a_budget_that_is_too_small_for_any_step) {
  for (const double epsilon : {0.0, -1.0, kNan})
    EXPECT_NE(usage_message([&] {
                (void)noise_multiplier_for({.epsilon = epsilon, .delta = 1e-5}, 0.1, 10);
              }).find("an epsilon above 0"),
              std::string::npos);
  EXPECT_NE(usage_message([] {
              (void)noise_multiplier_for({.epsilon = 1e-9, .delta = 1e-12}, 1, 1000000);
            }).find("so much noise that nothing else is left"),
            std::string::npos);
  const PrivateSteps already{.noise_multiplier = 1, .steps = 10};
  EXPECT_NE(usage_message([&] {
              (void)noise_multiplier_for({.epsilon = 1, .delta = 1e-5}, 0.1, 10, {&already, 1});
            }).find("have spent"),
            std::string::npos);
  EXPECT_NE(usage_message([] {
              (void)noise_multiplier_for({.epsilon = 1, .delta = 1e-5}, 0.1, 0);
            }).find("at least one step"),
            std::string::npos);
}

}  // namespace
}  // namespace astrolabe
