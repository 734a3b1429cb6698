// SPDX-License-Identifier: Apache-2.0
// Damped Gauss-Newton as an optimizer of small nets: a second opinion on a training that does not move. Where
// it gets far below what a first-order method reaches on the same rows, the problem is badly conditioned;
// where it stalls as well, the model cannot do better.
//
//   const GaussNewtonFit fit = fit_gauss_newton({.linearize = [&](std::span<const float> w) { ... },
//                                                .loss = [&](std::span<const float> w) { ... }}, start, 50);
//   fit.losses.back()
//
// Each step minimises the loss as a parabola of outputs that are straight in the weights, with a damping that
// falls where the loss does as foretold and rises where it does not (Levenberg 1944; Marquardt 1963; for
// losses other than squares: Schraudolph 2002). Solved in the space of rows, so that a step costs
// units^2 * parameters, not parameters^3. Deterministic; in f64, weights in f32.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace astrolabe {

// A unit is a row and one of its outputs.
struct Linearized {
  std::size_t units = 0, parameters = 0;
  std::vector<float> jacobian;  // [units, parameters]
  std::vector<double> slope;    // [units] of the loss in the output
  std::vector<double> bend;     // [units] second derivative, above 0
};

struct GaussNewtonProblem {
  std::function<Linearized(std::span<const float> w)> linearize;
  std::function<double(std::span<const float> w)> loss;
  std::function<bool()> should_stop = {};  // asked before each step; may be empty
};

struct GaussNewtonFit {
  std::vector<float> w;
  std::vector<double> losses;  // before the first step, then after each; never rising
};

// At most `steps` steps; fewer when no damping makes the loss fall, or when asked to stop.
[[nodiscard]] GaussNewtonFit fit_gauss_newton(const GaussNewtonProblem& problem, std::span<const float> start,
                                              std::size_t steps);

}  // namespace astrolabe
