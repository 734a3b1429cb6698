// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes: loading throws bad_input, or gives a model that is safe to use. For every kind of
// features.

#include "tests/fuzz/model_input.h"
#include "tests/learners/kernel/rows.h"
#include <gtest/gtest.h>

namespace astrolabe::kernel {
namespace {

std::string saved(const char* kernel, const char* features, TaskKind kind) {
  const TrainingData data = testing::make_numbers(kind, 40, 3, [&](std::span<const double> x, double) {
    return kind == TaskKind::regression ? x[0] : x[0] > 0.3 ? 1.0 : 0.0;
  });
  return testing::bytes_of(*testing::fit(data, {{"bandwidth", 1.0},
                                                {"components", std::int64_t{6}},
                                                {"features", std::string(features)},
                                                {"kernel", std::string(kernel)}}));
}

TEST(KernelFile, that_is_damaged_is_refused_or_safe) {
  RandomStream random(Key::from_seed(1));
  for (const char* features : {"random", "structured", "nystroem"}) {
    for (const char* kernel : {"gaussian", "arc_cosine1"}) {
      const std::string bytes = saved(kernel, features, TaskKind::binary);
      ASSERT_EQ(fuzz::load_and_use(kernel_learner(), bytes, 1).size(), 10U) << "it is whole";
      for (int trial = 0; trial < 400; ++trial) {
        std::string damaged = bytes;
        for (std::uint64_t change = 0; change <= random.below(4); ++change)
          damaged[random.below(damaged.size())] = static_cast<char>(random.below(256));
        for (const double value : fuzz::load_and_use(kernel_learner(), damaged, 1))
          EXPECT_TRUE(std::isfinite(value));
      }
    }
  }
}

}  // namespace
}  // namespace astrolabe::kernel
