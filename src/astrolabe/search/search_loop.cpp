// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/search_loop.h"

#include <algorithm>
#include <chrono>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "astrolabe/search/point_source.h"
#include "astrolabe/search/study_facts.h"

namespace astrolabe {
namespace {

using Clock = std::chrono::steady_clock;

// How often a worker looks for trials that somebody left behind.
constexpr std::chrono::seconds kLookAround{5};
constexpr std::size_t kReadAtOnce = 1'000;
// Counters are for people; a commit for each trial would be dear.
constexpr std::chrono::seconds kSaveCounters{5};

class StoredTrial final : public RunningTrial {
 public:
  StoredTrial(const SearchSetup& setup, Claim claim)
      : setup_(setup), claim_(std::move(claim)), point_(parse_point(setup.space, claim_.what.point)) {}

  [[nodiscard]] std::uint64_t id() const override { return claim_.trial; }
  [[nodiscard]] const Point& point() const override { return point_; }
  [[nodiscard]] std::string_view by() const override { return claim_.what.by; }
  [[nodiscard]] const std::string& why_stopped() const override { return why_; }
  bool keep_alive() override { return setup_.store.keep_alive(claim_); }

  [[nodiscard]] bool report(const StepCost& step) override {
    if (!setup_.store.report(claim_, step)) {
      why_ = "taken over by another worker";
      return false;
    }
    steps_.push_back(step);
    const std::vector<StepCost> peers = setup_.store.costs_at(step.step, claim_.trial);
    if (!setup_.pruner.should_stop(steps_, peers)) return true;
    const auto better = std::ranges::count_if(peers, [&](const StepCost& p) { return p.cost < step.cost; });
    why_ = fmt::format("step {}: {} of {} others were better", step.step, better, peers.size());
    return false;
  }

  [[nodiscard]] const Claim& claim() const { return claim_; }
  [[nodiscard]] const std::vector<StepCost>& steps() const { return steps_; }

 private:
  const SearchSetup& setup_;
  Claim claim_;
  Point point_;
  std::vector<StepCost> steps_;
  std::string why_;
};

class Search {
 public:
  explicit Search(const SearchSetup& setup) : setup_(setup), source_(setup), me_(worker_identity()) {}

  SearchEnd run() {
    run_left_behind();
    replay();
    std::optional<Claim> claim;
    while (claim || (claim = begin())) {
      const std::optional<Ended> ended = evaluate(std::move(*claim));
      claim.reset();
      if (!ended) {
        if (!setup_.is_affordable) break;
        continue;  // with what fits, where time is left
      }
      // What comes next is asked before the end is written, so that one commit does both.
      source_.tell(ended->record);
      told_.insert(ended->record.id);
      claim = finish_and_begin(*ended);
    }
    read_ended();
    save_counters();
    SearchStop why = is_exhausted_ ? SearchStop::exhausted : SearchStop::trials;
    if (is_out_of_time_) why = SearchStop::time;
    if (setup_.budget.should_stop()) why = cancel_requested() ? SearchStop::signal : SearchStop::time;
    return {.why = why, .trials_here = trials_here_};
  }

 private:
  struct Ended {
    Claim claim;
    TrialRecord record;  // as it will be stored
    Point point;
  };

  bool may_go_on() {
    if (setup_.budget.should_stop() || (setup_.is_over && setup_.is_over())) return false;
    return !setup_.trials || setup_.store.counts().total < *setup_.trials;
  }

  // Trials of workers that died, and those that wait: as they are, whatever the proposer would say.
  void run_left_behind() {
    looked_ = Clock::now();
    while (!setup_.budget.should_stop()) {
      std::optional<Claim> claim = setup_.store.claim(me_);
      if (!claim) return;
      const std::optional<Ended> ended = evaluate(std::move(*claim));
      if (!ended) return;
      if (setup_.store.finish(ended->claim, ended->record.end)) hear(*ended);
    }
  }

