// SPDX-License-Identifier: Apache-2.0
// The loss of one row by its scores, its slope and its curvature: logistic, multinomial and Poisson.
//
//   const RowLoss loss(Family::multinomial, 3);
//   loss.value(y, scores);              // log sum exp(scores) - scores[y]
//   loss.slope(y, scores, slope);       // p - e_y
//   loss.curve(scores, direction, out); // (diag p - p p') direction
//
// Logistic: one score, y of 0 and 1. Poisson: one score, the logarithm of the rate; without the term that no
// score changes. Scores beyond +-30 count as that much in exponentials. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "astrolabe/learners/kernel/kernel_settings.h"

namespace astrolabe::kernel {

class RowLoss {
 public:
  RowLoss(Family family, std::size_t outputs) : family_(family), outputs_(outputs) {}

  [[nodiscard]] double value(double y, std::span<const double> scores) const;
  void slope(double y, std::span<const double> scores, std::span<double> out) const;
  void curve(std::span<const double> scores, std::span<const double> direction, std::span<double> out) const;

 private:
  Family family_;
  std::size_t outputs_;
};

// out[k] = exp(scores[k]) / sum of them: probabilities, whatever the size of the scores. May be in place.
void soften(std::span<const double> scores, std::span<double> out);

}  // namespace astrolabe::kernel
