// SPDX-License-Identifier: Apache-2.0
// Ranges that are wide where the noise is, of one width where it is everywhere the same, and that hold as
// many new rows as they promise.
#include "astrolabe/workflow/prediction_spread.h"

#include <cmath>
#include <numeric>

#include "tests/workflow/fixed_learner.h"
#include <gtest/gtest.h>

#include "astrolabe/evaluate/residual_range.h"
#include "astrolabe/pipeline/catalog.h"

namespace astrolabe::testing {
namespace {

// A regression whose truth is the column `mean` plus noise of the size that the column `noise` tells.
struct Noisy {
  Table table;
  Labels labels;
  std::vector<Fold> folds;

  Noisy(std::size_t rows, bool is_even, std::uint64_t seed) {
    RandomStream random(Key::from_seed(seed));
    Column mean, noise;
    mean.name = "mean";
    noise.name = "noise";
    for (std::size_t row = 0; row < rows; ++row) {
      mean.numbers.push_back(10 * random.normal());
      noise.numbers.push_back(random.uniform() < 0.5 ? 0.1 : 1);
      const double size = is_even ? 0.5 : noise.numbers.back();
      labels.values.push_back(mean.numbers.back() + size * random.normal());
    }
    table = Table({mean, noise});
    std::vector<RowIndex> all(rows);
    std::iota(all.begin(), all.end(), RowIndex{0});
    folds = make_folds(table, all, {}, {}, 4, Key::from_seed(9));
  }
};

struct Fitted {
  Spread spread;
  std::vector<double> residuals;
};

Fitted fit(const Noisy& noisy) {
  const FixedLearner learner("mean");
  ThreadPool pool(1);
  const Budget budget;
  const auto progress = silent_progress();
  const Task task{.kind = TaskKind::regression, .target = "y", .classes = {}, .metric = "rmse"};
  std::vector<CrossValidation> tried;
  for (const Learner* system : {learners()[0], static_cast<const Learner*>(&learner)})
    tried.push_back(cross_validate({.learner = system, .settings = {}, .name = std::string(system->name())},
                                   {.table = noisy.table,
                                    .labels = noisy.labels,
                                    .task = task,
                                    .folds = noisy.folds,
                                    .key = Key::from_seed(1),
                                    .pool = pool,
                                    .budget = budget}));
  const Selection selection = select_system(std::move(tried), noisy.labels, task);
  return {.spread = fit_spread(selection, {.table = noisy.table,
                                           .labels = noisy.labels,
                                           .task = task,
                                           .folds = noisy.folds,
                                           .key = Key::from_seed(2),
                                           .pool = pool,
                                           .budget = budget,
                                           .progress = *progress}),
          .residuals = residuals_of(judge(selection.rows, selection.out_of_fold, noisy.labels))};
}

TEST(PredictionSpread, is_wide_where_the_noise_is) {
  const Noisy noisy(1'000, false, 1);
  const Fitted fitted = fit(noisy);
  ASSERT_EQ(fitted.spread.members.size(), 4U);
  double narrow = 0, wide = 0, narrow_rows = 0, wide_rows = 0;
  for (std::size_t row = 0; row < 1'000; ++row) {
    const bool is_wide = noisy.table.column(1).numbers[row] > 0.5;
    (is_wide ? wide : narrow) += fitted.spread.out_of_fold[row];
    (is_wide ? wide_rows : narrow_rows) += 1;
  }
  EXPECT_GT(wide / wide_rows, 5 * narrow / narrow_rows);
}

TEST(PredictionSpread, of_noise_that_is_the_same_everywhere_is_none) {
  std::size_t fitted = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed)
    fitted += fit(Noisy(600, true, seed)).spread.members.empty() ? 0 : 1;
  EXPECT_LE(fitted, 1U);
}

TEST(PredictionSpread, holds_as_many_new_rows_as_promised_in_each_half) {
  const Noisy noisy(2'000, false, 1), fresh(2'000, false, 2);
  const Fitted fitted = fit(noisy);
  const ResidualRange range = residual_range(in_units(fitted.residuals, fitted.spread.out_of_fold), 0.9);
  ThreadPool pool(1);
  ModelCard card;
  card.task = {.kind = TaskKind::regression, .target = "y", .classes = {}, .metric = "rmse"};
  const std::vector<double> spread =
      ShippedModel(card, fitted.spread.members, fitted.spread.members).spread(fresh.table, pool);
  double held[2] = {0, 0}, rows[2] = {0, 0};
  for (std::size_t row = 0; row < 2'000; ++row) {
    const std::size_t half = fresh.table.column(1).numbers[row] > 0.5 ? 1 : 0;
    const double residual = fresh.labels.values[row] - fresh.table.column(0).numbers[row];
    held[half] += residual >= range.low * spread[row] && residual <= range.high * spread[row] ? 1 : 0;
    rows[half] += 1;
  }
  // Three standard errors of a share of 1,000 rows are 0.028; the ends and the spread have errors of their
  // own.
  for (const std::size_t half : {0U, 1U}) EXPECT_NEAR(held[half] / rows[half], 0.9, 0.04) << half;
}

TEST(PredictionSpread, in_units_of_none_is_the_residual) {
  EXPECT_EQ(in_units(std::vector<double>{1, -2}, {}), (std::vector<double>{1, -2}));
  EXPECT_EQ(in_units(std::vector<double>{1, -2}, std::vector<double>{2, 4}),
            (std::vector<double>{0.5, -0.5}));
}

}  // namespace
}  // namespace astrolabe::testing
