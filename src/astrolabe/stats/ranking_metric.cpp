// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/stats/ranking_metric.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>

#include "astrolabe/base/error.h"
#include "astrolabe/stats/scored.h"

namespace astrolabe {
namespace {

constexpr std::size_t kGrades = static_cast<std::size_t>(kMostRelevance) + 1;

// Bit by bit, from plain arithmetic: the C library picks its own by processor.
double binary_logarithm(double x) {
  int power = 0;
  x = std::frexp(x, &power) * 2;  // in [1, 2)
  double result = power - 1;
  for (double bit = 0.5; bit > 0x1p-54; bit /= 2) {
    x *= x;
    if (x < 2) continue;
    x /= 2;
    result += bit;
  }
  return result;
}

// DCG of rows that descend by prediction; `discount_sums[k]` is the sum of the first k discounts.
double dcg(std::span<const std::uint32_t> ordered, const Scored& scored,
           std::span<const double> discount_sums) {
  const std::size_t positions = std::min(ordered.size(), discount_sums.size() - 1);
  double sum = 0;
  for (std::size_t begin = 0, end = 0; begin < positions; begin = end) {
    double gains = 0;
    for (end = begin;
         end < ordered.size() && scored.prediction[ordered[end]] == scored.prediction[ordered[begin]]; ++end)
      gains += relevance_gain(scored.truth[ordered[end]]);
    const double discounts = discount_sums[std::min(end, positions)] - discount_sums[begin];
    sum += gains / static_cast<double>(end - begin) * discounts;
  }
  return sum;
}

}  // namespace

bool is_relevance(double value) {
  return value >= 0 && value <= kMostRelevance && value == std::floor(value);
}

double relevance_gain(double relevance) {
  return static_cast<double>((std::uint64_t{1} << static_cast<unsigned>(relevance)) - 1);
}

std::vector<double> position_discounts(std::size_t positions) {
  std::vector<double> discounts(positions);
  for (std::size_t i = 0; i < positions; ++i) discounts[i] = 1 / binary_logarithm(static_cast<double>(i) + 2);
  return discounts;
}

std::size_t RowGroups::largest() const {
  std::size_t most = 0;
  for (std::size_t group = 0; group < size(); ++group) most = std::max(most, of(group).size());
  return most;
}

RowGroups group_rows(std::span<const std::uint32_t> groups, std::span<const double> weight) {
  RowGroups grouped;
  for (std::uint32_t row = 0; row < groups.size(); ++row)
    if (weight.empty() || weight[row] > 0) grouped.rows.push_back(row);
  const auto group_of = [&](std::uint32_t row) { return groups[row]; };
  if (!std::ranges::is_sorted(grouped.rows, {}, group_of))
    std::ranges::stable_sort(grouped.rows, {}, group_of);
  for (std::size_t i = 0; i < grouped.rows.size(); ++i)
    if (i == 0 || group_of(grouped.rows[i - 1]) != group_of(grouped.rows[i])) grouped.starts.push_back(i);
  grouped.starts.push_back(grouped.rows.size());
  return grouped;
}

double ideal_dcg(std::span<const std::uint32_t> rows, std::span<const double> truth,
                 std::span<const double> discounts) {
  std::array<std::size_t, kGrades> counts{};
  for (const std::uint32_t row : rows) ++counts[static_cast<std::size_t>(truth[row])];
  double sum = 0;
  std::size_t position = 0;
  for (std::size_t grade = kGrades; grade-- > 1;) {
    const double gain = relevance_gain(static_cast<double>(grade));
    for (std::size_t k = 0; k < counts[grade] && position < discounts.size(); ++k)
      sum += gain * discounts[position++];
  }
  return sum;
}

GroupScores group_ndcg(const Scored& scored, const RowGroups& groups, std::size_t cutoff) {
  const std::vector<double> discounts = position_discounts(std::min(groups.largest(), cutoff));
  std::vector<double> sums(discounts.size() + 1, 0.0);
  std::partial_sum(discounts.begin(), discounts.end(), sums.begin() + 1);
  GroupScores scores;
  std::vector<std::uint32_t> ordered;
  for (std::size_t group = 0; group < groups.size(); ++group) {
    const auto rows = groups.of(group);
    ordered.assign(rows.begin(), rows.end());
    std::ranges::sort(ordered, std::greater(), [&](std::uint32_t row) { return scored.prediction[row]; });
    const double ideal = ideal_dcg(rows, scored.truth, discounts);
    scores.values.push_back(ideal > 0 ? dcg(ordered, scored, sums) / ideal : 1.0);
    double weight = 0;
    for (const std::uint32_t row : rows) weight += weight_of(scored, row);
    scores.weights.push_back(weight / static_cast<double>(rows.size()));
  }
  return scores;
}

double mean_of_groups(const GroupScores& scores) {
  double sum = 0, total = 0;
  for (std::size_t group = 0; group < scores.values.size(); ++group) {
    sum += scores.weights[group] * scores.values[group];
    total += scores.weights[group];
  }
  return total > 0 ? sum / total : kUndefined;
}

GroupScores group_ndcg(const Scored& scored, std::size_t cutoff) {
  ASTROLABE_CHECK(scored.groups.empty() || scored.groups.size() == scored.rows(),
                  "groups are [rows] or empty");
  if (scored.groups.empty() || !is_sound(scored) || !std::ranges::all_of(scored.truth, is_relevance))
    return {};
  return group_ndcg(scored, group_rows(scored.groups, scored.weight), cutoff);
}

}  // namespace astrolabe
