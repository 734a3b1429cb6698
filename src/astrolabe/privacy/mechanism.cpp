// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/mechanism.h"

#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

constexpr std::uint64_t kMostTimes = 1'000'000'000'000;

}  // namespace

void require_sound(const Mechanism& mechanism) {
  constexpr const char* kAttempted = "accounting for privacy";
  if (!(mechanism.noise_multiplier > 0) || !std::isfinite(mechanism.noise_multiplier))
    throw usage_error({.attempted = kAttempted,
                       .expected = "a noise multiplier (sigma) above 0",
                       .found = fmt::format("{}", mechanism.noise_multiplier),
                       .remedy = "Without noise there is no guarantee: give sigma, usually 0.5 to 5."});
  if (!(mechanism.sampling_rate > 0 && mechanism.sampling_rate <= 1))
    throw usage_error({.attempted = kAttempted,
                       .expected = "a sampling rate above 0 and at most 1",
                       .found = fmt::format("{}", mechanism.sampling_rate),
                       .remedy = "It is the batch divided by the rows: the batch cannot exceed the rows."});
  if (mechanism.times > kMostTimes)
    throw usage_error({.attempted = kAttempted,
                       .expected = "at most 10^12 steps",
                       .found = fmt::format("{}", mechanism.times),
                       .remedy = "Give fewer steps or passes over the rows."});
  if (mechanism.times == 0)
    throw usage_error({.attempted = kAttempted,
                       .expected = "at least one step",
                       .found = "none",
                       .remedy = "Give the number of steps or of passes over the rows."});
}

void require_delta(double delta) {
  if (delta > 0 && delta < 1) return;
  throw usage_error({.attempted = "accounting for privacy",
                     .expected = "a delta above 0 and below 1",
                     .found = fmt::format("{}", delta),
                     .remedy =
                         "Take it well below 1 / rows, such as 1e-5: it is the chance that the guarantee "
                         "of epsilon fails. At 0 Gaussian noise guarantees nothing, at 1 nothing is asked."});
}

}  // namespace astrolabe
