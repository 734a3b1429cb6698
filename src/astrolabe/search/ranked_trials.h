// SPDX-License-Identifier: Apache-2.0
// The trials of a study, the best first, and where the best end: what every reading of PED-ANOVA begins with.
//
//   const RankedTrials trials(seen);
//   std::vector<double> times(trials.size(), 1);                  // each trial once
//   const std::size_t end = trials.end_of_best(times, 0.1);       // the first `end` are the best tenth
//   times = drawn_times(trials.size(), key.split(r));             // a resample of them
//
// Looks at the observations, which must outlive it. Thread-safe once made. Cost: a sort.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/search/trial.h"

namespace astrolabe {

class RankedTrials {
 public:
  // Trials without a cost (NaN) are left out; failed ones have an infinite one and count.
  explicit RankedTrials(std::span<const Observation> seen);

  [[nodiscard]] std::size_t size() const { return trials_.size(); }
  [[nodiscard]] const Observation& operator[](std::size_t place) const { return *trials_[place]; }
  // The trials before it are the best when trial i counts times[i] times: the quantile, what equals the last
  // of them, and no failed one.
  [[nodiscard]] std::size_t end_of_best(std::span<const double> times, double quantile) const;

 private:
  std::vector<const Observation*> trials_;
};

// How often each of n trials is drawn in n draws with replacement. Pure.
[[nodiscard]] std::vector<double> drawn_times(std::size_t n, Key key);

}  // namespace astrolabe
