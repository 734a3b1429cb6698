// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/guarantee.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/privacy/renyi.h"

namespace astrolabe {
namespace {

constexpr double kMostNoise = 1e5;
constexpr double kLeastNoise = 1e-3;
constexpr double kPrecision = 1e-7;
// Far above what rounding does to a sum of 72 bounds.
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

}  // namespace

double guaranteed_epsilon(std::span<const PrivateSteps> ledger, double delta) {
  require_delta(delta);
  if (ledger.empty()) return 0;
  const std::span<const double> orders = renyi_orders();
  std::vector<double> spent(orders.size());
  for (const PrivateSteps& steps : ledger) {
    const Mechanism mechanism{.noise_multiplier = steps.noise_multiplier,
                              .sampling_rate = steps.sampling_rate,
                              .times = std::max<std::uint64_t>(1, steps.steps)};
    require_sound(mechanism);
    if (steps.steps == 0) continue;
    add_renyi(mechanism, orders, spent);
  }
  return renyi_epsilon(orders, spent, delta).epsilon * kRounding;
}

double noise_multiplier_for(const PrivacyBudget& budget, double sampling_rate, std::uint64_t steps,
                            std::span<const PrivateSteps> already) {
  require_budget(budget, already);
  require_sound({.sampling_rate = sampling_rate, .times = steps});
  std::vector<PrivateSteps> ledger(already.begin(), already.end());
  ledger.push_back({.noise_multiplier = 1, .sampling_rate = sampling_rate, .steps = steps});
  const auto keeps = [&](double noise) {
    ledger.back().noise_multiplier = noise;
    return guaranteed_epsilon(ledger, budget.delta) <= budget.epsilon;
  };
  double high = 1;
  while (!keeps(high)) {
    if (high >= kMostNoise) throw too_small(budget, "that they need so much noise that nothing else is left");
    high = std::min(kMostNoise, high * 2);
  }
  double low = high / 2;
  while (low > kLeastNoise && keeps(low)) {
    high = low;
    low /= 2;
  }
  while (high > low * (1 + kPrecision)) {
    const double middle = std::sqrt(low * high);
    (keeps(middle) ? high : low) = middle;
  }
  return high;
}

}  // namespace astrolabe
