// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/linear/anderson.h"

#include <cmath>

#include <gtest/gtest.h>

namespace astrolabe::linear {
namespace {

// One round of x -> b + M x, which ends at x = (1, 2, 3) and closes a tenth of the slowest gap.
std::vector<double> slow_round(const std::vector<double>& x) {
  const double a = x[0] - 1;
  const double b = x[1] - 2;
  const double c = x[2] - 3;
  return {1 + 0.9 * a + 0.05 * b, 2 + 0.7 * b, 3 + 0.1 * b - 0.5 * c};
}

double gap(const std::vector<double>& x) {
  return std::abs(x[0] - 1) + std::abs(x[1] - 2) + std::abs(x[2] - 3);
}

TEST(Anderson, ends_linear_rounds_in_as_many_as_there_are_directions) {
  Anderson memory;
  std::vector<double> point{0, 0, 0};
  for (int round = 0; round < 6; ++round) {
    std::vector<double> after = slow_round(point);
    memory.record(point, after);
    const std::vector<double> guess = memory.propose();
    point = guess.empty() ? after : guess;
  }
  EXPECT_LT(gap(point), 1e-3);
}

TEST(Anderson, proposes_nothing_from_one_round) {
  Anderson memory;
  memory.record({0, 0, 0}, slow_round({0, 0, 0}));
  EXPECT_TRUE(memory.propose().empty());
}

TEST(Anderson, proposes_nothing_where_nothing_moves) {
  Anderson memory;
  memory.record({1, 2, 3}, {1, 2, 3});
  memory.record({1, 2, 3}, {1, 2, 3});
  EXPECT_TRUE(memory.propose().empty());
}

TEST(Anderson, forgets) {
  Anderson memory;
  memory.record({0, 0, 0}, slow_round({0, 0, 0}));
  memory.record({1, 0, 0}, slow_round({1, 0, 0}));
  EXPECT_FALSE(memory.propose().empty());
  memory.forget();
  EXPECT_TRUE(memory.propose().empty());
}

}  // namespace
}  // namespace astrolabe::linear
