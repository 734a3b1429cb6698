// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/paired_times.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "astrolabe/base/error.h"
#include "astrolabe/base/processor_clock.h"

namespace astrolabe {
namespace {

constexpr double kBurst = 300e-6;  // seconds; the clock itself costs less than one
constexpr std::size_t kMostCalls = 100'000;

}  // namespace

double processor_seconds(const std::function<void()>& body, std::size_t calls) {
  if (calls > 1) body();
  const double start = thread_processor_seconds();
  for (std::size_t i = 0; i < calls; ++i) body();
  return std::max(thread_processor_seconds() - start, 1e-9) / static_cast<double>(calls);
}

std::size_t calls_of_burst(double seconds_of_a_call) {
  const double calls = std::ceil(kBurst / std::max(seconds_of_a_call, 1e-9));
  return std::clamp<std::size_t>(static_cast<std::size_t>(calls), 1, kMostCalls);
}

PairedTimes compare_times(const Stopwatch& before, const Stopwatch& after, std::size_t rounds) {
  std::vector<double> befores, afters, ratios;
  for (std::size_t round = 0; round < rounds; ++round) {
    const bool is_turned = round % 2 == 1;
    const double first = is_turned ? after() : before();
    const double second = is_turned ? before() : after();
    befores.push_back(is_turned ? second : first);
    afters.push_back(is_turned ? first : second);
    ratios.push_back(befores.back() / afters.back());
  }
  return {.before = median_with_interval(befores).value,
          .after = median_with_interval(afters).value,
          .gain = median_with_interval(ratios)};
}

Estimate median_with_interval(std::span<const double> values) {
  ASTROLABE_CHECK(!values.empty(), "a median of something");
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  const std::size_t count = sorted.size();
  const double middle = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
  // Values below the low end are so many that a fair coin throws fewer heads in 2.5 % of all series.
  const double half = static_cast<double>(count) / 2 - 0.98 * std::sqrt(static_cast<double>(count));
  const std::size_t low = half < 1 ? 0 : static_cast<std::size_t>(half) - 1;
  return {.value = middle, .low = sorted[low], .high = sorted[count - 1 - low], .method = "sign test"};
}

}  // namespace astrolabe
