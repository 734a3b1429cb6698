// SPDX-License-Identifier: Apache-2.0
// Two mixtures of Gaussians: the loss is inverted by Newton steps that a bracket holds.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "astrolabe/base/error.h"
#include "astrolabe/privacy/loss_pair.h"
#include "astrolabe/privacy/normal_tail.h"

namespace astrolabe {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kFarOut = 9.75;
constexpr double kMeanStep = 1.0 / 16;

struct LogDensity {
  double value = 0, slope = 0;  // against N(0, s^2); d/dx
};

LogDensity log_density(const GaussianMixture& mixture, double sigma, double x) {
  const double variance = sigma * sigma;
  double peak = -kInfinity;
  const auto exponent = [&](std::size_t i) {
    const double centre = mixture.centres[i];
    return std::log(mixture.chances[i]) + centre * (x - centre / 2) / variance;
  };
  for (std::size_t i = 0; i < mixture.centres.size(); ++i) peak = std::max(peak, exponent(i));
  double sum = 0, pull = 0;
  for (std::size_t i = 0; i < mixture.centres.size(); ++i) {
    const double weight = std::exp(exponent(i) - peak);
    sum += weight;
    pull += weight * mixture.centres[i];
  }
  return {.value = peak + std::log(sum), .slope = pull / sum / variance};
}

class MixturePair final : public LossPair {
 public:
  MixturePair(GaussianMixture first, GaussianMixture second, double sigma)
      : first_(std::move(first)), second_(std::move(second)), sigma_(sigma) {}

  [[nodiscard]] LossTails tails(double loss) const override {
    const double x = place_of(loss);
    return {.first = upper_tail(first_, x), .second = upper_tail(second_, x)};
  }
  [[nodiscard]] double lowest() const override {
    return loss_at(*std::min_element(first_.centres.begin(), first_.centres.end()) - kFarOut * sigma_).value;
  }
  [[nodiscard]] double highest() const override {
    return loss_at(*std::max_element(first_.centres.begin(), first_.centres.end()) + kFarOut * sigma_).value;
  }
  [[nodiscard]] double mean() const override {
    double sum = 0;
    const double scale = kMeanStep / std::sqrt(2 * std::numbers::pi);
    for (double z = -12; z <= 12; z += kMeanStep)
      for (std::size_t i = 0; i < first_.centres.size(); ++i)
        sum +=
            scale * std::exp(-z * z / 2) * first_.chances[i] * loss_at(first_.centres[i] + sigma_ * z).value;
    return sum;
  }

 private:
  [[nodiscard]] LogDensity loss_at(double x) const {
    const LogDensity above = log_density(first_, sigma_, x), below = log_density(second_, sigma_, x);
    return {.value = above.value - below.value, .slope = above.slope - below.slope};
  }

  [[nodiscard]] double upper_tail(const GaussianMixture& mixture, double x) const {
    double sum = 0;
    for (std::size_t i = 0; i < mixture.centres.size(); ++i)
      sum += mixture.chances[i] * std::erfc((x - mixture.centres[i]) / sigma_ / std::numbers::sqrt2) / 2;
    return sum;
  }

  // Where the loss is `loss`; the infinities where it is so nowhere.
  [[nodiscard]] double place_of(double loss) const {
    const double far = 40 * sigma_ + reach();
    double low = -far, high = far;
    if (loss_at(low).value >= loss) return -kInfinity;
    if (loss_at(high).value <= loss) return kInfinity;
    double x = 0;
    for (int i = 0; i < 200 && high - low > 1e-15 * far; ++i) {
      const LogDensity here = loss_at(x);
      (here.value > loss ? high : low) = x;
      double next = x - (here.value - loss) / here.slope;
      if (!(next > low && next < high)) next = (low + high) / 2;
      if (std::abs(next - x) < 1e-15 * far) break;
      x = next;
    }
    return x;
  }

  [[nodiscard]] double reach() const {
    double far = 0;
    for (const double centre : first_.centres) far = std::max(far, centre);
    for (const double centre : second_.centres) far = std::max(far, -centre);
    return far;
  }

  GaussianMixture first_, second_;
  double sigma_;
};

}  // namespace

std::unique_ptr<LossPair> mixture_pair(GaussianMixture first, GaussianMixture second, double sigma) {
  ASTROLABE_CHECK(sigma > 0, "noise has a deviation");
  ASTROLABE_CHECK(first.centres.size() == first.chances.size() && !first.centres.empty() &&
                      second.centres.size() == second.chances.size() && !second.centres.empty(),
                  "each centre has its chance");
  for (const double centre : first.centres) ASTROLABE_CHECK(centre >= 0, "P pulls up");
  for (const double centre : second.centres) ASTROLABE_CHECK(centre <= 0, "Q pulls down");
  return std::make_unique<MixturePair>(std::move(first), std::move(second), sigma);
}

}  // namespace astrolabe
