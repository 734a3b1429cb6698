// SPDX-License-Identifier: Apache-2.0
// The loop of a worker: ask, look whether that was known, try, tell. The same for tables, for programs of
// strangers, for benchmarks.
//
//   const SearchEnd end = search({.space = space, .store = store, .proposer = *proposer, .pruner = *pruner,
//                                 .evaluate = [&](RunningTrial& trial) { ... return end; },
//                                 .budget = budget, .trials = 200, .key = key.split("search")});
//
// With one worker and no deadline the outcome is a function of space, proposer, pruner, key and of what
// `evaluate` returns: a search that was killed and is started again asks its proposer the same questions,
// takes the answers that the store has, and goes on where it was.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/random.h"
#include "astrolabe/search/proposer.h"
#include "astrolabe/search/pruner.h"
#include "astrolabe/search/study_store.h"

namespace astrolabe {

inline constexpr std::size_t kMostSetAside = 200;

// What `evaluate` is given.
class RunningTrial {
 public:
  virtual ~RunningTrial() = default;
  [[nodiscard]] virtual std::uint64_t id() const = 0;
  [[nodiscard]] virtual const Point& point() const = 0;
  [[nodiscard]] virtual std::string_view by() const = 0;
  // Tells a cost on the way. False: stop now and return a pruned end (the reason is why_stopped()).
  [[nodiscard]] virtual bool report(const StepCost& step) = 0;
  [[nodiscard]] virtual const std::string& why_stopped() const = 0;
  // Renews the lease; call it at least every few seconds in long work. False: the trial is no longer ours.
  virtual bool keep_alive() = 0;
};

struct SearchEvent {
  TrialCounts counts;
  std::uint64_t trial = 0;  // that just ended
  TrialEnd end;
  Point point;
  std::string by;
};

struct SearchSetup {
  const Space& space;
  StudyStore& store;
  Proposer& proposer;
  const Pruner& pruner;
  // Never throws for what a trial does wrong: that is a failed end. Nothing: it could not be ended (no time,
  // a signal), so it waits for whoever goes on. What it throws ends the search.
  std::function<std::optional<TrialEnd>(RunningTrial&)> evaluate;
  // Points that are tried before the proposer is asked.
  std::span<const Point> first = {};
  // Equal for points that compute the same; the point's text when absent.
  std::function<std::string(const Point&)> equivalence = {};
  // Why a point is not worth a trial, nothing when it is: looked at before it becomes one.
  std::function<std::optional<std::string>(const Point&)> refuse = {};
  // Whether a trial of it fits into the time that is left; true without a clock. A point that does not fit is
  // set aside without a trial, and others are asked for: until kMostSetAside in a row do not fit either. With
  // more time those of `first` come back at once, the rest when there is nothing else. Where this is given, a
  // trial that `evaluate` could not end although time is left waits too, and the search goes on.
  std::function<bool(const Point&)> is_affordable = {};
  const Budget& budget;
  std::optional<std::uint64_t> trials =
      {};  // of the whole study, those of earlier runs and other workers too
  Key key;
  // Asked between trials: true ends the search here as a spent budget does. Of a worker: the study has ended.
  std::function<bool()> is_over = {};
  std::function<void(const SearchEvent&)> on_end = {};
};

enum class SearchStop { trials, time, exhausted, signal };
[[nodiscard]] std::string_view search_stop_name(SearchStop why);  // "exhausted"
struct SearchEnd {
  SearchStop why = SearchStop::trials;
  std::uint64_t trials_here = 0;  // that ended in this call
};

// Throws what the store throws. A database that goes away is waited for as long as the budget lasts.
// Counters that it keeps in the store: proposed, duplicates (the same point again), equivalents (another
// point, the same function), refused, set_aside.
[[nodiscard]] SearchEnd search(const SearchSetup& setup);

}  // namespace astrolabe
