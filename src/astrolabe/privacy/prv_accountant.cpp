// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/prv_accountant.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "astrolabe/base/error.h"
#include "astrolabe/base/thread_pool.h"
#include "astrolabe/privacy/loss_sum.h"

namespace astrolabe {
namespace {

constexpr double kMostPoints = 1 << 20;

struct Setup {
  double epsilon_error = 0, delta_error = 0;
  double log_term = 0;  // epsilon_error / mesh, by the theorem
};

// Of the grid's finite losses; all but kCutMass of the truth.
double mean_of(const LossGrid& grid) {
  double sum = 0;
  for (std::size_t i = 0; i < grid.mass.size(); ++i)
    sum += grid.mass[i] * static_cast<double>(grid.first + static_cast<std::int64_t>(i));
  return sum * grid.step;
}

using Pairs = std::vector<std::vector<std::unique_ptr<LossPair>>>;

// One direction, and how far off it may be.
struct Direct {
  LossSum sum;
  double epsilon_error = 0;
};

// On a mesh that gives the error that was asked for, or on a coarser one that fits.
Direct direct_sum(const Pairs& pairs, std::size_t direction, std::span<const Mechanism> uses,
                  const Setup& setup) {
  double reach = 0;
  std::vector<const LossPair*> chosen;
  for (const auto& of_use : pairs) {
    chosen.push_back(of_use[std::min(direction, of_use.size() - 1)].get());
    reach = std::max(reach, chosen.back()->highest() - chosen.back()->lowest());
  }
  RealTransform transform;
  const double cut = setup.delta_error / 100;
  double mesh = std::max(setup.epsilon_error / setup.log_term, reach / kMostPoints);
  for (;;) {
    std::vector<LossGrid> grids;
    std::vector<RepeatedLoss> losses;
    double offset = 0;
    for (std::size_t i = 0; i < uses.size(); ++i) {
      grids.push_back(discretise(*chosen[i], mesh, Rounding::nearest));
      offset += static_cast<double>(uses[i].times) * (chosen[i]->mean() - mean_of(grids.back()));
    }
    for (std::size_t i = 0; i < uses.size(); ++i)
      losses.push_back({.grid = &grids[i], .times = uses[i].times});
    const LossWindow window = window_of(losses, cut);
    const auto points = static_cast<double>(window.last - window.first);
    if (points <= 1.1 * kMostPoints)
      return {.sum = composed(losses, window, cut, offset, transform),
              .epsilon_error = std::max(setup.epsilon_error, mesh * setup.log_term)};
    mesh *= points / kMostPoints;
  }
}

std::vector<Direct> direct_sums(std::span<const Mechanism> uses, const PrvOptions& options,
                                double delta_error) {
  ASTROLABE_CHECK(!uses.empty(), "something is accounted for");
  Pairs pairs;
  double times = 0;
  std::size_t directions = 1;
  for (const Mechanism& use : uses) {
    pairs.push_back(loss_pairs(use, options.neighbours));
    times += static_cast<double>(use.times);
    directions = std::max(directions, pairs.back().size());
  }
  const Setup setup{.epsilon_error = options.epsilon_error,
                    .delta_error = delta_error,
                    .log_term = std::sqrt(times / 2 * std::log(12 / delta_error))};
  std::vector<std::optional<Direct>> found(directions);
  ThreadPool(directions).for_each(directions, [&](std::size_t i) {
    found[i] = direct_sum(pairs, i, uses, setup);
  });
  std::vector<Direct> sums;
  for (std::optional<Direct>& sum : found) sums.push_back(std::move(*sum));
  return sums;
}

}  // namespace

PrvBounds prv_epsilon(std::span<const Mechanism> uses, double delta, const PrvOptions& options) {
  require_delta(delta);
  const double error = options.delta_error > 0 ? options.delta_error : delta / 1000;
  PrvBounds worst;
  for (const Direct& direct : direct_sums(uses, options, error)) {
    const double doubt = error + direct.sum.rounding();
    worst.low = std::max(worst.low, direct.sum.epsilon(delta + doubt) - direct.epsilon_error);
    worst.estimate = std::max(worst.estimate, direct.sum.epsilon(delta));
    worst.high = std::max(worst.high, delta > doubt ? direct.sum.epsilon(delta - doubt) + direct.epsilon_error
                                                    : std::numeric_limits<double>::infinity());
  }
  return worst;
}

PrvBounds prv_delta(std::span<const Mechanism> uses, double epsilon, const PrvOptions& options) {
  ASTROLABE_CHECK(options.delta_error > 0, "an error of delta is asked for");
  PrvBounds worst;
  for (const Direct& direct : direct_sums(uses, options, options.delta_error)) {
    worst.low = std::max(worst.low, direct.sum.delta(epsilon + direct.epsilon_error) - options.delta_error);
    worst.estimate = std::max(worst.estimate, direct.sum.delta(epsilon));
    worst.high = std::max(worst.high, direct.sum.delta(epsilon - direct.epsilon_error) + options.delta_error);
  }
  return worst;
}

}  // namespace astrolabe
