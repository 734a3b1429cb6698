// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/study_store_schema.h"

#include <array>
#include <cstdint>

#include "astrolabe/search/trial.h"

// Types that both databases know: SQLite reads BIGINT and DOUBLE PRECISION as INTEGER and REAL.
//
// studies: one row per study, with the numbers that are given out (trials, ended) and those that would be
// slow to count. Its row is the lock under which numbers are given, so that they have no gaps.
// trials: `state` as enum TrialState; key_hash because a key may be longer than an index row; `finished`
// is NULL until it ended. What waits or runs is few among many, so it has indices of its own.
// Times are seconds since 1970 by the database's clock.
#define ASTROLABE_STUDY_TABLES                                                                            \
  "CREATE TABLE studies(id BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE, space TEXT NOT NULL,"           \
  "  data_hash TEXT NOT NULL, trials BIGINT NOT NULL DEFAULT 0, ended BIGINT NOT NULL DEFAULT 0,"         \
  "  pruned BIGINT NOT NULL DEFAULT 0, failed BIGINT NOT NULL DEFAULT 0);"                                \
  "CREATE TABLE options(study BIGINT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,"                  \
  "  PRIMARY KEY(study, name));"                                                                          \
  "CREATE TABLE notes(study BIGINT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,"                    \
  "  PRIMARY KEY(study, name));"                                                                          \
  "CREATE TABLE counters(study BIGINT NOT NULL, name TEXT NOT NULL, value BIGINT NOT NULL,"               \
  "  PRIMARY KEY(study, name));"                                                                          \
  "CREATE TABLE openings(study BIGINT NOT NULL, slice TEXT NOT NULL, number BIGINT NOT NULL,"             \
  "  purpose TEXT NOT NULL, at DOUBLE PRECISION NOT NULL, PRIMARY KEY(study, slice, number));"            \
  "CREATE TABLE trials(study BIGINT NOT NULL REFERENCES studies(id), id BIGINT NOT NULL,"                 \
  "  point TEXT NOT NULL, key_text TEXT NOT NULL, key_hash TEXT NOT NULL, proposer TEXT NOT NULL,"        \
  "  state BIGINT NOT NULL, attempt BIGINT NOT NULL, worker TEXT, lease_until DOUBLE PRECISION NOT NULL," \
  "  cost DOUBLE PRECISION, low DOUBLE PRECISION, high DOUBLE PRECISION, seconds DOUBLE PRECISION,"       \
  "  reason TEXT, outcome TEXT, finished BIGINT, ended_at DOUBLE PRECISION,"                              \
  "  PRIMARY KEY(study, id));"                                                                            \
  "CREATE UNIQUE INDEX trials_key ON trials(study, key_hash);"                                            \
  "CREATE INDEX trials_open ON trials(study, id) WHERE state < 2;"                                        \
  "CREATE INDEX trials_running ON trials(study, worker) WHERE state = 1;"                                 \
  "CREATE UNIQUE INDEX trials_ended ON trials(study, finished) WHERE finished IS NOT NULL;"               \
  "CREATE INDEX trials_best ON trials(study, cost, id) WHERE state = 2;"                                  \
  "CREATE TABLE steps(study BIGINT NOT NULL, trial BIGINT NOT NULL, step BIGINT NOT NULL,"                \
  "  cost DOUBLE PRECISION NOT NULL, low DOUBLE PRECISION, high DOUBLE PRECISION,"                        \
  "  PRIMARY KEY(study, trial, step));"                                                                   \
  "CREATE INDEX steps_at ON steps(study, step, trial, cost, low, high);"

namespace astrolabe {
namespace {

static_assert(static_cast<int>(TrialState::waiting) == 0 && static_cast<int>(TrialState::running) == 1 &&
                  static_cast<int>(TrialState::complete) == 2 && static_cast<int>(TrialState::pruned) == 3 &&
                  static_cast<int>(TrialState::failed) == 4,
              "these numbers are in files");

constexpr std::array<std::string_view, 2> kSqlite = {
    "CREATE TABLE options(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;"
    "CREATE TABLE trials(id INTEGER PRIMARY KEY, system TEXT NOT NULL, learner TEXT NOT NULL, settings TEXT "
    "NOT NULL,"
    "  metric TEXT NOT NULL, score REAL, low REAL, high REAL, folds_done INTEGER NOT NULL, folds INTEGER NOT "
    "NULL,"
    "  seconds REAL NOT NULL, chosen INTEGER NOT NULL) STRICT;"
    "CREATE TABLE openings(id INTEGER PRIMARY KEY, slice TEXT NOT NULL, purpose TEXT NOT NULL,"
    "  at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))) STRICT;",

    "ALTER TABLE options RENAME TO run_options;"
    "ALTER TABLE trials RENAME TO run_trials;"
    "ALTER TABLE openings RENAME TO run_openings;" ASTROLABE_STUDY_TABLES
    "INSERT INTO openings SELECT 1, slice, row_number() OVER (PARTITION BY slice ORDER BY id), purpose,"
    "  (julianday(at) - 2440587.5) * 86400.0 FROM run_openings;"
    "DROP TABLE run_openings;",
};

constexpr std::array<std::string_view, 1> kPostgres = {ASTROLABE_STUDY_TABLES};

}  // namespace

std::span<const std::string_view> study_schema(Dialect dialect) {
  if (dialect == Dialect::sqlite) return kSqlite;
  return kPostgres;
}

}  // namespace astrolabe
