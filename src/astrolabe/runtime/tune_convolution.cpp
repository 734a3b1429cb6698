// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/tune_convolution.h"

#include <array>
#include <cstring>
#include <vector>

#include "astrolabe/base/error.h"
#include "astrolabe/runtime/convolve_class.h"
#include "astrolabe/runtime/convolve_runner.h"
#include "astrolabe/runtime/convolve_space.h"
#include "astrolabe/runtime/sample_values.h"

namespace astrolabe {
namespace {

// One member of a convolution with operands of its own.
class Bench {
 public:
  using Schedule = ConvolveSchedule;

  Bench(const ConvolveStep& step, const TuneEffort& effort) : step_(step), effort_(effort) {
    step_.batch = 1;
    const ConvolveSizes sizes = convolve_sizes(step_);
    const bool has_pictures = step.op != Op::convolve_input, has_filters = step.op != Op::convolve_filters;
    const std::size_t result = step.op == Op::convolve         ? sizes.answers
                               : step.op == Op::convolve_input ? sizes.pictures
                                                               : sizes.filters;
    a_ = random_floats(has_pictures ? sizes.pictures : sizes.answers, effort.key.split("a"));
    b_ = random_floats(has_filters ? sizes.filters : sizes.answers, effort.key.split("b"));
    result_ = Buffer(result * sizeof(float));
    wanted_ = Buffer(result * sizeof(float));
    addresses_ = {a_.data(), b_.data(), result_.data()};
    run({});
    std::memcpy(wanted_.data(), result_.data(), result_.bytes());
    calls_ = calls_of_burst(processor_seconds([&] { run({}); }, 1));
  }

  [[nodiscard]] std::vector<ConvolveSchedule> first() const {
    return first_convolve_schedules(step_, effort_.set);
  }
  ConvolveSchedule changed(const ConvolveSchedule& schedule, RandomStream& random) const {
    return astrolabe::changed(schedule, step_, effort_.set, random);
  }
  [[nodiscard]] std::vector<ConvolveSchedule> simplified(const ConvolveSchedule& schedule) const {
    return astrolabe::simplified(schedule, effort_.set);
  }

  // Our own fault if not: no schedule of the space may change bytes.
  void require_same_bytes(const ConvolveSchedule& schedule) {
    std::memset(result_.data(), 0xFF, result_.bytes());
    run(schedule);
    ASTROLABE_CHECK(std::memcmp(wanted_.data(), result_.data(), result_.bytes()) == 0,
                    "a schedule gives the default's bytes: " + convolve_schedule_text(schedule));
  }

  PairedTimes compare(const ConvolveSchedule& before, const ConvolveSchedule& after, std::size_t rounds) {
    return compare_times([&] { return processor_seconds([&] { run(before); }, calls_); },
                         [&] { return processor_seconds([&] { run(after); }, calls_); }, rounds);
  }

 private:
  void run(const ConvolveSchedule& schedule) {
    run_convolve(step_, addresses_.data(), {.set = effort_.set, .schedule = schedule}, scratch_);
  }

  ConvolveStep step_;
  const TuneEffort& effort_;
  Buffer a_, b_, result_, wanted_;
  std::array<std::byte*, 3> addresses_{};
  GemmScratch scratch_;
  std::size_t calls_ = 1;
};

}  // namespace

TunedConvolution tune_convolution(const ConvolveStep& step, const TuneEffort& effort) {
  Bench bench(step, effort);
  return search_schedule(bench, effort);
}

PairedTimes compare_convolve_schedules(const ConvolveStep& step, const TuneEffort& effort,
                                       const ConvolveSchedule& before, const ConvolveSchedule& after,
                                       std::size_t rounds) {
  Bench bench(step, effort);
  bench.require_same_bytes(before);
  bench.require_same_bytes(after);
  return bench.compare(before, after, rounds);
}

}  // namespace astrolabe
