// SPDX-License-Identifier: Apache-2.0
// A measured search for the schedule of one subject, a product or a convolution, and what it gains over the
// default.
//
//   Tuned<GemmSchedule> tuned = search_schedule(subject, effort);
//   tuned.schedule;      // the default unless another one is faster beyond noise
//   tuned.times.gain;    // of the best that was found, measured anew
//
// Schedules are drawn, compared with the default in turns, and changed step by step; each has to give the
// default's bytes before it is timed. The winner is simplified and then measured by itself, so that having
// been chosen among many does not flatter it.
//
// A subject has: Schedule, equal to itself and default-constructible; first() where the search begins;
// changed(schedule, random) a step; simplified(schedule) simpler ones that run; require_same_bytes(schedule);
// compare(before, after, rounds) in turns.
#pragma once

#include <algorithm>
#include <chrono>
#include <limits>
#include <vector>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/instruction_set.h"
#include "astrolabe/base/random.h"
#include "astrolabe/runtime/paired_times.h"

namespace astrolabe {

struct TuneEffort {
  InstructionSet set = best_instruction_set();
  double seconds = 2;  // about; more only where one call takes longer
  std::size_t threads = 1;
  Key key = {};
};

// Gains below this are not worth an entry, whatever their interval says.
inline constexpr double kLeastGain = 1.01;

template <class Schedule>
struct Tuned {
  Schedule best = {};      // found; may be the default
  Schedule schedule = {};  // to keep: `best` when its gain is beyond noise, else the default
  PairedTimes times = {};  // of `best` against the default
  std::size_t tried = 0;   // schedules
};

// What is kept of the best that was found, by times that were measured anew.
template <class Schedule>
Tuned<Schedule> judged(const Schedule& best, const PairedTimes& times, std::size_t tried) {
  Tuned<Schedule> tuned{.best = best, .schedule = {}, .times = times, .tried = tried};
  if (best == Schedule{}) tuned.times.gain = {.value = 1, .low = 1, .high = 1, .method = "sign test"};
  if (tuned.times.gain.low > 1 && tuned.times.gain.value > kLeastGain) tuned.schedule = best;
  return tuned;
}

template <class Subject>
class ScheduleSearch {
 public:
  using Schedule = typename Subject::Schedule;

  ScheduleSearch(Subject& subject, const TuneEffort& effort)
      : subject_(subject), effort_(effort), random_(effort.key.split("search")) {}

  Tuned<Schedule> run() {
    const auto start = std::chrono::steady_clock::now();
    const auto used = [&] {
      if (cancel_requested()) return std::numeric_limits<double>::infinity();
      return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
    for (const Schedule& schedule : subject_.first()) {
      if (used() > kSearchShare * effort_.seconds && best_.size() > 1) break;
      try_one(schedule);
    }
    while (used() < kSearchShare * effort_.seconds && since_better_ < kPatience) {
      const std::size_t parents = std::min(kParents, best_.size());
      const Schedule& parent = best_[random_.below(parents)].schedule;
      try_one(subject_.changed(parent, random_));
    }
    const Schedule best = simplify(choose());
    return judged(best, subject_.compare({}, best, kProving), seen_.size());
  }

 private:
  static constexpr std::size_t kScreening = 3, kChoosing = 7, kProving = 25;  // rounds
  static constexpr std::size_t kFinalists = 6, kParents = 4;
  static constexpr std::size_t kPatience = 160;  // schedules without a better one, then the best is clear
  static constexpr double kSearchShare = 0.75;   // of the time; the rest chooses and proves
  static constexpr double kNotWorse = 0.995;     // of a simpler schedule, which is then preferred

  struct Scored {
    Schedule schedule = {};
    double gain = 1;
  };

  void try_one(const Schedule& schedule) {
    ++since_better_;
    if (std::ranges::find(seen_, schedule) != seen_.end()) return;
    seen_.push_back(schedule);
    subject_.require_same_bytes(schedule);
    const double gain = subject_.compare({}, schedule, kScreening).gain.value;
    if (gain > 1.005 * best_.front().gain) since_better_ = 0;
    const auto place = std::ranges::find_if(best_, [&](const Scored& one) { return one.gain < gain; });
    best_.insert(place, {schedule, gain});
  }

  Schedule choose() {
    Scored chosen;
    for (std::size_t i = 0; i < std::min(kFinalists, best_.size()); ++i) {
      if (best_[i].schedule == Schedule{}) continue;
      const double gain = subject_.compare({}, best_[i].schedule, kChoosing).gain.value;
      if (gain > chosen.gain) chosen = {best_[i].schedule, gain};
    }
    return chosen.schedule;
  }

  Schedule simplify(Schedule schedule) {
    for (bool is_simpler = true; is_simpler;) {
      is_simpler = false;
      for (const Schedule& simpler : subject_.simplified(schedule)) {
        subject_.require_same_bytes(simpler);
        if (subject_.compare(schedule, simpler, kChoosing).gain.value < kNotWorse) continue;
        schedule = simpler;
        is_simpler = true;
        break;
      }
    }
    return schedule;
  }

  Subject& subject_;
  const TuneEffort& effort_;
  RandomStream random_;
  std::vector<Scored> best_{Scored{}};  // the best first; begins with the default, whose gain is 1
  std::vector<Schedule> seen_{Schedule{}};
  std::size_t since_better_ = 0;
};

template <class Subject>
Tuned<typename Subject::Schedule> search_schedule(Subject& subject, const TuneEffort& effort) {
  return ScheduleSearch<Subject>(subject, effort).run();
}

}  // namespace astrolabe