  // Which worker runs what is all that this clock decides. What was left here for want of time is not taken
  // up again before somebody has more.
  [[nodiscard]] bool is_time_to_look() const {
    return !has_left_one_ && Clock::now() - looked_ >= kLookAround;
  }
  void look_around() {
    if (is_time_to_look()) run_left_behind();
  }

  // A study that was begun before: the proposer is asked the same questions again and given the answers that
  // the store has, which brings it to where it was; what the store does not know was set aside. That works
  // while one worker ran one trial after the other; where several did, it is told of the rest as it stands,
  // and what it had asked last is not forgotten.
  void replay() {
    const bool may_skip = setup_.store.counters().contains(std::string(kSetAsideCounter));
    for (std::uint64_t id = 1; !setup_.budget.should_stop();) {
      const std::optional<TrialRecord> record = setup_.store.trial(id);
      if (!record || record->finished != read_ + 1) break;
      const std::optional<PointSource::Asked> asked = source_.next();
      if (!asked) break;
      if (asked->trial.key == record->what.key) {
        tell(*record);
        ++id;
        set_aside_in_row_ = 0;
        continue;
      }
      const std::optional<TrialRecord> known = setup_.store.trial_with_key(asked->trial.key);
      if (known && known->id > id) break;
      if (known) {
        source_.tell_known(*asked, *known);
        continue;
      }
      set_aside(*asked);
      if (!may_skip || set_aside_in_row_ >= kMostSetAside) break;
    }
    set_aside_in_row_ = 0;
    static_cast<void>(source_.take_counters());  // counted when it happened
  }

  [[nodiscard]] bool is_affordable(const Point& point) const {
    return !setup_.is_affordable || setup_.is_affordable(point);
  }

  void set_aside(const PointSource::Asked& asked) {
    ++set_aside_in_row_;
    const bool is_there = std::ranges::any_of(
        set_aside_, [&](const PointSource::Asked& other) { return other.trial.key == asked.trial.key; });
    if (!is_there) set_aside_.push_back(asked);
  }

  // One of the points that were set aside and that fits by now; `all`, or those of the first points.
  std::optional<PointSource::Asked> take_back(bool all) {
    const auto fits = [&](const PointSource::Asked& asked) {
      return (all || asked.trial.by == kFirstPoints) && is_affordable(asked.point);
    };
    const auto found = std::ranges::find_if(set_aside_, fits);
    if (found == set_aside_.end()) return std::nullopt;
    PointSource::Asked asked = std::move(*found);
    set_aside_.erase(found);
    return asked;
  }

  // The next point that is news and that fits into the time.
  std::optional<NewTrial> next_trial() {
    while (!is_exhausted_ && !is_out_of_time_ && !setup_.budget.should_stop()) {
      std::optional<PointSource::Asked> asked = take_back(false);
      if (!asked && !is_source_dry_) {
        asked = source_.next();
        is_source_dry_ = !asked;
      }
      if (!asked) asked = take_back(true);
      if (!asked) {
        (set_aside_.empty() ? is_exhausted_ : is_out_of_time_) = true;
        break;
      }
      if (const std::optional<TrialRecord> known = setup_.store.trial_with_key(asked->trial.key)) {
        const bool is_unwritten = unwritten_ != nullptr && unwritten_->id == known->id;
        source_.tell_known(*asked, is_unwritten ? *unwritten_ : *known);
      } else if (is_affordable(asked->point)) {
        set_aside_in_row_ = 0;
        return asked->trial;
      } else {
        set_aside(*asked);
        ++set_aside_here_;
        is_out_of_time_ = set_aside_in_row_ >= kMostSetAside;
      }
    }
    return std::nullopt;
  }

  void tell(const TrialRecord& ended) {
    source_.tell(ended);
    read_ = ended.finished;
  }

