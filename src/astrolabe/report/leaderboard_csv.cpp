// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "astrolabe/base/csv.h"
#include "astrolabe/base/text.h"
#include "astrolabe/report/run_report.h"

namespace astrolabe {
namespace {

std::string settings_text(const SettingValues& settings) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : settings) parts.push_back(name + "=" + format_setting(value));
  return join(parts, "; ");
}

}  // namespace

std::string leaderboard_csv(const RunResult& result) {
  std::string csv = "rank,system,settings,metric,score,low,high,best,tie,folds_done,folds,seconds\n";
  std::size_t rank = 0;
  for (const LeaderboardRow& row : result.leaderboard) {
    csv += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{:.3f}\n", ++rank, csv_cell(row.system),
                       csv_cell(settings_text(row.settings)), result.task.metric, row.validation.value,
                       row.validation.low, row.validation.high, row.is_best, row.is_tie, row.folds_done,
                       row.folds, row.seconds);
  }
  return csv;
}

}  // namespace astrolabe
