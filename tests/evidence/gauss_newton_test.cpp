// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evidence/gauss_newton.h"

#include <cmath>

#include <gtest/gtest.h>

namespace astrolabe {
namespace {

// f_i(w) = sum_j a_ij w_j with curvatures 1 and 1e-8: half the mean squared distance to a target.
TEST(GaussNewton, of_a_straight_problem_is_there_in_a_few_steps_whatever_the_conditioning) {
  const float scale[2] = {1, 1e-4F};
  const float target[2] = {3, 2e-4F};
  GaussNewtonProblem problem;
  problem.linearize = [&](std::span<const float> w) {
    Linearized at{
        .units = 2, .parameters = 2, .jacobian = {scale[0], 0, 0, scale[1]}, .slope = {}, .bend = {1, 1}};
    for (int i = 0; i < 2; ++i) at.slope.push_back(static_cast<double>(scale[i] * w[i] - target[i]));
    return at;
  };
  problem.loss = [&](std::span<const float> w) {
    double sum = 0;
    for (int i = 0; i < 2; ++i) sum += 0.5 * std::pow(static_cast<double>(scale[i] * w[i] - target[i]), 2);
    return sum;
  };
  const float start[2] = {0, 0};
  const GaussNewtonFit fit = fit_gauss_newton(problem, start, 40);
  EXPECT_LT(fit.losses.back(), 1e-12);
  EXPECT_NEAR(fit.w[1], 2, 1e-2);
  for (std::size_t i = 1; i < fit.losses.size(); ++i) EXPECT_LT(fit.losses[i], fit.losses[i - 1]);
}

// Rosenbrock's valley as two residuals.
TEST(GaussNewton, follows_a_bent_valley) {
  GaussNewtonProblem problem;
  problem.loss = [](std::span<const float> w) {
    const double a = 1 - static_cast<double>(w[0]);
    const double b = 10 * (static_cast<double>(w[1]) - static_cast<double>(w[0]) * static_cast<double>(w[0]));
    return 0.5 * (a * a + b * b);
  };
  problem.linearize = [](std::span<const float> w) {
    return Linearized{.units = 2,
                      .parameters = 2,
                      .jacobian = {-1, 0, -20 * w[0], 10},
                      .slope = {1 - static_cast<double>(w[0]), 10 * static_cast<double>(w[1] - w[0] * w[0])},
                      .bend = {1, 1}};
  };
  const float start[2] = {-1.2F, 1};
  const GaussNewtonFit fit = fit_gauss_newton(problem, start, 60);
  EXPECT_LT(fit.losses.back(), 1e-9);
}

TEST(GaussNewton, stops_where_nothing_moves_anything) {
  GaussNewtonProblem problem;
  problem.loss = [](std::span<const float>) { return 1.0; };
  problem.linearize = [](std::span<const float>) {
    return Linearized{.units = 1, .parameters = 1, .jacobian = {0}, .slope = {1}, .bend = {1}};
  };
  const float start[1] = {5};
  EXPECT_EQ(fit_gauss_newton(problem, start, 10).losses.size(), 1U);
}

}  // namespace
}  // namespace astrolabe
