// SPDX-License-Identifier: Apache-2.0
// Several contestants over several tasks: who ranks where, and whose ranks differ beyond chance.
//
//   ScoreTable table{.contestants = 4, .scores = ...};                    // higher is better
//   Friedman all = friedman(table);                                       // any difference at all?
//   if (all.p_value < 0.05)
//     for (const RankedPair& pair : compare_pairs(table)) ...             // which ones
//   double reach = critical_difference(4, table.tasks());                 // of mean ranks, Nemenyi
//
// Source: Demsar, "Statistical comparisons of classifiers over multiple data sets", JMLR 2006; pairs by
// Wilcoxon and Holm: Benavoli, Corani & Mangili, JMLR 2016. Pure; thread-safe. Cost: O(tasks k log k), pairs
// O(k^2 n log n).
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace astrolabe {

// Scores by task, higher is better, none of them NaN.
struct ScoreTable {
  std::size_t contestants = 0;
  std::vector<double> scores;  // [tasks, contestants]

  [[nodiscard]] std::size_t tasks() const { return contestants == 0 ? 0 : scores.size() / contestants; }
  [[nodiscard]] std::span<const double> task(std::size_t index) const {
    return std::span(scores).subspan(index * contestants, contestants);
  }
};

struct Friedman {
  std::vector<double> mean_ranks;  // [contestants], 1 is best, ties share
  double chi_squared = 0;
  double p_value = 1;    // by chi squared, corrected for ties
  double f_p_value = 1;  // Iman and Davenport's: less timid with few tasks
};
// NaN p-values with fewer than two tasks or contestants; 1 where all contestants tie everywhere.
[[nodiscard]] Friedman friedman(const ScoreTable& table);

// How far two mean ranks must lie apart: the quantile of the studentized range times sqrt(k (k + 1) / 12 n).
[[nodiscard]] double critical_difference(std::size_t contestants, std::size_t tasks, double alpha = 0.05);

struct RankedPair {
  std::size_t a = 0, b = 0;  // a ranks better, or comes first
  double p_value = 1;        // Wilcoxon's, over tasks
  double adjusted = 1;       // Holm's, over all pairs
};
// All pairs, in order of their p-values.
[[nodiscard]] std::vector<RankedPair> compare_pairs(const ScoreTable& table);

// The bars of a critical-difference diagram: longest runs of contestants, in order of mean rank, of which no
// pair differs (adjusted >= alpha). Runs of one are left out. Members index `mean_ranks`.
[[nodiscard]] std::vector<std::vector<std::size_t>> indistinct_runs(std::span<const double> mean_ranks,
                                                                    std::span<const RankedPair> pairs,
                                                                    double alpha = 0.05);

}  // namespace astrolabe
