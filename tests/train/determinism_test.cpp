// SPDX-License-Identifier: Apache-2.0
// A hundred steps have the same bytes whatever runs them: tiers, instruction sets, threads.
#include <cstring>
#include <ostream>

#include "tests/train/small_training.h"
#include <gtest/gtest.h>

namespace astrolabe {
namespace {

using testing::bytes_after_training;
using testing::SmallShape;
using testing::SmallTraining;

constexpr int kSteps = 100;

struct Runner {
  std::string name;
  CompileOptions options;
  std::size_t threads;
};

std::vector<Runner> runners() {
  std::vector<Runner> all;
  for (const auto& [tier, name] : {std::pair{Tier::reference, "reference"},
                                   {Tier::tiles, "tiles"},
                                   {Tier::compiled, "compiled"},
                                   {Tier::automatic, "automatic"}}) {
    for (const InstructionSet set : {InstructionSet::plain, InstructionSet::avx2, InstructionSet::avx512}) {
      if (!is_supported(set)) continue;
      for (const std::size_t threads : {std::size_t{1}, std::size_t{2}})
        all.push_back({std::string(name) + " " + std::string(instruction_set_name(set)) + " threads " +
                           std::to_string(threads),
                       {.set = set, .tier = tier},
                       threads});
    }
  }
  return all;
}

struct DeterminismCase {
  std::string name;
  SmallShape shape;
};

// So that tests are listed by name.
void PrintTo(const DeterminismCase& one, std::ostream* out) {  // NOLINT(readability-identifier-naming)
  *out << one.name;
}

class Determinism : public ::testing::TestWithParam<DeterminismCase> {};

TEST_P(Determinism, of_a_hundred_steps_is_to_the_byte) {
  const SmallTraining training(GetParam().shape);
  std::string expected;
  for (const Runner& runner : runners()) {
    const std::string bytes = bytes_after_training(training, runner.options, runner.threads, kSteps);
    if (expected.empty()) expected = bytes;
    ASSERT_EQ(bytes.size(), expected.size());
    EXPECT_EQ(std::memcmp(bytes.data(), expected.data(), bytes.size()), 0) << runner.name;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Nets, Determinism,
    ::testing::Values(
        DeterminismCase{"numbers", {.head = Head::number, .architecture = "17-9", .weighted = true}},
        DeterminismCase{
            "classes",
            {.head = Head::classes,
             .architecture = "16-res",
             .activation = "x*sigmoid(1.5*x)+0.1*sin(x)*tanh(x)",
             .schedule = "cosine",
             .normalization = Normalization::layer,
             .categories = true,
             .batch = 13,
             .numbers =
                 {.learning_rate = 0.01, .dropout = 0.2, .smoothing = 0.1, .clip = 1, .weight_decay = 0.02}}},
        DeterminismCase{"binary",
                        {.head = Head::binary,
                         .architecture = "12-12",
                         .activation = "gelu",
                         .loss = "focal(1.5)",
                         .optimizer = "lr*sign(ema(g,0.9))",
                         .normalization = Normalization::batch,
                         .embedding = NumericEmbedding::periodic}},
        DeterminismCase{"bins",
                        {.head = Head::number,
                         .architecture = "40",
                         .loss = "log_cosh",
                         .embedding = NumericEmbedding::piecewise_linear,
                         .rows = 150,
                         .batch = 70}}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace astrolabe
