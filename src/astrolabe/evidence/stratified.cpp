// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evidence/stratified.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "astrolabe/stats/distribution.h"

namespace astrolabe {
namespace {

struct Moments {
  double mean = 0;
  double variance = 0;  // of one difference
};

Moments moments_of(std::span<const double> values) {
  Moments moments;
  const auto count = static_cast<double>(values.size());
  for (const double value : values) moments.mean += value / count;
  for (const double value : values)
    moments.variance += (value - moments.mean) * (value - moments.mean) / (count - 1);
  return moments;
}

double mean_of(std::span<const Stratum> strata) {
  double mean = 0;
  for (const Stratum& stratum : strata)
    for (const double value : stratum.differences)
      mean += value / static_cast<double>(stratum.differences.size() * strata.size());
  return mean;
}

}  // namespace

StratifiedEffect mean_over_strata(std::span<const Stratum> strata, double confidence) {
  const auto count = static_cast<double>(strata.size());
  const bool is_thin = std::ranges::any_of(strata, [](const Stratum& s) { return s.differences.size() < 2; });
  const double nan = std::numeric_limits<double>::quiet_NaN();
  if (strata.empty()) return {.estimate = Estimate::undefined(nan), .p_value = nan};
  if (is_thin) return {.estimate = Estimate::undefined(mean_of(strata)), .p_value = nan};
  double mean = 0, variance = 0, spread = 0;
  for (const Stratum& stratum : strata) {
    const Moments moments = moments_of(stratum.differences);
    const auto seeds = static_cast<double>(stratum.differences.size());
    const double own = moments.variance * (1 / seeds + stratum.test_to_train) / (count * count);
    mean += moments.mean / count;
    variance += own;
    spread += own * own / (seeds - 1);
  }
  if (variance <= 0)
    return {.estimate = {.value = mean, .low = mean, .high = mean, .method = "nothing varies"},
            .p_value = mean == 0 ? 1.0 : 0.0};
  StratifiedEffect effect{.estimate = {}, .p_value = 0, .degrees_of_freedom = variance * variance / spread};
  const double error = std::sqrt(variance);
  const double reach = error * student_t_quantile(0.5 + confidence / 2, effect.degrees_of_freedom);
  effect.estimate = {.value = mean, .low = mean - reach, .high = mean + reach, .method = "Student t"};
  effect.p_value = student_t_two_sided_p(mean / error, effect.degrees_of_freedom);
  return effect;
}

}  // namespace astrolabe
