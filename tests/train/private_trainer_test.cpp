// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/private_trainer.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "tests/train/small_training.h"
#include <gtest/gtest.h>

namespace astrolabe {
namespace {

using testing::SmallShape;
using testing::SmallTraining;

std::vector<float> trained(const SmallTraining& training, const PrivatePlan& plan, ThreadPool* pool = nullptr,
                           const CompileOptions& options = {}) {
  PrivateTrainer trainer(training.setup(options, pool), plan);
  trainer.start(training.weights());
  while (trainer.steps_done() < plan.steps) trainer.step();
  return {trainer.w().begin(), trainer.w().end()};
}

TEST(PrivateStep, without_noise_and_with_a_wide_clip_is_the_plain_one) {
  for (const std::string optimizer : {"sgd", "adam", "momentum"}) {
    SmallTraining training({.head = Head::classes,
                            .optimizer = optimizer,
                            .categories = true,
                            .rows = 48,
                            .batch = 48,
                            .numbers = {.learning_rate = 0.01, .weight_decay = 0.1}});
    training.spec.decays = true;
    TrainerSetup setup = training.setup();
    setup.total_steps = 20;
    Trainer plain(setup);
    plain.start(training.weights());
    for (int i = 0; i < 20; ++i) (void)plain.step();
    const std::vector<float> w = trained(training, {.sampling_rate = 1,
                                                    .noise_multiplier = 0,
                                                    .clipping = RowClipping::fixed,
                                                    .clip = 1e6,
                                                    .steps = 20,
                                                    .secret = Key::from_seed(9)});
    // Gaps between tensors are nobody's.
    for (const Parameter& parameter : training.layout.parameters)
      for (std::size_t i = 0; i < parameter.shape.element_count(); ++i)
        EXPECT_NEAR(w[parameter.offset + i], plain.w()[parameter.offset + i], 2e-4F) << optimizer;
  }
}

TEST(PrivateStep, moves_by_noise_of_the_deviation_that_was_asked_for) {
  SmallTraining training({.head = Head::binary,
                          .architecture = "64-64",
                          .optimizer = "sgd",
                          .rows = 48,
                          .numbers = {.learning_rate = 1}});
  const PrivatePlan quiet{.sampling_rate = 0.5,
                          .noise_multiplier = 0,
                          .clipping = RowClipping::fixed,
                          .clip = 0.5,
                          .steps = 1,
                          .secret = Key::from_seed(2)};
  PrivatePlan noisy = quiet;
  noisy.noise_multiplier = 3;
  const std::vector<float> a = trained(training, quiet), b = trained(training, noisy);
  double square = 0;
  std::size_t count = 0;
  for (const Parameter& parameter : training.layout.parameters)
    for (std::size_t i = 0; i < parameter.shape.element_count(); ++i, ++count)
      square += std::pow(static_cast<double>(b[parameter.offset + i] - a[parameter.offset + i]), 2);
  const double deviation = std::sqrt(square / static_cast<double>(count));
  // lr * sigma * clip / expected rows: by the 24 rows that are expected, not by those that came.
  EXPECT_NEAR(deviation, 3 * 0.5 / 24, 4 * 3 * 0.5 / 24 / std::sqrt(2.0 * static_cast<double>(count)));
}

TEST(PrivateStep, is_divided_by_the_expected_number_of_rows) {
  // One step of sgd at rate 1 moves by the clipped sum over p n, whatever the batch's size.
  SmallTraining training(
      {.head = Head::number, .optimizer = "sgd", .rows = 48, .numbers = {.learning_rate = 1}});
  const Key secret = Key::from_seed(6);
  const PrivatePlan plan{.sampling_rate = 0.3,
                         .noise_multiplier = 0,
                         .clipping = RowClipping::automatic,
                         .steps = 1,
                         .secret = secret};
  PrivatePlan all = plan;
  all.sampling_rate = 1;
  const std::vector<std::int32_t> batch = PoissonRows(secret.split("rows"), 48, 0.3).of_step(0);
  ASSERT_NE(batch.size(), 14U);  // else this would tell nothing
  const std::vector<float> before = training.weights();
  std::vector<float> moved = trained(training, plan);
  // The same rows alone, all of them taken: sum / size.
  SmallTraining some({.head = Head::number,
                      .optimizer = "sgd",
                      .rows = batch.size(),
                      .batch = batch.size(),
                      .numbers = {.learning_rate = 1}});
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto row = static_cast<std::size_t>(batch[i]);
    std::copy_n(training.x.begin() + static_cast<std::ptrdiff_t>(row * testing::kSmallNumbers),
                testing::kSmallNumbers,
                some.x.begin() + static_cast<std::ptrdiff_t>(i * testing::kSmallNumbers));
    some.y[i] = training.y[row];
  }
  const std::vector<float> alone = trained(some, all);
  const double expected = PoissonRows(secret, 48, 0.3).expected_rows();
  for (std::size_t i = 0; i < before.size(); ++i) {
    const auto by_expected = static_cast<double>(moved[i] - before[i]) * expected;
    const auto by_size = static_cast<double>(alone[i] - before[i]) * static_cast<double>(batch.size());
    EXPECT_NEAR(by_expected, by_size, 1e-4 * (1 + std::abs(by_size)));
  }
}

TEST(PrivateTraining, has_the_same_bytes_on_1_2_and_7_threads_and_on_every_tier) {
  const SmallTraining training({.head = Head::classes,
                                .architecture = "40-res",
                                .normalization = Normalization::layer,
                                .categories = true,
                                .rows = 200});
  const PrivatePlan plan{
      .sampling_rate = 0.3, .noise_multiplier = 1, .steps = 60, .secret = Key::from_seed(3)};
  const std::vector<float> expected = trained(training, plan);
  for (const std::size_t threads : {1, 2, 7}) {
    ThreadPool pool(threads);
    for (const Tier tier : {Tier::tiles, Tier::compiled, Tier::automatic})
      EXPECT_EQ(trained(training, plan, &pool, {.tier = tier}), expected);
  }
  EXPECT_EQ(trained(training, plan, nullptr, {.tier = Tier::reference}), expected);
  PrivatePlan other = plan;
  other.secret = Key::from_seed(4);
  EXPECT_NE(trained(training, other), expected);
}

TEST(PrivateTraining, takes_every_row_of_a_batch_in_whichever_room) {
  // Of 600 batches about fifteen are beyond two standard deviations, and the others go through the smallest
  // of four programs that holds them; a plain sum over all rows says what is due.
  SmallTraining training({.head = Head::number,
                          .architecture = "none",
                          .optimizer = "sgd",
                          .rows = 1000,
                          .numbers = {.learning_rate = 1}});
  const Key secret = Key::from_seed(12);
  const PoissonRows rows(secret.split("rows"), 1000, 0.05);
  const PrivatePlan plan{.sampling_rate = 0.05,
                         .noise_multiplier = 0,
                         .clipping = RowClipping::automatic,
                         .steps = 600,
                         .secret = secret};
  PrivateTrainer trainer(training.setup(), plan);
  const std::vector<float> w = training.weights();
  trainer.start(w);
  std::size_t larger = 0;
  for (std::uint64_t step = 0; step < 600; ++step) {
    std::ranges::copy(w, trainer.w().begin());
    const std::vector<std::int32_t> batch = rows.of_step(step);
    trainer.step();
    larger += batch.size() > trainer.capacity() ? 1 : 0;
    // Of a linear model of numbers by mse the slope of the bias is 2 (z - y) or a multiple of it, and each
    // row counts by its length: so the bias moves by the sum of b / (|b| sqrt(1 + |x|^2) + 0.01).
    double due = 0;
    for (const std::int32_t row : batch) {
      double z = static_cast<double>(w[training.layout.find("out.b").offset]), square = 1;
      for (std::size_t i = 0; i < testing::kSmallNumbers; ++i) {
        const auto x =
            static_cast<double>(training.x[static_cast<std::size_t>(row) * testing::kSmallNumbers + i]);
        z += x * static_cast<double>(w[training.layout.find("out.w").offset + i]);
        square += x * x;
      }
      const double slope = 2 * (z - static_cast<double>(training.y[static_cast<std::size_t>(row)]));
      due -= slope / (std::abs(slope) * std::sqrt(square) + 0.01) / rows.expected_rows();
    }
    const std::size_t bias = training.layout.find("out.b").offset;
    EXPECT_NEAR(static_cast<double>(trainer.w()[bias] - w[bias]), due, 2e-3 * (1 + std::abs(due)));
  }
  EXPECT_GT(larger, 2U);
}

TEST(PoissonRows, come_with_their_probability_each_on_its_own) {
  constexpr std::size_t kRows = 1000, kSteps = 2000;
  const PoissonRows rows(Key::from_seed(1), kRows, 0.2);
  EXPECT_NEAR(rows.expected_rows(), 200, 1e-4);
  std::vector<double> times(kRows);
  double mean = 0, square = 0, together = 0;
  for (std::size_t step = 0; step < kSteps; ++step) {
    const std::vector<std::int32_t> batch = rows.of_step(step);
    EXPECT_TRUE(std::ranges::is_sorted(batch));
    for (const std::int32_t row : batch) ++times[static_cast<std::size_t>(row)];
    const auto size = static_cast<double>(batch.size());
    mean += size / kSteps;
    square += size * size / kSteps;
    together += std::ranges::binary_search(batch, 5) && std::ranges::binary_search(batch, 6) ? 1 : 0;
  }
  EXPECT_NEAR(mean, 200, 4 * std::sqrt(160.0 / kSteps));
  EXPECT_NEAR(square - mean * mean, 160, 25);  // binomial, not constant
  EXPECT_NEAR(together / kSteps, 0.04, 4 * std::sqrt(0.04 / kSteps));
  double chi = 0;
  for (const double count : times) chi += std::pow(count - 0.2 * kSteps, 2) / (0.2 * 0.8 * kSteps);
  EXPECT_NEAR(chi, kRows, 5 * std::sqrt(2.0 * kRows));
  EXPECT_EQ(PoissonRows(Key::from_seed(1), 10, 1).of_step(3).size(), 10U);
}

}  // namespace
}  // namespace astrolabe
