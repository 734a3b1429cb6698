// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/tune_nest.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <vector>

#include "astrolabe/base/error.h"
#include "astrolabe/tensor/buffer.h"

namespace astrolabe {
namespace {

constexpr std::size_t kScreening = 5, kProving = 25;  // rounds

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
    const std::size_t bytes = std::max<std::size_t>(buffer.elements * element_bytes(buffer.type), 1);
    Buffer fresh(bytes);
    std::memset(fresh.data(), 0, bytes);
    RandomStream random(key);
    if (buffer.type == ElementType::f32)
      for (float& value : fresh.as<float>()) value = static_cast<float>(0.05 + 0.9 * random.uniform());
    if (buffer.type == ElementType::f64)
      for (double& value : fresh.as<double>()) value = 0.05 + 0.9 * random.uniform();
    now_.emplace_back(bytes);
    first_.push_back(std::move(fresh));
  }

  std::vector<Buffer> now_, first_;
  std::vector<std::byte*> pointers_;
};

class Search {
 public:
  Search(const Plan& plan, const NestStep& nest, const TuneEffort& effort)
      : nest_(nest), memory_(plan, nest, effort.key) {
    extent_ = nest.extents[split_loop(nest.code)];
    schedules_.emplace_back();
    for (const NestSchedule& schedule : nest_schedules(nest.code, effort.set)) schedules_.push_back(schedule);
    const std::vector<const NestCode*> codes(schedules_.size(), &nest.code);
    code_ = compile_nests(codes, effort.set, schedules_);
  }

  TunedNest run() {
    TunedNest tuned{.best = {}, .schedule = {}, .times = {}, .tried = schedules_.size()};
    const std::vector<std::byte> wanted = bytes_of(0);
    calls_ = calls_of_burst(seconds(0));
    std::size_t best = 0;
    double best_gain = 1;
    for (std::size_t i = 1; i < schedules_.size(); ++i) {
      ASTROLABE_CHECK(bytes_of(i) == wanted, "a schedule of a nest gives the default's bytes");
      const double gain = compare(i, kScreening).gain.value;
      if (gain > best_gain) best = i, best_gain = gain;
    }
    tuned.best = schedules_[best];
    tuned.times = compare(best, kProving);
    if (best == 0) tuned.times.gain = {.value = 1, .low = 1, .high = 1, .method = "sign test"};
    if (tuned.times.gain.low > 1 && tuned.times.gain.value > kLeastGain) tuned.schedule = tuned.best;
    return tuned;
  }

 private:
  void call(std::size_t i) {
    code_.functions()[i](memory_.pointers(), nest_.strides.data(), nest_.extents.data(), 0, extent_);
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
  Memory memory_;
  std::int64_t extent_ = 0;
  std::vector<NestSchedule> schedules_;  // the default first
  CompiledNests code_;
  std::size_t calls_ = 1;
};

}  // namespace

TunedNest tune_nest(const Plan& plan, const NestStep& nest, const TuneEffort& effort) {
  return Search(plan, nest, effort).run();
}

}  // namespace astrolabe
