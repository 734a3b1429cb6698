// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/guarantee.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/privacy/calibrate.h"
#include "astrolabe/privacy/gaussian_dp.h"
#include "astrolabe/privacy/loss_accountant.h"
#include "astrolabe/privacy/renyi.h"

namespace astrolabe {
namespace {

// Far above what rounding does to sums and roots here.
constexpr double kRounding = 1 + 1e-9;

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

double renyi_bound(std::span<const Mechanism> uses, double delta) {
  const std::span<const double> orders = classic_renyi_orders();
  std::vector<double> spent(orders.size());
  for (const Mechanism& use : uses) add_renyi(use, orders, spent);
  return renyi_epsilon(orders, spent, delta).epsilon;
}

// Of steps that see every row; exact.
double whole_bound(std::span<const Mechanism> uses, double delta) {
  double squares = 0;
  for (const Mechanism& use : uses)
    squares += static_cast<double>(use.times) / (use.noise_multiplier * use.noise_multiplier);
  return gaussian_epsilon(std::sqrt(squares), delta);
}

}  // namespace

double guaranteed_epsilon(std::span<const PrivateSteps> ledger, double delta) {
  require_delta(delta);
  const std::vector<Mechanism> uses = uses_of(ledger);
  if (uses.empty()) return 0;
  const bool is_whole =
      std::all_of(uses.begin(), uses.end(), [](const Mechanism& use) { return use.sampling_rate == 1; });
  if (is_whole) return whole_bound(uses, delta) * kRounding;
  // Each bounds the truth; the first is the tighter one wherever its numbers suffice.
  return std::min(total_loss(uses).guaranteed_epsilon(delta), renyi_bound(uses, delta)) * kRounding;
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
    return renyi_bound(uses_of(ledger), budget.delta);
  };
  const double guess = least_noise(cheap, budget.epsilon).value_or(kMostNoise);
  const std::optional<double> noise = least_noise(epsilon_of, budget.epsilon, guess * 0.97);
  if (!noise) throw too_small(budget, "that they need so much noise that nothing else is left");
  return *noise;
}

}  // namespace astrolabe
