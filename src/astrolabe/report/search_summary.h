// SPDX-License-Identifier: Apache-2.0
// What follows from the trials of a study: the best ones, how the best came to be, fronts, what was saved,
// who earned its keep. Pure; every function is linear in the trials, or sorts them.
//
//   const std::vector<std::size_t> best = best_trials(result, 10);
//   for (const Saving& saving : savings(result)) ...
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "astrolabe/report/search_result.h"

namespace astrolabe {

// Indices into result.trials throughout; only complete trials, but where it says otherwise.

// Best first, the earlier among equals.
[[nodiscard]] std::vector<std::size_t> best_trials(const SearchResult& result, std::size_t limit);
// Those that were better than all before them, in order.
[[nodiscard]] std::vector<std::size_t> improvements(const SearchResult& result);

enum class Measure : std::uint8_t { nodes, latency, memory };
[[nodiscard]] std::string_view measure_title(Measure measure);  // "nodes", "latency, us per row", "memory"
// NaN where it is unknown.
[[nodiscard]] double measure_of(const SearchTrial& trial, Measure measure);
[[nodiscard]] std::string measure_text(double value, Measure measure);  // "5", "12 µs", "1.4 MB"
// Trials that no other beats in both, the smallest first; empty when fewer than two trials differ in it.
[[nodiscard]] std::vector<std::size_t> front(const SearchResult& result, Measure measure);

// What a trick saved, in trials that did not run, or did not run to their end.
struct Saving {
  std::string trick;         // "the same function as another"
  std::uint64_t trials = 0;  // that it spared or cut short
  // Against trials of the mean length of complete ones; of those that grew, against as many epochs as the
  // trial that they come from took. NaN: nobody knows.
  double seconds = 0;
};
[[nodiscard]] std::vector<Saving> savings(const SearchResult& result);

struct ProposerRecord {
  std::string name;
  std::uint64_t trials = 0;        // ended, whatever their state
  std::uint64_t improvements = 0;  // of the best
  double best = kUnknown;          // score
};
[[nodiscard]] std::vector<ProposerRecord> proposer_records(const SearchResult& result);  // most trials first

// Pruned or failed trials by reason; reasons that differ in numbers only are one.
struct ReasonCount {
  TrialState state = TrialState::pruned;
  std::string reason;  // of the first of them
  std::uint64_t trials = 0;
};
[[nodiscard]] std::vector<ReasonCount> reason_counts(const SearchResult& result);  // most trials first

// Of the last up to 100 trials; NaN with fewer than two.
[[nodiscard]] double trials_per_minute(const SearchResult& result);
// Whether score `a` is better than `b`.
[[nodiscard]] bool is_better_score(const SearchResult& result, double a, double b);
// "learner=trees, rounds=300", values that exist.
[[nodiscard]] std::string point_words(const Space& space, const Point& point);
// The same of a trial, and what it grew from: "architecture=64-64, grown from #3".
[[nodiscard]] std::string trial_words(const SearchResult& result, const SearchTrial& trial);
// "6,250"; "3.2e+11"; "without end".
[[nodiscard]] std::string point_count_text(double count);
// How many candidates there are: as was said before the search, else the points of the space.
[[nodiscard]] double candidate_count(const SearchResult& result);
// Times that no clock would show: "4 min 10 s", "12 days", "38 years", "10^9 years".
[[nodiscard]] std::string long_duration(double seconds);
// "AUC", or the program's own name for it; "score" when nobody wrote it down.
[[nodiscard]] std::string metric_title(const SearchResult& result);
// The metric as people call it, and what is better: "AUC (higher is better)".
[[nodiscard]] std::string metric_words(const SearchResult& result);

}  // namespace astrolabe
