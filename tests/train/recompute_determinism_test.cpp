// SPDX-License-Identifier: Apache-2.0
// Twenty steps under a memory limit have the bytes of twenty steps without one, whatever runs them: tiers,
// instruction sets, threads.
#include <cstring>
#include <string>
#include <utility>

#include "tests/train/small_training.h"
#include <gtest/gtest.h>

namespace astrolabe {
namespace {

using testing::bytes_after_training;
using testing::SmallShape;
using testing::SmallTraining;

constexpr int kSteps = 20;

// Wide batches of a deep net: what a step keeps is mostly activations.
SmallShape deep_shape(Normalization normalization, double dropout) {
  return {.head = Head::classes,
          .architecture = "16-res-res-res-res",
          .activation = "x*sigmoid(1.5*x)+0.1*sin(x)",
          .normalization = normalization,
          .rows = 150,
          .batch = 130,
          .numbers = {.learning_rate = 0.01, .dropout = dropout, .smoothing = 0.1, .weight_decay = 0.02}};
}

class Recomputing : public ::testing::TestWithParam<std::pair<Normalization, double>> {};

TEST_P(Recomputing, trains_to_the_same_byte_in_every_tier_and_on_two_threads) {
  const SmallTraining training(deep_shape(GetParam().first, GetParam().second));
  const std::size_t limit =
      compile(step_program(training.spec, training.layout), {.tier = Tier::tiles})->arena_bytes() * 7 / 10;
  const std::string expected = bytes_after_training(training, {.tier = Tier::reference}, 1, kSteps);
  for (const InstructionSet set : {InstructionSet::plain, InstructionSet::avx2, InstructionSet::avx512}) {
    if (!is_supported(set)) continue;
    for (const Tier tier : {Tier::tiles, Tier::compiled, Tier::automatic}) {
      for (const std::size_t threads : {std::size_t{1}, std::size_t{2}}) {
        for (const std::size_t memory : {std::size_t{0}, limit}) {
          const CompileOptions options{.set = set, .tier = tier, .memory_limit = memory};
          const auto step = compile(step_program(training.spec, training.layout), options);
          EXPECT_EQ(step->recomputation().steps_again > 0, memory > 0);
          const std::string bytes = bytes_after_training(training, options, threads, kSteps);
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

}  // namespace
}  // namespace astrolabe
