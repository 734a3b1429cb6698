// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/tune_nest.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <vector>

#include "astrolabe/base/error.h"
#include "astrolabe/runtime/sample_values.h"

namespace astrolabe {
namespace {

constexpr std::size_t kScreening = 3, kProving = 25;  // rounds

// The memory that a nest touches, and that memory as it was.
class Memory {
 public:
  Memory(const Plan& plan, const NestStep& nest, Key key) {
    std::map<std::size_t, std::size_t> place;
    for (std::size_t i = 0; i < nest.regions.size(); ++i) {
      const Region& region = nest.regions[i];
      const PlanBuffer& buffer = plan.buffers[region.buffer];
      const auto [at, is_new] = place.try_emplace(region.buffer, now_.size());
      if (is_new) add(buffer, key.split(i));
      pointers_.push_back(now_[at->second].data() +
                          region.offset * static_cast<std::int64_t>(element_bytes(buffer.type)));
    }
  }

  void renew() {
    for (std::size_t i = 0; i < now_.size(); ++i)
      std::memcpy(now_[i].data(), first_[i].data(), first_[i].bytes());
  }
  [[nodiscard]] std::byte* const* pointers() const { return pointers_.data(); }
  [[nodiscard]] std::vector<std::byte> bytes() const {
    std::vector<std::byte> all;
    for (const Buffer& one : now_) all.insert(all.end(), one.data(), one.data() + one.bytes());
    return all;
  }

 private:
  void add(const PlanBuffer& buffer, Key key) {
    Buffer fresh = sample_values(buffer.type, buffer.elements, key);
    now_.emplace_back(fresh.bytes());
    first_.push_back(std::move(fresh));
  }

  std::vector<Buffer> now_, first_;
  std::vector<std::byte*> pointers_;
};

class Search {
 public:
  Search(const Plan& plan, const NestStep& nest, const TuneEffort& effort)
      : nest_(nest), set_(effort.set), memory_(plan, nest, effort.key) {
    extent_ = nest.extents[split_loop(nest.code)];
    add({NestSchedule{}});
    wanted_ = bytes_of(0);
    calls_ = calls_of_burst(seconds(0));
  }

  TunedNest run() {
    add(nest_schedules(nest_.code, set_));
    add(combined());
    const auto best = static_cast<std::size_t>(std::ranges::max_element(gains_) - gains_.begin());
    return judged(schedules_[best], compare(best, kProving), schedules_.size());
  }

 private:
  // Compiled as one module, each compared with the default.
  void add(const std::vector<NestSchedule>& schedules) {
    if (schedules.empty()) return;
    const std::vector<const NestCode*> codes(schedules.size(), &nest_.code);
    const CompiledNests compiled = compile_nests(codes, set_, schedules);
    owners_.push_back(compiled);
    for (std::size_t i = 0; i < schedules.size(); ++i) {
      schedules_.push_back(schedules[i]);
      functions_.push_back(compiled.functions()[i]);
      const std::size_t place = schedules_.size() - 1;
      if (place == 0) {
        gains_.push_back(1);
        continue;
      }
      ASTROLABE_CHECK(bytes_of(place) == wanted_, "a schedule of a nest gives the default's bytes");
      gains_.push_back(compare(place, kScreening).gain.value);
    }
  }

  // The best strip, unrolling and order among those that gain by themselves, two or three of them together.
  [[nodiscard]] std::vector<NestSchedule> combined() const {
    const auto is_strip = [](const NestSchedule& s) { return s == NestSchedule{.lanes = s.lanes}; };
    const auto is_unroll = [](const NestSchedule& s) { return s == NestSchedule{.unroll = s.unroll}; };
    const auto is_order = [](const NestSchedule& s) { return s == NestSchedule{.order = s.order}; };
    const NestSchedule strip = best_of(is_strip), unroll = best_of(is_unroll), order = best_of(is_order);
    std::vector<NestSchedule> all;
    for (const NestSchedule& each : {NestSchedule{.lanes = strip.lanes, .unroll = unroll.unroll},
                                     NestSchedule{.lanes = strip.lanes, .order = order.order},
                                     NestSchedule{.unroll = unroll.unroll, .order = order.order},
                                     NestSchedule{strip.lanes, unroll.unroll, order.order}})
      if (std::ranges::find(schedules_, each) == schedules_.end() &&
          std::ranges::find(all, each) == all.end())
        all.push_back(each);
    return all;
  }

  // The default where none gains.
  template <class IsOne>
  [[nodiscard]] NestSchedule best_of(const IsOne& is_one) const {
    std::size_t best = 0;
    for (std::size_t i = 1; i < schedules_.size(); ++i)
      if (is_one(schedules_[i]) && gains_[i] > gains_[best]) best = i;
    return schedules_[best];
  }

  void call(std::size_t i) {
    functions_[i](memory_.pointers(), nest_.strides.data(), nest_.extents.data(), 0, extent_);
  }
  std::vector<std::byte> bytes_of(std::size_t i) {
    memory_.renew();
    call(i);
    return memory_.bytes();
  }
  double seconds(std::size_t i) {
    memory_.renew();
    return processor_seconds([&] { call(i); }, calls_);
  }
  PairedTimes compare(std::size_t i, std::size_t rounds) {
    return compare_times([&] { return seconds(0); }, [&] { return seconds(i); }, rounds);
  }

  const NestStep& nest_;
  InstructionSet set_;
  Memory memory_;
  std::int64_t extent_ = 0;
  std::vector<CompiledNests> owners_;
  std::vector<NestSchedule> schedules_;  // the default first
  std::vector<NestFunction> functions_;
  std::vector<double> gains_;
  std::vector<std::byte> wanted_;
  std::size_t calls_ = 1;
};

}  // namespace

TunedNest tune_nest(const Plan& plan, const NestStep& nest, const TuneEffort& effort) {
  return Search(plan, nest, effort).run();
}

}  // namespace astrolabe
