// SPDX-License-Identifier: Apache-2.0
// What is chosen, what is called a tie, and when a mean wins: with candidates whose predictions the test
// decides.
#include "astrolabe/workflow/selection.h"

#include <cmath>
#include <numeric>

#include "tests/workflow/fixed_learner.h"
#include <gtest/gtest.h>

#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/workflow/out_of_fold.h"

namespace astrolabe::testing {
namespace {

// A regression whose candidates are truth plus a noise that they share plus their own noise.
struct Contest {
  Table table;
  Labels labels;
  Task task{.kind = TaskKind::regression, .target = "y", .classes = {}, .metric = "rmse"};
  std::vector<std::unique_ptr<FixedLearner>> learners;
  std::vector<Candidate> candidates;
};

Contest make_contest(const std::vector<double>& noises, std::size_t rows, Key key, double shared = 0) {
  Contest contest;
  contest.candidates.push_back({.learner = learners()[0], .settings = {}, .name = "baseline"});
  RandomStream random(key);
  for (std::size_t row = 0; row < rows; ++row) contest.labels.values.push_back(random.normal());
  std::vector<double> common = contest.labels.values;
  for (double& value : common) value += shared * random.normal();
  std::vector<Column> columns;
  for (std::size_t i = 0; i < noises.size(); ++i) {
    Column column;
    column.name = "c" + std::to_string(i);
    for (const double value : common) column.numbers.push_back(value + noises[i] * random.normal());
    contest.learners.push_back(std::make_unique<FixedLearner>(column.name));
    contest.candidates.push_back(
        {.learner = contest.learners.back().get(), .settings = {}, .name = column.name});
    columns.push_back(std::move(column));
  }
  contest.table = Table(std::move(columns));
  return contest;
}

std::vector<Fold> folds_of(const Contest& contest) {
  std::vector<RowIndex> rows(contest.table.rows());
  std::iota(rows.begin(), rows.end(), RowIndex{0});
  return make_folds(contest.table, rows, {}, {}, 4, Key::from_seed(9));
}

Selection select(const Contest& contest, std::span<const Fold> folds) {
  ThreadPool pool(1);
  const Budget budget;
  std::vector<CrossValidation> tried;
  for (const Candidate& candidate : contest.candidates)
    tried.push_back(cross_validate(candidate, {.table = contest.table,
                                               .labels = contest.labels,
                                               .task = contest.task,
                                               .folds = folds,
                                               .key = Key::from_seed(1),
                                               .pool = pool,
                                               .budget = budget}));
  return select_system(std::move(tried), contest.labels, contest.task);
}

double score_of(const Contest& contest, const Selection& selection) {
  return score_rows(*find_metric("rmse"), selection.rows, selection.out_of_fold, contest.labels);
}

TEST(Selection, takes_the_mean_of_candidates_that_err_apart) {
  const Contest contest = make_contest({0.5, 0.5}, 400, Key::from_seed(1));
  const std::vector<Fold> folds = folds_of(contest);
  const Selection selection = select(contest, folds);
  EXPECT_EQ(selection.chosen.size(), 2U);
  EXPECT_TRUE(selection.system == "mean of c0 and c1" || selection.system == "mean of c1 and c0");
  EXPECT_LT(score_of(contest, selection), 0.45);
}

TEST(Selection, takes_the_best_alone_when_its_company_is_poor) {
  const Contest contest = make_contest({0.1, 2, 3}, 400, Key::from_seed(1));
  const std::vector<Fold> folds = folds_of(contest);
  EXPECT_EQ(select(contest, folds).system, "c0");
}

TEST(Selection, never_takes_a_mean_that_is_worse_out_of_fold_than_a_candidate) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    RandomStream random(Key::from_seed(seed).split("noises"));
    std::vector<double> noises(1 + random.below(6));
    for (double& noise : noises) noise = 0.05 + random.uniform();
    const Contest contest = make_contest(noises, 60, Key::from_seed(seed));
    const std::vector<Fold> folds = folds_of(contest);
    const Selection selection = select(contest, folds);
    ASSERT_EQ(selection.weights.size(), selection.chosen.size());
    EXPECT_NEAR(std::accumulate(selection.weights.begin(), selection.weights.end(), 0.0), 1, 1e-12);
    for (const CrossValidation& tried : selection.tried) {
      EXPECT_LE(score_of(contest, selection),
                score_rows(*find_metric("rmse"), tried.rows, tried.out_of_fold, contest.labels))
          << selection.system << " against " << tried.candidate.name << ", seed " << seed;
    }
  }
}

