// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/paper.h"

#include "run_samples.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/error.h"
#include "astrolabe/report/limits.h"
#include "astrolabe/report/page.h"
#include "astrolabe/report/run_report.h"

namespace astrolabe::testing {
namespace {

std::size_t times(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(Chapter, is_put_in_with_a_link_and_then_replaced) {
  const std::string page = run_report_html(run_of_classes(2));
  const std::string once = with_chapter(page, "evidence", section("Evidence", "<p>first</p>"));
  EXPECT_EQ(times(page, "#evidence"), 0U);
  EXPECT_EQ(times(once, "<a href=\"#evidence\">Evidence</a>"), 1U);
  EXPECT_LT(once.find("first"), once.find("How to reproduce</h2>"));

  const std::string twice = with_chapter(once, "evidence", section("Evidence", "<p>second</p>"));
  EXPECT_EQ(times(twice, "<p>first</p>"), 0U);
  EXPECT_EQ(times(twice, "second"), 1U);
  EXPECT_EQ(times(twice, "<a href=\"#evidence\">Evidence</a>"), 1U);

  const std::string both = with_chapter(twice, "explain", section("Why", "<p>third</p>"));
  EXPECT_LT(both.find("second"), both.find("third"));
}

TEST(Chapter, leaves_a_page_without_a_place_alone) {
  EXPECT_EQ(with_chapter("<p>old</p>", "evidence", "x"), "<p>old</p>");
}

TEST(Limits, name_the_smallest_change_that_can_be_seen) {
  RunResult result = run_of_classes(2);
  result.honest->primary = around(0.9, 0.02, "made up");
  const std::vector<std::string> limits = limits_of(result);
  EXPECT_NE(limits.front().find("0.0400 wide"), std::string::npos) << limits.front();
  EXPECT_NE(limits.front().find("less than about 0.0200"), std::string::npos) << limits.front();
  result.honest.reset();
  EXPECT_NE(limits_of(result).front().find("No rows were kept apart"), std::string::npos);
}

TEST(Limits, say_that_a_finding_is_no_proof) {
  RunResult result = run_of_classes(2);
  result.search.emplace();
  result.rows_for_proof = 150;
  result.folder = "runs/digits";
  bool is_said = false;
  for (const std::string& sentence : limits_of(result))
    is_said = is_said || sentence.find("astrolabe prove runs/digits") != std::string::npos;
  EXPECT_TRUE(is_said);
}

TEST(Paper, holds_question_result_limits_and_command) {
  RunResult result = run_of_classes(3);
  result.task.target = "a*b|c";
  const std::string text = paper_markdown({.run = run_result_json(result), .evidence = {}, .explain = {}});
  EXPECT_NE(text.find("predicting a\\*b\\|c"), std::string::npos) << text;
  for (const char* title : {"## Protocol", "## Result", "## Limits", "## How to reproduce"})
    EXPECT_EQ(times(text, title), 1U) << title;
  EXPECT_EQ(times(text, "## Evidence"), 0U);
}

TEST(Paper, of_files_changed_by_hand_is_refused) {
  const std::string run = run_result_json(run_of_classes(2));
  EXPECT_THROW(static_cast<void>(paper_markdown({.run = "{", .evidence = {}, .explain = {}})), Error);
  EXPECT_THROW(static_cast<void>(paper_markdown({.run = "{}", .evidence = {}, .explain = {}})), Error);
  EXPECT_THROW(static_cast<void>(paper_markdown({.run = run, .evidence = "[1]", .explain = {}})), Error);
  EXPECT_THROW(static_cast<void>(paper_markdown({.run = run, .evidence = {}, .explain = "{}"})), Error);
  EXPECT_THROW(static_cast<void>(paper_json({.run = run, .evidence = "{", .explain = {}})), Error);
}

TEST(Paper, as_json_holds_null_for_what_was_not_run) {
  const auto object = nlohmann::json::parse(
      paper_json({.run = run_result_json(run_of_classes(2)), .evidence = {}, .explain = {}}));
  EXPECT_TRUE(object.at("evidence").is_null());
  EXPECT_TRUE(object.at("run").contains("limits"));
}

}  // namespace
}  // namespace astrolabe::testing
