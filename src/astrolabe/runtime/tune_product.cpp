// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/tune_product.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/error.h"
#include "astrolabe/gemm/gemm.h"
#include "astrolabe/runtime/schedule_space.h"
#include "astrolabe/tensor/buffer.h"

namespace astrolabe {
namespace {

constexpr std::size_t kScreening = 3, kChoosing = 7, kProving = 25;  // rounds
constexpr std::size_t kFinalists = 6, kParents = 4;
constexpr std::size_t kPatience = 160;  // schedules without a better one, after which the best is clear
constexpr double kSearchShare = 0.75;   // of the time; the rest chooses and proves
constexpr double kNotWorse = 0.995;     // of a simpler schedule, which is then preferred

Buffer random_floats(std::size_t count, Key key) {
  RandomStream random(key);
  Buffer values(count * sizeof(float));
  for (float& value : values.as<float>()) value = static_cast<float>(random.uniform() - 0.5);
  return values;
}

// One product with operands of its own.
class Bench {
 public:
  Bench(const GemmShape& shape, const TuneEffort& effort)
      : effort_(effort),
        a_(random_floats(shape.m * shape.k, effort.key.split("a"))),
        b_(random_floats(shape.k * shape.n, effort.key.split("b"))),
        c_(shape.m * shape.n * sizeof(float)),
        wanted_(shape.m * shape.n * sizeof(float)) {
    const auto m = static_cast<std::ptrdiff_t>(shape.m);
    const auto n = static_cast<std::ptrdiff_t>(shape.n);
    const auto k = static_cast<std::ptrdiff_t>(shape.k);
    const bool a_turned = shape.a == GemmShape::Form::columns;
    const bool b_turned = shape.b == GemmShape::Form::columns;
    product_ = {.m = shape.m,
                .n = shape.n,
                .k = shape.k,
                .a = a_.as<float>().data(),
                .a_row = a_turned ? 1 : k,
                .a_column = a_turned ? m : 1,
                .b = b_.as<float>().data(),
                .b_row = b_turned ? 1 : n,
                .b_column = b_turned ? k : 1,
                .c = c_.as<float>().data(),
                .c_row = n};
    run({});
    std::memcpy(wanted_.data(), c_.data(), c_.bytes());
    calls_ = calls_of_burst(seconds({}, 1));
  }

  // Our own fault if not: no schedule of the space may change bytes.
  void require_same_bytes(const GemmSchedule& schedule) {
    std::memset(c_.data(), 0xFF, c_.bytes());
    run(schedule);
    ASTROLABE_CHECK(std::memcmp(wanted_.data(), c_.data(), c_.bytes()) == 0,
                    "a schedule gives the default's bytes: " + schedule_text(schedule));
  }

  PairedTimes compare(const GemmSchedule& before, const GemmSchedule& after, std::size_t rounds) {
    return compare_times([&] { return seconds(before, calls_); }, [&] { return seconds(after, calls_); },
                         rounds);
  }

 private:
  [[nodiscard]] Gemm part_of(const GemmSchedule& schedule, std::size_t part) const {
    return effort_.threads == 1 ? product_ : gemm_part(product_, effort_.threads, part, schedule.split);
  }

  void run(const GemmSchedule& schedule) {
    for (std::size_t part = 0; part < effort_.threads; ++part)
      gemm(part_of(schedule, part), effort_.set, scratch_, schedule);
  }

  double seconds(const GemmSchedule& schedule, std::size_t calls) {
    double slowest = 0;
    for (std::size_t part = 0; part < effort_.threads; ++part) {
      const Gemm mine = part_of(schedule, part);
      slowest =
          std::max(slowest, processor_seconds([&] { gemm(mine, effort_.set, scratch_, schedule); }, calls));
    }
    return slowest;
  }

