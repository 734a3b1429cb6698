// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/tune_program.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <numeric>
#include <vector>

#include "astrolabe/base/error.h"
#include "astrolabe/runtime/compile.h"
#include "astrolabe/runtime/sample_values.h"

namespace astrolabe {
namespace {

constexpr std::size_t kFewestRounds = 9, kMostRounds = 41;
constexpr double kTurnsOfARound = 3;  // two bursts, and what warms them

// Everything that runs read and write, in one place for both executables: where memory lies is chance, and
// would be measured, too.
class Stage {
 public:
  Stage(const Executable& like, Key key) : arena_(std::max<std::size_t>(like.arena_bytes(), 64)) {
    for (const Slot& slot : like.inputs()) add(inputs_, slot.type, slot.shape, key.split(slot.name));
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      if (like.inputs()[i].type != ElementType::i32) continue;
      const std::span<std::int32_t> values = inputs_[i].as<std::int32_t>();
      std::iota(values.begin(), values.end(), 0);
    }
    for (const Slot& slot : like.states()) {
      add(first_states_, slot.type, slot.shape, key.split(slot.name));
      states_.emplace_back(first_states_.back().bytes());
    }
    for (const Slot& slot : like.scalars()) {
      add(scalars_, slot.type, slot.shape, key);
      if (slot.type == ElementType::f32) std::ranges::fill(scalars_.back().as<float>(), 0.5F);
      if (slot.type == ElementType::f64) std::ranges::fill(scalars_.back().as<double>(), 0.5);
    }
    for (const Executable::Value& value : like.outputs()) add(outputs_, value.type, value.shape, key);
    for (Buffer& buffer : inputs_) input_addresses_.push_back(buffer.data());
    for (Buffer& buffer : states_) state_addresses_.push_back(buffer.data());
    for (Buffer& buffer : scalars_) scalar_addresses_.push_back(buffer.data());
    for (Buffer& buffer : outputs_) output_addresses_.push_back(buffer.data());
  }

  void renew() {
    for (std::size_t i = 0; i < states_.size(); ++i)
      std::memcpy(states_[i].data(), first_states_[i].data(), states_[i].bytes());
  }
  void run(const Executable& executable) {
    executable.run({.inputs = input_addresses_,
                    .states = state_addresses_,
                    .scalars = scalar_addresses_,
                    .outputs = output_addresses_,
                    .arena = arena_.data()},
                   nullptr);
  }
  // What a run from the first states leaves.
  std::vector<std::byte> bytes_of(const Executable& executable) {
    renew();
    run(executable);
    std::vector<std::byte> all;
    for (const std::vector<Buffer>* some : {&states_, &outputs_})
      for (const Buffer& one : *some) all.insert(all.end(), one.data(), one.data() + one.bytes());
    return all;
  }

 private:
  static void add(std::vector<Buffer>& buffers, ElementType type, const Shape& shape, Key key) {
    buffers.push_back(sample_values(type, shape.element_count(), key));
  }

  std::vector<Buffer> inputs_, states_, first_states_, scalars_, outputs_;
  std::vector<const std::byte*> input_addresses_, scalar_addresses_;
  std::vector<std::byte*> state_addresses_, output_addresses_;
  Buffer arena_;
};

// The schedules of this process as they were.
class SchedulesLent {
 public:
  SchedulesLent() : kept_(current_schedules()) {}
  ~SchedulesLent() { use_schedules(kept_); }
  SchedulesLent(const SchedulesLent&) = delete;
  SchedulesLent& operator=(const SchedulesLent&) = delete;

  [[nodiscard]] static std::shared_ptr<const Executable> compiled(
      const Program& program, const std::shared_ptr<const Schedules>& schedules) {
    use_schedules(schedules);
    return compile(program, {.tier = Tier::compiled});
  }

 private:
  std::shared_ptr<const Schedules> kept_;
};

}  // namespace

PairedTimes compare_programs(const Program& program, const std::shared_ptr<const Schedules>& before,
                             const std::shared_ptr<const Schedules>& after, const TuneEffort& effort) {
  const SchedulesLent lent;
  const auto first = SchedulesLent::compiled(program, before);
  const auto second = SchedulesLent::compiled(program, after);
  Stage stage(*first, effort.key);
  ASTROLABE_CHECK(stage.bytes_of(*first) == stage.bytes_of(*second),
                  "schedules change no byte of a whole program");
  const auto start = std::chrono::steady_clock::now();
  const double once = processor_seconds([&] { stage.run(*first); }, 2);
  // By the clock, since neighbours take their part of the processor.
  const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - start;
  const std::size_t calls = std::max<std::size_t>(calls_of_burst(once), 2);
  const double round = kTurnsOfARound * static_cast<double>(calls) * std::max(once, waited.count() / 3);
  const auto fitting = static_cast<std::size_t>(std::min(effort.seconds / round, 1e6));
  const auto seconds = [&](const Executable& executable) {
    stage.renew();
    return processor_seconds([&] { stage.run(executable); }, calls);
  };
  return compare_times([&] { return seconds(*first); }, [&] { return seconds(*second); },
                       std::clamp(fitting, kFewestRounds, kMostRounds));
}

}  // namespace astrolabe
