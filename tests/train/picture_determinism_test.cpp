// SPDX-License-Identifier: Apache-2.0
// Steps of convolutional nets have the same bytes whatever runs them: tiers, instruction sets, threads, and
// whether a memory limit makes them compute things again.
#include <cstring>
#include <ostream>
#include <string>

#include "tests/train/small_pictures.h"
#include <gtest/gtest.h>

namespace astrolabe {
namespace {

using testing::PictureCase;
using testing::SmallPictures;

constexpr int kSteps = 4;

std::string bytes_after_training(const SmallPictures& training, const CompileOptions& options,
                                 std::size_t threads) {
  ThreadPool pool(threads);
  Trainer trainer(training.setup(options, &pool));
  trainer.start(training.weights());
  for (int i = 0; i < kSteps; ++i) (void)trainer.step();
  ArchiveWriter archive;
  trainer.state().save(archive);
  return archive.bytes();
}

struct DeterminismCase {
  std::string name;
  PictureCase shape;
};

// So that tests are listed by name.
void PrintTo(const DeterminismCase& one, std::ostream* out) {  // NOLINT(readability-identifier-naming)
  *out << one.name;
}

class PictureDeterminism : public ::testing::TestWithParam<DeterminismCase> {};

TEST_P(PictureDeterminism, is_to_the_byte_in_every_tier_on_any_pool_with_and_without_a_memory_limit) {
  const SmallPictures training(GetParam().shape);
  const std::size_t limit =
      compile(step_program(training.spec, training.layout), {.tier = Tier::tiles})->arena_bytes() * 3 / 4;
  const std::string expected = bytes_after_training(training, {.tier = Tier::reference}, 1);
  for (const InstructionSet set : {InstructionSet::plain, InstructionSet::avx2, InstructionSet::avx512}) {
    if (!is_supported(set)) continue;
    for (const Tier tier : {Tier::tiles, Tier::compiled, Tier::automatic}) {
      for (const std::size_t memory : {std::size_t{0}, limit}) {
        const CompileOptions options{.set = set, .tier = tier, .memory_limit = memory};
        const auto step = compile(step_program(training.spec, training.layout), options);
        EXPECT_EQ(step->recomputation().steps_again > 0, memory > 0);
        for (const std::size_t threads : {std::size_t{1}, std::size_t{2}, std::size_t{7}}) {
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

constexpr const char* kCells =
    "conv3x4-|nor_conv_1x1~0|+|avg_pool_3x3~0|skip_connect~1|+|none~0|nor_conv_3x3~1|skip_connect~2|x2-res6/"
    "2-"
    "gap";

INSTANTIATE_TEST_SUITE_P(
    Nets, PictureDeterminism,
    ::testing::Values(DeterminismCase{"batch_and_augmentation",
                                      {.architecture = "conv3x6-conv3x8-pool2-conv3x8-12",
                                       .activation = "relu",
                                       .normalization = PictureNormalization::batch,
                                       .size = {9, 8, 2},
                                       .rows = 40,
                                       .batch = 17,
                                       .augmentation = "shift+flip+cutout+mixup",
                                       .numbers = {.learning_rate = 0.01, .dropout = 0.2}}},
                      DeterminismCase{"group_and_earlier_blocks",
                                      {.architecture = "conv5x8-res-conv3x6:0@1-avgpool2-gap@1-9",
                                       .activation = "x*sigmoid(1.5*x)",
                                       .normalization = PictureNormalization::group,
                                       .size = {8, 7, 3},
                                       .rows = 30,
                                       .batch = 16}},
                      DeterminismCase{"cells",
                                      {.architecture = kCells,
                                       .activation = "gelu",
                                       .normalization = PictureNormalization::layer,
                                       .size = {8, 8, 1},
                                       .rows = 30,
                                       .batch = 16}}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace astrolabe
