// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/loss_pair.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "astrolabe/base/error.h"
#include "astrolabe/privacy/laplace_pair.h"
#include "astrolabe/privacy/sampled_gaussian_pair.h"

namespace astrolabe {
namespace {

constexpr double kLeastMass = 1e-290;

}  // namespace

std::vector<std::unique_ptr<LossPair>> loss_pairs(const Mechanism& mechanism, Neighbours neighbours) {
  require_sound(mechanism);
  const double rate = mechanism.sampling_rate, noise = mechanism.noise_multiplier;
  std::vector<std::unique_ptr<LossPair>> pairs;
  if (neighbours == Neighbours::replace_one) {
    if (mechanism.noise == Noise::laplace)
      throw usage_error({.attempted = "accounting for Laplace noise",
                         .expected = "neighbours that have one row more or less",
                         .found = "replace-one",
                         .remedy = "Account for add-remove, or give the noise for twice the sensitivity."});
    if (rate == 1)
      pairs.push_back(mixture_pair({{1}, {1}}, {{-1}, {1}}, noise));
    else
      pairs.push_back(mixture_pair({{0, 1}, {1 - rate, rate}}, {{0, -1}, {1 - rate, rate}}, noise));
    return pairs;
  }
  for (const Direction direction : {Direction::remove, Direction::add}) {
    if (direction == Direction::add && rate == 1) break;  // the same by symmetry
    if (mechanism.noise == Noise::laplace)
      pairs.push_back(std::make_unique<LaplacePair>(noise, rate, direction));
    else
      pairs.push_back(std::make_unique<SampledGaussianPair>(noise, rate, direction));
  }
  return pairs;
}

std::vector<LossTails> LossPair::tails_along(double from, double step, std::size_t count) const {
  std::vector<LossTails> all(count);
  for (std::size_t i = 0; i < count; ++i) all[i] = tails(from + static_cast<double>(i) * step);
  return all;
}

double lifted(double mass, double loss) {
  return mass < kLeastMass ? 0 : std::exp(loss + std::log(mass));
}

double hockey_stick(const LossPair& pair, double epsilon) {
  const LossTails tails = pair.tails(epsilon);
  return std::max(0.0, tails.first - lifted(tails.second, epsilon));
}

}  // namespace astrolabe
