// SPDX-License-Identifier: Apache-2.0
// Tests over tasks, ranks, strengths and profiles, against published values and other programs. The table is
// that of Demsar, "Statistical comparisons of classifiers over multiple data sets", JMLR 2006, table 6.
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "astrolabe/stats/contestants.h"
#include "astrolabe/stats/profile.h"
#include "astrolabe/stats/signed_rank.h"
#include "astrolabe/stats/strength.h"

namespace astrolabe {
namespace {

const Key kKey = Key::from_seed(1);

// AUC of C4.5, C4.5+m, C4.5+cf, C4.5+m+cf on 14 data sets.
const ScoreTable kDemsar{
    .contestants = 4,
    .scores = {.763, .768, .771, .798, .599, .591, .590, .569, .954,  .971, .968, .967, .628, .661,
               .654, .657, .882, .888, .886, .898, .936, .931, .916,  .931, .661, .668, .609, .685,
               .583, .583, .563, .625, .775, .838, .866, .875, 1,     1,    1,    1,    .940, .962,
               .965, .962, .619, .666, .614, .669, .972, .981, .9751, .975, .957, .978, .946, .970}};

// C4.5+m - C4.5, rounded as the paper prints them.
const std::vector<double> kDifferences = {.005, -.008, .017, .033, .006, -.005, .007,
                                          0,    .063,  0,    .022, .047, .009,  .021};

TEST(SignedRank, of_a_published_table_is_that_of_scipy) {
  const SignedRank test = wilcoxon_signed_rank(kDifferences);
  EXPECT_EQ(test.pairs, 12U);
  EXPECT_DOUBLE_EQ(test.positive_ranks, 71.5);
  EXPECT_NEAR(test.p_value, 0.01075713311978963, 1e-12);  // scipy 1.17, normal, corrected for the tie
}

TEST(SignedRank, without_ties_is_exact) {
  const SignedRank test = wilcoxon_signed_rank(std::vector{0.5, -0.2, 1.1, 0.8, -0.1, 0.35, 0.9});
  EXPECT_DOUBLE_EQ(test.p_value, 0.078125);  // scipy 1.17
}

TEST(SignedRank, with_ties_and_zeros_is_that_of_scipy) {
  const SignedRank test = wilcoxon_signed_rank(std::vector<double>{1, 1, -1, 2, 2, -3, 4, 0, 0, 5, -2});
  EXPECT_NEAR(test.p_value, 0.3105183503312049, 1e-12);
}

TEST(SignedRank, of_fifty_pairs_is_exact_and_of_more_nearly_so) {
  std::vector<double> differences;
  for (int i = 1; i <= 50; ++i) differences.push_back(i % 3 == 0 ? -i : i);
  const double exact = wilcoxon_signed_rank(differences).p_value;
  differences.push_back(0.5);
  const double normal = wilcoxon_signed_rank(differences).p_value;
  EXPECT_NEAR(exact, normal, 0.005);
  EXPECT_LT(exact, 0.05);
}

TEST(SignedRank, of_nothing_is_one_and_of_nan_is_nan) {
  EXPECT_EQ(wilcoxon_signed_rank(std::vector<double>{}).p_value, 1);
  EXPECT_EQ(wilcoxon_signed_rank(std::vector<double>{0, 0}).p_value, 1);
  EXPECT_TRUE(std::isnan(wilcoxon_signed_rank(std::vector{1, std::nan("")}).p_value));
}

TEST(BayesianSignedRank, agrees_with_baycomp) {
  const RopePosterior narrow =
      bayesian_signed_rank(kDifferences, 0.01, kKey);  // baycomp 1.0.3, 200,000 draws
  EXPECT_NEAR(narrow.rope, 0.32865, 0.015);
  EXPECT_NEAR(narrow.right, 0.67135, 0.015);
  const RopePosterior none = bayesian_signed_rank(kDifferences, 0, kKey);
  EXPECT_NEAR(none.right, 0.999065, 0.002);
  EXPECT_EQ(bayesian_signed_rank(kDifferences, 0.05, kKey).rope, 1);
  const RopePosterior few =
      bayesian_signed_rank(std::vector{0.5, -0.2, 1.1, 0.8, -0.1, 0.35, 0.9}, 0.2, kKey);
  EXPECT_NEAR(few.right, 0.916685, 0.015);
  EXPECT_DOUBLE_EQ(few.left + few.rope + few.right, 1);
}

TEST(Friedman, of_a_published_table_is_that_of_scipy) {
  const Friedman test = friedman(kDemsar);
  const std::vector<double> ranks = {3.14285714, 2.0, 2.89285714, 1.96428571};
  for (std::size_t i = 0; i < ranks.size(); ++i) EXPECT_NEAR(test.mean_ranks[i], ranks[i], 1e-8);
  EXPECT_NEAR(test.chi_squared, 10.228346456692925, 1e-9);
  EXPECT_NEAR(test.p_value, 0.016721580328441323, 1e-12);
  EXPECT_LT(test.f_p_value, test.p_value);
}

TEST(Friedman, of_one_task_is_unknown_and_of_ties_is_certain) {
  EXPECT_TRUE(std::isnan(friedman({.contestants = 2, .scores = {1, 2}}).p_value));
  EXPECT_EQ(friedman({.contestants = 2, .scores = {1, 1, 3, 3}}).p_value, 1);
}

TEST(CriticalDifference, is_that_of_the_studentized_range) {
  const auto quantile = [](std::size_t contestants, double alpha) {  // of Demsar's table 5: range / sqrt(2)
    const auto k = static_cast<double>(contestants);
    return critical_difference(contestants, 1, alpha) / std::sqrt(k * (k + 1) / 6);
  };
  EXPECT_NEAR(quantile(2, 0.05), 1.9599639845, 1e-7);
  EXPECT_NEAR(quantile(4, 0.05), 2.569031772546, 1e-7);
  EXPECT_NEAR(quantile(10, 0.05), 3.163683577053, 1e-7);
  EXPECT_NEAR(quantile(4, 0.10), 2.291341496888, 1e-7);
}

TEST(Pairs, are_adjusted_and_named_with_the_better_rank_first) {
  const std::vector<RankedPair> pairs = compare_pairs(kDemsar);
  ASSERT_EQ(pairs.size(), 6U);
  const std::vector<double> ranks = friedman(kDemsar).mean_ranks;
  for (const RankedPair& pair : pairs) {
    EXPECT_LE(ranks[pair.a], ranks[pair.b]);
    EXPECT_GE(pair.adjusted, pair.p_value);
  }
  EXPECT_NEAR(pairs.front().adjusted, 6 * pairs.front().p_value, 1e-12);
}

TEST(Runs, of_a_diagram_join_what_does_not_differ) {
  const std::vector<double> ranks = {1, 2, 3, 4};
  const auto differ = [](std::size_t a, std::size_t b) { return RankedPair{a, b, 0.001, 0.001}; };
  const std::vector<RankedPair> pairs = {differ(0, 2), differ(0, 3), differ(1, 3)};
  const std::vector<std::vector<std::size_t>> expected = {{0, 1}, {1, 2}, {2, 3}};
  EXPECT_EQ(indistinct_runs(ranks, pairs), expected);
  EXPECT_EQ(indistinct_runs(ranks, {}), (std::vector<std::vector<std::size_t>>{{0, 1, 2, 3}}));
  const std::vector<RankedPair> apart = {differ(0, 1), differ(1, 2), differ(2, 3)};
  EXPECT_TRUE(indistinct_runs(ranks, apart).empty());
}

TEST(BradleyTerry, without_prior_is_the_maximum_likelihood) {
  const std::vector<double> strengths = bradley_terry({0, 7, 5, 3, 0, 6, 2, 4, 0}, 3, 0);  // choix 0.4
  EXPECT_NEAR(strengths[0], 0.60581718, 1e-7);
  EXPECT_NEAR(strengths[1], -0.14350859, 1e-7);
  EXPECT_NEAR(strengths[2], -0.46230858, 1e-7);
}

TEST(Elo, of_one_that_always_wins_is_finite_and_within_its_interval) {
  const ScoreTable table{.contestants = 2, .scores = {2, 1, 2, 1, 2, 1, 2, 1}};
  const std::vector<Strength> strengths = elo_strengths(table, kKey);
  EXPECT_GT(strengths[0].elo, strengths[1].elo + 200);
  EXPECT_NEAR(strengths[0].elo + strengths[1].elo, 2000, 1e-6);
  EXPECT_LE(strengths[0].low, strengths[0].elo);
  EXPECT_GE(strengths[0].high, strengths[0].elo);
}

TEST(Profiles, count_tasks_within_a_factor) {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  const Profiles profiles = performance_profiles(std::vector<double>{1, 2, 4, 2, kNever, 1}, 2);
  EXPECT_DOUBLE_EQ(profiles.share(0, 1), 1.0 / 3);
  EXPECT_DOUBLE_EQ(profiles.share(1, 1), 2.0 / 3);
  EXPECT_DOUBLE_EQ(profiles.share(0, 2), 2.0 / 3);
  EXPECT_DOUBLE_EQ(profiles.share(1, 2), 1.0);
  const std::vector<double> scores = profiles.scores(4);
  EXPECT_DOUBLE_EQ(scores[0], (3.0 + 2.0 + 0.0) / 9);
  EXPECT_DOUBLE_EQ(scores[1], (2.0 + 3.0 + 3.0) / 9);
}

TEST(Profiles, of_a_task_that_nobody_solves_count_for_nobody) {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  const Profiles profiles = performance_profiles(std::vector<double>{kNever, kNever, 1, 3}, 2);
  EXPECT_DOUBLE_EQ(profiles.share(0, 100), 0.5);
  EXPECT_DOUBLE_EQ(profiles.share(1, 100), 0.5);
}

TEST(TimeToTarget, is_the_first_time_that_reaches_it) {
  const std::vector<double> times = {1, 2, 3, 4}, losses = {0.9, 0.5, 0.6, 0.4};
  EXPECT_EQ(time_to_target(times, losses, 0.55, false), 2);
  EXPECT_TRUE(std::isinf(time_to_target(times, losses, 0.3, false)));
  EXPECT_EQ(time_to_target(times, losses, 0.9, true), 1);
}

}  // namespace
}  // namespace astrolabe
