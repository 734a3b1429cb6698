// SPDX-License-Identifier: Apache-2.0
// The pair of the Gaussian mechanism on a Poisson sample: N(0, s^2) with a chance `rate` of N(1, s^2),
// against N(0, s^2), or the other way round. Loss and its inverse in closed form.
//
//   const SampledGaussianPair removed(1.1, 0.01, Direction::remove);
//   removed.tails(1).first;  // the chance that the loss exceeds 1
#pragma once

#include "astrolabe/privacy/loss_pair.h"

namespace astrolabe {

enum class Direction {
  remove,  // P has the row
  add,     // Q has it
};

class SampledGaussianPair final : public LossPair {
 public:
  SampledGaussianPair(double sigma, double rate, Direction direction);
  [[nodiscard]] LossTails tails(double loss) const override;
  [[nodiscard]] std::vector<LossTails> tails_along(double from, double step,
                                                   std::size_t count) const override;
  [[nodiscard]] double lowest() const override;
  [[nodiscard]] double highest() const override;
  [[nodiscard]] double mean() const override;

 private:
  // log(mixture / N(0, s^2)) at x, and where it is `loss` (-infinity where it is above everywhere).
  [[nodiscard]] double ratio_at(double x) const;
  [[nodiscard]] double place_of(double loss) const;

  double sigma_, rate_;
  Direction direction_;
};

}  // namespace astrolabe
