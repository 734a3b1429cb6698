// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/learners/trees/trees_settings.h"

namespace astrolabe::trees {
namespace {

TEST(TreesSettings, that_stand_at_zero_follow_the_rows) {
  const TreesSettings few = settings_for({}, 300, false);
  EXPECT_DOUBLE_EQ(few.learning_rate, 0.04);
  EXPECT_EQ(few.rounds, 400);
  EXPECT_EQ(few.min_rows, 20);
  EXPECT_EQ(settings_for({}, 1'000, false).min_rows, 14);
  const TreesSettings many = settings_for({}, 1'000'000, false);
  EXPECT_DOUBLE_EQ(many.learning_rate, 0.08);
  EXPECT_EQ(many.rounds, 200);
  EXPECT_EQ(many.min_rows, 8);
}

TEST(TreesSettings, change_with_the_rows_in_one_direction) {
  TreesSettings before = settings_for({}, 0, false);
  for (std::size_t rows = 1; rows < 1'000'000; rows += 1 + rows / 8) {
    const TreesSettings after = settings_for({}, rows, false);
    EXPECT_GE(after.learning_rate, before.learning_rate) << rows;
    EXPECT_LE(after.rounds, before.rounds) << rows;
    EXPECT_LE(after.min_rows, before.min_rows) << rows;
    before = after;
  }
}

TEST(TreesSettings, that_are_given_stay) {
  const TreesSettings given = settings_for(
      {{"learning_rate", 0.5}, {"rounds", std::int64_t{7}}, {"min_rows", std::int64_t{1}}}, 100'000, true);
  EXPECT_DOUBLE_EQ(given.learning_rate, 0.5);
  EXPECT_EQ(given.rounds, 7);
  EXPECT_EQ(given.min_rows, 1);
}

TEST(TreesSettings, take_as_many_rounds_as_the_steps_are_small) {
  EXPECT_EQ(settings_for({{"learning_rate", 0.1}}, 500, false).rounds, 160);
  EXPECT_EQ(settings_for({{"learning_rate", 0.001}}, 500, false).rounds, 2000);
  EXPECT_EQ(settings_for({{"learning_rate", 0.1}}, 500, true).rounds, 2000);
}

TEST(TreesSettings, outside_their_range_are_refused) {
  EXPECT_THROW(static_cast<void>(settings_for({{"min_rows", std::int64_t{-1}}}, 500, false)), Error);
}

}  // namespace
}  // namespace astrolabe::trees
