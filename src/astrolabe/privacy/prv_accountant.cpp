// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/prv_accountant.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "astrolabe/base/error.h"
#include "astrolabe/privacy/loss_sum.h"

namespace astrolabe {
namespace {

constexpr double kMostPoints = 1 << 20;

struct Setup {
  double epsilon_error = 0, delta_error = 0;
  double log_term = 0;  // epsilon_error / mesh
};

// Of the grid's finite losses; all but kCutMass of the truth.
double mean_of(const LossGrid& grid) {
  double sum = 0;
  for (std::size_t i = 0; i < grid.mass.size(); ++i)
    sum += grid.mass[i] * static_cast<double>(grid.first + static_cast<std::int64_t>(i));
  return sum * grid.step;
}

// One direction on a mesh that gives `epsilon_error`, or on a coarser one that fits; says which.
LossSum sum_of(std::span<const std::unique_ptr<LossPair>* const> pairs, std::span<const Mechanism> uses,
               Setup& setup, RealTransform& transform) {
  double reach = 0;
  for (const auto* pair : pairs) reach = std::max(reach, (*pair)->highest() - (*pair)->lowest());
  double mesh = std::max(setup.epsilon_error / setup.log_term, reach / kMostPoints);
  const double cut = setup.delta_error / 100;
  for (;;) {
    std::vector<LossGrid> grids;
    std::vector<RepeatedLoss> losses;
    double offset = 0;
    for (std::size_t i = 0; i < uses.size(); ++i) {
      grids.push_back(discretise(**pairs[i], mesh, Rounding::nearest));
      offset += static_cast<double>(uses[i].times) * ((*pairs[i])->mean() - mean_of(grids.back()));
    }
    for (std::size_t i = 0; i < uses.size(); ++i)
      losses.push_back({.grid = &grids[i], .times = uses[i].times});
    const LossWindow window = window_of(losses, cut);
    const double points = static_cast<double>(window.last - window.first);
    if (points <= 1.1 * kMostPoints) {
      setup.epsilon_error = std::max(setup.epsilon_error, mesh * setup.log_term);
      return composed(losses, window, cut, offset, transform);
    }
    mesh *= points / kMostPoints;
  }
}

}  // namespace

PrvEpsilon prv_epsilon(std::span<const Mechanism> uses, double delta, const PrvOptions& options) {
  require_delta(delta);
  ASTROLABE_CHECK(!uses.empty(), "something is accounted for");
  std::vector<std::vector<std::unique_ptr<LossPair>>> pairs;
  double times = 0;
  std::size_t directions = 1;
  for (const Mechanism& use : uses) {
    pairs.push_back(loss_pairs(use, options.neighbours));
    times += static_cast<double>(use.times);
    directions = std::max(directions, pairs.back().size());
  }
  Setup setup{.epsilon_error = options.epsilon_error,
              .delta_error = options.delta_error > 0 ? options.delta_error : delta / 1000};
  setup.log_term = std::sqrt(times / 2 * std::log(12 / setup.delta_error));
  RealTransform transform;
  PrvEpsilon worst;
  for (std::size_t direction = 0; direction < directions; ++direction) {
    std::vector<const std::unique_ptr<LossPair>*> chosen;
    for (const auto& of_use : pairs) chosen.push_back(&of_use[std::min(direction, of_use.size() - 1)]);
    Setup used = setup;
    const LossSum sum = sum_of(chosen, uses, used, transform);
    worst.low = std::max(worst.low, sum.epsilon(delta + used.delta_error) - used.epsilon_error);
    worst.estimate = std::max(worst.estimate, sum.epsilon(delta));
    worst.high = std::max(worst.high, sum.epsilon(delta - used.delta_error) + used.epsilon_error);
  }
  return worst;
}

}  // namespace astrolabe
