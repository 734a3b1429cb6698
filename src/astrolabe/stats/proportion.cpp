// SPDX-License-Identifier: Apache-2.0
// The Wilson score interval.
#include <algorithm>
#include <cmath>

#include "astrolabe/base/error.h"
#include "astrolabe/stats/interval.h"
#include "astrolabe/stats/scored.h"

namespace astrolabe {

Estimate wilson_interval(double successes, double trials, double confidence) {
  ASTROLABE_CHECK(confidence > 0 && confidence < 1, "a confidence is between 0 and 1");
  if (!(trials > 0)) return Estimate::undefined(kUndefined);
  const double z = normal_quantile((1 + confidence) / 2);
  const double share = successes / trials;
  const double shrink = 1 / (1 + z * z / trials);
  const double centre = shrink * (share + z * z / (2 * trials));
  // Rounding can put the share a hair outside [0, 1].
  const double variance = std::max(0.0, share * (1 - share)) / trials + z * z / (4 * trials * trials);
  const double reach = shrink * z * std::sqrt(variance);
  return {.value = share,
          .low = std::min(share, std::max(0.0, centre - reach)),
          .high = std::max(share, std::min(1.0, centre + reach)),
          .method = "Wilson"};
}

}  // namespace astrolabe
