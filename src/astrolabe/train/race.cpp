// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "astrolabe/train/divergence.h"
#include "astrolabe/train/fit_net.h"

namespace astrolabe {
namespace {

// 10^(-4 + 2i/3), so that every third is a power of a hundred.
constexpr std::array<double, 7> kRates{1e-4, 4.6415888336127788e-4, 2.1544346900318843e-3,
                                       1e-2, 4.6415888336127788e-2, 2.1544346900318843e-1,
                                       1};

constexpr double kNoHope = std::numeric_limits<double>::infinity();

// A rate on its way. The trainer trains one after the other: for so few steps that is cheaper than a routine
// for all of them at once (Ensemble), whose nests would have to be compiled beside those of the training.
struct Runner {
  double rate = 0;
  TrainingState state;
  DivergenceWatch watch;
  double loss = 0;  // mean of the second half of its last stretch; kNoHope when it diverged
};

void run_stretch(Trainer& trainer, Runner& runner, std::size_t steps, const Budget& budget) {
  trainer.restore(runner.state);
  trainer.set_learning_rate(runner.rate);
  const std::size_t counted = steps - steps / 2;
  double total = 0;
  runner.loss = kNoHope;
  for (std::size_t i = 0; i < steps; ++i) {
    if (budget.should_stop()) return;
    const auto loss = static_cast<double>(trainer.step());
    if (runner.watch.is_divergent(loss)) return;
    if (i + counted >= steps) total += loss;
  }
  if (!all_finite(trainer.w())) return;
  runner.state = trainer.state();
  runner.loss = total / static_cast<double>(counted);
}

// The better half, slower ones first among equals.
void halve(std::vector<Runner>& runners) {
  std::ranges::stable_sort(runners, {}, &Runner::loss);
  runners.resize((runners.size() + 1) / 2);
  std::ranges::sort(runners, {}, &Runner::rate);
}

}  // namespace

std::span<const double> raced_rates() {
  return kRates;
}

double race_rates(Trainer& trainer, std::span<const float> start, std::size_t steps, const Budget& budget) {
  trainer.start(start);
  std::vector<Runner> runners;
  for (const double rate : kRates) runners.push_back({.rate = rate, .state = trainer.state(), .watch = {}});
  std::size_t done = 0;
  // One halving. On 240 races of 40 steps it kept the winner of 232; a halving at a quarter too, only of 200.
  for (const std::size_t end : {steps / 2, steps}) {
    if (end == done) continue;
    if (done > 0) halve(runners);
    for (Runner& runner : runners)
      if (runner.loss != kNoHope) run_stretch(trainer, runner, end - done, budget);
    done = end;
  }
  const auto winner = std::ranges::min_element(runners, {}, &Runner::loss);
  return winner->loss == kNoHope ? 0 : winner->rate;
}

}  // namespace astrolabe
