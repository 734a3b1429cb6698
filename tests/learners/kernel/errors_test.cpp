// SPDX-License-Identifier: Apache-2.0
// Settings that make no sense, and what is said about them.
#include "tests/learners/kernel/rows.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/learners/kernel/kernel_fit.h"

namespace astrolabe::kernel {
namespace {

using testing::fit;
using testing::make_numbers;

TrainingData numbers(TaskKind kind = TaskKind::regression) {
  return make_numbers(kind, 40, 2, [&](std::span<const double> x, double) {
    return kind == TaskKind::regression ? x[0] : (x[0] > 0 ? 1.0 : 0.0);
  });
}

std::string complaint(const SettingValues& settings, TaskKind kind = TaskKind::regression) {
  try {
    (void)fit(numbers(kind), settings);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage) << error.what();
    return error.what();
  }
  return "no error";
}

bool says(const std::string& message, std::string_view words) {
  return message.find(words) != std::string::npos;
}

TEST(KernelErrors, a_kernel_without_features_is_refused) {
  for (const char* name : {"sigmoid", "rbf"}) {
    const std::string message = complaint({{"kernel", std::string(name)}});
    EXPECT_TRUE(says(message, name) && says(message, "gaussian, laplacian")) << message;
  }
  for (const char* features : {"orthogonal", "structured"})
    for (const char* kernel : {"laplacian", "polynomial"}) {
      const std::string message =
          complaint({{"kernel", std::string(kernel)}, {"features", std::string(features)}});
      EXPECT_TRUE(says(message, "random or nystroem") && says(message, kernel)) << message;
    }
}

TEST(KernelErrors, a_family_that_does_not_fit_is_refused) {
  EXPECT_TRUE(says(complaint({{"family", std::string("logistic")}}), "gaussian or poisson"));
  EXPECT_TRUE(says(complaint({{"family", std::string("poisson")}}), "never negative"));
  EXPECT_TRUE(says(complaint({{"family", std::string("poisson")}}, TaskKind::binary), "logistic"));
}

TEST(KernelErrors, generalised_cross_validation_is_for_numbers) {
  const SettingValues settings = {{"penalty_by", std::string("gcv")}};
  EXPECT_EQ(complaint(settings), "no error");
  EXPECT_TRUE(says(complaint(settings, TaskKind::binary), "logistic"));
}

TEST(KernelErrors, components_beyond_the_memory_are_refused) {
  const TrainingData data = numbers();
  ThreadPool pool(1);
  const Budget budget;
  const SettingValues settings = {{"components", std::int64_t{5000}}};
  try {
    (void)fit_kernel({.rows = FitRows(data),
                      .settings = settings,
                      .key = Key::from_seed(1),
                      .pool = pool,
                      .budget = budget,
                      .memory_bytes = 100 << 20});
    FAIL() << "it fits";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_TRUE(says(error.what(), "fewer components")) << error.what();
  }
}

TEST(KernelErrors, cells_that_are_no_numbers_count_as_the_middle) {
  TrainingData data = numbers();
  data.features.columns[0].dense[3] = std::nanf("");
  data.features.columns[1].dense[5] = HUGE_VALF;
  const auto model = fit(data, {{"components", std::int64_t{20}}});
  for (const double value : testing::predict(*model, data.features)) EXPECT_TRUE(std::isfinite(value));
}

}  // namespace
}  // namespace astrolabe::kernel
