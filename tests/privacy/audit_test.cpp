// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/audit.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/random.h"
#include "astrolabe/privacy/gaussian_dp.h"
#include "astrolabe/privacy/guarantee.h"
#include "astrolabe/stats/exact_proportion.h"

namespace astrolabe {
namespace {

TEST(ExactProportion, equals_what_closed_forms_give) {
  EXPECT_NEAR(proportion_at_most(0, 100, 0.05), 1 - std::pow(0.05, 0.01), 1e-12);
  EXPECT_NEAR(proportion_at_least(100, 100, 0.05), std::pow(0.05, 0.01), 1e-12);
  EXPECT_NEAR(proportion_at_least(9, 10, 0.05), 0.6058367, 1e-6);
  EXPECT_EQ(proportion_at_least(0, 10, 0.05), 0);
  EXPECT_EQ(proportion_at_most(0, 0, 0.05), 1);
}

// A sum of rows, each clipped to norm 1, plus Gaussian noise, released `steps` times over Poisson samples;
// the attack adds up what was released. The canary pulls by 1 where it is drawn.
double attacked_score(const PrivateSteps& steps, bool has_canary, Key key) {
  RandomStream random(key);
  double score = 0;
  for (std::uint64_t step = 0; step < steps.steps; ++step) {
    if (has_canary && random.uniform() < steps.sampling_rate) score += 1;
    score += steps.noise_multiplier * random.normal();
  }
  return score;
}

struct Scores {
  std::vector<double> members, strangers;
};

Scores attacked(const PrivateSteps& steps, int trials, Key key) {
  Scores scores;
  for (int i = 0; i < trials; ++i) {
    const Key trial = key.split(static_cast<std::uint64_t>(i));
    scores.members.push_back(attacked_score(steps, true, trial.split("with")));
    scores.strangers.push_back(attacked_score(steps, false, trial.split("without")));
  }
  return scores;
}

TEST(Audit, of_a_gaussian_sum_is_never_above_the_accountant_and_not_far_below) {
  for (const PrivateSteps& steps :
       {PrivateSteps{.noise_multiplier = 1, .steps = 1}, PrivateSteps{.noise_multiplier = 2, .steps = 9},
        PrivateSteps{.noise_multiplier = 0.7, .sampling_rate = 0.2, .steps = 20}}) {
    const double promised = guaranteed_epsilon({&steps, 1}, 1e-5);
    double most = 0;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      const Key key = Key::from_seed(seed);
      const Scores chosen = attacked(steps, 6000, key.split("choose"));
      const Scores counted = attacked(steps, 12000, key.split("count"));
      const double threshold = best_threshold(chosen.members, chosen.strangers, 1e-5);
      const double shown =
          shown_epsilon(count_attack(counted.members, counted.strangers, threshold), 1e-5, 0.999);
      EXPECT_LE(shown, promised);
      most = std::max(most, shown);
    }
    EXPECT_GT(most, 0.25 * promised);
  }
}

TEST(Audit, finds_a_mechanism_that_forgot_its_noise) {
  const PrivateSteps promised{.noise_multiplier = 4, .steps = 1}, real{.noise_multiplier = 0.2, .steps = 1};
  const Scores chosen = attacked(real, 2000, Key::from_seed(1)),
               counted = attacked(real, 4000, Key::from_seed(2));
  const double threshold = best_threshold(chosen.members, chosen.strangers, 1e-5);
  EXPECT_GT(shown_epsilon(count_attack(counted.members, counted.strangers, threshold), 1e-5),
            guaranteed_epsilon({&promised, 1}, 1e-5));
}

TEST(Audit, of_guesses_at_random_shows_nothing) {
  EXPECT_EQ(shown_epsilon({.members = 1000, .true_positives = 500, .strangers = 1000, .false_positives = 500},
                          1e-5),
            0);
  EXPECT_EQ(shown_epsilon({}, 1e-5), 0);
}

TEST(Audit, reads_an_attack_that_is_sure_of_strangers_as_well) {
  const AttackCounts sure{.members = 1000, .true_positives = 1000, .strangers = 1000, .false_positives = 500};
  EXPECT_GT(shown_epsilon(sure, 1e-5), 4);
}

TEST(Audit, refuses_what_makes_no_sense) {
  EXPECT_THROW((void)shown_epsilon({.members = 1, .true_positives = 2}, 0), Error);
  EXPECT_THROW((void)shown_epsilon({}, 1), Error);
  EXPECT_THROW((void)shown_epsilon({}, 0, 1), Error);
}

}  // namespace
}  // namespace astrolabe
