// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/calibrate.h"

#include <algorithm>
#include <cmath>

namespace astrolabe {
namespace {

constexpr double kLeastNoise = 1e-4;
constexpr double kPrecision = 2e-8;
constexpr int kMostSecants = 20;

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
  // Secants of the last two points, each aimed a hair beyond the root, so that the bracket closes from both
  // sides.
  End last = high, before = low;
  for (int i = 0; high.log_noise - low.log_noise > kPrecision; ++i) {
    const double slope = (last.excess - before.excess) / (last.log_noise - before.log_noise);
    const double hair = kPrecision / 3 * (last.excess > 0 ? 1 : -1);
    double at = last.log_noise - last.excess / slope + hair;
    if (i >= kMostSecants || !(at > low.log_noise && at < high.log_noise))
      at = (low.log_noise + high.log_noise) / 2;
    before = last;
    last = end_at(at);
    (last.excess > 0 ? low : high) = last;
  }
  return std::exp(high.log_noise);
}

}  // namespace astrolabe
