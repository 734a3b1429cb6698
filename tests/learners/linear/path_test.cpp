// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/linear/path.h"

#include <cmath>
#include <numeric>

#include "tests/learners/linear/sample.h"
#include <gtest/gtest.h>

namespace astrolabe::linear {
namespace {

// What one solver call needs, around some data.
struct Workbench {
  explicit Workbench(const TrainingData& data)
      : weights(data.labels.rows(), 1.0 / static_cast<double>(data.labels.rows())),
        design(data.features, weights),
        zero(data.features.features(), 0.0),
        all(data.features.features()) {
    std::iota(all.begin(), all.end(), 0U);
  }
  [[nodiscard]] Quadratic quadratic(const TrainingData& data, Penalty penalty) const {
    return {.weights = weights,
            .residual = data.labels.values,
            .coefficients = zero,
            .penalty = penalty,
            .eligible = all,
            .tolerance = 1e-16};
  }

  std::vector<double> weights;
  Design design;
  std::vector<double> zero;
  std::vector<std::uint32_t> all;
};

TEST(QuadraticSolvers, agree) {
  const TrainingData data = make_sample({}, 5);
  const Workbench bench(data);
  ThreadPool pool(2);
  for (const double l1_ratio : {0.0, 0.4, 1.0}) {
    const Quadratic quadratic = bench.quadratic(data, {.strength = 0.05, .l1_ratio = l1_ratio});
    const Step gram = make_gram_solver(bench.design, pool)->solve(quadratic, Budget());
    const Step descent = make_descent_solver(bench.design)->solve(quadratic, Budget());
    EXPECT_NEAR(gram.intercept, descent.intercept, 1e-6);
    for (std::size_t j = 0; j < gram.coefficients.size(); ++j)
      EXPECT_NEAR(gram.coefficients[j], descent.coefficients[j], 1e-6) << l1_ratio << " " << j;
  }
}

TEST(QuadraticSolvers, give_the_same_bits_on_any_number_of_threads) {
  const TrainingData data = make_sample({.rows = 1000}, 5);
  const Workbench bench(data);
  ThreadPool one(1), seven(7);
  const Quadratic quadratic = bench.quadratic(data, {.strength = 0.01});
  EXPECT_EQ(make_gram_solver(bench.design, one)->solve(quadratic, Budget()).coefficients,
            make_gram_solver(bench.design, seven)->solve(quadratic, Budget()).coefficients);
}

TEST(Path, penalties_fall_evenly_in_the_logarithm) {
  const std::vector<double> penalties = path_penalties(8, 4, 1e-3);
  ASSERT_EQ(penalties.size(), 4u);
  EXPECT_DOUBLE_EQ(penalties[0], 8);
  EXPECT_NEAR(penalties[1], 0.8, 1e-12);
  EXPECT_NEAR(penalties[3], 0.008, 1e-12);
}

struct LassoWalk {
  explicit LassoWalk(TrainingData sample)
      : data(std::move(sample)),
        weights(data.labels.rows(), 1.0),
        design(data.features, weights),
        response(make_response(Family::gaussian, data.labels, weights)),
        pool(1),
        path({.design = design,
              .response = response,
              .weights = weights,
              .l1_ratio = 1,
              .pool = pool,
              .budget = budget}) {}

  TrainingData data;
  std::vector<double> weights;
  Design design;
  Response response;
  ThreadPool pool;
  Budget budget;
  Path path;
};

std::size_t nonzeros(const Path& path) {
  std::size_t count = 0;
  for (const double b : path.coefficients().slopes[0]) count += b != 0 ? 1 : 0;
  return count;
}

TEST(Path, of_a_lasso_starts_where_the_first_feature_enters) {
  LassoWalk walk(make_sample({}, 6));
  const double largest = walk.path.largest_penalty();
  ASSERT_TRUE(walk.path.move_to(1.0001 * largest));
  EXPECT_EQ(nonzeros(walk.path), 0u);
  ASSERT_TRUE(walk.path.move_to(0.98 * largest));
  EXPECT_EQ(nonzeros(walk.path), 1u);
}

// The conditions of an optimum: what is in pulls exactly as hard as the penalty, what is out no harder.
TEST(Path, with_strong_rules_ends_at_an_optimum) {
  LassoWalk walk(make_sample({.rows = 80, .dense = 10, .sparse = 600}, 7));
  const auto penalties = path_penalties(walk.path.largest_penalty(), 8, 0.1);
  for (const double penalty : penalties) {
    ASSERT_TRUE(walk.path.move_to(penalty, 1e-12));
    for (std::size_t feature = 0; feature < walk.design.features(); ++feature) {
      double pull = 0;
      walk.design.visit(feature, [&](std::size_t row, double x) {
        pull += (walk.response.values[row] - walk.path.scores()[0][row]) * x / 80;
      });
      const double b = walk.path.coefficients().slopes[0][feature];
      if (b == 0)
        EXPECT_LE(std::abs(pull), penalty * (1 + 1e-5));
      else
        EXPECT_NEAR(pull, std::copysign(penalty, b), 1e-5);
    }
  }
  EXPECT_GT(nonzeros(walk.path), 3u);
}

TEST(Path, explains_more_and_more) {
  LassoWalk walk(make_sample({}, 8));
  double before = -1;
  for (const double penalty : path_penalties(walk.path.largest_penalty(), 10, 1e-4)) {
    ASSERT_TRUE(walk.path.move_to(penalty));
    EXPECT_GE(walk.path.explained(), before - 1e-9);
    before = walk.path.explained();
  }
  EXPECT_GT(before, 0.5);
}

TEST(Selection, on_watched_rows_prefers_what_does_best_there) {
  const TrainingData train = make_sample({.rows = 60, .dense = 2, .sparse = 100}, 9);
  TrainingData watch = make_sample({.rows = 400, .dense = 2, .sparse = 100}, 10);
  const auto chosen = fit(train, {{"l1_ratio", 1.0}}, &watch);
  const double penalty = std::get<double>(chosen->settings_found().at("penalty"));
  const auto error_at = [&](double at) {
    const auto model = fit(train, {{"l1_ratio", 1.0}, {"penalty", at}});
    const auto found = predict(*model, watch.features);
    double error = 0;
    for (std::size_t row = 0; row < 400; ++row) error += std::pow(found[row] - watch.labels.values[row], 2);
    return error;
  };
  EXPECT_LT(error_at(penalty), error_at(10 * penalty));
  EXPECT_LT(error_at(penalty), error_at(penalty / 30));
}

TEST(Selection, without_watched_rows_holds_rows_out) {
  const TrainingData train = make_sample({.rows = 100, .dense = 2, .sparse = 100}, 11);
  const TrainingData test = make_sample({.rows = 1000, .dense = 2, .sparse = 100}, 12);
  const auto error_of = [&](const SettingValues& settings) {
    const auto found = predict(*fit(train, settings), test.features);
    double error = 0;
    for (std::size_t row = 0; row < 1000; ++row) error += std::pow(found[row] - test.labels.values[row], 2);
    return error;
  };
  const double chosen = error_of({});
  EXPECT_LT(chosen, error_of({{"penalty", 1e-4}}));
  EXPECT_LT(chosen, error_of({{"penalty", 100.0}}));
}

}  // namespace
}  // namespace astrolabe::linear