  // Every trial that others ended since.
  void read_ended() {
    for (;;) {
      const std::vector<TrialRecord> records = setup_.store.finished_after(read_, kReadAtOnce);
      for (const TrialRecord& record : records) {
        if (told_.erase(record.id) == 0) source_.tell(record);
        read_ = record.finished;
      }
      if (records.size() < kReadAtOnce) return;
    }
  }

  // A new trial, where one may begin. Another worker may be quicker with an equal one: then the next.
  std::optional<Claim> begin() {
    while (may_go_on()) {
      look_around();
      read_ended();
      const std::optional<NewTrial> next = next_trial();
      if (!next) return std::nullopt;
      if (std::optional<Claim> claim = setup_.store.start(*next, me_)) return claim;
    }
    return std::nullopt;
  }

  // Nothing: it could not be ended, so nothing more is to be tried here.
  std::optional<Ended> evaluate(Claim claim) {
    StoredTrial trial(setup_, std::move(claim));
    const Clock::time_point start = Clock::now();
    std::optional<TrialEnd> end = setup_.evaluate(trial);
    if (!end) {
      setup_.store.give_back(trial.claim());
      has_left_one_ = true;
      return std::nullopt;
    }
    end->seconds = std::chrono::duration<double>(Clock::now() - start).count();
    return Ended{.claim = trial.claim(),
                 .record = {.id = trial.id(),
                            .what = trial.claim().what,
                            .attempt = trial.claim().attempt,
                            .end = *end,
                            .steps = trial.steps(),
                            .finished = 1},  // or later: that it has
                 .point = trial.point()};
  }

  std::optional<Claim> finish_and_begin(const Ended& ended) {
    std::optional<NewTrial> next;
    if (!is_time_to_look() && may_go_on()) {
      read_ended();
      unwritten_ = &ended.record;
      next = next_trial();
      unwritten_ = nullptr;
    }
    bool accepted = false;
    std::optional<Claim> claim;
    if (next) {
      claim = setup_.store.finish_and_start(ended.claim, ended.record.end, *next, me_, accepted);
    } else {
      accepted = setup_.store.finish(ended.claim, ended.record.end);
    }
    if (accepted) hear(ended);
    return claim;
  }

  void hear(const Ended& ended) {
    ++trials_here_;
    if (Clock::now() - saved_ >= kSaveCounters) save_counters();
    if (!setup_.on_end) return;
    setup_.on_end({.counts = setup_.store.counts(),
                   .trial = ended.record.id,
                   .end = ended.record.end,
                   .point = ended.point,
                   .by = ended.record.what.by});
  }

  void save_counters() {
    saved_ = Clock::now();
    for (const auto& [name, amount] : source_.take_counters()) setup_.store.add_to_counter(name, amount);
    if (set_aside_here_ > 0) setup_.store.add_to_counter(kSetAsideCounter, std::exchange(set_aside_here_, 0));
  }

  const SearchSetup& setup_;
  PointSource source_;
  std::string me_;
  Clock::time_point looked_, saved_;
  std::uint64_t read_ = 0;  // the newest end that was read
  std::unordered_set<std::uint64_t>
      told_;  // trials of ours that the proposer knows and that were not read yet
  const TrialRecord* unwritten_ = nullptr;     // ours that has ended, and the store does not know it yet
  std::vector<PointSource::Asked> set_aside_;  // in the order in which they were asked
  std::size_t set_aside_in_row_ = 0;
  std::int64_t set_aside_here_ = 0;  // not counted in the store yet
  bool is_source_dry_ = false, is_exhausted_ = false, is_out_of_time_ = false, has_left_one_ = false;
  std::uint64_t trials_here_ = 0;
};

}  // namespace

std::string_view search_stop_name(SearchStop why) {
  switch (why) {
    case SearchStop::trials:
      return "trials";
    case SearchStop::time:
      return "time";
    case SearchStop::exhausted:
      return "exhausted";
    case SearchStop::signal:
      return "signal";
  }
  return "";
}

SearchEnd search(const SearchSetup& setup) {
  return Search(setup).run();
}

}  // namespace astrolabe
