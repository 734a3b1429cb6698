// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/csv.h"
#include "astrolabe/base/text.h"
#include "astrolabe/report/html.h"
#include "astrolabe/report/run_report.h"
#include "astrolabe/report/terminal_text.h"

namespace astrolabe {
namespace {

constexpr const char* kAttack = "</script><img src=x onerror=alert(1)>";

// A result whose every free text is hostile.
RunResult hostile_result() {
  RunResult result;
  result.command = std::string("astrolabe run ") + kAttack;
  result.version = "0.1.0";
  result.data_path = kAttack;
  result.data_format = kAttack;
  result.split = kAttack;
  result.task = {.kind = TaskKind::binary, .target = kAttack, .classes = {"no", kAttack}, .metric = "auc"};
  result.task_reason = kAttack;
  result.rows = result.rows_used = 2000;
  result.rows_sealed = 400;
  ColumnProfile profile;
  profile.name = kAttack;
  profile.type = ColumnType::category;
  profile.rows = 1600;
  profile.missing = 16;
  profile.commonest = {{kAttack, 10}};
  result.profiles = {profile};
  ColumnReading reading;
  reading.name = kAttack;
  reading.missing = 16;
  reading.markers = {{kAttack, 16}};
  result.readings = {reading};
  result.leaks = {
      {.kind = LeakKind::near_copy, .column = kAttack, .strength = 1, .drop = false, .message = kAttack}};
  result.notes = {kAttack};
  result.warnings = {kAttack};
  LeaderboardRow best;
  best.system = kAttack;
  best.validation = {.value = 0.9, .low = 0.88, .high = 0.92, .method = "DeLong"};
  best.is_best = true;
  LeaderboardRow tie = best;
  tie.system = "linear";
  tie.is_best = false;
  tie.is_tie = true;
  tie.to_best =
      Difference{.effect = {.value = -0.01, .low = -0.03, .high = 0.01, .method = "DeLong"}, .p_value = 0.3};
  result.leaderboard = {best, tie};
  result.system = kAttack;
  result.validation = best.validation;
  HonestScore honest;
  honest.label = "sealed";
  honest.rows = 400;
  honest.primary = best.validation;
  honest.others = {{"log_loss", {.value = 0.3, .low = 0.2, .high = 0.4, .method = "normal"}}};
  honest.roc = {{0, 0, 1}, {0.2, 0.7, 0.5}, {1, 1, 0}};
  honest.reliability = Reliability{.bins = {{0.1, 0.12, 0.05, 0.2, 100}, {0.8, 0.7, 0.6, 0.8, 100}},
                                   .before = {},
                                   .histogram = {100, 100}};
  honest.confusion = Confusion{2, {300, 20, 30, 50}};
  result.honest = honest;
  result.importance = {{kAttack, 0.7}, {"b", 0.3}};
  result.permutation = {{kAttack, {.value = 0.1, .low = 0.05, .high = 0.15, .method = "t"}}};
  return result;
}

TEST(ReportPage, escapes_everything_that_comes_from_the_data) {
  const std::string page = run_report_html(hostile_result());
  EXPECT_EQ(page.find("<img"), std::string::npos);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find("</script"), std::string::npos);
  EXPECT_NE(page.find("&lt;img"), std::string::npos);
}

TEST(ReportPage, asks_nothing_of_the_network) {
  const std::string page = run_report_html(hostile_result());
  EXPECT_EQ(page.find("http://"), std::string::npos);
  EXPECT_EQ(page.find("https://"), std::string::npos);
  EXPECT_NE(page.find("default-src &#39;none&#39;") + 1 + page.find("default-src 'none'") + 1, 0U);
}

TEST(ReportPage, names_the_best_and_the_tie) {
  const std::string page = run_report_html(hostile_result());
  EXPECT_NE(page.find(">best</span>"), std::string::npos);
  EXPECT_NE(page.find(">tie</span>"), std::string::npos);
}

TEST(ReportPage, draws_scores_that_differ_in_their_last_digit_only) {
  RunResult result = hostile_result();
  for (const double value : {34.538776394910684, 1e300, 1e-300, 0.0, -5e15}) {
    const double next = std::nextafter(value, INFINITY);
    result.leaderboard[0].validation = {.value = value, .low = value, .high = next, .method = "DeLong"};
    result.leaderboard[1].validation = {.value = next, .low = value, .high = next, .method = "DeLong"};
    result.permutation[0].loss_of_score = {.value = value, .low = value, .high = next, .method = "t"};
    result.honest->residuals = {{value, next}, {next, value}};
    EXPECT_LT(run_report_html(result).size(), 200'000U);
  }
}

TEST(ReportPage, draws_the_others_beside_a_best_whose_interval_is_a_point) {
  RunResult result = hostile_result();
  const double best = 0.6931471805599450;
  result.leaderboard[0].validation = {
      .value = best, .low = best, .high = std::nextafter(best, 1), .method = "t"};
  result.leaderboard[1].validation = {.value = 0.755, .low = 0.7, .high = 0.8, .method = "t"};
  const std::string page = run_report_html(result);
  const std::size_t first = page.find("r=\"4.5\"");
  ASSERT_NE(first, std::string::npos);
  EXPECT_NE(page.find("r=\"4.5\"", first + 1), std::string::npos);
}

TEST(ReportPage, of_an_empty_result_is_still_a_page) {
  RunResult result;
  result.task = {.kind = TaskKind::regression, .target = "y", .classes = {}, .metric = "rmse"};
  const std::string page = run_report_html(result);
  EXPECT_NE(page.find("There is no honest score"), std::string::npos);
  EXPECT_TRUE(page.ends_with("</html>\n"));
}

TEST(ResultJson, has_the_documented_fields) {
  const nlohmann::json object = nlohmann::json::parse(run_result_json(hostile_result()));
  EXPECT_EQ(object["task"]["metric"]["name"], "auc");
  EXPECT_EQ(object["task"]["metric"]["higher_is_better"], true);
  EXPECT_EQ(object["best"]["system"], kAttack);
  EXPECT_DOUBLE_EQ(object["best"]["sealed"]["score"], 0.9);
  EXPECT_DOUBLE_EQ(object["best"]["validation"]["low"], 0.88);
  EXPECT_EQ(object["leaderboard"].size(), 2U);
  EXPECT_EQ(object["leaderboard"][1]["tie"], true);
  for (const char* field : {"warnings", "time_s", "model", "report"})
    EXPECT_TRUE(object.contains(field)) << field;
}

TEST(ResultJson, writes_numbers_that_are_not_finite_as_null) {
  RunResult result = hostile_result();
  result.validation.low = std::nan("");
  const nlohmann::json object = nlohmann::json::parse(run_result_json(result));
  EXPECT_TRUE(object["best"]["validation"]["low"].is_null());
}

TEST(LeaderboardCsv, neutralises_formulas) {
  RunResult result = hostile_result();
  result.leaderboard[0].system = "=cmd()";
  EXPECT_NE(leaderboard_csv(result).find("1,'=cmd(),"), std::string::npos);
}

TEST(CsvCell, quotes_and_keeps_numbers) {
  EXPECT_EQ(csv_cell("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_cell("say \"x\""), "\"say \"\"x\"\"\"");
  EXPECT_EQ(csv_cell("-4.5"), "-4.5");
  EXPECT_EQ(csv_cell("@x"), "'@x");
}

TEST(EscapeHtml, replaces_control_characters_and_broken_utf8) {
  EXPECT_EQ(escape_html("a\x01"), "a\xEF\xBF\xBD");
  EXPECT_EQ(escape_html("\xff<"), "\xEF\xBF\xBD&lt;");
  EXPECT_EQ(escape_html_short("\xC3\xA4\xC3\xB6\xC3\xBC", 2), "\xC3\xA4\xC3\xB6&hellip;");
}

TEST(TerminalText, never_prints_control_characters_of_the_data) {
  RunResult result = hostile_result();
  result.data_path = "evil\x1b[2J.csv";
  EXPECT_EQ(describe_data(result, {.width = 80, .color = false}).find('\x1b'), std::string::npos);
}

TEST(TerminalText, stays_within_the_width_and_shortens_no_name) {
  RunResult result = hostile_result();
  result.leaderboard[0].system = "mean of trees (shallow), trees (slow), trees and linear";
  result.leaderboard[1].was_cut_short = true;
  result.leaderboard[1].note = "cut short in 2 of 5 folds";
  const std::string text = leaderboard_text(result, {.width = 60, .color = false});
  EXPECT_NE(text.find("trees (slow), trees and linear\n"), std::string::npos);
  EXPECT_NE(text.find("cut short in 2 of 5 folds\n"), std::string::npos);
  for (const std::string& line : split(text, '\n')) EXPECT_LE(line.size(), 60U) << line;
}

TEST(TerminalText, one_missing_cell_is_one_cell) {
  RunResult result = hostile_result();
  result.readings[0].missing = 1;
  EXPECT_NE(describe_data(result, {.width = 80}).find("1 cell in 1 column: "), std::string::npos);
}

TEST(TerminalText, calls_a_tie_a_tie_and_aligns_the_scores) {
  RunResult result = hostile_result();
  result.leaderboard[0].system = "trees";
  const std::string text = leaderboard_text(result, {.width = 80, .color = false});
  EXPECT_NE(text.find("  trees "), std::string::npos);
  EXPECT_NE(text.find("tie\n"), std::string::npos);
  EXPECT_NE(text.find("best\n"), std::string::npos);
}

}  // namespace
}  // namespace astrolabe
