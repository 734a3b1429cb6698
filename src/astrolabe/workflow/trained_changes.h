// SPDX-License-Identifier: Apache-2.0
// Changes of a system, trained: paired on open rows, as long as there is time.
//
//   TrainedChanges trained(fits, {.pairs = 5, .tries = 3}, budget);
//   trained.until(0.3);                                       // of all time
//   std::optional<TrainedChange> cut = trained.compare(found, without_node);   // nothing: no time
//
// Gains are those of pairs with one seed each, above 0 where the change is better; their interval is the
// resampled t of Nadeau and Bengio (2003), for the rows of the pairs overlap. Each is one comparison at 95 %,
// not corrected for how many there are. Not thread-safe.
#pragma once

#include <cstddef>
#include <optional>

#include "astrolabe/report/explain_result.h"
#include "astrolabe/workflow/fresh_fits.h"

namespace astrolabe {

struct ComparisonRules {
  std::size_t pairs = 5;
  std::size_t tries = 3;  // learning rates for either side
};

class TrainedChanges {
 public:
  TrainedChanges(FreshFits& fits, const ComparisonRules& rules, const Budget& budget, bool higher_is_better)
      : fits_(fits), rules_(rules), budget_(budget), sign_(higher_is_better ? 1 : -1) {}

  // What follows may use the clock until this share of all time.
  void until(double share) { share_ = share; }
  // Whether something as long as the last comparison still fits.
  [[nodiscard]] bool has_time() const;
  // Both tuned, unless `as_they_are`. Nothing: no time, or fewer than two pairs of it.
  [[nodiscard]] std::optional<TrainedChange> compare(const FilledSystem& before, const FilledSystem& after,
                                                     bool as_they_are = false);
  // The mean gain of a few pairs of other seeds than those of compare, as they are: to choose, not to report.
  [[nodiscard]] std::optional<double> glance(const FilledSystem& before, const FilledSystem& after);

  [[nodiscard]] FreshFits& fits() { return fits_; }
  [[nodiscard]] double sign() const { return sign_; }

 private:
  FreshFits& fits_;
  ComparisonRules rules_;
  const Budget& budget_;
  double sign_;
  double share_ = 1;
  double last_ = 0;  // seconds
};

}  // namespace astrolabe
