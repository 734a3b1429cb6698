// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/bound.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "astrolabe/privacy/gaussian_dp.h"
#include "astrolabe/privacy/loss_accountant.h"
#include "astrolabe/privacy/renyi.h"

namespace astrolabe {
namespace {

// Far above what rounding does to sums and roots here.
constexpr double kRounding = 1 + 1e-9;

}  // namespace

std::optional<double> exact_mu(std::span<const Mechanism> uses, Neighbours neighbours) {
  double squares = 0;
  for (const Mechanism& use : uses) {
    if (use.noise != Noise::gaussian || use.sampling_rate < 1) return std::nullopt;
    squares += static_cast<double>(use.times) / (use.noise_multiplier * use.noise_multiplier);
  }
  // Replacing a row moves the sum by up to twice what leaving it out does.
  return std::sqrt(squares) * (neighbours == Neighbours::replace_one ? 2 : 1);
}

RenyiEpsilon renyi_bound(std::span<const Mechanism> uses, double delta, Neighbours neighbours,
                         std::span<const double> orders, RenyiTerms terms) {
  std::vector<double> spent(orders.size());
  for (Mechanism use : uses) {
    if (neighbours == Neighbours::replace_one) {
      if (use.sampling_rate < 1) return {.epsilon = std::numeric_limits<double>::infinity()};
      use.noise_multiplier /= 2;
    }
    add_renyi(use, orders, spent, terms);
  }
  return renyi_epsilon(orders, spent, delta);
}

double bounded_epsilon(std::span<const Mechanism> uses, double delta, Neighbours neighbours) {
  require_delta(delta);
  for (const Mechanism& use : uses) require_sound(use);
  if (uses.empty()) return 0;
  if (const std::optional<double> mu = exact_mu(uses, neighbours))
    return gaussian_epsilon(*mu, delta) * kRounding;
  const double by_loss = total_loss(uses, {.neighbours = neighbours}).guaranteed_epsilon(delta);
  return std::min(by_loss, renyi_bound(uses, delta, neighbours, renyi_orders()).epsilon) * kRounding;
}

}  // namespace astrolabe
