// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/tune_product.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "astrolabe/base/error.h"
#include "astrolabe/gemm/gemm.h"
#include "astrolabe/runtime/sample_values.h"
#include "astrolabe/runtime/schedule_space.h"

namespace astrolabe {
namespace {

// One product with operands of its own.
class Bench {
 public:
  using Schedule = GemmSchedule;

  Bench(const GemmShape& shape, const TuneEffort& effort)
      : shape_(shape),
        effort_(effort),
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

  [[nodiscard]] std::vector<GemmSchedule> first() const { return first_schedules(shape_, effort_.set); }
  GemmSchedule changed(const GemmSchedule& schedule, RandomStream& random) const {
    return astrolabe::changed(schedule, shape_, effort_.set, effort_.threads, random);
  }
  [[nodiscard]] std::vector<GemmSchedule> simplified(const GemmSchedule& schedule) const {
    std::vector<GemmSchedule> simpler = astrolabe::simplified(schedule);
    std::erase_if(simpler, [&](const GemmSchedule& one) { return !is_runnable(one, effort_.set); });
    return simpler;
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

  const GemmShape& shape_;
  const TuneEffort& effort_;
  Buffer a_, b_, c_, wanted_;
  Gemm product_;
  GemmScratch scratch_;
  std::size_t calls_ = 1;
};

}  // namespace

TunedProduct tune_product(const GemmShape& shape, const TuneEffort& effort) {
  if (shape.a == GemmShape::Form::other || shape.b == GemmShape::Form::other) return {};
  Bench bench(shape, effort);
  return search_schedule(bench, effort);
}

PairedTimes compare_schedules(const GemmShape& shape, const TuneEffort& effort, const GemmSchedule& before,
                              const GemmSchedule& after, std::size_t rounds) {
  Bench bench(shape, effort);
  bench.require_same_bytes(before);
  bench.require_same_bytes(after);
  return bench.compare(before, after, rounds);
}

}  // namespace astrolabe
