// SPDX-License-Identifier: Apache-2.0
// Rows in groups that predictions put in order (the documents of a query), and how good the order is: NDCG.
//
//   Scored scored{.truth = relevance, .prediction = scores, .groups = query_of_row};
//   double value = ndcg<10>(scored);                        // the mean of:
//   std::vector<double> of_each = group_ndcg<10>(scored).values;
//
// DCG is the sum over the first positions, from 1, of (2^relevance - 1) / log2(position + 1); NDCG divides it
// by that of the best order. Relevance is a whole number from 0 to 30, as LightGBM has it. A group without
// any relevant row counts 1, as with LightGBM and XGBoost. Rows with equal predictions count as the mean over
// their orders, so that a constant gains nothing by how the file is sorted. A group weighs the mean of its
// rows' weights; rows without weight take no part. Sources: Jarvelin & Kekalainen, ACM TOIS 2002; ties:
// McSherry & Najork, ECIR 2008. Pure; thread-safe; the same bytes on every machine. Cost: O(n log n).
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "astrolabe/stats/metric.h"

namespace astrolabe {

inline constexpr double kMostRelevance = 30;
inline constexpr std::size_t kAllPositions = std::numeric_limits<std::size_t>::max();

// A whole number from 0 to kMostRelevance.
[[nodiscard]] bool is_relevance(double value);
// 2^relevance - 1.
[[nodiscard]] double relevance_gain(double relevance);
// [positions] 1 / log2(position + 1), positions from 1.
[[nodiscard]] std::vector<double> position_discounts(std::size_t positions);

// The rows of each group: groups by ascending number, rows ascending, without those that weigh nothing.
struct RowGroups {
  std::vector<std::uint32_t> rows;  // group after group
  std::vector<std::size_t> starts;  // [groups + 1] into rows

  [[nodiscard]] std::size_t size() const { return starts.size() - 1; }
  [[nodiscard]] std::span<const std::uint32_t> of(std::size_t group) const {
    return std::span(rows).subspan(starts[group], starts[group + 1] - starts[group]);
  }
  [[nodiscard]] std::size_t largest() const;
};
// `weight` is [rows] or empty. Cost: O(n log n), O(n) where the numbers ascend already.
[[nodiscard]] RowGroups group_rows(std::span<const std::uint32_t> groups, std::span<const double> weight);

// DCG of the best order of a group's rows. `discounts` reaches to its last position, or to where positions
// end that count.
[[nodiscard]] double ideal_dcg(std::span<const std::uint32_t> rows, std::span<const double> truth,
                               std::span<const double> discounts);
// NDCG of each of `groups`, which are those of the scored rows.
[[nodiscard]] GroupScores group_ndcg(const Scored& scored, const RowGroups& groups, std::size_t cutoff);
// The weighted mean.
[[nodiscard]] double mean_of_groups(const GroupScores& scores);

// Nothing where rows are not sound (scored.h), have no groups, or a truth is no relevance.
[[nodiscard]] GroupScores group_ndcg(const Scored& scored, std::size_t cutoff);
template <std::size_t kCutoff>
[[nodiscard]] GroupScores group_ndcg(const Scored& scored) {
  return group_ndcg(scored, kCutoff);
}
// Their mean; NaN where there is nothing.
template <std::size_t kCutoff>
[[nodiscard]] double ndcg(const Scored& scored) {
  return mean_of_groups(group_ndcg(scored, kCutoff));
}

}  // namespace astrolabe
