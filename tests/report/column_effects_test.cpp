// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/column_effects.h"

#include <cmath>

#include <gtest/gtest.h>

#include "astrolabe/report/run_report.h"

namespace astrolabe {
namespace {

std::size_t times(const std::string& text, std::string_view what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

ColumnEffects of_two_columns() {
  ColumnEffects effects{.score = "log-odds of <b>", .expected = -1, .rows = 10, .columns = {}};
  ColumnEffect age{.column = "age", .size = 0.5, .points = {}, .levels = {}};
  for (int i = 0; i < 9; ++i) age.points.emplace_back(20 + i, 0.1 * i - 0.4);
  age.points.emplace_back(std::nan(""), 0.25);
  ColumnEffect city{.column = "<script>", .size = 0.2, .points = {}, .levels = {}};
  for (int i = 0; i < 10; ++i) city.points.emplace_back(std::nan(""), i < 6 ? 0.1 : -0.3);
  city.levels = {{"\"Rome\"", 6, 0.1}, {"Oslo", 4, -0.3}};
  effects.columns = {age, city};
  return effects;
}

TEST(EffectsSummary, has_a_dot_for_each_row_and_column) {
  const std::string svg = effects_summary(of_two_columns());
  const std::string picture = svg.substr(0, svg.find("<p class=\"legend\""));
  EXPECT_EQ(times(picture, "h0"), 20U);
  EXPECT_EQ(times(picture, "class=\"dot q5\""), 2U);  // the missing age, all cities
  EXPECT_EQ(times(picture, "class=\"dot q0\""), 1U);
  EXPECT_EQ(times(picture, "class=\"dot q4\""), 1U);
}

TEST(EffectsSummary, of_equal_values_gives_them_one_shade) {
  ColumnEffects effects = of_two_columns();
  for (auto& [value, effect] : effects.columns[0].points) value = 3;
  const std::string svg = effects_summary(effects);
  EXPECT_EQ(times(svg.substr(0, svg.find("<p class=\"legend\"")), "class=\"dot q2\""), 1U);
}

TEST(EffectsSummary, of_several_classes_is_bars) {
  ColumnEffects effects = of_two_columns();
  for (ColumnEffect& column : effects.columns) {
    column.points.clear();
    column.levels.clear();
  }
  EXPECT_EQ(times(effects_summary(effects), "class=\"dot"), 0U);
  EXPECT_GT(times(effects_summary(effects), "<rect"), 1U);
  EXPECT_EQ(effect_panels(effects), "");
}

TEST(EffectPanels, show_numbers_as_dots_and_levels_as_bars) {
  const std::string html = effect_panels(of_two_columns());
  EXPECT_EQ(times(html, "h0"), 9U);
  EXPECT_NE(html.find("Missing in 1 rows: +0.25"), std::string::npos);
  EXPECT_EQ(times(html, "<rect"), 2U);
  EXPECT_NE(html.find("4 rows, -0.3"), std::string::npos);
}

TEST(EffectPanels, escape_every_name) {
  RunResult result;
  result.effects = of_two_columns();
  result.task = {.kind = TaskKind::binary, .target = "y", .classes = {"a", "<b>"}, .metric = "auc"};
  const std::string page = run_report_html(result);
  EXPECT_NE(page.find("How columns move the score"), std::string::npos);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find("log-odds of <b>"), std::string::npos);
  result.effects.reset();
  EXPECT_EQ(run_report_html(result).find("How columns move the score"), std::string::npos);
}

}  // namespace
}  // namespace astrolabe
