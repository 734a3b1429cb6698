// SPDX-License-Identifier: Apache-2.0
// What ships as a picture: members to the left, as thick a line from each as it weighs, what is made of them
// to the right. Of one system the members are the fits of its folds.
//
//   panel("What ships", ensemble_drawing(result));
#pragma once

#include <string>

#include "astrolabe/report/run_result.h"

namespace astrolabe {

// SVG, light and dark by the page's style. Empty without an ensemble.
[[nodiscard]] std::string ensemble_drawing(const RunResult& result);
// An HTML table of how alike the members err; empty below two members.
[[nodiscard]] std::string correlation_table(const Ensemble& ensemble);

}  // namespace astrolabe
