// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/learners/trees/exponential.h"
#include "astrolabe/learners/trees/fixed_point.h"
#include "astrolabe/learners/trees/loss.h"

namespace astrolabe::trees {
namespace {

TEST(Exponential, is_within_four_ulp_of_the_library) {
  for (double x = -700; x <= 700; x += 0.0371) {
    const double expected = std::exp(x);
    EXPECT_NEAR(exponential(x), expected, 4 * std::numeric_limits<double>::epsilon() * expected) << x;
  }
  EXPECT_EQ(exponential(0), 1.0);
  EXPECT_EQ(exponential(-1e9), exponential(-700));
  EXPECT_EQ(exponential(1e9), exponential(700));
}

TEST(Logarithm, is_within_four_ulp_of_the_library) {
  for (double x = 1e-300; x < 1e300; x *= 1.0917) {
    const double expected = std::log(x);
    EXPECT_NEAR(logarithm(x), expected, 4 * std::numeric_limits<double>::epsilon() * std::abs(expected)) << x;
  }
  for (double x = 0.5; x < 2; x += 0.00037) EXPECT_NEAR(logarithm(x), std::log(x), 5e-16) << x;
  EXPECT_EQ(logarithm(1), 0.0);
}

TEST(FixedPoint, rounds_to_the_documented_units) {
  ThreadPool pool(1);
  const std::vector<GradientPair> pairs = {{-0.75, 0.25}, {0.5, 0.125}, {1e-20, 1e-20}};
  const std::vector<std::uint32_t> rows = {0, 1, 2};
  std::vector<Cell> cells(3);
  const FixedPoint scale = to_fixed_point(pairs, rows, cells, pool);
  EXPECT_EQ(scale.row_bits, 2U);
  EXPECT_EQ(scale.gradient_unit, std::ldexp(1.0, -30));
  EXPECT_EQ(scale.gradient(cells[0]), -0.75);
  EXPECT_EQ(scale.hessian(cells[1]), 0.125);
  EXPECT_EQ(cells[2].gradient, 0);
  EXPECT_EQ(cells[2].hessian_and_rows >> scale.row_bits, 1) << "a positive hessian never vanishes";
  const Cell total = sum_cells(cells, rows, pool);
  EXPECT_EQ(scale.rows(total), 3U);
  EXPECT_EQ(scale.gradient(total), -0.25);
}

TEST(FixedPoint, of_the_most_rows_cannot_overflow) {
  // The largest sums of the header, from the largest values that to_fixed_point can write.
  const std::uint64_t rows = kMaxTreeRows;
  const int row_bits = 27;
  const int hessian_bits = std::min(24, 62 - 2 * row_bits);
  EXPECT_EQ(hessian_bits, 8);
  EXPECT_LT(rows * (1ULL << 30), 1ULL << 57);
  EXPECT_LE(rows * ((1ULL << (hessian_bits + row_bits)) + 1), (1ULL << 62) + (1ULL << 27));
  EXPECT_LT(rows, 1ULL << row_bits);
}

TEST(FixedPoint, of_no_gradient_is_all_zero) {
  ThreadPool pool(2);
  const std::vector<GradientPair> pairs(5);
  const std::vector<std::uint32_t> rows = {0, 1, 2, 3, 4};
  std::vector<Cell> cells(5);
  const FixedPoint scale = to_fixed_point(pairs, rows, cells, pool);
  const Cell total = sum_cells(cells, rows, pool);
  EXPECT_EQ(scale.gradient(total), 0);
  EXPECT_EQ(scale.hessian(total), 0);
  EXPECT_EQ(scale.rows(total), 5U);
}

Labels labels_of(TaskKind kind, std::size_t classes, std::vector<double> values,
                 std::vector<double> weights = {}) {
  return {.kind = kind, .classes = classes, .values = std::move(values), .weights = std::move(weights)};
}

// Loss of all rows as a function of the raw scores; the squared loss halved, so that its gradient is p - y.
double total_loss(Loss loss, const Labels& labels, const std::vector<double>& scores, ThreadPool& pool) {
  std::vector<double> predictions(scores.size());
  apply_link(loss, labels.rows(), scores, predictions, pool);
  const double weight = labels.weights.empty()
                            ? static_cast<double>(labels.rows())
                            : std::accumulate(labels.weights.begin(), labels.weights.end(), 0.0);
  return mean_loss(loss, labels, predictions, pool) * weight * (loss == Loss::squared ? 0.5 : 1.0);
}

struct LossCase {
  Loss loss;
  Labels labels;
};

std::vector<LossCase> loss_cases() {
  return {{Loss::squared, labels_of(TaskKind::regression, 0, {1.5, -2, 0.25}, {1, 2, 0.5})},
          {Loss::logistic, labels_of(TaskKind::binary, 2, {0, 1, 1}, {1, 3, 0.5})},
          {Loss::softmax, labels_of(TaskKind::multiclass, 3, {0, 2, 1}, {1, 1, 2})},
          {Loss::poisson, labels_of(TaskKind::regression, 0, {0, 3, 1}, {2, 1, 1})}};
}

TEST(Loss, gradient_is_the_slope_of_the_loss) {
  ThreadPool pool(1);
  for (const auto& [loss, labels] : loss_cases()) {
    const std::size_t rows = labels.rows();
    std::vector<double> scores;
    for (std::size_t i = 0; i < rows * labels.outputs(); ++i)
      scores.push_back(0.3 * static_cast<double>(i) - 0.7);
    std::vector<double> predictions(scores.size());
    apply_link(loss, rows, scores, predictions, pool);
    for (std::size_t output = 0; output < labels.outputs(); ++output) {
      std::vector<GradientPair> pairs(rows);
      const auto own = std::span<const double>(predictions).subspan(output * rows, rows);
      find_gradients(loss, labels, output, own, pairs, pool);
      for (std::size_t row = 0; row < rows; ++row) {
        const double step = 1e-5;
        std::vector<double> up = scores, down = scores;
        up[output * rows + row] += step;
        down[output * rows + row] -= step;
        const double slope =
            (total_loss(loss, labels, up, pool) - total_loss(loss, labels, down, pool)) / (2 * step);
        EXPECT_NEAR(pairs[row].gradient, slope, 1e-8) << static_cast<int>(loss);
        EXPECT_GT(pairs[row].hessian, 0);
      }
    }
  }
}

TEST(Loss, hessian_is_the_curvature_times_the_documented_factor) {
  ThreadPool pool(1);
  for (const auto& [loss, labels] : loss_cases()) {
    const std::size_t rows = labels.rows();
    const std::vector<double> scores(rows * labels.outputs(), 0.4);
    const auto gradient_at = [&](double shift) {
      std::vector<double> moved = scores, predictions(scores.size());
      moved[0] += shift;
      apply_link(loss, rows, moved, predictions, pool);
      std::vector<GradientPair> pairs(rows);
      find_gradients(loss, labels, 0, std::span<const double>(predictions).first(rows), pairs, pool);
      return pairs[0];
    };
    const double curvature = (gradient_at(1e-5).gradient - gradient_at(-1e-5).gradient) / 2e-5;
    const double factor = loss == Loss::softmax ? 1.5 : loss == Loss::poisson ? std::exp(0.7) : 1.0;
    EXPECT_NEAR(gradient_at(0).hessian, factor * curvature, 1e-8) << static_cast<int>(loss);
  }
}

TEST(Loss, initial_scores_leave_no_gradient) {
  ThreadPool pool(1);
  for (const auto& [loss, labels] : loss_cases()) {
    const std::vector<double> initial = initial_scores(loss, labels);
    std::vector<double> scores;
    for (const double score : initial) scores.insert(scores.end(), labels.rows(), score);
    apply_link(loss, labels.rows(), scores, scores, pool);
    for (std::size_t output = 0; output < labels.outputs(); ++output) {
      std::vector<GradientPair> pairs(labels.rows());
      const auto own = std::span<const double>(scores).subspan(output * labels.rows(), labels.rows());
      find_gradients(loss, labels, output, own, pairs, pool);
      double sum = 0;
      for (const GradientPair& pair : pairs) sum += pair.gradient;
      EXPECT_NEAR(sum, 0, 1e-12) << static_cast<int>(loss);
    }
  }
}

TEST(Loss, auto_follows_the_task) {
  EXPECT_EQ(choose_loss("auto", labels_of(TaskKind::regression, 0, {1})), Loss::squared);
  EXPECT_EQ(choose_loss("auto", labels_of(TaskKind::binary, 2, {1})), Loss::logistic);
  EXPECT_EQ(choose_loss("auto", labels_of(TaskKind::multiclass, 3, {1})), Loss::softmax);
  EXPECT_EQ(choose_loss("poisson", labels_of(TaskKind::regression, 0, {1})), Loss::poisson);
}

TEST(LossErrors, a_loss_for_another_kind_of_task_is_refused) {
  try {
    (void)choose_loss("logistic", labels_of(TaskKind::regression, 0, {1}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_NE(std::string(error.what()).find("the loss \"logistic\""), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("a regression task"), std::string::npos) << error.what();
  }
}

TEST(LossErrors, poisson_refuses_negative_targets) {
  try {
    (void)choose_loss("poisson", labels_of(TaskKind::regression, 0, {1, -3}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    EXPECT_NE(std::string(error.what()).find("-3"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace astrolabe::trees
