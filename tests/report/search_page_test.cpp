// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/search_page.h"

#include "tests/report/search_samples.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "astrolabe/report/run_report.h"
#include "astrolabe/report/search_charts.h"
#include "astrolabe/report/search_json.h"

namespace astrolabe {
namespace {

std::size_t times(std::string_view text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

TEST(SearchPage, escapes_every_name_value_and_reason) {
  const std::string page = search_page_html(made_up_study(120, kHostile), kHostile);
  EXPECT_EQ(page.find("<img"), std::string::npos);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find("</script"), std::string::npos);
  EXPECT_GT(times(page, "&lt;img"), 20U);
}

TEST(SearchPage, asks_nothing_of_the_network) {
  const std::string page = search_page_html(made_up_study(60, ""), "digits");
  EXPECT_EQ(page.find("http://"), std::string::npos);
  EXPECT_EQ(page.find("https://"), std::string::npos);
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
}

TEST(SearchPage, has_every_part) {
  const std::string page = search_page_html(made_up_study(200, ""), "digits");
  for (const char* part :
       {"Best so far", "The activation that was found", "The best trials", "The best for their size",
        "The best for their speed", "conditional PED-ANOVA", "Trials as lines", "earned its keep",
        "What each trick saved", "pruned or failed, and why", "38 years", "smallest difference"})
    EXPECT_NE(page.find(part), std::string::npos) << part;
  EXPECT_EQ(page.find("The best for their memory"), std::string::npos);  // nobody knows it
}

TEST(SearchPage, stays_small_whatever_the_number_of_trials) {
  EXPECT_LT(search_page_html(made_up_study(20'000, ""), "digits").size(), 1'000'000U);
}

TEST(SearchPage, of_a_study_without_trials_says_so) {
  const std::string page = search_page_html(made_up_study(0, ""), "digits");
  EXPECT_NE(page.find("No trial has ended yet."), std::string::npos);
  EXPECT_TRUE(page.ends_with("</html>\n"));
}

TEST(SearchPage, of_trials_that_all_failed_is_still_a_page) {
  SearchResult study = made_up_study(30, "");
  for (SearchTrial& trial : study.trials) {
    trial.state = TrialState::failed;
    trial.score = trial.low = trial.high = kUnknown;
  }
  study.formulas.clear();
  const std::string page = search_page_html(study, "digits");
  EXPECT_NE(page.find("What was pruned or failed, and why"), std::string::npos);
  EXPECT_EQ(page.find("Best so far"), std::string::npos);
  EXPECT_EQ(page.find("nan"), std::string::npos);
}

TEST(SearchPage, is_a_section_of_the_run_report_and_of_its_json) {
  RunResult result;
  result.task = {.kind = TaskKind::regression, .target = "y", .classes = {}, .metric = "rmse"};
  EXPECT_EQ(run_report_html(result).find("The search"), std::string::npos);
  EXPECT_FALSE(nlohmann::json::parse(run_result_json(result)).contains("search"));
  result.search = made_up_study(40, "");
  EXPECT_NE(run_report_html(result).find("<h2>The search</h2>"), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(run_result_json(result))["search"]["trials"]["total"], 40);
}

TEST(ParallelChart, draws_at_most_three_hundred_trials) {
  EXPECT_EQ(times(parallel_chart(made_up_study(40, "")), "class=\"par\""), 30U);  // complete ones
  const std::size_t many = times(parallel_chart(made_up_study(5'000, "")), "class=\"par\"");
  EXPECT_LE(many, 300U);
  EXPECT_GT(many, 200U);
}

TEST(Charts, of_scores_that_are_all_equal_are_drawn) {
  SearchResult study = made_up_study(20, "");
  for (SearchTrial& trial : study.trials) {
    if (trial.state == TrialState::complete) trial.score = trial.low = trial.high = 0.5;
  }
  for (const std::string& chart :
       {best_so_far_chart(study), parallel_chart(study), front_chart(study, Measure::latency)}) {
    EXPECT_EQ(chart.find("nan"), std::string::npos);
    EXPECT_EQ(chart.find("inf"), std::string::npos);
    EXPECT_TRUE(chart.ends_with("</svg>"));
  }
}

TEST(SearchJson, has_the_documented_fields) {
  const auto json = nlohmann::json::parse(search_json_text(made_up_study(100, kHostile)));
  const auto& trials = json["trials"];
  EXPECT_EQ(trials["total"], 100);
  EXPECT_EQ(trials["complete"].get<int>() + trials["pruned"].get<int>() + trials["failed"].get<int>(), 100);
  EXPECT_EQ(trials["running"], 0);
  EXPECT_TRUE(json["best"]["score"].is_number());
  EXPECT_TRUE(json["best"]["point"].contains("learner"));
  EXPECT_EQ(json["findings"][0]["slot"], "activation");
  EXPECT_EQ(json["findings"][0]["text"], "x*sigmoid(1.5*x)");
  EXPECT_EQ(json["metric"]["higher_is_better"], true);
  double share = 0;
  for (const auto& d : json["importance"]) share += d["share"].get<double>();
  EXPECT_NEAR(share, 1, 1e-9);
}

TEST(SearchJson, of_an_empty_study_has_no_best) {
  const auto json = nlohmann::json::parse(search_json_text(made_up_study(0, "")));
  EXPECT_TRUE(json["best"].is_null());
  EXPECT_EQ(json["trials"]["total"], 0);
  EXPECT_TRUE(json["findings"].empty());
}

}  // namespace
}  // namespace astrolabe
