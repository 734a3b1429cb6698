// SPDX-License-Identifier: Apache-2.0
// Everything a study has found out so far, as plain data: what `astrolabe study`, the report's search page
// and JSON show. workflow/study_reading.h fills it from a study, running or ended.
//
//   const SearchResult result = reading.result();
//   fmt::print("{}", search_text(result, style));        // search_text.h
//   page += search_section(result);                      // search_page.h
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "astrolabe/search/importance.h"
#include "astrolabe/search/space.h"
#include "astrolabe/search/study_store.h"

namespace astrolabe {

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

struct SearchTrial {
  std::uint64_t id = 0;
  std::string by;  // proposer
  TrialState state = TrialState::complete;
  double score = kUnknown;                 // in the metric's own direction; of pruned ones at their last step
  double low = kUnknown, high = kUnknown;  // equal to the score where nobody knows
  std::size_t steps = 0;                   // reported
  double seconds = 0;                      // it took
  double at = 0;                   // seconds of search until it ended; pauses of more than a minute left out
  Point point;                     // of SearchResult::space
  std::string reason;              // why it was pruned or failed
  std::size_t nodes = 0;           // of its found expressions; 0: none, or unknown
  double latency_us = kUnknown;    // to predict one row
  double memory_bytes = kUnknown;  // of what would ship
  std::uint64_t grown_from = 0;    // the trial whose nets it began with; 0: with nothing
  double seconds_spared = 0;       // by that, about
};

// An expression that the search found, as the best trial has it.
struct FoundFormula {
  std::string slot;        // "activation"
  std::string text;        // "x*sigmoid(1.5*x)"
  std::string derivative;  // as text; empty: none, or too long to be read
};

// What was said before the first trial.
struct SearchOutlook {
  double count = kUnknown;                // points of the space; infinity: without end
  double hours_in_full = kUnknown;        // to train each of them in full
  std::string budget;                     // what this budget does instead
  double smallest_difference = kUnknown;  // that these data can show
};

struct SearchResult {
  // What was asked.
  std::string name;
  std::string metric;  // "auc", or a name of a program's own
  bool higher_is_better = false;
  std::string proposer, pruner;  // empty: nobody wrote it down
  Space space;
  std::optional<SearchOutlook> preflight = {};

  // What happened.
  TrialCounts counts;
  std::map<std::string, std::int64_t> counters = {};  // study_facts.h
  std::string proposer_summary = {};                  // the proposer's own words
  bool is_running = false;                            // a worker has trials, or says that it goes on
  double seconds = 0;                                 // of search, pauses left out

  // What came out.
  std::vector<SearchTrial> trials = {};  // that ended, in the order in which they did
  std::vector<DimensionImportance> importance = {};
  std::vector<FoundFormula> formulas = {};  // of the best trial
};

}  // namespace astrolabe
