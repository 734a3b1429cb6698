// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "tests/runtime/sample_programs.h"
#include "tests/support/patience.h"
#include <gtest/gtest.h>

#include "astrolabe/gemm/gemm.h"
#include "astrolabe/runtime/compile.h"
#include "astrolabe/runtime/convolve_class.h"
#include "astrolabe/runtime/convolve_space.h"
#include "astrolabe/runtime/schedule_space.h"
#include "astrolabe/runtime/tune_convolution.h"
#include "astrolabe/runtime/tune_nest.h"
#include "astrolabe/runtime/tune_product.h"
#include "astrolabe/runtime/tune_program.h"

namespace astrolabe {
namespace {

TEST(MedianWithInterval, is_the_middle_and_order_statistics) {
  std::vector<double> values;
  for (int i = 1; i <= 21; ++i) values.push_back(i);
  RandomStream random(Key::from_seed(1));
  random.shuffle(values);
  const Estimate e = median_with_interval(values);
  EXPECT_EQ(e.value, 11);
  EXPECT_EQ(e.low, 6);  // P(fewer than 6 of 21 heads) = 0.013
  EXPECT_EQ(e.high, 16);
  const std::vector<double> few{3, 1, 2, 4};
  EXPECT_EQ(median_with_interval(few).value, 2.5);
  EXPECT_EQ(median_with_interval(few).low, 1);
  EXPECT_EQ(median_with_interval(few).high, 4);
}

TEST(CompareTimes, takes_turns_and_tells_the_ratio) {
  std::string order;
  const Stopwatch slow = [&] { return order += 'b', 4.0; };
  const Stopwatch fast = [&] { return order += 'a', 2.0; };
  const PairedTimes times = compare_times(slow, fast, 4);
  EXPECT_EQ(order, "baabbaab");
  EXPECT_EQ(times.before, 4);
  EXPECT_EQ(times.after, 2);
  EXPECT_EQ(times.gain.value, 2);
}

TEST(CompareTimes, is_not_fooled_by_one_disturbed_burst) {
  int calls = 0;
  const Stopwatch before = [&] { return ++calls == 5 ? 100.0 : 1.0; };
  const PairedTimes times = compare_times(before, [] { return 1.0; }, 25);
  EXPECT_EQ(times.gain.value, 1);
  EXPECT_EQ(times.gain.high, 1);
}

TEST(BurstOfCalls, is_long_enough_to_be_measured) {
  EXPECT_EQ(calls_of_burst(1), 1U);
  EXPECT_GE(calls_of_burst(1e-6) * 1e-6, 100e-6);
  EXPECT_LE(calls_of_burst(0), 1'000'000U);
}

const GemmShape kShapes[] = {{.m = 128, .n = 100, .k = 300},
                             {.m = 3, .n = 700, .k = 40, .b = GemmShape::Form::columns},
                             {.m = 90, .n = 17, .k = 64, .a = GemmShape::Form::columns}};

// Bytes of C for random operands.
std::vector<float> product_of(const GemmShape& shape, InstructionSet set, const GemmSchedule& schedule) {
  RandomStream random(Key::from_seed(5));
  std::vector<float> a(shape.m * shape.k), b(shape.k * shape.n), c(shape.m * shape.n);
  for (float& value : a) value = static_cast<float>(random.normal());
  for (float& value : b) value = static_cast<float>(random.normal());
  const bool at = shape.a == GemmShape::Form::columns, bt = shape.b == GemmShape::Form::columns;
  GemmScratch scratch;
  gemm({.m = shape.m,
        .n = shape.n,
        .k = shape.k,
        .a = a.data(),
        .a_row = at ? 1 : static_cast<std::ptrdiff_t>(shape.k),
        .a_column = at ? static_cast<std::ptrdiff_t>(shape.m) : 1,
        .b = b.data(),
        .b_row = bt ? 1 : static_cast<std::ptrdiff_t>(shape.n),
        .b_column = bt ? static_cast<std::ptrdiff_t>(shape.k) : 1,
        .c = c.data(),
        .c_row = static_cast<std::ptrdiff_t>(shape.n)},
       set, scratch, schedule);
  return c;
}

TEST(ScheduleSpace, holds_only_schedules_that_run_and_give_the_same_bytes) {
  for (const InstructionSet set : {InstructionSet::avx2, InstructionSet::avx512}) {
    if (!is_supported(set)) continue;
    for (const GemmShape& shape : kShapes) {
      const std::vector<float> expected = product_of(shape, set, {});
      std::vector<GemmSchedule> schedules = first_schedules(shape, set);
      EXPECT_GT(schedules.size(), 10U);
      RandomStream random(Key::from_seed(6));
      GemmSchedule walker;
      for (int i = 0; i < 50; ++i) {
        walker = changed(walker, shape, set, 1, random);
        schedules.push_back(walker);
      }
      for (const GemmSchedule& schedule : schedules) {
        ASSERT_TRUE(is_runnable(schedule, set)) << schedule_text(schedule);
        const std::vector<float> found = product_of(shape, set, schedule);
        ASSERT_EQ(std::memcmp(found.data(), expected.data(), found.size() * sizeof(float)), 0)
            << shape_text(shape) << " " << schedule_text(schedule);
      }
    }
  }
}

TEST(ScheduleSpace, simplifies_one_choice_at_a_time) {
  const GemmSchedule schedule{.tile_rows = 6, .tile_columns = 16, .copy_b = Copy::yes, .block_steps = 64};
  const std::vector<GemmSchedule> simpler = simplified(schedule);
  ASSERT_EQ(simpler.size(), 2U);
  EXPECT_EQ(simpler[0].copy_b, Copy::automatic);
  EXPECT_EQ(simpler[1].block_steps, 0U);
  EXPECT_TRUE(simplified({}).empty());
}

TEST(TuneProduct, keeps_only_what_is_faster_beyond_noise) {
  for (const GemmShape& shape : kShapes) {
    const TunedProduct tuned = tune_product(shape, {.seconds = 0.2 * kPatience, .key = Key::from_seed(1)});
    EXPECT_GT(tuned.tried, 1U);
    EXPECT_GT(tuned.times.before, 0);
    EXPECT_TRUE(is_runnable(tuned.schedule, best_instruction_set()));
    const bool is_kept = tuned.schedule != GemmSchedule{};
    EXPECT_EQ(is_kept, tuned.times.gain.low > 1 && tuned.times.gain.value > kLeastGain);
    EXPECT_TRUE(!is_kept || tuned.schedule == tuned.best);
  }
}

TEST(TuneProduct, shared_by_threads_may_split_it_another_way) {
  const GemmShape shape{.m = 96, .n = 96, .k = 96};
  const TunedProduct tuned =
      tune_product(shape, {.seconds = 0.2 * kPatience, .threads = 2, .key = Key::from_seed(1)});
  EXPECT_GT(tuned.tried, 1U);
  EXPECT_TRUE(is_runnable(tuned.best, best_instruction_set()));
  RandomStream random(Key::from_seed(3));
  bool is_split = false;
  for (int i = 0; i < 200; ++i)
    is_split |= changed({}, shape, best_instruction_set(), 2, random).split != Split::automatic;
  EXPECT_TRUE(is_split);
}

TEST(TuneProduct, of_operands_with_gaps_is_left_alone) {
  const GemmShape shape{.m = 8, .n = 8, .k = 8, .a = GemmShape::Form::other};
  EXPECT_EQ(tune_product(shape, {}).tried, 0U);
}

TEST(TuneNest, tries_every_schedule_and_keeps_the_bytes) {
  Plan plan;
  static_cast<void>(
      compile(small_training_step(64, 50), {.tier = Tier::tiles, .on_pass = [&](const PassReport& pass) {
                                              if (pass.plan != nullptr) plan = *pass.plan;
                                            }}));
  int nests = 0;
  for (const Step& step : plan.steps) {
    const auto* nest = std::get_if<NestStep>(&step);
    if (nest == nullptr) continue;
    ++nests;
    const TunedNest tuned = tune_nest(plan, *nest, {.key = Key::from_seed(1)});
    EXPECT_GE(tuned.tried, 1 + nest_schedules(nest->code, best_instruction_set()).size());
    EXPECT_GT(tuned.times.before, 0);
    EXPECT_TRUE(nest->code.shape != NestShape::lanes || tuned.schedule.lanes == 0);
  }
  EXPECT_GT(nests, 3);
}

const char* const kConvolutions[] = {"conv 4x14x14x16 3x3x40", "conv-input 4x14x14x16 3x3x40",
                                     "conv-filters 4x14x14x16 3x3x40", "conv 3x9x8x3 3x3x20 steps=2x2",
                                     "conv-input 3x9x8x3 3x3x20 steps=2x2"};

TEST(ConvolveSpace, holds_only_schedules_that_run_and_give_the_same_bytes) {
  RandomStream random(Key::from_seed(6));
  for (const char* const text : kConvolutions) {
    const std::optional<ConvolveStep> step = parse_convolve_class(text);
    ASSERT_TRUE(step) << text;
    std::vector<ConvolveSchedule> schedules = first_convolve_schedules(*step, best_instruction_set());
    EXPECT_GT(schedules.size(), 10U) << text;
    ConvolveSchedule walker;
    for (int i = 0; i < 30; ++i) {
      walker = changed(walker, *step, best_instruction_set(), random);
      schedules.push_back(walker);
    }
    for (const ConvolveSchedule& schedule : schedules) {
      ASSERT_TRUE(is_runnable(schedule, best_instruction_set())) << convolve_schedule_text(schedule);
      // Fails on a byte that differs.
      static_cast<void>(compare_convolve_schedules(*step, {.key = Key::from_seed(2)}, {}, schedule, 1));
      for (const ConvolveSchedule& simpler : simplified(schedule, best_instruction_set()))
        EXPECT_TRUE(simpler != schedule && is_runnable(simpler, best_instruction_set()));
    }
  }
}

TEST(TuneConvolution, keeps_only_what_is_faster_beyond_noise) {
  for (const char* const text : kConvolutions) {
    const TunedConvolution tuned =
        tune_convolution(*parse_convolve_class(text), {.seconds = 0.1, .key = Key::from_seed(1)});
    EXPECT_GT(tuned.tried, 1U);
    EXPECT_GT(tuned.times.before, 0);
    EXPECT_TRUE(is_runnable(tuned.schedule, best_instruction_set()));
    const bool is_kept = tuned.schedule != ConvolveSchedule{};
    EXPECT_EQ(is_kept, tuned.times.gain.low > 1 && tuned.times.gain.value > kLeastGain);
  }
}

TEST(ConvolveClass, text_gives_the_class_back) {
  for (const char* const text : kConvolutions) {
    const std::optional<ConvolveStep> step = parse_convolve_class(text);
    ASSERT_TRUE(step) << text;
    const std::string name = convolve_class(*step);
    const std::string_view sizes = std::string_view(text).substr(0, std::string_view(text).find(" steps"));
    EXPECT_TRUE(name.starts_with(sizes)) << name;
    EXPECT_EQ(convolve_class(*parse_convolve_class(name)), name);
  }
  const std::optional<ConvolveStep> step =
      parse_convolve_class("conv 2x28x28x1 3x3x16 14x14 steps=2x2 before=0x1");
  ASSERT_TRUE(step);
  EXPECT_EQ(step->oh, 14U);
  EXPECT_EQ(step->before, (std::array<std::size_t, 2>{0, 1}));
  EXPECT_EQ(convolve_class(*step), "conv 2x28x28x1 3x3x16 14x14 steps=2x2 before=0x1");
  for (const char* const bad :
       {"", "conv", "conv 2x28x28 3x3x16", "conv 2x28x28x1 3x3", "conv 2x28x28x1 3x3x0",
        "dot 2x28x28x1 3x3x16", "conv 2x28x28x1 3x3x16 up", "conv 2x28x28x1 3x3x16 28x28 28x28",
        "conv 2x28x28x1 3x3x16 before=3x3", "conv 2x28x28x1 3x3x16 40x40", "conv 2x28x28x1 3x3x16 steps=0x1",
        "conv 1048576x1048576x1x1 1x1x1", "conv 2x28x28x1 3x3x1048577"})
    EXPECT_FALSE(parse_convolve_class(bad).has_value()) << bad;
}

TEST(ComparePrograms, takes_turns_and_gives_the_schedules_back) {
  const Program step = small_convolution_step(8, 16);
  const std::vector<TunedRow> rows = {{.kind = ScheduleKind::convolution,
                                       .shape = "conv 8x12x8x1 3x3x16",
                                       .schedule = "band=1 runs=rows tile=1x16"}};
  const auto mine = std::make_shared<const Schedules>();
  use_schedules(mine);
  const PairedTimes times =
      compare_programs(step, std::make_shared<const Schedules>(), std::make_shared<const Schedules>(rows),
                       {.seconds = 0.05, .key = Key::from_seed(1)});
  EXPECT_GT(times.before, 0);
  EXPECT_GT(times.after, 0);
  EXPECT_LE(times.gain.low, times.gain.high);
  EXPECT_EQ(current_schedules(), mine);
  use_schedules(nullptr);
}

}  // namespace
}  // namespace astrolabe
