// SPDX-License-Identifier: Apache-2.0
// A net fitted under a memory limit is the same net, computed in less memory; and it says so.
#include "tests/learners/neural/tables.h"
#include <gtest/gtest.h>

#include "astrolabe/model/limited_fit.h"
#include "astrolabe/train/step_memory.h"

namespace astrolabe {
namespace {

std::unique_ptr<const Model> fit_within(const TrainingData& data, const SettingValues& settings,
                                        std::uint64_t memory) {
  ThreadPool pool(1);
  const Budget budget({.memory_bytes = memory});
  return mlp_learner().fit(
      {.train = data, .settings = settings, .key = Key::from_seed(1), .pool = pool, .budget = budget});
}

std::string bytes_of(const Model& model) {
  ArchiveWriter archive;
  model.save(archive);
  return archive.bytes();
}

const std::string& memory_words(const Model& model) {
  return dynamic_cast<const LimitedFit&>(model).memory_words();
}

TEST(MlpMemory, recomputes_under_a_limit_and_stays_the_same_model) {
  const TrainingData data = testing::make_numbers(
      TaskKind::binary, 1200, 6, [](std::span<const double> x) { return x[0] * x[1] > 0 ? 1.0 : 0.0; });
  SettingValues settings = testing::texts({{"architecture", "32-res-res-res"}, {"normalization", "batch"}});
  settings["batch_size"] = std::int64_t{1024};
  settings["epochs"] = std::int64_t{4};
  const auto plain = fit_within(data, settings, std::uint64_t{8} << 30U);
  EXPECT_EQ(memory_words(*plain), "");
  const auto limited = fit_within(data, settings, limit_of_arena(std::uint64_t{3} << 19U));
  EXPECT_NE(memory_words(*limited).find("recomputes "), std::string::npos) << memory_words(*limited);
  EXPECT_EQ(memory_words(*limited).find("rows"), std::string::npos) << memory_words(*limited);
  EXPECT_TRUE(bytes_of(*limited) == bytes_of(*plain));
}

}  // namespace
}  // namespace astrolabe
