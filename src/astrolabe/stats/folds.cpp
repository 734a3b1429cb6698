// SPDX-License-Identifier: Apache-2.0
// The corrected resampled t interval over the scores of folds.
#include <cmath>
#include <numeric>

#include "astrolabe/base/error.h"
#include "astrolabe/stats/interval.h"
#include "astrolabe/stats/scored.h"

namespace astrolabe {

Estimate corrected_resampled_t(std::span<const double> fold_scores, double test_to_train_ratio,
                               double confidence) {
  ASTROLABE_CHECK(confidence > 0 && confidence < 1, "a confidence is between 0 and 1");
  ASTROLABE_CHECK(test_to_train_ratio >= 0, "a ratio of row counts is not negative");
  if (fold_scores.empty()) return Estimate::undefined(kUndefined);
  const auto folds = static_cast<double>(fold_scores.size());
  const double mean = std::accumulate(fold_scores.begin(), fold_scores.end(), 0.0) / folds;
  if (fold_scores.size() < 2 || !std::isfinite(mean)) return Estimate::undefined(mean);
  double squares = 0;
  for (const double score : fold_scores) squares += (score - mean) * (score - mean);
  const double variance = (1 / folds + test_to_train_ratio) * squares / (folds - 1);
  const double reach = student_t_quantile((1 + confidence) / 2, folds - 1) * std::sqrt(variance);
  return {.value = mean, .low = mean - reach, .high = mean + reach, .method = "corrected resampled t"};
}

}  // namespace astrolabe