TEST(Selection, ships_every_fold_of_every_chosen_candidate_with_a_share_of_its_weight) {
  const Contest contest = make_contest({0.5, 0.5}, 400, Key::from_seed(1));
  const std::vector<Fold> folds = folds_of(contest);
  const Selection selection = select(contest, folds);
  const std::vector<Member> members = members_of(selection);
  ASSERT_EQ(members.size(), 8U);
  for (std::size_t i = 0; i < members.size(); ++i)
    EXPECT_DOUBLE_EQ(members[i].weight, selection.weights[i / 4] / 4);
}

TEST(Selection, gives_the_better_of_two_the_greater_weight) {
  const Contest contest = make_contest({0.4, 0.8}, 600, Key::from_seed(1));
  const std::vector<Fold> folds = folds_of(contest);
  const Selection selection = select(contest, folds);
  ASSERT_EQ(selection.chosen.size(), 2U);
  const std::size_t better = contest.candidates[selection.chosen[0]].name == "c0" ? 0 : 1;
  // What is best of two that err apart: the inverse of their variances, 0.8 and 0.2.
  EXPECT_NEAR(selection.weights[better], 0.8, 0.1);
}

TEST(Selection, is_calibrated_where_its_fits_are_too_shy) {
  RandomStream random(Key::from_seed(4));
  Labels labels{.kind = TaskKind::binary, .classes = 2, .values = {}, .weights = {}};
  Selection selection;
  for (RowIndex row = 0; row < 2'000; ++row) {
    const double p = random.uniform();
    labels.values.push_back(random.uniform() < p ? 1.0 : 0.0);
    selection.rows.push_back(row);
    selection.out_of_fold.push_back(0.25 + p / 2);
  }
  const Task task{.kind = TaskKind::binary, .target = "y", .classes = {"n", "y"}, .metric = "log_loss"};
  const ChosenCalibration chosen =
      choose_calibration(selection, labels, task, Predictor::mean_of_fits, Key::from_seed(1));
  EXPECT_GT(chosen.calibration.power, 1.5);
  EXPECT_LT(chosen.log_loss_after, chosen.log_loss_before);
}

TEST(Leaderboard, begins_with_the_choice_and_falls_from_there) {
  const Contest contest = make_contest({0.3, 9, 5}, 300, Key::from_seed(2));
  const std::vector<Fold> folds = folds_of(contest);
  const Selection selection = select(contest, folds);
  const std::vector<LeaderboardRow> rows =
      make_leaderboard(selection, contest.labels, contest.task, folds.size(), Key::from_seed(1));
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[0].system, "c0");
  EXPECT_TRUE(rows[0].is_best);
  EXPECT_FALSE(rows[0].is_tie);
  EXPECT_FALSE(rows[0].to_best);
  for (std::size_t i = 1; i < rows.size(); ++i) {
    EXPECT_LE(rows[i - 1].validation.value, rows[i].validation.value);
    EXPECT_FALSE(rows[i].is_best);
    ASSERT_TRUE(rows[i].to_best);
    EXPECT_GT(rows[i].to_best->effect.value, 0) << "an RMSE above the best one's";
  }
}

TEST(Leaderboard, calls_a_clear_difference_no_tie) {
  const Contest contest = make_contest({0.3, 5}, 300, Key::from_seed(2));
  const std::vector<Fold> folds = folds_of(contest);
  const std::vector<LeaderboardRow> rows =
      make_leaderboard(select(contest, folds), contest.labels, contest.task, folds.size(), Key::from_seed(1));
  for (const LeaderboardRow& row : rows) EXPECT_FALSE(row.is_tie) << row.system;
}

TEST(Leaderboard, ties_are_what_holm_leaves_standing_at_five_percent) {
  // Noises so close that some differences are significant alone and not among their peers.
  std::size_t ties = 0, only_by_holm = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Contest contest = make_contest({0.05, 0.1, 0.15, 0.2, 0.25, 0.3}, 150, Key::from_seed(seed), 0.5);
    const std::vector<Fold> folds = folds_of(contest);
    const std::vector<LeaderboardRow> rows = make_leaderboard(select(contest, folds), contest.labels,
                                                              contest.task, folds.size(), Key::from_seed(1));
    std::vector<double> p_values;
    for (std::size_t i = 1; i < rows.size(); ++i) p_values.push_back(rows[i].to_best->p_value);
    const std::vector<double> adjusted = holm_adjust(p_values);
    for (std::size_t i = 1; i < rows.size(); ++i) {
      EXPECT_EQ(rows[i].is_tie, adjusted[i - 1] > 0.05) << rows[i].system << ", seed " << seed;
      ties += rows[i].is_tie ? 1 : 0;
      only_by_holm += rows[i].is_tie && p_values[i - 1] <= 0.05 ? 1 : 0;
    }
  }
  EXPECT_GT(ties, 0U);
  EXPECT_GT(only_by_holm, 0U);
}

}  // namespace
}  // namespace astrolabe::testing
