// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/run_report.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/hash.h"
#include "astrolabe/base/text.h"
#include "astrolabe/report/charts.h"
#include "astrolabe/report/choice_section.h"
#include "astrolabe/report/html.h"
#include "astrolabe/report/limits.h"
#include "astrolabe/report/page.h"
#include "astrolabe/report/pictures.h"
#include "astrolabe/report/score_section.h"
#include "astrolabe/report/score_words.h"
#include "astrolabe/report/search_page.h"
#include "astrolabe/report/start_section.h"

namespace astrolabe {
namespace {

constexpr std::size_t kShownColumns = 200;
constexpr std::size_t kShownBars = 20;

std::string head_and_figures(const RunResult& result) {
  std::string page =
      fmt::format("<header><h1>{}: predicting {}</h1><p>{} task on {} rows. Astrolabe {}.</p></header>",
                  escape_html_short(result.data_path, 80), escape_html_short(result.task.target, 60),
                  result.task.kind_name(), format_count(result.rows_used), escape_html(result.version));
  page += "<div class=\"figures\">";
  if (result.honest) {
    page += figure(
        format_score(result.honest->primary.value),
        fmt::format("{} {} on {} rows<br>95 %: {}", metric_title(result), escape_html(result.honest->label),
                    format_count(result.honest->rows), interval_words(result.honest->primary)));
  }
  page += figure(
      format_score(result.validation.value),
      fmt::format("{} out of fold<br>95 %: {}", metric_title(result), interval_words(result.validation)));
  page += figure("<small>" + escape_html_short(result.system, 90) + "</small>", "the system that ships");
  page += figure(format_duration(result.seconds), "from reading to report");
  return page + "</div>\n";
}

std::string warnings(const RunResult& result) {
  std::string content;
  for (const std::string& warning : result.warnings) {
    content += fmt::format("<p class=\"warn\">{}</p>", escape_html(warning));
  }
  if (result.honest && result.honest->opening > 1) {
    content += fmt::format(
        "<p class=\"warn\">The sealed rows were opened {} times: the score is no longer fresh.</p>",
        result.honest->opening);
  }
  return content.empty() ? "" : section("Warnings", content);
}

std::string asked(const RunResult& result) {
  const auto row = [](std::string_view name, const std::string& value) {
    return fmt::format("<tr><th>{}</th><td>{}</td></tr>", name, value);
  };
  const bool has_clock = std::isfinite(result.time_limit);
  std::string table = "<div class=\"panel\"><table>";
  table += row("Question", fmt::format("predict <b>{}</b>: {}", escape_html(result.task.target),
                                       escape_html(result.task_reason)));
  if (result.task.kind == TaskKind::binary)
    table += row("Positive class", escape_html(result.task.classes[1]));
  table += row("Judged by", fmt::format("{}. {}", metric_title(result),
                                        escape_html(find_metric(result.task.metric)->doc)));
  table += row("Split", escape_html(result.split));
  if (!result.task.weight.empty()) table += row("Row weight", escape_html(result.task.weight));
  if (result.task.is_ranking()) table += row("Ranked within", escape_html(result.task.group));
  table += row("Time limit", has_clock ? format_duration(result.time_limit) : "none");
  table += row("Seed, threads", fmt::format("{}, {}", result.seed, result.threads));
  return section("What was asked", table + "</table></div>");
}

std::string leaderboard(const RunResult& result) {
  std::string content =
      "<p>Out-of-fold scores over shared folds. A <i>tie</i> cannot be told from the best by a paired test "
      "at 5 %, adjusted "
      "for the number of comparisons (Holm).</p>";
  content += panel(metric_title(result) + " with 95 % intervals",
                   interval_chart(result.leaderboard, metric_title(result)));
  std::string table =
      "<table><tr><th>System</th><th></th><th class=\"n\">Score</th><th>95 % interval</th><th class=\"n\">To "
      "the best</th>"
      "<th class=\"n\">Time</th><th>Settings and model</th></tr>";
  for (const LeaderboardRow& row : result.leaderboard) {
    const std::string tag = row.is_best  ? "<span class=\"tag best\">best</span>"
                            : row.is_tie ? "<span class=\"tag tie\">tie</span>"
                                         : "";
    const std::string difference = row.to_best ? fmt::format("{:+.4g}", row.to_best->effect.value) : "";
    table += fmt::format(
        "<tr{}><td>{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"i\">{}</td><td "
        "class=\"n\">{}</td><td "
        "class=\"n\">{}</td>"
        "<td class=\"quiet\">{}; {}</td></tr>",
        row.is_best ? " class=\"best\"" : "", escape_html(row.system), tag,
        format_score(row.validation.value), interval_words(row.validation), difference,
        format_duration(row.seconds),
        escape_html(row.settings.empty() ? "defaults" : format_settings(row.settings)),
        escape_html(row.note));
  }
  return section("Leaderboard", content + "<div class=\"panel\">" + table + "</table></div>");
}

std::string importance(const RunResult& result) {
  std::vector<Bar> shuffled;
  for (const ColumnImportance& column : result.permutation) {
    const Estimate& e = column.loss_of_score;
    if (shuffled.size() < kShownBars) shuffled.push_back({column.column, e.value, e.low, e.high});
  }
  std::vector<Bar> by_model;
  for (const auto& [column, share] : result.importance) {
    if (by_model.size() < kShownBars) by_model.push_back({column, 100 * share, 0, 0});
  }
  std::string content;
  if (!shuffled.empty()) {
    content += panel(fmt::format("How much worse {} gets when a column is shuffled, on rows not trained on",
                                 metric_title(result)),
                     bar_chart(shuffled, "loss of " + metric_title(result)));
  }
  content += panel("Share of the model's own importance, %", bar_chart(by_model, "share, %"));
  if (content.empty()) return "";
  return section("What it relies on", content);
}

std::string effects(const RunResult& result) {
  if (!result.effects || result.effects->columns.empty()) return "";
  const ColumnEffects& found = *result.effects;
  std::string content = fmt::format(
      "<p>Of {} rows, how far the cells of each column moved the score: exact Shapley values of the trees. "
      "They say "
      "what the model does, not what would happen if a cell were changed.</p>",
      format_count(found.rows));
  content += panel("Each dot is a row; columns by the mean size of their effect", effects_summary(found));
  content += effect_panels(found);
  return section("How columns move the score", content);
}

std::string markers_text(const ColumnReading& reading) {
  std::vector<std::string> parts;
  for (const auto& [marker, count] : reading.markers) {
    parts.push_back(marker.empty() ? "blank" : "&#39;" + escape_html_short(marker, 12) + "&#39;");
  }
  return parts.empty() ? "" : " as " + join(parts, ", ");
}

std::string values_text(const ColumnProfile& profile) {
  if (profile.type == ColumnType::image)
    return fmt::format("{} distinct, {}", format_count(profile.distinct), shape_words(profile.picture));
  if (profile.commonest.empty()) {
    if (!std::isfinite(profile.min)) return "";
    if (profile.type == ColumnType::datetime)
      return fmt::format("{} distinct dates", format_count(profile.distinct));
    return fmt::format("{:.6g} to {:.6g}, median {:.6g}", profile.min, profile.max, profile.median);
  }
  std::vector<std::string> parts;
  for (const auto& [cell, count] : profile.commonest) {
    if (parts.size() < 3) parts.push_back(escape_html_short(cell, 28));
  }
  return fmt::format("{} distinct: {}", format_count(profile.distinct), join(parts, ", "));
}

std::string data_profile(const RunResult& result) {
  std::string content = fmt::format(
      "<p>{}. {} rows read, {} used, {} of them {}. Described below: the rows that are not sealed.</p>",
      escape_html(result.data_format), format_count(result.rows), format_count(result.rows_used),
      format_count(result.rows_sealed), "sealed");
  std::string table =
      "<table><tr><th>Column</th><th>Type</th><th class=\"n\">Missing</th><th>Values</th><th></th></tr>";
  std::size_t shown = 0;
  for (const ColumnProfile& profile : result.profiles) {
    if (++shown > kShownColumns) break;
    const auto reading = std::find_if(result.readings.begin(), result.readings.end(),
                                      [&](const ColumnReading& r) { return r.name == profile.name; });
    std::string type(column_type_name(profile.type));
    std::replace(type.begin(), type.end(), '_', ' ');
    const double missing =
        profile.rows == 0 ? 0
                          : 100.0 * static_cast<double>(profile.missing) / static_cast<double>(profile.rows);
    table += fmt::format("<tr><td>{}</td><td>{}</td><td class=\"n\">{}</td><td>{}{}</td><td>{}</td></tr>",
                         escape_html_short(profile.name, 60), type,
                         profile.missing == 0 ? "" : fmt::format("{:.1f} %", missing), values_text(profile),
                         reading == result.readings.end() || profile.missing == 0
                             ? ""
                             : "<span class=\"quiet\">; missing" + markers_text(*reading) + "</span>",
                         sparkline(profile.histogram));
  }
  table += "</table>";
  if (result.profiles.size() > kShownColumns) {
    table += fmt::format("<p class=\"quiet\">and {} more columns; result.json lists all</p>",
                         result.profiles.size() - kShownColumns);
  }
  content += panel("Some of the pictures", picture_grid(result.pictures));
  content += "<details" + std::string(result.profiles.size() <= 40 ? " open" : "") +
             "><summary>Columns</summary><div class=\"panel\">" + table + "</div></details>";
  std::string notes;
  for (const std::string& note : result.notes) notes += "<li>" + escape_html(note) + "</li>";
  for (const Leak& leak : result.leaks) notes += "<li>" + escape_html(leak.message) + "</li>";
  if (!notes.empty()) content += "<h3 style=\"margin-top:16px\">What was noticed</h3><ul>" + notes + "</ul>";
  return section("The data", content);
}

std::string limits(const RunResult& result) {
  std::string list;
  for (const std::string& sentence : limits_of(result)) list += "<li>" + escape_html(sentence) + "</li>";
  return section("Limits", "<ul>" + list + "</ul>");
}

std::string reproduce(const RunResult& result) {
  return section(
      "How to reproduce",
      fmt::format(
          "<pre>{}</pre><p class=\"quiet\">Data hash {}, seed {}, version {}. The model was fitted on {}. "
          "With "
          "<code>--trials</code> instead of <code>--time</code> no decision depends on the clock, and the "
          "same seed gives the same bytes.</p><p class=\"quiet\">Beside this page: "
          "<a href=\"result.json\">result.json</a>, with every number that is drawn here, "
          "<a href=\"leaderboard.csv\">leaderboard.csv</a> and <a href=\"model.astro\">model.astro</a>.</p>",
          escape_html(result.command), hash_to_hex(result.data_hash), result.seed,
          escape_html(result.version), escape_html(result.fitted_on)));
}

}  // namespace

std::string run_report_html(const RunResult& result) {
  std::string parts = warnings(result) + asked(result) + score_section(result) + choice_section(result);
  parts += start_section(result) + leaderboard(result);
  if (result.search) parts += search_section(*result.search);
  parts += importance(result) + effects(result);
  parts += kChapterPlace;  // prove and explain add theirs
  parts += limits(result) + data_profile(result) + reproduce(result);
  const std::string page = head_and_figures(result) + contents(parts) + parts;
  return html_page(fmt::format("{}: {}", escape_html_short(result.task.target, 40),
                               escape_html_short(result.data_path, 60)),
                   page);
}

}  // namespace astrolabe
