// SPDX-License-Identifier: Apache-2.0
// The trials of a study, the best first, samples of them, and where the best of a sample end: what every
// reading of PED-ANOVA begins with.
//
//   const RankedTrials trials(seen);
//   const TrialSample all = trials.once(0.1);              // the first all.end trials are the best tenth
//   const TrialSample again = trials.drawn(0.1, key);      // a resample; trial i counts again.times[i] times
//   const Ends ends = resampled_ends(share, shares);       // 95 % of what the resamples said
//
// Looks at the observations, which must outlive it. Thread-safe once made. Cost: a sort; 3 ns for each trial
// of a resample.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/search/trial.h"

namespace astrolabe {

struct TrialSample {
  std::vector<std::uint32_t> times;  // of each trial, the best first
  // Trials before it are the best: the quantile, what equals the last of them, and no failed one.
  std::size_t end = 0;
  double all = 0, best = 0;  // how many they are, however often each counts
};

class RankedTrials {
 public:
  // Trials without a cost (NaN) are left out; failed ones have an infinite one and count.
  explicit RankedTrials(std::span<const Observation> seen);

  [[nodiscard]] std::size_t size() const { return trials_.size(); }
  [[nodiscard]] const Observation& operator[](std::size_t place) const { return *trials_[place]; }
  // Each trial once.
  [[nodiscard]] TrialSample once(double quantile) const;
  // As many draws with replacement as there are trials, fewer than 2^32. Their chances differ by size / 2^32.
  [[nodiscard]] TrialSample drawn(double quantile, Key key) const;

 private:
  [[nodiscard]] TrialSample sample(std::vector<std::uint32_t> times, double quantile) const;

  std::vector<const Observation*> trials_;
  std::vector<bool> equals_last_;  // the trial before it
  std::size_t not_failed_ = 0;     // these come first
};

// How often each cell of a table holds a trial: counts[cell[i]] += times[i]. Pure. O(trials), about a cycle
// each.
template <class Cell>
void count_cells(std::span<const Cell> cell, std::span<const std::uint32_t> times,
                 std::span<std::uint32_t> counts) {
  for (std::size_t i = 0; i < cell.size(); ++i) counts[cell[i]] += times[i];
}

struct Ends {
  double low = 0, high = 0;
};
// 95 % of resampled values, widened to hold the value itself; that alone without resamples. Sorts them.
[[nodiscard]] Ends resampled_ends(double value, std::vector<double>& drawn);

}  // namespace astrolabe
