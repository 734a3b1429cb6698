// SPDX-License-Identifier: Apache-2.0
// The accountant that follows the whole distribution of the privacy loss: the tightest upper bound here.
//
//   const std::vector<Mechanism> uses = {{.noise_multiplier = 1.1, .sampling_rate = 256 / 60000.0, .times =
//   14063}}; const TotalLoss loss = total_loss(uses); loss.epsilon(1e-5);  // 2.38 loss.delta(1);       //
//   the other way round
//
// Of all pairs of neighbours (remove a row, add a row) the worse counts. Sources: loss_grid.h, loss_sum.h.
// Immutable; thread-safe.
#pragma once

#include <span>
#include <vector>

#include "astrolabe/privacy/loss_sum.h"

namespace astrolabe {

struct LossOptions {
  Neighbours neighbours = Neighbours::add_remove;
  Rounding rounding = Rounding::connect_dots;
  // Of the grid; 0: 1e-4, as published figures are made, finer where many uses would add up their rounding,
  // coarser where the losses are so large that the grid would not fit.
  double step = 0;
};

class TotalLoss {
 public:
  explicit TotalLoss(std::vector<LossSum> directions);

  [[nodiscard]] double delta(double epsilon) const;
  [[nodiscard]] double epsilon(double delta) const;
  // With all that rounding of numbers may have hidden: what a guarantee stands on. Infinite where delta is
  // not above it.
  [[nodiscard]] double guaranteed_epsilon(double delta) const;

 private:
  std::vector<LossSum> directions_;
};

// Throws usage_error for what is not sound (mechanism.h), nothing to account for, or Laplace noise under
// replace-one. About 20 to 50 ms where nothing is extreme.
[[nodiscard]] TotalLoss total_loss(std::span<const Mechanism> uses, const LossOptions& options = {});

}  // namespace astrolabe
