// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/guarantee.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/privacy/bound.h"
#include "astrolabe/privacy/calibrate.h"
#include "astrolabe/privacy/renyi.h"

namespace astrolabe {
namespace {

Error too_small(const PrivacyBudget& budget, const std::string& found) {
  return usage_error({.attempted = "finding the noise for a privacy budget",
                      .expected = fmt::format("steps that fit into epsilon {}", budget.epsilon),
                      .found = found,
                      .remedy = "Give a larger epsilon, fewer steps or smaller batches."});
}

void require_budget(const PrivacyBudget& budget, std::span<const PrivateSteps> already) {
  require_delta(budget.delta);
  if (!(budget.epsilon > 0) || !std::isfinite(budget.epsilon))
    throw usage_error({.attempted = "finding the noise for a privacy budget",
                       .expected = "an epsilon above 0",
                       .found = fmt::format("{}", budget.epsilon),
                       .remedy = "No step is free: give epsilon, usually 0.5 to 10."});
  const double spent = guaranteed_epsilon(already, budget.delta);
  if (spent >= budget.epsilon)
    throw too_small(budget, fmt::format("that earlier steps have spent {:.6g}", spent));
}

// Equal steps are one use; their order does not matter.
std::vector<Mechanism> uses_of(std::span<const PrivateSteps> ledger) {
  std::map<std::pair<double, double>, std::uint64_t> times;
  for (const PrivateSteps& steps : ledger) {
    require_sound({.noise_multiplier = steps.noise_multiplier, .sampling_rate = steps.sampling_rate});
    if (steps.steps > 0) times[{steps.noise_multiplier, steps.sampling_rate}] += steps.steps;
  }
  std::vector<Mechanism> uses;
  for (const auto& [kind, steps] : times) {
    uses.push_back({.noise_multiplier = kind.first, .sampling_rate = kind.second, .times = steps});
    require_sound(uses.back());
  }
  return uses;
}

}  // namespace

double guaranteed_epsilon(std::span<const PrivateSteps> ledger, double delta) {
  require_delta(delta);
  return bounded_epsilon(uses_of(ledger), delta);
}

double noise_multiplier_for(const PrivacyBudget& budget, double sampling_rate, std::uint64_t steps,
                            std::span<const PrivateSteps> already) {
  require_budget(budget, already);
  require_sound({.sampling_rate = sampling_rate, .times = steps});
  std::vector<PrivateSteps> ledger(already.begin(), already.end());
  ledger.push_back({.noise_multiplier = 1, .sampling_rate = sampling_rate, .steps = steps});
  const auto epsilon_of = [&](double noise) {
    ledger.back().noise_multiplier = noise;
    return guaranteed_epsilon(ledger, budget.delta);
  };
  // The cheap accountant says where to begin.
  const auto cheap = [&](double noise) {
    ledger.back().noise_multiplier = noise;
    return renyi_bound(uses_of(ledger), budget.delta, Neighbours::add_remove, classic_renyi_orders()).epsilon;
  };
  const double guess = least_noise(cheap, budget.epsilon).value_or(kMostNoise);
  const std::optional<double> noise = least_noise(epsilon_of, budget.epsilon, guess * 0.97);
  if (!noise) throw too_small(budget, "that they need so much noise that nothing else is left");
  return *noise;
}

}  // namespace astrolabe
