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
double total_loss(const Objective& objective, const Labels& labels, const std::vector<double>& scores,
                  ThreadPool& pool) {
  std::vector<double> predictions(scores.size());
  apply_link(objective.loss, labels.rows(), scores, predictions, pool);
  const double weight = labels.weights.empty()
                            ? static_cast<double>(labels.rows())
                            : std::accumulate(labels.weights.begin(), labels.weights.end(), 0.0);
  return mean_loss(objective, labels, predictions, pool) * weight * (objective == Loss::squared ? 0.5 : 1.0);
}

struct LossCase {
  Objective objective;
  Labels labels;
  const char* name;
};

std::vector<LossCase> loss_cases() {
  return {{Loss::squared, labels_of(TaskKind::regression, 0, {1.5, -2, 0.25}, {1, 2, 0.5}), "squared"},
          {Loss::logistic, labels_of(TaskKind::binary, 2, {0, 1, 1}, {1, 3, 0.5}), "logistic"},
          {Loss::softmax, labels_of(TaskKind::multiclass, 3, {0, 2, 1}, {1, 1, 2}), "softmax"},
          {Loss::poisson, labels_of(TaskKind::regression, 0, {0, 3, 1}, {2, 1, 1}), "poisson"},
          {Loss::gamma, labels_of(TaskKind::regression, 0, {0.5, 3, 1}, {2, 1, 1}), "gamma"},
          {{Loss::tweedie, 1.5}, labels_of(TaskKind::regression, 0, {0, 3, 1}, {2, 1, 1}), "tweedie"},
          {{Loss::tweedie, 1.2}, labels_of(TaskKind::regression, 0, {0, 30, 1}, {2, 1, 1}), "tweedie(1.2)"}};
}

TEST(Loss, gradient_is_the_slope_of_the_loss) {
  ThreadPool pool(1);
  for (const auto& [objective, labels, name] : loss_cases()) {
    const std::size_t rows = labels.rows();
    std::vector<double> scores;
    for (std::size_t i = 0; i < rows * labels.outputs(); ++i)
      scores.push_back(0.3 * static_cast<double>(i) - 0.7);
    std::vector<double> predictions(scores.size());
    apply_link(objective.loss, rows, scores, predictions, pool);
    for (std::size_t output = 0; output < labels.outputs(); ++output) {
      std::vector<GradientPair> pairs(rows);
      const auto own = std::span<const double>(predictions).subspan(output * rows, rows);
      find_gradients(objective, labels, output, own, pairs, pool);
      for (std::size_t row = 0; row < rows; ++row) {
        const double step = 1e-5;
        std::vector<double> up = scores, down = scores;
        up[output * rows + row] += step;
        down[output * rows + row] -= step;
        const double slope =
            (total_loss(objective, labels, up, pool) - total_loss(objective, labels, down, pool)) /
            (2 * step);
        EXPECT_NEAR(pairs[row].gradient, slope, 1e-8) << name;
        EXPECT_GT(pairs[row].hessian, 0);
      }
    }
  }
}

TEST(Loss, hessian_is_the_curvature_times_the_documented_factor) {
  ThreadPool pool(1);
  for (const auto& [objective, labels, name] : loss_cases()) {
    const std::size_t rows = labels.rows();
    const std::vector<double> scores(rows * labels.outputs(), 0.4);
    const auto gradient_at = [&](double shift) {
      std::vector<double> moved = scores, predictions(scores.size());
      moved[0] += shift;
      apply_link(objective.loss, rows, moved, predictions, pool);
      std::vector<GradientPair> pairs(rows);
      find_gradients(objective, labels, 0, std::span<const double>(predictions).first(rows), pairs, pool);
      return pairs[0];
    };
    const double curvature = (gradient_at(1e-5).gradient - gradient_at(-1e-5).gradient) / 2e-5;
    const bool is_half_sum = objective == Loss::gamma || objective == Objective(Loss::tweedie, 1.2);
    if (is_half_sum) continue;  // see the next test
    const double factor = objective == Loss::softmax ? 1.5 : objective == Loss::poisson ? std::exp(0.7) : 1.0;
    EXPECT_NEAR(gradient_at(0).hessian, factor * curvature, 1e-8) << name;
  }
}

