// SPDX-License-Identifier: Apache-2.0
// What the page of a run draws, and that the same numbers are in result.json.
#include "tests/report/run_samples.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "astrolabe/report/ensemble_drawing.h"
#include "astrolabe/report/page.h"
#include "astrolabe/report/run_report.h"
#include "astrolabe/report/score_charts.h"
#include "astrolabe/report/terminal_text.h"

namespace astrolabe::testing {
namespace {

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

std::string part(const std::string& page, std::string_view anchor) {
  const std::size_t begin = page.find("<section id=\"" + std::string(anchor) + "\"");
  return begin == std::string::npos ? "" : page.substr(begin, page.find("</section>", begin) - begin);
}

nlohmann::json figures_of(const RunResult& result) {
  return nlohmann::json::parse(run_result_json(result)).at("figures");
}

TEST(RunPage, says_beside_every_figure_of_the_score_which_rows_it_is_of) {
  for (const RunResult& result : {run_of_classes(2), run_of_classes(10), run_of_classes(26),
                                  run_of_classes(300, 900), run_of_numbers(), run_of_numbers(30)}) {
    const std::string score = part(run_report_html(result), "the-score");
    EXPECT_GE(count(score, "<div class=\"panel\">"), 4U);
    EXPECT_EQ(count(score, "<div class=\"panel\">"),
              count(score, "sealed rows.") + count(score, "chosen without it."))
        << result.task.classes.size();
  }
}

TEST(RunPage, links_to_each_of_its_parts) {
  const std::string page = run_report_html(run_of_classes(2));
  for (const char* anchor : {"the-score", "what-ships", "leaderboard", "the-data", "how-to-reproduce"}) {
    EXPECT_NE(part(page, anchor), "") << anchor;
    EXPECT_NE(page.find("<a href=\"#" + std::string(anchor) + "\">"), std::string::npos) << anchor;
  }
  EXPECT_EQ(contents("nothing"), "");
}

TEST(RunPage, is_set_for_paper) {
  const std::string page = run_report_html(run_of_classes(2));
  EXPECT_NE(page.find("@page{size:A4"), std::string::npos);
  EXPECT_NE(page.find("@media print"), std::string::npos);
  EXPECT_NE(page.find("attr(href)"), std::string::npos) << "what a link leads to is printed";
}

TEST(RunPage, counts_a_confusion_of_ten_classes_maps_one_of_26_and_folds_300) {
  const std::string ten = run_report_html(run_of_classes(10)), letters = run_report_html(run_of_classes(26)),
                    many = run_report_html(run_of_classes(300, 900));
  EXPECT_NE(ten.find("truth \\ said"), std::string::npos);
  EXPECT_EQ(ten.find("<details class=\"long\">"), std::string::npos);
  EXPECT_EQ(letters.find("truth \\ said"), std::string::npos);
  EXPECT_NE(letters.find("<title>A as "), std::string::npos);
  EXPECT_EQ(many.find("truth \\ said"), std::string::npos);
  EXPECT_EQ(many.find(" as class "), std::string::npos) << "no map of 90,000 cells";
  EXPECT_NE(many.find("<summary>All 300 classes</summary>"), std::string::npos);
  EXPECT_NE(many.find("The commonest mistakes"), std::string::npos);
  EXPECT_LT(many.size(), 200'000U);
}

TEST(RunPage, draws_what_was_said_before_calibration_only_where_something_was_calibrated) {
  RunResult result = run_of_classes(2);
  const std::string both = reliability_chart(*result.honest->reliability);
  EXPECT_EQ(count(both, "class=\"ring\""), result.honest->reliability->before.size());
  result.honest->reliability->before.clear();
  EXPECT_EQ(reliability_chart(*result.honest->reliability).find("ring"), std::string::npos);
  const std::string page = run_report_html(result);
  EXPECT_EQ(page.find("</svg>before: off"), std::string::npos);
  EXPECT_NE(page.find("</svg>the model: off"), std::string::npos);
}

TEST(RunPage, opens_twice_says_so) {
  RunResult result = run_of_classes(2);
  result.honest->opening = 2;
  EXPECT_NE(part(run_report_html(result), "the-score").find("sealed rows, opening 2."), std::string::npos);
}

TEST(RunPage, escapes_names_wherever_they_are_drawn) {
  constexpr const char* kAttack = "</text><img src=x onerror=alert(1)>";
  for (const std::size_t classes : {2, 10, 26, 300}) {
    RunResult result = run_of_classes(classes, 900);
    for (std::string& name : result.task.classes) name = kAttack + name;
    for (EnsembleMember& member : result.ensemble->members) member.system = kAttack;
    for (FitCurves& fits : result.fits) fits.system = kAttack;
    EXPECT_EQ(run_report_html(result).find("<img"), std::string::npos) << classes;
  }
}

TEST(RunPage, draws_a_fit_that_ran_away_and_one_of_a_single_step) {
  RunResult result = run_of_classes(2);
  result.fits[0].folds[0].steps.back() = {400, 1e300, std::nan("")};
  result.fits[1].folds[0].steps.resize(1);
  const std::string page = part(run_report_html(result), "what-ships");
  EXPECT_EQ(page.find("nan"), std::string::npos);
  EXPECT_EQ(page.find("e+"), std::string::npos);
  EXPECT_NE(page.find("class=\"fit watched\""), std::string::npos);
}

TEST(EnsembleDrawing, shows_members_their_weights_and_what_they_become) {
  const std::string drawing = ensemble_drawing(run_of_classes(2));
  for (const char* words :
       {">trees<", ">mlp<", ">69 %<", ">31 %<", ">weighted mean<", ">temperature<", ">prediction<"})
    EXPECT_NE(drawing.find(words), std::string::npos) << words;
}

TEST(EnsembleDrawing, of_one_system_shows_the_fits_of_its_folds) {
  RunResult result = run_of_classes(2);
  result.ensemble->members.resize(1);
  result.ensemble->correlation = {1};
  const std::string drawing = ensemble_drawing(result);
  EXPECT_NE(drawing.find(">fit without fold 5<"), std::string::npos);
  EXPECT_NE(drawing.find(">20 %<"), std::string::npos);
  EXPECT_EQ(correlation_table(*result.ensemble), "");
}

TEST(EnsembleDrawing, of_a_stack_shows_factors_and_not_shares) {
  RunResult result = run_of_classes(2);
  result.ensemble->is_stack = true;
  result.ensemble->members[0].weight = 0.85;
  const std::string drawing = ensemble_drawing(result);
  EXPECT_NE(drawing.find(">x 0.85<"), std::string::npos);
  EXPECT_NE(drawing.find(">second level, on scores<"), std::string::npos);
  EXPECT_EQ(drawing.find(" %<"), std::string::npos);
  EXPECT_EQ(figures_of(result)["ensemble"]["kind"], "stack");
}

TEST(EnsembleDrawing, gathers_the_lightest_of_many_members) {
  RunResult result = run_of_classes(2);
  EnsembleMember light = result.ensemble->members[1];
  light.weight = 0.031;
  result.ensemble->members.back().weight = 0;
  for (std::size_t i = 0; i < 10; ++i) result.ensemble->members.push_back(light);
  const std::string drawing = ensemble_drawing(result);
  EXPECT_NE(drawing.find(">and 5 more<"), std::string::npos);
  EXPECT_EQ(count(drawing, "class=\"link\""), 8U);
}

TEST(PrecisionRecall, follows_from_the_roc_curve_and_the_share_of_positives) {
  RunResult result = run_of_classes(2);
  HonestScore& honest = *result.honest;
  honest.roc = {{0, 0, INFINITY}, {0.1, 0.6, 0.5}, {1, 1, 0}};
  honest.classes[0].rows = 90;
  honest.classes[1].rows = 10;
  const auto points = precision_recall(honest);
  ASSERT_EQ(points.size(), 2U);
  EXPECT_DOUBLE_EQ(points[0].first, 0.6);
  EXPECT_DOUBLE_EQ(points[0].second, 6.0 / 15);
  EXPECT_DOUBLE_EQ(points[1].second, 0.1);
}

TEST(FiguresJson, has_what_the_page_of_two_classes_draws) {
  const RunResult result = run_of_classes(2);
  const nlohmann::json figures = figures_of(result);
  EXPECT_EQ(figures["judged_on"]["label"], "sealed");
  EXPECT_EQ(figures["roc"].size(), result.honest->roc.size());
  EXPECT_TRUE(figures["roc"][0][2].is_null()) << "the first threshold is infinite";
  EXPECT_EQ(figures["precision_recall"].size(), precision_recall(*result.honest).size());
  EXPECT_EQ(figures["thresholds"].size(), 5U);
  EXPECT_EQ(figures["calibration"]["bins"].size(), 10U);
  EXPECT_LT(figures["calibration"]["error"], 1);
  EXPECT_EQ(figures["calibration"]["before"]["bins"].size(), 10U);
  EXPECT_EQ(figures["classes"][1]["class"], "B");
  EXPECT_EQ(figures["confusion"].size(), 4U);
  EXPECT_EQ(figures["ensemble"]["members"][0]["weight"], 0.69);
  EXPECT_EQ(figures["ensemble"]["error_correlation"][0][1], 0.87);
  EXPECT_EQ(figures["fits"][0]["folds"][1]["unit"], "round");
  EXPECT_EQ(figures["fits"][0]["folds"][0]["best_step"], 300);
  EXPECT_FALSE(figures.contains("residuals"));
}

TEST(FiguresJson, has_what_the_page_of_numbers_draws) {
  const nlohmann::json figures = figures_of(run_of_numbers());
  EXPECT_EQ(figures["residuals"].size(), 1000U);
  EXPECT_EQ(figures["coverage"]["promised"], 0.9);
  EXPECT_EQ(figures["coverage"]["slices"].size(), 5U);
  EXPECT_EQ(figures["error_quantiles"][0][0], 0.5);
  EXPECT_FALSE(figures.contains("classes"));
}

TEST(TerminalText, says_beside_the_score_how_probabilities_and_ranges_hold) {
  const std::string classes = outcome_text(run_of_classes(26), {.width = 80});
  EXPECT_NE(classes.find("\n  accuracy  0."), std::string::npos);
  EXPECT_NE(classes.find("probabilities are off by "), std::string::npos);
  EXPECT_NE(classes.find(" % without calibration\n"), std::string::npos);
  EXPECT_NE(classes.find("hardest classes by F1: "), std::string::npos);
  EXPECT_EQ(outcome_text(run_of_classes(2), {.width = 80}).find("hardest"), std::string::npos);
  const std::string numbers = outcome_text(run_of_numbers(), {.width = 80});
  EXPECT_EQ(numbers.find("accuracy"), std::string::npos);
  EXPECT_NE(numbers.find("90 % ranges held 90.4 % of the truths\n"), std::string::npos);
}

}  // namespace
}  // namespace astrolabe::testing
