// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "astrolabe/base/csv.h"
#include "astrolabe/base/text.h"
#include "astrolabe/report/run_report.h"

namespace astrolabe {
std::string leaderboard_csv(const RunResult& result) {
  std::string csv = "rank,system,settings,metric,score,low,high,best,tie,folds_done,folds,seconds\n";
  std::size_t rank = 0;
  for (const LeaderboardRow& row : result.leaderboard) {
    csv += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{:.3f}\n", ++rank, csv_cell(row.system),
                       csv_cell(format_settings(row.settings)), result.task.metric, row.validation.value,
                       row.validation.low, row.validation.high, row.is_best, row.is_tie, row.folds_done,
                       row.folds, row.seconds);
  }
  return csv;
}

}  // namespace astrolabe