// Of gamma and tweedie, one step from any constant goes the right way, and never beyond the best one.
TEST(Loss, a_step_of_a_leaf_of_amounts_never_overshoots) {
  ThreadPool pool(1);
  const Labels labels = labels_of(TaskKind::regression, 0, {0.5, 3, 1}, {2, 1, 1});
  for (const Objective& objective : {Objective(Loss::gamma), Objective(Loss::tweedie, 1.1),
                                     Objective(Loss::tweedie), Objective(Loss::tweedie, 1.9)}) {
    const double best = initial_scores(objective.loss, labels)[0];
    for (const double away : {-9.0, -2.0, -0.1, 0.1, 2.0, 9.0}) {
      std::vector<double> predictions(3, best + away);
      apply_link(objective.loss, 3, predictions, predictions, pool);
      std::vector<GradientPair> pairs(3);
      find_gradients(objective, labels, 0, predictions, pairs, pool);
      double gradient = 0, hessian = 0;
      for (const GradientPair& pair : pairs) {
        gradient += pair.gradient;
        hessian += pair.hessian;
      }
      const double step = -gradient / hessian;
      EXPECT_LT(step * away, 0) << "towards the best";
      EXPECT_LE(std::abs(step), std::abs(away)) << "and not beyond";
    }
  }
}

TEST(Loss, of_amounts_is_zero_where_the_prediction_is_right) {
  ThreadPool pool(1);
  const Labels labels = labels_of(TaskKind::regression, 0, {0.5, 3, 1});
  for (const Objective& objective : {Objective(Loss::gamma), Objective(Loss::tweedie, 1.3)}) {
    EXPECT_NEAR(mean_loss(objective, labels, labels.values, pool), 0, 1e-12);
    EXPECT_GT(mean_loss(objective, labels, std::vector<double>{0.6, 3, 1}, pool), 1e-3);
    EXPECT_GT(mean_loss(objective, labels, std::vector<double>{0.4, 3, 1}, pool), 1e-3);
  }
}

TEST(Loss, initial_scores_leave_no_gradient) {
  ThreadPool pool(1);
  for (const auto& [objective, labels, name] : loss_cases()) {
    const std::vector<double> initial = initial_scores(objective.loss, labels);
    std::vector<double> scores;
    for (const double score : initial) scores.insert(scores.end(), labels.rows(), score);
    apply_link(objective.loss, labels.rows(), scores, scores, pool);
    for (std::size_t output = 0; output < labels.outputs(); ++output) {
      std::vector<GradientPair> pairs(labels.rows());
      const auto own = std::span<const double>(scores).subspan(output * labels.rows(), labels.rows());
      find_gradients(objective, labels, output, own, pairs, pool);
      double sum = 0;
      for (const GradientPair& pair : pairs) sum += pair.gradient;
      EXPECT_NEAR(sum, 0, 1e-12) << name;
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

TEST(Loss, is_native_by_name_and_tweedie_has_a_power) {
  const Labels labels = labels_of(TaskKind::regression, 0, {1});
  EXPECT_EQ(choose_loss("gamma", labels), Loss::gamma);
  EXPECT_EQ(choose_loss("tweedie", labels), Objective(Loss::tweedie, 1.5));
  EXPECT_EQ(choose_loss("tweedie(1.7)", labels), Objective(Loss::tweedie, 1.7));
  EXPECT_EQ(choose_loss("tweedie( power = 1.2 )", labels), Objective(Loss::tweedie, 1.2));
  for (const std::string_view text :
       {"huber(1)", "tweedie+0", "tweedie(q=1.2)", "tweedier", "y*exp(-z)+z", ""})
    EXPECT_FALSE(is_native_loss(text)) << text;
}

std::string complaint_of(std::string_view setting, const Labels& labels, ErrorKind kind) {
  try {
    (void)choose_loss(setting, labels);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind);
    return error.what();
  }
  return "";
}

TEST(LossErrors, gamma_refuses_zeros_and_tweedie_negative_targets) {
  EXPECT_EQ(
      complaint_of("gamma", labels_of(TaskKind::regression, 0, {1, 0, 2, 0}), ErrorKind::bad_input),
      "fitting trees with the loss \"gamma\": expected amounts: targets above 0, found 2 of 4 rows with "
      "others, such as 0. Use the loss \"tweedie\", which takes zeros, or drop these rows.");
  EXPECT_EQ(
      complaint_of("tweedie", labels_of(TaskKind::regression, 0, {1, -0.5}), ErrorKind::bad_input),
      "fitting trees with the loss \"tweedie\": expected counts or amounts: targets of 0 or more, found 1 "
      "of 2 rows with others, such as -0.5. Use the loss \"squared\", or drop the rows with negative "
      "targets.");
}

TEST(LossErrors, a_power_of_tweedie_lies_between_poisson_and_gamma) {
  const Labels labels = labels_of(TaskKind::regression, 0, {1});
  EXPECT_EQ(
      complaint_of("tweedie(2)", labels, ErrorKind::usage),
      "fitting trees with the loss \"tweedie(2)\": expected a power above 1 and below 2, found 2. A power "
      "of 1 is the loss \"poisson\", one of 2 the loss \"gamma\".");
  EXPECT_NE(complaint_of("tweedie(1)", labels, ErrorKind::usage), "");
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
