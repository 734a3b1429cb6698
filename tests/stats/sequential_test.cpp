// SPDX-License-Identifier: Apache-2.0
// Evidence that may be looked at after every pair keeps its promise at all looks together.
#include "astrolabe/stats/sequential.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "astrolabe/stats/interval.h"

namespace astrolabe {
namespace {

PairedEvidence evidence_of(const std::vector<double>& differences, double scale = 1) {
  PairedEvidence evidence(scale);
  for (const double difference : differences) evidence.add(difference);
  return evidence;
}

TEST(PairedEvidence, is_the_bayes_factor_of_a_normal_effect) {
  const std::vector<double> differences = {0.3, -0.1, 0.5, 0.2, 0.4, 0.6, -0.2, 0.1};
  // By quadrature over the noncentral t distribution, scipy 1.17.
  EXPECT_NEAR(evidence_of(differences, 1).e_value(), 2.1845333333333348, 1e-9);
  EXPECT_NEAR(evidence_of(differences, 0.5).e_value(), 2.163355747963241, 1e-9);
  EXPECT_NEAR(evidence_of(differences).mean(), 0.225, 1e-15);
  EXPECT_NEAR(evidence_of(differences).deviation(), 0.28157719063467174, 1e-15);
}

TEST(PairedEvidence, of_an_interval_leaves_out_exactly_the_means_that_it_rejects) {
  const std::vector<double> differences = {0.3, -0.1, 0.5, 0.2, 0.4, 0.6, -0.2, 0.1, 0.35};
  const Estimate interval = evidence_of(differences).interval(0.05);
  for (const double border : {interval.low, interval.high}) {
    std::vector<double> shifted = differences;
    for (double& difference : shifted) difference -= border;
    EXPECT_NEAR(evidence_of(shifted).e_value(), 20, 1e-6);
  }
}

TEST(PairedEvidence, of_little_says_nothing) {
  EXPECT_EQ(evidence_of({}).e_value(), 1);
  EXPECT_EQ(evidence_of({5}).e_value(), 1);
  EXPECT_TRUE(std::isinf(evidence_of({5, 6}).interval(0.05).high));
  EXPECT_EQ(evidence_of({0, 0, 0}).e_value(), 1);
  EXPECT_TRUE(std::isinf(evidence_of({2, 2, 2}).e_value()));
}

// Ville: over 30 looks, fewer than alpha of the null studies ever cross. Looking at a t-test each time
// crosses four times as often.
TEST(PairedEvidence, crosses_by_chance_less_often_than_it_promises) {
  constexpr int kStudies = 4000;
  int crossed = 0, covered = 0;
  for (int study = 0; study < kStudies; ++study) {
    RandomStream random(Key::from_seed(7).split(static_cast<std::uint64_t>(study)));
    PairedEvidence evidence;
    bool crosses = false, covers = true;
    for (int pair = 0; pair < 30; ++pair) {
      evidence.add(random.normal());
      crosses |= evidence.e_value() >= 20;
      const Estimate interval = evidence.interval(0.05);
      covers &= interval.low <= 0 && interval.high >= 0;
    }
    crossed += crosses;
    covered += covers;
  }
  EXPECT_LE(crossed, kStudies * 0.05);
  EXPECT_GE(crossed, kStudies * 0.01);  // else the test is too timid to be of use
  EXPECT_EQ(crossed, kStudies - covered);
}

TEST(PairedEvidence, of_one_standard_deviation_is_found_within_thirty_pairs_nine_times_in_ten) {
  int found = 0;
  for (int study = 0; study < 1000; ++study) {
    RandomStream random(Key::from_seed(8).split(static_cast<std::uint64_t>(study)));
    PairedEvidence evidence;
    while (evidence.pairs() < 30 && evidence.e_value() < 20) evidence.add(1 + random.normal());
    found += evidence.e_value() >= 20;
  }
  EXPECT_GE(found, 900);
}

// Who stops as soon as it looks good overestimates; the shrunk mean gives most of that back.
TEST(PairedEvidence, is_shrunk_towards_what_a_stopped_effect_is_worth) {
  double naive = 0, shrunk = 0;
  int found = 0;
  for (int study = 0; study < 2000; ++study) {
    RandomStream random(Key::from_seed(9).split(static_cast<std::uint64_t>(study)));
    const double effect = random.normal();  // of the prior's own size
    PairedEvidence evidence;
    while (evidence.pairs() < 30 && evidence.e_value() < 20) evidence.add(effect + random.normal());
    if (evidence.e_value() < 20) continue;
    const double sign = evidence.mean() > 0 ? 1 : -1;
    naive += sign * (evidence.mean() - effect);
    shrunk += sign * (evidence.shrunk_mean() - effect);
    ++found;
  }
  EXPECT_GT(naive / found, 0.05);
  EXPECT_LT(std::abs(shrunk / found), 0.4 * naive / found);
}

TEST(AlphaOfLook, adds_up_to_no_more_than_alpha) {
  double total = 0;
  for (std::size_t look = 1; look <= 100'000; ++look) total += alpha_of_look(0.05, look);
  EXPECT_LT(total, 0.05);
  EXPECT_GT(total, 0.04999);
  EXPECT_NEAR(alpha_of_look(0.05, 1), 0.0304, 1e-4);
}

TEST(FalseDiscoveries, by_e_values_are_rejected_together) {
  const std::vector<bool> expected = {true, false, true, false};
  EXPECT_EQ(e_benjamini_hochberg(std::vector<double>{45, 1, 100, 3}), expected);  // 2 * 45 >= 4 / 0.05
  EXPECT_EQ(e_benjamini_hochberg(std::vector<double>{39, 1, 41, 3}), std::vector<bool>(4, false));
  EXPECT_TRUE(e_benjamini_hochberg(std::vector<double>{}).empty());
}

TEST(FalseDiscoveries, by_p_values_are_those_of_scipy) {
  const std::vector<double> adjusted = benjamini_hochberg(std::vector{0.01, 0.04, 0.03, 0.005, 0.5, 0.2});
  const std::vector<double> expected = {0.03, 0.06, 0.06, 0.03, 0.5, 0.24};
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(adjusted[i], expected[i], 1e-12);
}

}  // namespace
}  // namespace astrolabe
