// SPDX-License-Identifier: Apache-2.0
// Training within a memory limit: the same bytes for recomputation, fewer rows at a time where that is not
// enough.
#include "astrolabe/train/step_memory.h"

#include <cstring>
#include <limits>

#include "tests/train/small_training.h"
#include <gtest/gtest.h>

#include "astrolabe/lower/lower.h"

namespace astrolabe {
namespace {

using testing::SmallShape;
using testing::SmallTraining;

constexpr int kSteps = 20;

// Wide batches of a deep net: what a step keeps is mostly activations.
SmallShape deep_shape(Normalization normalization, double dropout) {
  return {.head = Head::classes,
          .architecture = "16-res-res-res-res-res",
          .activation = "x*sigmoid(1.5*x)+0.1*sin(x)",
          .normalization = normalization,
          .rows = 300,
          .batch = 256,
          .numbers = {.learning_rate = 0.01, .dropout = dropout, .smoothing = 0.1, .weight_decay = 0.02}};
}

std::string bytes_after_training(const SmallTraining& training, const CompileOptions& options,
                                 std::size_t threads) {
  ThreadPool pool(threads);
  Trainer trainer(training.setup(options, &pool));
  trainer.start(training.weights());
  for (int i = 0; i < kSteps; ++i) (void)trainer.step();
  ArchiveWriter archive;
  trainer.state().save(archive);
  return archive.bytes();
}

std::size_t plain_arena(const SmallTraining& training) {
  return compile(step_program(training.spec, training.layout), {.tier = Tier::tiles})->arena_bytes();
}

class Recomputing : public ::testing::TestWithParam<std::pair<Normalization, double>> {};

TEST_P(Recomputing, trains_to_the_same_byte_in_every_tier_and_on_two_threads) {
  const SmallTraining training(deep_shape(GetParam().first, GetParam().second));
  const std::size_t limit = plain_arena(training) * 7 / 10;
  const std::string expected = bytes_after_training(training, {.tier = Tier::reference}, 1);
  for (const InstructionSet set : {InstructionSet::plain, InstructionSet::avx2, InstructionSet::avx512}) {
    if (!is_supported(set)) continue;
    for (const Tier tier : {Tier::tiles, Tier::compiled, Tier::automatic}) {
      for (const std::size_t threads : {std::size_t{1}, std::size_t{2}}) {
        for (const std::size_t memory : {std::size_t{0}, limit}) {
          const CompileOptions options{.set = set, .tier = tier, .memory_limit = memory};
          const auto step = compile(step_program(training.spec, training.layout), options);
          EXPECT_EQ(step->recomputation().steps_again > 0, memory > 0);
          const std::string bytes = bytes_after_training(training, options, threads);
          ASSERT_EQ(bytes.size(), expected.size());
          EXPECT_EQ(std::memcmp(bytes.data(), expected.data(), bytes.size()), 0)
              << instruction_set_name(set) << ", tier " << static_cast<int>(tier) << ", " << threads
              << " threads, limit " << memory;
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Nets, Recomputing,
                         ::testing::Values(std::pair{Normalization::none, 0.2},
                                           std::pair{Normalization::batch, 0.2},
                                           std::pair{Normalization::layer, 0.0}));

TEST(StepMemory, keeps_the_batch_where_recomputation_is_enough) {
  const SmallTraining training(deep_shape(Normalization::none, 0));
  const CompileOptions options{.tier = Tier::tiles, .memory_limit = plain_arena(training) * 7 / 10};
  EXPECT_EQ(batch_within_memory(training.spec, training.layout, options), 256U);
  const auto step = compile(step_program(training.spec, training.layout), options);
  const std::string words = memory_words(*step, 256, 256);
  EXPECT_NE(words.find("recomputes "), std::string::npos) << words;
  EXPECT_NE(words.find(" instead of "), std::string::npos) << words;
  EXPECT_NE(words.find(" % slower"), std::string::npos) << words;
}

TEST(StepMemory, halves_the_batch_where_it_is_not) {
  SmallTraining training(deep_shape(Normalization::none, 0));
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
  const SmallTraining training(deep_shape(Normalization::none, 0));
  EXPECT_THROW(
      (void)batch_within_memory(training.spec, training.layout, {.tier = Tier::tiles, .memory_limit = 256}),
      LimitTooLow);
}

TEST(StepMemory, says_nothing_where_everything_fits) {
  const SmallTraining training(deep_shape(Normalization::none, 0));
  const auto step = compile(step_program(training.spec, training.layout), {.tier = Tier::tiles});
  EXPECT_EQ(memory_words(*step, 256, 256), "");
}

TEST(StepMemory, of_a_run_without_a_limit_is_no_limit) {
  EXPECT_EQ(arena_within(std::numeric_limits<std::uint64_t>::max()), 0U);
  EXPECT_EQ(arena_within(std::uint64_t{480} << 20U), std::size_t{100} << 20U);
  EXPECT_EQ(arena_within(1000), std::size_t{1} << 20U) << "enough for a small net";
}

}  // namespace
}  // namespace astrolabe
