// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/stats/profile.h"

#include <algorithm>
#include <cmath>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

}  // namespace

double Profiles::share(std::size_t contestant, double factor) const {
  const std::vector<double>& ratios = ratios_.at(contestant);
  if (ratios.empty()) return 0;
  const auto within = std::ranges::upper_bound(ratios, factor) - ratios.begin();
  return static_cast<double>(within) / static_cast<double>(ratios.size());
}

std::vector<double> Profiles::scores(double most) const {
  ASTROLABE_CHECK(most > 1, "a profile is integrated over factors above 1");
  std::vector<double> scores;
  for (const std::vector<double>& ratios : ratios_) {
    // The area below steps: a task that is reached at factor r counts from r to the end.
    double area = 0;
    for (const double ratio : ratios) area += std::max(0.0, most - ratio);
    scores.push_back(ratios.empty() ? 0 : area / ((most - 1) * static_cast<double>(ratios.size())));
  }
  return scores;
}

Profiles performance_profiles(std::span<const double> times, std::size_t contestants) {
  ASTROLABE_CHECK(contestants > 0 && times.size() % contestants == 0, "times are given for every contestant");
  std::vector<std::vector<double>> ratios(contestants);
  for (std::size_t begin = 0; begin < times.size(); begin += contestants) {
    const std::span<const double> task = times.subspan(begin, contestants);
    const double best = *std::ranges::min_element(task);
    ASTROLABE_CHECK(best > 0, "a time is above 0");
    for (std::size_t i = 0; i < contestants; ++i)
      ratios[i].push_back(std::isinf(task[i]) ? kNever : task[i] / best);
  }
  for (std::vector<double>& of_one : ratios) std::ranges::sort(of_one);
  return Profiles(std::move(ratios));
}

double time_to_target(std::span<const double> times, std::span<const double> scores, double target,
                      bool higher_is_better) {
  ASTROLABE_CHECK(times.size() == scores.size(), "a curve has a score at every time");
  for (std::size_t i = 0; i < times.size(); ++i)
    if (higher_is_better ? scores[i] >= target : scores[i] <= target) return times[i];
  return kNever;
}

}  // namespace astrolabe
