// SPDX-License-Identifier: Apache-2.0
// What takes deeper nets to see.
#include <gtest/gtest.h>

#include "astrolabe/evidence/experiment.h"

namespace astrolabe {
namespace {

TEST(BatchNorm, of_sixteen_layers_is_what_the_paper_says) {
  const ExperimentResult result =
      find_experiment("batch-norm")
          ->run(
              {.options = {{"depth", "16"}, {"steps", "1500"}, {"noise", "0.4"}}, .key = Key::from_seed(1)});
  EXPECT_EQ(result.verdict, ExperimentVerdict::confirmed) << result.words;
}

}  // namespace
}  // namespace astrolabe
