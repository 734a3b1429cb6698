// SPDX-License-Identifier: Apache-2.0
// Steps within a memory limit: recomputation first, fewer rows at a time where that is not enough.
#include "astrolabe/train/step_memory.h"

#include <limits>

#include "tests/train/small_training.h"
#include <gtest/gtest.h>

#include "astrolabe/lower/lower.h"

namespace astrolabe {
namespace {

using testing::SmallShape;
using testing::SmallTraining;

// Wide batches of a deep net: what a step keeps is mostly activations.
SmallShape deep_shape() {
  return {.head = Head::classes, .architecture = "16-res-res-res-res", .rows = 300, .batch = 256};
}

std::size_t plain_arena(const SmallTraining& training) {
  return compile(step_program(training.spec, training.layout), {.tier = Tier::tiles})->arena_bytes();
}

TEST(StepMemory, keeps_the_batch_where_recomputation_is_enough) {
  const SmallTraining training(deep_shape());
  const CompileOptions options{.tier = Tier::tiles, .memory_limit = plain_arena(training) * 7 / 10};
  EXPECT_EQ(batch_within_memory(training.spec, training.layout, options), 256U);
  const auto step = compile(step_program(training.spec, training.layout), options);
  const std::string words = memory_words(*step, 256, 256);
  EXPECT_NE(words.find("recomputes "), std::string::npos) << words;
  EXPECT_NE(words.find(" instead of "), std::string::npos) << words;
  EXPECT_NE(words.find(" % slower"), std::string::npos) << words;
}

TEST(StepMemory, halves_the_batch_where_it_is_not) {
  SmallTraining training(deep_shape());
  const CompileOptions options{.tier = Tier::tiles, .memory_limit = plain_arena(training) / 6};
  const std::size_t batch = batch_within_memory(training.spec, training.layout, options);
  EXPECT_LT(batch, 256U);
  EXPECT_EQ(256 % batch, 0U);
  training.spec.batch = batch;
  const auto step = compile(step_program(training.spec, training.layout), options);
  EXPECT_LE(step->arena_bytes(), options.memory_limit);
  EXPECT_NE(memory_words(*step, 256, batch).find(" rows instead of 256"), std::string::npos);
}

TEST(StepMemory, refuses_what_not_even_one_row_fits_into) {
  const SmallTraining training(deep_shape());
  EXPECT_THROW(
      (void)batch_within_memory(training.spec, training.layout, {.tier = Tier::tiles, .memory_limit = 256}),
      LimitTooLow);
}

TEST(StepMemory, says_nothing_where_everything_fits) {
  const SmallTraining training(deep_shape());
  const auto step = compile(step_program(training.spec, training.layout), {.tier = Tier::tiles});
  EXPECT_EQ(memory_words(*step, 256, 256), "");
}

TEST(StepMemory, of_a_run_without_a_limit_is_no_limit) {
  EXPECT_EQ(arena_within(std::numeric_limits<std::uint64_t>::max()), 0U);
  EXPECT_EQ(arena_within(std::uint64_t{530} << 20U), std::size_t{100} << 20U)
      << "beside program and compiler";
  EXPECT_EQ(arena_within(1000), std::size_t{1} << 20U) << "enough for a small net";
}

}  // namespace
}  // namespace astrolabe
