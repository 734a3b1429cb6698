// SPDX-License-Identifier: Apache-2.0
// A Gaussian process over the points of a space: predicts what a point would cost from points whose cost is
// known, and says how sure it is.
//
//   GaussianProcess process(space);
//   for (...) process.add(point);
//   process.set_targets(costs);                                 // [points], any scale
//   const Estimate estimate = process.estimate(candidate);      // .mean, .variance
//
// The kernel is a product over dimensions of (1 + w c) / (1 + w): c is 1 where both options are equal and 0
// where they differ, 1 / (1 + (distance / length)^2) for numbers on their unit scale, 1 where a dimension
// exists in neither point and 0 where it exists in one. So every main effect and every interaction has its
// share, and conditional spaces need no special case. fit_weights() learns each w from the leave-one-out
// error. Not thread-safe. Cost: add O(n^2), set_targets O(n^2), estimate O(n d) for the mean and O(n^2) for
// the variance, fit_weights O(d n^3). Deterministic: no libm but sqrt.
// Source: Rasmussen and Williams, "Gaussian processes for machine learning", 2006, chapters 2 and 5;
// Duvenaud et al., "Additive Gaussian processes", NeurIPS 2011 (the kernel's expansion).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "astrolabe/search/space.h"

namespace astrolabe {

struct Estimate {
  double mean = 0;
  double variance = 0;  // of the function, in units of the targets' squared
};

class GaussianProcess {
 public:
  explicit GaussianProcess(const Space& space);

  [[nodiscard]] std::size_t size() const { return count_; }
  void add(const Point& point);
  // Keeps the points at these positions, in this order.
  void keep(std::span<const std::size_t> positions);
  void set_targets(std::span<const double> targets);
  // Weights and noise by coordinate descent on the leave-one-out error of at most `limit` of the newest
  // points.
  void fit_weights(std::size_t limit);

  [[nodiscard]] double mean(const Point& point) const;
  [[nodiscard]] Estimate estimate(const Point& point) const;
  // How much of the prior's variance dimension `d` explains, by its weight: for people.
  [[nodiscard]] std::span<const double> weights() const { return weights_; }

 private:
  [[nodiscard]] std::vector<double> encoded(const Point& point) const;
  [[nodiscard]] double kernel(const double* a, const double* b) const;
  void note_weights();
  void append_row(std::size_t row);
  void refactor();
  void solve();
  [[nodiscard]] double leave_one_out_error(std::size_t first);
  bool try_change(double& parameter, double factor, std::size_t first, double& best);

  Space space_;
  std::vector<char> is_choice_;  // [dimensions]
  std::vector<double> weights_;  // [dimensions]
  std::vector<double> unlike_;   // [dimensions] 1 / (1 + weight)
  double noise_ = 0.01;          // variance of the noise over that of the function
  std::size_t count_ = 0;
  std::vector<double> codes_;    // [points, dimensions]: an option's index, a number on its unit scale, NaN
  std::vector<double> factor_;   // rows of the Cholesky factor one after another, row i of i + 1 numbers
  std::vector<double> targets_;  // [points] standardised
  std::vector<double> solved_;   // [points] (K + noise)^-1 targets
  double centre_ = 0, scale_ = 1;
};

}  // namespace astrolabe
