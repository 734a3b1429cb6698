// SPDX-License-Identifier: Apache-2.0
// Gradients of single pictures by their norms and scaled sums, against a loop over pictures; and private
// steps.
#include <algorithm>
#include <cmath>
#include <ostream>

#include "tests/train/clipped_sums.h"
#include "tests/train/small_pictures.h"
#include <gtest/gtest.h>

#include "astrolabe/graph/gradient.h"
#include "astrolabe/train/batch_loss.h"
#include "astrolabe/train/private_step.h"
#include "astrolabe/train/private_trainer.h"

namespace astrolabe {
namespace {

using testing::Clipped;
using testing::PictureCase;
using testing::SmallPictures;

constexpr std::size_t kRows = 12;

// [kRows, layout.size]: the gradient of each of the first pictures, by the loss of a batch of that one alone.
std::vector<float> gradients_one_by_one(const SmallPictures& training) {
  StepSpec spec = training.spec;
  spec.batch = 1;
  Program program;
  Graph& graph = program.graph;
  const BatchLoss batch = place_batch_loss(graph, spec, training.layout, true);
  program.outputs = {join_aligned(graph, gradient(graph, graph.sum_all(batch.losses), batch.net.parameters))};
  Execution run(compile(program));
  bind_training(run, training.setup());
  std::ranges::copy(training.weights(), run.state<float>("w").begin());
  const std::vector<float> shown = training.values(kRows);
  std::vector<float> all;
  for (std::size_t row = 0; row < kRows; ++row) {
    const auto index = static_cast<std::int32_t>(row);
    run.bind_input("batch", &index);
    run.bind_input("pictures", shown.data() + row * training.shape.size.count());
    run.run();
    const std::span<const float> g = run.output<float>(0);
    all.insert(all.end(), g.begin(), g.end());
  }
  return all;
}

struct PicturesCase {
  std::string name;
  PictureCase shape;
};

// So that tests are listed by name.
void PrintTo(const PicturesCase& one, std::ostream* out) {  // NOLINT(readability-identifier-naming)
  *out << one.name;
}

class PictureRowGradients : public ::testing::TestWithParam<PicturesCase> {};

TEST_P(PictureRowGradients, have_the_norms_and_the_clipped_sum_of_a_loop_over_pictures) {
  const SmallPictures training(GetParam().shape);
  ASSERT_TRUE(has_row_gradients(training.spec.net));
  const std::vector<float> slow = gradients_one_by_one(training);
  expect_clipped_sums(training, slow, training.values(kRows), {.norm = 2e-5, .sum = 3e-5});
}

constexpr const char* kCell =
    "conv3x4-|nor_conv_3x3~0|+|avg_pool_3x3~0|skip_connect~1|+|nor_conv_1x1~0|nor_conv_3x3~1|skip_connect~2|-"
    "gap";

INSTANTIATE_TEST_SUITE_P(
    Nets, PictureRowGradients,
    ::testing::Values(
        PicturesCase{"biases", {.architecture = "conv3x4-pool2-conv3x6/2-7", .activation = "tanh"}},
        PicturesCase{"group_normalization",
                     {.architecture = "conv5x8/2-conv3x8-6", .normalization = PictureNormalization::group}},
        PicturesCase{
            "layer_normalization_and_residual_blocks",
            {.architecture = "conv3x4-res-res6/2-gap", .normalization = PictureNormalization::layer}},
        PicturesCase{"earlier_blocks", {.architecture = "conv3x3-conv3x4:0-conv3x5@1-gap@1"}},
        PicturesCase{"trained_activation_in_a_cell",
                     {.architecture = kCell,
                      .activation = "x*sigmoid(beta*x)",
                      .normalization = PictureNormalization::group}}),
    [](const auto& one) { return one.param.name; });

TEST(PictureRowGradient, that_is_no_number_counts_for_nothing) {
  // Filters of both kinds: some whose gradients are formed, some by products of windows.
  const SmallPictures training({.architecture = "conv3x4-pool3-conv3x32-5", .activation = "exp(exp(x))"});
  const std::vector<float> all(kRows, 1.0F), shown = training.values(kRows);
  std::vector<float> without = all, overflowing = shown;
  without[2] = 0;
  const std::size_t size = training.shape.size.count();
  for (std::size_t i = 0; i < size; ++i) overflowing[2 * size + i] = 1e6F;
  for (const float value : clipped_sum(training, RowClipping::automatic, 1, all, shown).sum)
    ASSERT_TRUE(std::isfinite(value));
  const Clipped after = clipped_sum(training, RowClipping::automatic, 1, all, overflowing);
  EXPECT_FALSE(after.squares[2] < 1e37F);
  EXPECT_EQ(after.sum, clipped_sum(training, RowClipping::automatic, 1, without, shown).sum);
  for (const float value : after.sum) EXPECT_TRUE(std::isfinite(value));
}

TEST(PictureRowGradients, are_refused_where_pictures_meet) {
  NetSpec net;
  net.trunk.normalization = PictureNormalization::batch;
  EXPECT_FALSE(has_row_gradients(net));
  net.trunk.normalization = PictureNormalization::group;
  EXPECT_TRUE(has_row_gradients(net));
}

std::vector<float> trained_privately(const SmallPictures& training, const CompileOptions& options,
                                     std::size_t threads, const PrivatePlan& plan) {
  ThreadPool pool(threads);
  PrivateTrainer trainer(training.setup(options, &pool), plan);
  trainer.start(training.weights());
  while (trainer.steps_done() < plan.steps) trainer.step();
  return {trainer.w().begin(), trainer.w().end()};
}

TEST(PrivatePictures, train_to_the_same_byte_in_every_tier_and_on_any_pool) {
  const SmallPictures training({.architecture = "conv3x4-pool2-8",
                                .normalization = PictureNormalization::group,
                                .rows = 60,
                                .augmentation = "shift+flip+cutout",
                                .numbers = {.learning_rate = 0.02, .dropout = 0.1}});
  // Noise enough to hide a row, and batches that do not always have room.
  const PrivatePlan plan{
      .sampling_rate = 0.3, .noise_multiplier = 0.5, .steps = 30, .secret = Key::from_seed(4)};
  const std::vector<float> expected = trained_privately(training, {.tier = Tier::reference}, 1, plan);
  EXPECT_EQ(trained_privately(training, {.tier = Tier::tiles}, 2, plan), expected);
  EXPECT_EQ(trained_privately(training, {.tier = Tier::compiled}, 7, plan), expected);
  PrivatePlan other = plan;
  other.secret = Key::from_seed(5);
  EXPECT_NE(trained_privately(training, {.tier = Tier::tiles}, 1, other), expected);
}

TEST(PrivatePictures, learn_which_corner_is_bright_where_there_is_little_noise) {
  const SmallPictures training({.architecture = "conv3x8-pool2-16", .activation = "tanh", .rows = 200});
  const PrivatePlan plan{
      .sampling_rate = 0.3, .noise_multiplier = 0.2, .steps = 150, .secret = Key::from_seed(4)};
  std::vector<float> w = trained_privately(training, {}, 1, plan);
  LossMeter meter(training.setup());
  EXPECT_LT(meter.measure(w, {}), 0.5);
}

}  // namespace
}  // namespace astrolabe
