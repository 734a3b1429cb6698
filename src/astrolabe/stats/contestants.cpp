// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/stats/contestants.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "astrolabe/base/error.h"
#include "astrolabe/stats/average_ranks.h"
#include "astrolabe/stats/distribution.h"
#include "astrolabe/stats/interval.h"
#include "astrolabe/stats/signed_rank.h"

namespace astrolabe {
namespace {

// P(largest - smallest of k standard normals <= range): the integral over the smallest one, by Simpson's
// rule.
double range_cdf(double range, double contestants) {
  constexpr int kSteps = 400;  // even; the integrand is smooth and vanishes at both ends
  constexpr double kReach = 8.5;
  const double step = 2 * kReach / kSteps;
  double sum = 0;
  for (int i = 0; i <= kSteps; ++i) {
    const double z = -kReach + i * step;
    const double density = std::exp(-z * z / 2) / std::sqrt(2 * std::acos(-1.0));
    const double inside = normal_cdf(z + range) - normal_cdf(z);
    const double weight = i == 0 || i == kSteps ? 1 : i % 2 == 1 ? 4 : 2;
    sum += weight * density * std::pow(inside, contestants - 1);
  }
  return contestants * sum * step / 3;
}

double range_quantile(double probability, double contestants) {
  double low = 0, high = 20;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (range_cdf(middle, contestants) < probability ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

Friedman friedman(const ScoreTable& table) {
  const std::size_t contestants = table.contestants, tasks = table.tasks();
  Friedman result{.mean_ranks = std::vector<double>(contestants)};
  double ties = 0;
  for (std::size_t task = 0; task < tasks; ++task) {
    std::vector<double> costs(table.task(task).begin(), table.task(task).end());
    for (double& cost : costs) cost = -cost;  // rank 1 is the highest score
    const AverageRanks ranks = average_ranks(costs);
    for (std::size_t i = 0; i < contestants; ++i)
      result.mean_ranks[i] += ranks.ranks[i] / static_cast<double>(tasks);
    ties += ranks.tie_correction;
  }
  if (tasks < 2 || contestants < 2) {
    result.chi_squared = result.p_value = result.f_p_value = std::numeric_limits<double>::quiet_NaN();
    return result;
  }
  const auto n = static_cast<double>(tasks), k = static_cast<double>(contestants);
  const double correction = 1 - ties / (n * k * (k * k - 1));
  if (correction <= 0) return result;
  double spread = 0;
  for (const double rank : result.mean_ranks) spread += (rank - (k + 1) / 2) * (rank - (k + 1) / 2);
  result.chi_squared = 12 * n / (k * (k + 1)) * spread / correction;
  result.p_value = chi_squared_upper_p(result.chi_squared, k - 1);
  const double left = n * (k - 1) - result.chi_squared;
  result.f_p_value = left <= 0 ? 0 : f_upper_p((n - 1) * result.chi_squared / left, k - 1, (k - 1) * (n - 1));
  return result;
}

double critical_difference(std::size_t contestants, std::size_t tasks, double alpha) {
  ASTROLABE_CHECK(contestants >= 2 && tasks >= 1 && alpha > 0 && alpha < 1, "ranks are compared over tasks");
  const auto k = static_cast<double>(contestants), n = static_cast<double>(tasks);
  return range_quantile(1 - alpha, k) * std::sqrt(k * (k + 1) / (12 * n));
}

std::vector<RankedPair> compare_pairs(const ScoreTable& table) {
  const std::vector<double> mean_ranks = friedman(table).mean_ranks;
  std::vector<RankedPair> pairs;
  std::vector<double> differences(table.tasks());
  for (std::size_t a = 0; a < table.contestants; ++a) {
    for (std::size_t b = a + 1; b < table.contestants; ++b) {
      for (std::size_t task = 0; task < table.tasks(); ++task)
        differences[task] = table.task(task)[a] - table.task(task)[b];
      RankedPair pair{.a = a, .b = b, .p_value = wilcoxon_signed_rank(differences).p_value};
      if (mean_ranks[b] < mean_ranks[a]) std::swap(pair.a, pair.b);
      pairs.push_back(pair);
    }
  }
  std::ranges::stable_sort(pairs, {}, &RankedPair::p_value);
  std::vector<double> p_values;
  for (const RankedPair& pair : pairs) p_values.push_back(pair.p_value);
  const std::vector<double> adjusted = holm_adjust(p_values);
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i].adjusted = adjusted[i];
  return pairs;
}

std::vector<std::vector<std::size_t>> indistinct_runs(std::span<const double> mean_ranks,
                                                      std::span<const RankedPair> pairs, double alpha) {
  const std::size_t contestants = mean_ranks.size();
  std::vector<bool> differ(contestants * contestants, false);
  for (const RankedPair& pair : pairs)
    if (pair.adjusted < alpha)
      differ[pair.a * contestants + pair.b] = differ[pair.b * contestants + pair.a] = true;
  std::vector<std::size_t> order(contestants);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return mean_ranks[i]; });

  std::vector<std::vector<std::size_t>> runs;
  std::size_t covered = 0;
  for (std::size_t begin = 0; begin < contestants; ++begin) {
    std::vector<std::size_t> run{order[begin]};
    std::size_t end = begin + 1;
    const auto fits = [&](std::size_t next) {
      return std::ranges::none_of(run, [&](std::size_t i) { return differ[i * contestants + next]; });
    };
    for (; end < contestants && fits(order[end]); ++end) run.push_back(order[end]);
    if (run.size() > 1 && end > covered) runs.push_back(std::move(run));
    covered = std::max(covered, end);
  }
  return runs;
}

}  // namespace astrolabe
