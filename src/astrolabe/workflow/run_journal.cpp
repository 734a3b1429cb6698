// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/run_journal.h"

#include <array>
#include <cmath>

#include "astrolabe/base/text.h"

namespace astrolabe {
namespace {

constexpr std::array<std::string_view, 1> kSchema = {
    "CREATE TABLE options(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;"
    "CREATE TABLE trials(id INTEGER PRIMARY KEY, system TEXT NOT NULL, learner TEXT NOT NULL, settings TEXT "
    "NOT NULL,"
    "  metric TEXT NOT NULL, score REAL, low REAL, high REAL, folds_done INTEGER NOT NULL, folds INTEGER NOT "
    "NULL,"
    "  seconds REAL NOT NULL, chosen INTEGER NOT NULL) STRICT;"
    "CREATE TABLE openings(id INTEGER PRIMARY KEY, slice TEXT NOT NULL, purpose TEXT NOT NULL,"
    "  at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))) STRICT;",
};

SqlValue number_or_null(double value) {
  return std::isfinite(value) ? SqlValue(value) : SqlValue(std::monostate{});
}

}  // namespace

RunJournal::RunJournal(const std::filesystem::path& folder) : database_(Database::open(folder / "study.db")) {
  database_.migrate(kSchema);
}

void RunJournal::record_option(std::string_view name, std::string_view value) {
  database_.run("INSERT INTO options(name, value) VALUES(?, ?)", {std::string(name), std::string(value)});
}

void RunJournal::record_trial(const LeaderboardRow& row, std::string_view metric) {
  database_.run(
      "INSERT INTO trials(system, learner, settings, metric, score, low, high, folds_done, folds, seconds, "
      "chosen)"
      " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {row.system, row.learner, format_settings(row.settings), std::string(metric),
       number_or_null(row.validation.value), number_or_null(row.validation.low),
       number_or_null(row.validation.high), static_cast<std::int64_t>(row.folds_done),
       static_cast<std::int64_t>(row.folds), row.seconds, std::int64_t{row.is_best}});
}

std::uint64_t RunJournal::write(std::string_view slice, std::string_view purpose) {
  database_.run("INSERT INTO openings(slice, purpose) VALUES(?, ?)",
                {std::string(slice), std::string(purpose)});
  const std::vector<SqlRow> rows =
      database_.run("SELECT count(*) FROM openings WHERE slice = ?", {std::string(slice)});
  return static_cast<std::uint64_t>(std::get<std::int64_t>(rows.at(0).at(0)));
}

void RunJournal::finish() {
  database_.checkpoint();
}

}  // namespace astrolabe
