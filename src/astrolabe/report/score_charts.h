// SPDX-License-Identifier: Apache-2.0
// Pictures of the score that counts as inline SVG, in the manner of charts.h. Empty when there is nothing to
// draw.
#pragma once

#include <string>
#include <vector>

#include "astrolabe/report/run_result.h"

namespace astrolabe {

// The curve, and a dot where the threshold is 0.5.
[[nodiscard]] std::string roc_chart(const HonestScore& honest);
// The same rows as precision over recall; dashed: the share of class 1.
[[nodiscard]] std::string precision_recall_chart(const HonestScore& honest);
// Observed share against mean probability with Wilson intervals, hollow before calibration; below, how many
// rows have which probability.
[[nodiscard]] std::string reliability_chart(const Reliability& reliability);
// Truth against prediction; on the dashed line they agree.
[[nodiscard]] std::string agreement_chart(const HonestScore& honest);
// truth - prediction against prediction.
[[nodiscard]] std::string residual_chart(const HonestScore& honest);
// The share of truths in their range, by slices; dashed: what was promised.
[[nodiscard]] std::string coverage_chart(const Coverage& coverage);
// Truth down, prediction across: the diagonal in one colour, mistakes in another. For 2 to 60 classes.
[[nodiscard]] std::string confusion_map(const Confusion& confusion, const std::vector<std::string>& names);

// (recall, precision) at the points of the ROC curve that are not (0, 0).
[[nodiscard]] std::vector<std::pair<double, double>> precision_recall(const HonestScore& honest);

}  // namespace astrolabe
