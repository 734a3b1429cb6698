// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/score_words.h"

#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/report/html.h"

namespace astrolabe {

std::string metric_title(const RunResult& result) {
  return std::string(find_metric(result.task.metric)->title);
}

std::string interval_words(const Estimate& e) {
  if (!std::isfinite(e.low) || !std::isfinite(e.high)) return "no interval";
  return fmt::format("{} to {}", format_score(e.low), format_score(e.high));
}

std::string percent(double share) {
  return std::isfinite(share) ? fmt::format("{:.1f} %", 100 * share) : "&ndash;";
}

std::string judged_on(const HonestScore& honest) {
  const std::string rows = format_count(honest.rows);
  if (honest.label == "resampled")
    return fmt::format("Resampled: on {} rows, each judged by a system that was chosen without it.", rows);
  if (honest.label == "test file") return fmt::format("On the {} rows of the test file.", rows);
  if (honest.label == "test part") return fmt::format("On the {} rows of the set's own test part.", rows);
  const std::string opening = honest.opening > 1 ? fmt::format(", opening {}", honest.opening) : "";
  return fmt::format("On the {} sealed rows{}.", rows, opening);
}

std::string out_of_fold_words(std::size_t rows) {
  return fmt::format(
      "Out of fold: {} open rows, each predicted by a fit without it. The choice was made on them.",
      format_count(rows));
}

std::string source_note(const std::string& words) {
  return "<p class=\"from\">" + escape_html(words) + "</p>";
}

}  // namespace astrolabe