  const TuneEffort& effort_;
  Buffer a_, b_, c_, wanted_;
  Gemm product_;
  GemmScratch scratch_;
  std::size_t calls_ = 1;
};

struct Scored {
  GemmSchedule schedule;
  double gain = 1;
};

// The best first. Begins with the default, whose gain is 1.
class Search {
 public:
  Search(const GemmShape& shape, const TuneEffort& effort)
      : shape_(shape), effort_(effort), bench_(shape, effort), random_(effort.key.split("search")) {}

  TunedProduct run() {
    const auto start = std::chrono::steady_clock::now();
    const auto used = [&] {
      if (cancel_requested()) return std::numeric_limits<double>::infinity();
      return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
    for (const GemmSchedule& schedule : first_schedules(shape_, effort_.set)) {
      if (used() > kSearchShare * effort_.seconds && best_.size() > 1) break;
      try_one(schedule);
    }
    while (used() < kSearchShare * effort_.seconds && since_better_ < kPatience) {
      const std::size_t parents = std::min(kParents, best_.size());
      const GemmSchedule& parent = best_[random_.below(parents)].schedule;
      try_one(changed(parent, shape_, effort_.set, effort_.threads, random_));
    }
    return prove(simplify(choose()));
  }

 private:
  void try_one(const GemmSchedule& schedule) {
    ++since_better_;
    if (std::ranges::find(seen_, schedule) != seen_.end()) return;
    seen_.push_back(schedule);
    bench_.require_same_bytes(schedule);
    const double gain = bench_.compare({}, schedule, kScreening).gain.value;
    if (gain > 1.005 * best_.front().gain) since_better_ = 0;
    const auto place = std::ranges::find_if(best_, [&](const Scored& one) { return one.gain < gain; });
    best_.insert(place, {schedule, gain});
  }

  GemmSchedule choose() {
    Scored chosen;
    for (std::size_t i = 0; i < std::min(kFinalists, best_.size()); ++i) {
      if (best_[i].schedule == GemmSchedule{}) continue;
      const double gain = bench_.compare({}, best_[i].schedule, kChoosing).gain.value;
      if (gain > chosen.gain) chosen = {best_[i].schedule, gain};
    }
    return chosen.schedule;
  }

  GemmSchedule simplify(GemmSchedule schedule) {
    for (bool is_simpler = true; is_simpler;) {
      is_simpler = false;
      for (const GemmSchedule& simpler : simplified(schedule)) {
        if (!is_runnable(simpler, effort_.set)) continue;
        bench_.require_same_bytes(simpler);
        if (bench_.compare(schedule, simpler, kChoosing).gain.value < kNotWorse) continue;
        schedule = simpler;
        is_simpler = true;
        break;
      }
    }
    return schedule;
  }

  TunedProduct prove(const GemmSchedule& best) {
    TunedProduct tuned{
        .best = best, .schedule = {}, .times = bench_.compare({}, best, kProving), .tried = seen_.size()};
    if (best == GemmSchedule{}) tuned.times.gain = {.value = 1, .low = 1, .high = 1, .method = "sign test"};
    if (tuned.times.gain.low > 1 && tuned.times.gain.value > kLeastGain) tuned.schedule = best;
    return tuned;
  }

  const GemmShape& shape_;
  const TuneEffort& effort_;
  Bench bench_;
  RandomStream random_;
  std::vector<Scored> best_{Scored{}};
  std::vector<GemmSchedule> seen_{GemmSchedule{}};
  std::size_t since_better_ = 0;
};

}  // namespace

TunedProduct tune_product(const GemmShape& shape, const TuneEffort& effort) {
  if (shape.a == GemmShape::Form::other || shape.b == GemmShape::Form::other) return {};
  return Search(shape, effort).run();
}

PairedTimes compare_schedules(const GemmShape& shape, const TuneEffort& effort, const GemmSchedule& before,
                              const GemmSchedule& after, std::size_t rounds) {
  Bench bench(shape, effort);
  bench.require_same_bytes(before);
  bench.require_same_bytes(after);
  return bench.compare(before, after, rounds);
}

}  // namespace astrolabe
