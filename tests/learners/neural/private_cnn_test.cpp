// SPDX-License-Identifier: Apache-2.0
// What only a private fit of pictures promises; that of rows in general is in tests/train.
#include "astrolabe/learners/neural/private_cnn.h"

#include <algorithm>
#include <memory>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

TrainingData bars(std::size_t rows, std::size_t side) {
  TrainingData data;
  data.features.rows = rows;
  data.features.info = std::make_shared<const std::vector<Feature>>();
  data.features.pixels.shape = {.height = side, .width = side, .channels = 1};
  data.labels.kind = TaskKind::binary;
  data.labels.classes = 2;
  RandomStream random(Key::from_seed(1));
  for (std::size_t row = 0; row < rows; ++row) {
    const bool is_upright = random.below(2) == 1;
    const std::size_t at = random.below(side);
    data.labels.values.push_back(is_upright ? 1 : 0);
    for (std::size_t y = 0; y < side; ++y)
      for (std::size_t x = 0; x < side; ++x)
        data.features.pixels.bytes.push_back(
            static_cast<std::uint8_t>(random.below(80) + ((is_upright ? x : y) == at ? 170 : 0)));
  }
  return data;
}

double share_right_after(const TrainingData& data, const SettingValues& settings) {
  ThreadPool pool(1);
  const Budget budget;
  const PrivatePlan plan{
      .sampling_rate = 0.2, .noise_multiplier = 0.3, .steps = 120, .secret = Key::from_seed(2)};
  const PrivateOutcome fitted = fit_cnn_privately({.train = data,
                                                   .settings = settings,
                                                   .plan = plan,
                                                   .bounds = {},
                                                   .key = Key::from_seed(3),
                                                   .pool = pool,
                                                   .budget = budget});
  EXPECT_EQ(fitted.steps, 120U);
  std::vector<double> p(data.features.rows);
  fitted.model->predict(data.features, p);
  double right = 0;
  for (std::size_t row = 0; row < p.size(); ++row) right += (p[row] > 0.5) == (data.labels.values[row] == 1);
  return right / static_cast<double>(p.size());
}

TEST(PrivateCnn, learns_by_default_with_normalization_with_augmentation_and_on_small_pictures) {
  EXPECT_GT(share_right_after(bars(300, 10), {}), 0.9);
  EXPECT_GT(share_right_after(bars(300, 3), {}), 0.8);
  EXPECT_GT(share_right_after(bars(300, 10), {{"architecture", std::string("conv3x8-res-pool2-16")},
                                              {"augmentation", std::string("shift+flip+cutout")},
                                              {"normalization", std::string("group")},
                                              {"learning_rate", 1.0}}),
            0.9);
}

std::string complaint(const SettingValues& settings) {
  try {
    require_private_cnn(settings);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    return error.what();
  }
  return "none";
}

TEST(PrivateCnnError, says_what_would_read_pictures_unpaid) {
  EXPECT_EQ(complaint({}), "none");
  EXPECT_EQ(complaint({{"normalization", std::string("group")}, {"augmentation", std::string("flip")}}),
            "none");
  const std::string batch = complaint({{"normalization", std::string("batch")}});
  EXPECT_NE(batch.find("cnn.normalization"), std::string::npos) << batch;
  EXPECT_NE(batch.find("choose group, layer or none"), std::string::npos) << batch;
  EXPECT_NE(complaint({{"augmentation", std::string("mixup")}}).find("two pictures"), std::string::npos);
  EXPECT_NE(complaint({{"augmentation", std::string("auto")}}).find("name what you know"), std::string::npos);
  EXPECT_NE(complaint({{"patience", std::int64_t{3}}}).find("Early stopping"), std::string::npos);
  EXPECT_NE(complaint({{"augmentation", std::string("spin")}}).find("at character 1"), std::string::npos);
}

}  // namespace
}  // namespace astrolabe
