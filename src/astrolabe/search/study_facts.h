// SPDX-License-Identifier: Apache-2.0
// Under which names a study keeps what its readers (`astrolabe study`, the report's search page) show. All
// may be absent: then the readers say less.
//
//   store.create({.space = space_text(space), .options = {{std::string(kMetricOption), "loss"},
//                                                         {std::string(kDirectionOption), "minimise"}}});
//   store.set_note(kStateNote, "ended");
#pragma once

#include <string_view>

namespace astrolabe {

// ---- StudyHead::options, fixed when the study is made. StudyHead::space is space_text() of space_text.h.
inline constexpr std::string_view kMetricOption = "metric";        // "auc"; a program's own: "loss"
inline constexpr std::string_view kDirectionOption = "direction";  // "minimise" or "maximise"
inline constexpr std::string_view kProposerOption = "proposer";    // "auto"
inline constexpr std::string_view kPrunerOption = "pruner";        // "halving"

// ---- Notes, which may change.
inline constexpr std::string_view kProposerNote = "proposer.summary";  // Proposer::summary()
inline constexpr std::string_view kStoppedNote = "stopped";  // "trials", "time", "exhausted", "signal"
inline constexpr std::string_view kStateNote = "state";      // "running", "ended"
// What was said before the first trial, as JSON: {"count": 6250, "hours_in_full": 38.2, "budget": "what this
// budget does instead, in words", "smallest_difference": 0.004}; every field may be absent, a count without
// end is null.
inline constexpr std::string_view kPreflightNote = "preflight";

// ---- Counters. A counter NAME may have a second one, "NAME.milliseconds": how much time it saved, where
// that is known better than by the mean time of a trial.
inline constexpr std::string_view kProposedCounter = "proposed";
inline constexpr std::string_view kDuplicatesCounter = "duplicates";    // the same point again
inline constexpr std::string_view kEquivalentsCounter = "equivalents";  // another point, the same function
inline constexpr std::string_view kRefusedCounter = "refused";          // seen to be hopeless beforehand
inline constexpr std::string_view kSetAsideCounter = "set_aside";  // no time for them then; may come again

// ---- TrialEnd::outcome, a JSON object that may hold these beside whatever else.
inline constexpr std::string_view kNodesOutcome = "nodes";            // of the found expressions
inline constexpr std::string_view kLatencyOutcome = "latency_us";     // microseconds to predict one row
inline constexpr std::string_view kMemoryOutcome = "memory_bytes";    // of what would ship
inline constexpr std::string_view kFormulasOutcome = "formulas";      // {"activation": "x*sigmoid(x)"}
inline constexpr std::string_view kGrownFromOutcome = "grown_from";   // the trial whose nets it began with
inline constexpr std::string_view kSparedOutcome = "seconds_spared";  // by that, about

}  // namespace astrolabe
