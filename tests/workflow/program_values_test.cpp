// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/program_values.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace astrolabe::testing {
namespace {

using Values = std::vector<std::pair<std::string, double>>;

Values read(std::string_view line) {
  Values values;
  read_program_values(line, [&](std::string_view name, double value) { values.emplace_back(name, value); });
  return values;
}

TEST(ProgramValues, stand_anywhere_in_a_line) {
  EXPECT_EQ(read("loss=0.25"), (Values{{"loss", 0.25}}));
  EXPECT_EQ(read("epoch 3: loss=0.31, acc=92.5% (best=0.3)"),
            (Values{{"loss", 0.31}, {"acc", 92.5}, {"best", 0.3}}));
  EXPECT_EQ(read("{loss=1};[b=-2e-3]\tval/loss=3 x.y-z_1=4"),
            (Values{{"loss", 1}, {"b", -2e-3}, {"val/loss", 3}, {"x.y-z_1", 4}}));
  EXPECT_EQ(read("loss=1 loss=2"), (Values{{"loss", 1}, {"loss", 2}}));
}

TEST(ProgramValues, are_not_finite_in_any_spelling) {
  EXPECT_TRUE(std::isnan(read("loss=nan").at(0).second));
  EXPECT_TRUE(std::isnan(read("loss=NaN").at(0).second));
  EXPECT_TRUE(std::isnan(read("loss=-nan").at(0).second));
  EXPECT_EQ(read("loss=Inf").at(0).second, INFINITY);
  EXPECT_EQ(read("loss=-Infinity,").at(0).second, -INFINITY);
}

TEST(ProgramValues, are_passed_over_when_they_are_no_numbers) {
  for (const char* line : {"", "=", "loss", "loss=", "loss= 1", "loss =1", "loss=abc", "loss=0.3x", "loss==1",
                           "3=4", "loss=nano", "loss=1=2", "verl\xc3\xa4uft\xc3\xa4=1", "a<=1"})
    EXPECT_EQ(read(line), Values{}) << line;
}

TEST(ProgramValues, have_whole_names) {
  EXPECT_EQ(read("val_loss=1"), (Values{{"val_loss", 1}}));
  EXPECT_EQ(read("--loss=1"), (Values{{"loss", 1}}));
  EXPECT_EQ(read("3loss=1"), Values{});
}

}  // namespace
}  // namespace astrolabe::testing
