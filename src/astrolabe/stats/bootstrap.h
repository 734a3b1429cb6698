// SPDX-License-Identifier: Apache-2.0
// The bootstrap over rows: the values that a metric takes when every row counts Poisson(1) times.
//
//   std::vector<double> values = bootstrap_values(metric, scored, key);
//   double low = percentile(values, 0.025);
//
// Resamples are keyed: resample r of row i depends on (key, r, i) alone. Counting each row Poisson(1) times
// is the multinomial bootstrap without its fixed total, which metrics of weighted rows do not need (Chamandy
// et al., "Estimating uncertainty for massive data streams", 2012). Pure; thread-safe. Cost: O(rows) per
// resample (rows are sorted by prediction once), about 20 ns a row: 2 s for 200,000 rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/stats/metric.h"

namespace astrolabe {

// Of that many predictions, rows times outputs: 1000 up to 20,000, 500 up to 200,000; above, fewer and fewer,
// so that the cost stays, but at least 100.
[[nodiscard]] std::size_t resample_count(std::size_t predictions);

// How often resample `key` counts each row.
void draw_counts(Key key, std::span<std::uint8_t> counts);

// One value per resample, in order of the resamples; NaN where a resample leaves the metric undefined.
[[nodiscard]] std::vector<double> bootstrap_values(const Metric& metric, const Scored& scored, Key key);

// metric(a) - metric(b), both on the same resamples.
[[nodiscard]] std::vector<double> bootstrap_differences(const Metric& metric, const Scored& a,
                                                        const Scored& b, Key key);

// Between the order statistics, linearly; `values` ascend, are not empty and hold no NaN.
[[nodiscard]] double percentile(std::span<const double> values, double probability);

}  // namespace astrolabe
