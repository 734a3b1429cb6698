// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/calibrate.h"

#include <algorithm>
#include <cmath>

namespace astrolabe {
namespace {

constexpr double kLeastNoise = 1e-4;
constexpr double kPrecision = 1e-7;
constexpr int kMostPositions = 40;

struct End {
  double log_noise = 0;
  double excess = 0;  // log(epsilon / target): positive where the noise is too small
};

}  // namespace

std::optional<double> least_noise(const std::function<double(double)>& epsilon_of, double target,
                                  double guess) {
  const auto end_at = [&](double log_noise) {
    const double epsilon = epsilon_of(std::exp(log_noise));
    return End{.log_noise = log_noise, .excess = std::log(std::max(epsilon, 1e-300) / target)};
  };
  const double least = std::log(kLeastNoise), most = std::log(kMostNoise);
  End high = end_at(std::clamp(std::log(guess), least, most));  // keeps the target, in the end
  End low = high;                                               // does not
  double stride = 0.1;
  while (high.excess > 0) {
    if (high.log_noise >= most) return std::nullopt;
    low = high;
    high = end_at(std::min(most, high.log_noise + stride));
    stride *= 2;
  }
  while (low.excess <= 0) {
    if (low.log_noise <= least) return kLeastNoise;
    high = low;
    low = end_at(std::max(least, low.log_noise - stride));
    stride *= 2;
  }
  double low_weight = low.excess, high_weight = high.excess;
  for (int i = 0; high.log_noise - low.log_noise > kPrecision; ++i) {
    double at = (low.log_noise + high.log_noise) / 2;
    if (i < kMostPositions && std::isfinite(low_weight) && high_weight < low_weight) {
      at = low.log_noise + (high.log_noise - low.log_noise) * low_weight / (low_weight - high_weight);
      // Not so near to an end that the bracket would hardly shrink from the other side.
      const double margin = kPrecision / 3;
      at = std::clamp(at + margin, low.log_noise + margin, high.log_noise - margin);
    }
    const End middle = end_at(at);
    if (middle.excess > 0) {
      low = middle;
      low_weight = middle.excess;
      high_weight /= 2;
    } else {
      high = middle;
      high_weight = middle.excess;
      low_weight /= 2;
    }
  }
  return std::exp(high.log_noise);
}

}  // namespace astrolabe
