// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evaluate/target_scale.h"

#include <cmath>

namespace astrolabe {

void fit_target_scale(const Model& start, const FeatureMatrix& features, const Labels& labels,
                      StartMap& map) {
  constexpr double kWorthIt = 0.5, kLeastExplained = 0.25;
  const std::vector<double> said = start_answers(start, map, features);
  double total = 0, mean_said = 0, mean_label = 0;
  for (std::size_t row = 0; row < said.size(); ++row) {
    total += labels.weight(row);
    mean_said += labels.weight(row) * said[row];
    mean_label += labels.weight(row) * labels.values[row];
  }
  if (!(total > 0)) return;
  mean_said /= total;
  mean_label /= total;
  double said2 = 0, label2 = 0, both = 0, as_it_is = 0;
  for (std::size_t row = 0; row < said.size(); ++row) {
    const double weight = labels.weight(row), s = said[row] - mean_said, y = labels.values[row] - mean_label;
    const double off = labels.values[row] - said[row];
    said2 += weight * s * s;
    label2 += weight * y * y;
    both += weight * s * y;
    as_it_is += weight * off * off;
  }
  if (!(said2 > 0) || !(both > 0) || !std::isfinite(as_it_is)) return;
  const double slope = both / said2;
  const double by_line = label2 - slope * both;
  if (by_line > kWorthIt * as_it_is || by_line > (1 - kLeastExplained) * label2) return;
  map.slope = slope;
  map.shift = mean_label - slope * mean_said;
}

}  // namespace astrolabe
