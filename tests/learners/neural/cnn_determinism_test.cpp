// SPDX-License-Identifier: Apache-2.0
// A fitted net of pictures is a file of the same bytes on any number of threads, and under a memory limit
// that makes training compute layers again.
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "astrolabe/learners/neural/cnn.h"
#include "astrolabe/model/limited_fit.h"
#include "astrolabe/train/step_memory.h"

namespace astrolabe {
namespace {

constexpr std::size_t kSide = 12, kRows = 130;

// Dark pictures with a bright corner, which is their class.
TrainingData corners() {
  TrainingData data;
  data.features.rows = kRows;
  data.features.info = std::make_shared<const std::vector<Feature>>();
  data.features.pixels.shape = {.height = kSide, .width = kSide, .channels = 1};
  data.labels.kind = TaskKind::multiclass;
  data.labels.classes = 4;
  RandomStream random(Key::from_seed(1));
  for (std::size_t row = 0; row < kRows; ++row) {
    const std::size_t corner = random.below(4);
    data.labels.values.push_back(static_cast<double>(corner));
    for (std::size_t y = 0; y < kSide; ++y)
      for (std::size_t x = 0; x < kSide; ++x) {
        const bool is_bright = (y < kSide / 2 ? 0U : 2U) + (x < kSide / 2 ? 0U : 1U) == corner;
        data.features.pixels.bytes.push_back(
            static_cast<std::uint8_t>(random.below(90) + (is_bright ? 60 : 0)));
      }
  }
  return data;
}

struct Fit {
  std::string bytes, memory;
};

Fit fit_cnn(const TrainingData& data, const SettingValues& settings, std::size_t threads,
            std::uint64_t memory) {
  ThreadPool pool(threads);
  const Budget budget({.memory_bytes = memory});
  const auto model = cnn_learner().fit(
      {.train = data, .settings = settings, .key = Key::from_seed(1), .pool = pool, .budget = budget});
  ArchiveWriter archive;
  model->save(archive);
  return {archive.bytes(), dynamic_cast<const LimitedFit&>(*model).memory_words()};
}

TEST(CnnDeterminism, of_the_model_file_is_to_the_byte_on_any_pool_with_and_without_a_memory_limit) {
  const TrainingData data = corners();
  const std::uint64_t plenty = std::uint64_t{8} << 30U, little = limit_of_arena(std::uint64_t{12} << 20U);
  for (const char* normalization : {"batch", "group"}) {
    const SettingValues settings{{"architecture", std::string("conv3x16-conv3x16-res-pool2-conv3x24-pool2")},
                                 {"augmentation", std::string("shift+flip+cutout+mixup")},
                                 {"batch_size", std::int64_t{128}},
                                 {"epochs", std::int64_t{2}},
                                 {"normalization", std::string(normalization)}};
    const Fit expected = fit_cnn(data, settings, 1, plenty);
    EXPECT_EQ(expected.memory, "");
    for (const std::size_t threads : {std::size_t{2}, std::size_t{7}})
      EXPECT_TRUE(fit_cnn(data, settings, threads, plenty).bytes == expected.bytes)
          << threads << normalization;
    for (const std::size_t threads : {std::size_t{1}, std::size_t{2}, std::size_t{7}}) {
      const Fit limited = fit_cnn(data, settings, threads, little);
      EXPECT_NE(limited.memory.find("recomputes "), std::string::npos) << limited.memory;
      EXPECT_EQ(limited.memory.find("rows"), std::string::npos) << limited.memory;
      EXPECT_TRUE(limited.bytes == expected.bytes) << threads << normalization;
    }
  }
}

}  // namespace
}  // namespace astrolabe
