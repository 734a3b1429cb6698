// SPDX-License-Identifier: Apache-2.0
// The training loop: epochs until the watched rows stop getting better, the best weights kept.
//
//   const FittedNet net = fit_net(trainer, &meter, {.epochs = 100, .patience = 20}, start, budget,
//                                 {.fraction = show, .epoch = [](std::size_t epoch, double loss) { ... }});
//   net.w               // after epoch net.best_epoch
//   net.cut_short       // the budget ended it
//   net.diverged        // it left the finite numbers, or ended far worse than it began, never having been
//                       // better on the watched rows; the best weights before that are kept
//
// Schedules are defined over `epochs`; `stop_after` ends a training earlier without changing them, so that
// (epochs, stop_after) = (net.epochs, net.best_epoch) without watched rows gives the same weights again.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "astrolabe/base/budget.h"
#include "astrolabe/train/trainer.h"

namespace astrolabe {

struct FitPlan {
  std::size_t epochs = 100;
  std::size_t stop_after = 0;  // epochs; 0: all of them
  std::size_t patience = 20;   // epochs without a better loss on watched rows
  bool races = false;          // find the learning rate by a race
  double trusted_share =
      0.25;  // of the time left that the epochs may fill: other fits, of other folds say, wait
  // With a deadline: the horizon is counted in steps and found again on the way, from what steps really take,
  // so that this share is filled. Else whole epochs are, and the first steps decide.
  bool follows_clock = false;
  double reserved_steps = 0;  // of that share stay free, for answers say, if it follows the clock
};

struct EpochLosses {
  std::size_t epoch = 0;  // from 1
  double training = 0;    // mean over its batches
  std::optional<double> watched = {};
};

struct FittedNet {
  std::vector<float> w;
  std::vector<float> running;
  std::size_t epochs = 0;                 // that schedules are defined over
  std::size_t best_epoch = 0;             // after which w was so; 0: never better than at the start
  std::uint64_t steps = 0;                // all that were taken, a race apart
  double learning_rate = 0;               // that a race found; 0 without one
  double training_loss = 0;               // mean over the best epoch's batches
  std::optional<double> start_loss = {};  // of the watched rows, by the weights of the start
  std::optional<double> watched_loss;
  std::vector<EpochLosses> history = {};  // of all epochs that ended
  bool cut_short = false;
  bool diverged = false;
};

// Who wants to hear of a training; each may be empty.
struct FitListener {
  std::function<void(double)> fraction = {};  // 0..1, growing; every few steps
  std::function<void(std::size_t epoch, double loss)> epoch =
      {};  // that ended, from 1; loss of watched rows,
           // else the mean over the epoch's batches
};

// `watched` may be null. With a deadline the first steps are timed, and a horizon
// that cannot be reached is shortened, so that schedules end in time. One that follows the clock may end
// inside an epoch, which then counts as one; no settings repeat it. Throws usage_error when the loss of the
// first batch is not finite. Without a deadline the result follows from the trainer's own arguments.
[[nodiscard]] FittedNet fit_net(Trainer& trainer, LossMeter* watched, const FitPlan& plan,
                                std::span<const float> start, const Budget& budget,
                                const FitListener& listener);

// The learning rates of a race, slowest first: seven from 1e-4 to 1, evenly on a logarithmic scale.
[[nodiscard]] std::span<const double> raced_rates();

// The rates train from the same weights on the same batches. After half of the steps the worse half of the
// rates goes (successive halving: Karnin et al., ICML 2013), by mean loss lately; of the others the one with
// the least mean loss over the last quarter wins, the slower one of equals. 0: every rate diverged, or there
// was no time. Cost: 5.5 times `steps`. Leaves the trainer anywhere.
[[nodiscard]] double race_rates(Trainer& trainer, std::span<const float> start, std::size_t steps,
                                const Budget& budget);

}  // namespace astrolabe
