// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/loss_accountant.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "astrolabe/base/error.h"
#include "astrolabe/base/thread_pool.h"

namespace astrolabe {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kPublishedStep = 1e-4;
// Connecting dots adds up to step^2 / 8 to the mean loss of a use: together not more than this.
constexpr double kMostDrift = 3e-5;
// ... and of a step too coarse for what one use loses, noise in the losses themselves: this share of their
// deviation.
constexpr double kFinest = 0.06;
constexpr double kMostPoints = 1 << 19;
constexpr double kCut = 1e-15;

// pairs[use][direction]; one of a symmetric use stands for both directions.
using Pairs = std::vector<std::vector<std::unique_ptr<LossPair>>>;

double first_step(const Pairs& pairs, std::span<const Mechanism> uses) {
  double times = 0, reach = 0, variance = 0;
  for (std::size_t i = 0; i < uses.size(); ++i) {
    times += static_cast<double>(uses[i].times);
    // The variance of a small loss is twice its mean.
    variance += static_cast<double>(uses[i].times) * 2 * pairs[i][0]->mean();
    for (const auto& pair : pairs[i]) reach = std::max(reach, pair->highest() - pair->lowest());
  }
  const double step = std::min({kPublishedStep, std::sqrt(8 * kMostDrift / times),
                                kFinest * std::sqrt(std::max(0.0, variance) / times)});
  return std::max(step, reach / (kMostPoints / 2));
}

std::vector<LossGrid> grids_of(const Pairs& pairs, std::size_t direction, double step, Rounding rounding) {
  std::vector<LossGrid> grids;
  for (const auto& of_use : pairs)
    grids.push_back(discretise(*of_use[std::min(direction, of_use.size() - 1)], step, rounding));
  return grids;
}

std::vector<RepeatedLoss> repeated(const std::vector<LossGrid>& grids, std::span<const Mechanism> uses) {
  std::vector<RepeatedLoss> losses;
  for (std::size_t i = 0; i < uses.size(); ++i) losses.push_back({.grid = &grids[i], .times = uses[i].times});
  return losses;
}

// On a coarser grid where the one asked for would not fit, unless the caller named it.
LossSum direct_sum(const Pairs& pairs, std::size_t direction, std::span<const Mechanism> uses,
                   const LossOptions& options, double step) {
  RealTransform transform;
  std::vector<LossGrid> grids = grids_of(pairs, direction, step, options.rounding);
  LossWindow window = window_of(repeated(grids, uses), kCut);
  const auto points = static_cast<double>(window.last - window.first);
  if (options.step == 0 && points > 2 * kMostPoints) {
    grids = grids_of(pairs, direction, step * points / kMostPoints, options.rounding);
    window = window_of(repeated(grids, uses), kCut);
  }
  return composed(repeated(grids, uses), window, kCut, 0, transform);
}

}  // namespace

TotalLoss::TotalLoss(std::vector<LossSum> directions) : directions_(std::move(directions)) {}

double TotalLoss::delta(double epsilon) const {
  double worst = 0;
  for (const LossSum& sum : directions_) worst = std::max(worst, sum.delta(epsilon));
  return worst;
}

double TotalLoss::epsilon(double delta) const {
  double worst = 0;
  for (const LossSum& sum : directions_) worst = std::max(worst, sum.epsilon(delta));
  return worst;
}

double TotalLoss::guaranteed_epsilon(double delta) const {
  double worst = 0;
  for (const LossSum& sum : directions_)
    worst = std::max(worst, delta > sum.rounding() ? sum.epsilon(delta - sum.rounding()) : kInfinity);
  return worst;
}

TotalLoss total_loss(std::span<const Mechanism> uses, const LossOptions& options) {
  Pairs pairs;
  std::size_t directions = 1;
  for (const Mechanism& use : uses) {
    pairs.push_back(loss_pairs(use, options.neighbours));
    directions = std::max(directions, pairs.back().size());
  }
  ASTROLABE_CHECK(!uses.empty(), "something is accounted for");
  const double step = options.step > 0 ? options.step : first_step(pairs, uses);
  std::vector<std::optional<LossSum>> found(directions);
  ThreadPool(directions).for_each(directions, [&](std::size_t direction) {
    found[direction] = direct_sum(pairs, direction, uses, options, step);
  });
  std::vector<LossSum> sums;
  for (std::optional<LossSum>& sum : found) sums.push_back(std::move(*sum));
  return TotalLoss(std::move(sums));
}

}  // namespace astrolabe
