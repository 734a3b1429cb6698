// SPDX-License-Identifier: Apache-2.0
// A study as its readers see it, while it runs or after: what `astrolabe study` and the search page show.
//
//   StudyReading reading({.url = "runs/digits/study.db"});
//   fmt::print("{}", search_text(reading.result(), style));
//   reading.refresh();                                  // what has ended since
//
// Writes no trial, claims nothing, and may be used while workers write. Not thread-safe. Memory: some hundred
// bytes for each trial.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "astrolabe/report/search_result.h"
#include "astrolabe/search/study_store.h"

namespace astrolabe {

class StudyReading {
 public:
  // Reads everything that is there. Throws bad_input where there is no study, one of another version, or a
  // trial that is no point of its space; try_again when its server is away.
  explicit StudyReading(const StudyAddress& address);

  // Reads what has ended since. Cost: a few queries, and some microseconds for each new trial.
  void refresh();
  [[nodiscard]] bool is_running() const { return result_.is_running; }
  // Importance is worked out when asked for, of at least 20 and at most 20,000 trials.
  [[nodiscard]] SearchResult result() const;

 private:
  void read_head(const StudyAddress& address);
  void read_notes();
  void add(const TrialRecord& record);
  void set_time(const TrialRecord& record, SearchTrial& trial);
  void read_formulas(const std::string& outcome_text);

  StudyStore store_;
  SearchResult result_;
  std::uint64_t read_ = 0;  // ended trials that are in result_
  std::optional<double> best_cost_;
  double covered_until_ = 0, pauses_ = 0, began_ = 0;  // seconds since 1970, but for the pauses
};

}  // namespace astrolabe
