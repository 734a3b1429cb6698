// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "astrolabe/train/divergence.h"
#include "astrolabe/train/fit_net.h"

namespace astrolabe {
namespace {

// 10^(-4 + 2i/3), so that every third is a power of a hundred.
constexpr std::array<double, 7> kRates{1e-4, 4.6415888336127788e-4, 2.1544346900318843e-3,
                                       1e-2, 4.6415888336127788e-2, 2.1544346900318843e-1,
                                       1};

// Mean loss of the second half of the steps; infinite when it diverged on the way.
double run_race(Trainer& trainer, std::size_t steps, const Budget& budget) {
  const std::size_t counted = steps - steps / 2;
  double total = 0;
  DivergenceWatch watch;
  for (std::size_t i = 0; i < steps; ++i) {
    if (budget.should_stop()) return std::numeric_limits<double>::infinity();
    const auto loss = static_cast<double>(trainer.step());
    if (watch.is_divergent(loss)) return std::numeric_limits<double>::infinity();
    if (i + counted >= steps) total += loss;
  }
  return total / static_cast<double>(counted);
}

}  // namespace

std::span<const double> raced_rates() {
  return kRates;
}

double race_rates(Trainer& trainer, std::span<const float> start, std::size_t steps, const Budget& budget) {
  double winner = 0;
  double best = std::numeric_limits<double>::infinity();
  for (const double rate : kRates) {
    trainer.start(start);
    trainer.set_learning_rate(rate);
    const double loss = run_race(trainer, steps, budget);
    if (!(loss < best) || !all_finite(trainer.w())) continue;
    best = loss;
    winner = rate;
  }
  return winner;
}

}  // namespace astrolabe
