// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/search_text.h"

#include "tests/report/search_samples.h"
#include <gtest/gtest.h>

#include "astrolabe/base/text.h"

namespace astrolabe {
namespace {

TEST(SearchText, shows_the_best_what_decides_and_what_was_saved) {
  const std::string text = search_text(made_up_study(200, ""), {.width = 100});
  for (const char* part : {"AUC (higher is better)", "200: ", "Best 0.9", "x*sigmoid(1.5*x)", "What decides",
                           "Saved", "Pruned or failed, and why", "Proposers"})
    EXPECT_NE(text.find(part), std::string::npos) << part;
}

TEST(SearchText, keeps_to_the_width) {
  SearchResult study = made_up_study(200, std::string(200, 'w'));
  study.proposer = "auto";
  study.proposer_summary = study.name = "";
  study.formulas.clear();
  for (const std::string& line : split(search_text(study, {.width = 80}), '\n'))
    EXPECT_LE(line.size(), 80U) << line;
}

TEST(SearchText, lets_no_control_character_through) {
  const std::string text = search_text(made_up_study(100, "\x1b[31mred\a"), {.width = 200});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\a'), std::string::npos);
}

TEST(SearchText, of_an_empty_study_says_so) {
  EXPECT_NE(search_text(made_up_study(0, ""), {}).find("No trial has ended yet."), std::string::npos);
  EXPECT_EQ(search_line(made_up_study(0, "")), "0 trials, none complete yet");
}

TEST(SearchLine, is_one_line) {
  const std::string line = search_line(made_up_study(100, ""));
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_NE(line.find("best 0."), std::string::npos);
  EXPECT_NE(line.find("% pruned"), std::string::npos);
}

}  // namespace
}  // namespace astrolabe
