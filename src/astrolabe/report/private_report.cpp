// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/private_report.h"

#include <array>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/text.h"
#include "astrolabe/pipeline/ledger_json.h"
#include "astrolabe/report/html.h"
#include "astrolabe/report/json_numbers.h"
#include "astrolabe/report/page.h"
#include "astrolabe/report/terminal_lines.h"

namespace astrolabe {
namespace {

using nlohmann::json;

// Rounded up: what is promised holds.
std::string epsilon_words(double epsilon) {
  return fmt::format("{:g}", std::ceil(1e3 * epsilon - 1e-6) / 1e3);
}

std::string guarantee_words(const PrivateRunResult& result) {
  return fmt::format("({}, {:g})-differential privacy", epsilon_words(result.epsilon), result.ledger.delta);
}

std::string steps_words(const PrivateSteps& steps) {
  const std::string times = steps.steps == 1 ? "once" : fmt::format("{} times", format_count(steps.steps));
  const std::string rows = steps.sampling_rate == 1
                               ? "all rows"
                               : fmt::format("each row with probability {:.4g}", steps.sampling_rate);
  return fmt::format("{}, {}, noise {:.4g} times what a row can change", times, rows, steps.noise_multiplier);
}

std::string score_words(const PrivateRunResult& result) {
  const Estimate& score = *result.score;
  return fmt::format("{} [{}, {}]", format_score(score.value), format_score(score.low),
                     format_score(score.high));
}

std::string_view metric_title_of(const PrivateRunResult& result) {
  return find_metric(result.task.metric)->title;
}

json privacy_json(const PrivateRunResult& result) {
  return {{"epsilon", result.epsilon},
          {"delta", result.ledger.delta},
          {"budget", {{"epsilon", result.budget.epsilon}, {"delta", result.budget.delta}}},
          {"unit", kPrivacyUnit},
          {"neighbours", "add or remove one row"},
          {"clipping", result.clipping},
          {"expected_batch", result.expected_batch},
          {"noise_seed_is_told", result.noise_seed_is_told},
          {"ledger",
           {{"training", mechanisms_json(result.ledger.training)},
            {"score", mechanisms_json(result.ledger.score)}}},
          {"not_covered", not_covered()}};
}

json settings_json(const SettingValues& settings) {
  json object = json::object();
  for (const auto& [name, value] : settings)
    std::visit([&, &key = name](const auto& held) { object[key] = held; }, value);
  return object;
}

std::string row(std::string_view name, const std::string& value) {
  return fmt::format("<tr><th>{}</th><td>{}</td></tr>", name, value);
}

std::string ledger_section(const PrivateRunResult& result) {
  std::string table = "<table><tr><th>Rows</th><th>What read them</th><th>How</th></tr>";
  for (const auto& [side, entries] :
       {std::pair{"training", &result.ledger.training}, std::pair{"held out", &result.ledger.score}})
    for (const auto& [what, steps] : *entries)
      table += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td></tr>", side, escape_html(what),
                           escape_html(steps_words(steps)));
  return section(
      "The ledger",
      "<p>Every mechanism that read rows, all of them with Gaussian noise. A coin for each row decides "
      "whether it trains or is held out, so that no row is read by both sides: the guarantee is the "
      "worse of the two. The ledger is in model.astro, and anybody can add it up again.</p>"
      "<div class=\"panel\">" +
          table + "</table></div>");
}

std::string privacy_section(const PrivateRunResult& result) {
  std::string table = "<div class=\"panel\"><table>";
  table += row("Guarantee", escape_html(guarantee_words(result)));
  table +=
      row("Asked for", fmt::format("epsilon {:g}, delta {:g}", result.budget.epsilon, result.budget.delta));
  table += row("Unit", std::string(kPrivacyUnit));
  table += row("Clipping of rows", escape_html(result.clipping));
  table += row("Rows of a step",
               fmt::format("{} expected, drawn by a coin for each row",
                           format_count(static_cast<std::uint64_t>(std::llround(result.expected_batch)))));
  table += row("Noise from", result.noise_seed_is_told ? "a seed that was told: keep it secret"
                                                       : "the operating system, kept nowhere");
  std::string list;
  for (const std::string_view sentence : not_covered()) list += fmt::format("<li>{}</li>", sentence);
  return section("Privacy",
                 table + "</table></div><h3 style=\"margin-top:16px\">Not covered</h3><ul>" + list + "</ul>");
}

std::string data_section(const PrivateRunResult& result) {
  std::string table = "<div class=\"panel\"><table>";
  table += row("Question", fmt::format("predict <b>{}</b>: {}", escape_html(result.task.target),
                                       escape_html(result.task_reason)));
  if (!result.task.classes.empty()) table += row("Classes", escape_html(join(result.task.classes, ", ")));
  table += row("Rows", fmt::format("{}, of which {} train and {} are held out", format_count(result.rows),
                                   format_count(result.rows_training), format_count(result.rows_score)));
  std::vector<std::string> names;
  for (const auto& [name, type] : result.columns) names.push_back(fmt::format("{} ({})", name, type));
  constexpr std::size_t kShown = 100;
  const std::size_t more = names.size() > kShown ? names.size() - kShown : 0;
  names.resize(names.size() - more);
  table +=
      row("Columns", escape_html(join(names, ", ")) + (more > 0 ? fmt::format(" and {} more", more) : ""));
  if (!result.left_out.empty()) table += row("Left out", escape_html(join(result.left_out, ", ")));
  table += row("Learner", escape_html(fmt::format("{}: {}", result.learner, result.summary)));
  return section("What was asked", table + "</table></div>");
}

}  // namespace

std::span<const std::string_view> not_covered() {
  static constexpr std::array<std::string_view, 6> kSentences = {
      "How many rows there are, names and types of columns, the size of pictures, and the names of the "
      "classes.",
      "What you chose by looking at these rows before: settings, bounds, the choice of columns.",
      "Other runs and releases on the same rows: what they cost adds up, and this ledger knows nothing of "
      "it.",
      "How long the run took and what memory it used.",
      "The table itself, and whoever can read it or this machine's memory.",
      "The generators are counter-based and not cryptographic, and noise is rounded to 32-bit numbers."};
  return kSentences;
}

std::string private_run_text(const PrivateRunResult& result, const TextStyle& style) {
  constexpr int kIndent = 12;
  const auto line = [&](std::string_view label, const std::string& text) {
    return fmt::format("  {:<10}{}\n", label, wrapped(printable(text), style.width, kIndent));
  };
  std::string text = bold(style, guarantee_words(result)) + "\n";
  text += line("unit", std::string(kPrivacyUnit));
  for (const auto& [what, steps] : result.ledger.training)
    text += line("paid", fmt::format("{}: {}", what, steps_words(steps)));
  for (const auto& [what, steps] : result.ledger.score)
    text += line("paid", fmt::format("{}, by rows held out: {}", what, steps_words(steps)));
  text += line("clipping", result.clipping);
  text += line("model", fmt::format("{}: {}", result.learner, result.summary));
  if (!result.left_out.empty())
    text += line("left out", fmt::format("{}: private training reads numbers, booleans and categories",
                                         join(result.left_out, ", ")));
  text += line("not", std::string("covered: ") + std::string(not_covered()[0]));
  for (const std::string_view sentence : not_covered().subspan(1)) text += line("", std::string(sentence));
  if (result.score)
    text += fmt::format("\n{}  {} on {} rows held out, with noise\n",
                        bold(style, fmt::format("{}, private", metric_title_of(result))), score_words(result),
                        format_count(result.rows_score));
  for (const std::string& warning : result.warnings)
    text += painted(style, "33", "  ! ") + wrapped(printable(warning), style.width, 4) + "\n";
  text += fmt::format("\n  model   {}\n  report  {}\n  done in {}\n", result.model_path, result.report_path,
                      format_duration(result.seconds));
  return text;
}

std::string private_run_html(const PrivateRunResult& result) {
  std::string head = fmt::format(
      "<header><h1>{}: predicting {}</h1><p>{} task on {} rows, trained privately. Astrolabe "
      "{}.</p></header>",
      escape_html_short(result.data_path, 80), escape_html_short(result.task.target, 60),
      result.task.kind_name(), format_count(result.rows), escape_html(result.version));
  head += "<div class=\"figures\">";
  head += figure(epsilon_words(result.epsilon),
                 fmt::format("epsilon at delta {:g}<br>of one row added or removed", result.ledger.delta));
  if (result.score)
    head += figure(format_score(result.score->value),
                   fmt::format("{} on {} rows held out<br>95 %, noise and all: {} to {}",
                               metric_title_of(result), format_count(result.rows_score),
                               format_score(result.score->low), format_score(result.score->high)));
  head += figure("<small>" + escape_html(result.learner) + "</small>", "the learner");
  head += figure(format_duration(result.seconds), "from reading to report") + "</div>\n";
  std::string parts;
  for (const std::string& warning : result.warnings)
    parts += fmt::format("<p class=\"warn\">{}</p>", escape_html(warning));
  if (!parts.empty()) parts = section("Warnings", parts);
  parts += privacy_section(result) + ledger_section(result) + data_section(result);
  parts +=
      section("How to reproduce",
              fmt::format("<pre>{}</pre><p class=\"quiet\">The noise cannot be had again unless its seed was "
                          "told: running again is another release, and costs again.</p>",
                          escape_html(result.command)));
  return html_page(fmt::format("{}: {}", escape_html_short(result.task.target, 40),
                               escape_html_short(result.data_path, 60)),
                   head + contents(parts) + parts);
}

std::string private_run_json(const PrivateRunResult& result) {
  const Metric& metric = *find_metric(result.task.metric);
  json sealed = nullptr;
  if (result.score) {
    sealed = json_estimate<json>(*result.score);
    sealed["method"] = result.score->method;
    sealed["label"] = "held out, with noise";
    sealed["rows"] = result.rows_score;
  }
  json columns = json::array();
  for (const auto& [name, type] : result.columns) columns.push_back({{"name", name}, {"type", type}});
  const json object = {{"task",
                        {{"kind", result.task.kind_name()},
                         {"target", result.task.target},
                         {"classes", result.task.classes},
                         {"reason", result.task_reason},
                         {"metric", {{"name", metric.name}, {"higher_is_better", metric.higher_is_better}}}}},
                       {"data",
                        {{"path", result.data_path},
                         {"format", result.data_format},
                         {"rows", result.rows},
                         {"rows_training", result.rows_training},
                         {"rows_held_out", result.rows_score},
                         {"columns", columns},
                         {"left_out", result.left_out}}},
                       {"privacy", privacy_json(result)},
                       {"best",
                        {{"system", result.learner},
                         {"summary", result.summary},
                         {"settings", settings_json(result.settings)},
                         {"validation", nullptr},
                         {"sealed", sealed}}},
                       {"leaderboard", json::array()},
                       {"seed", result.seed},
                       {"version", result.version},
                       {"command", result.command},
                       {"warnings", result.warnings},
                       {"cut_short", result.was_cut_short},
                       {"interrupted", result.was_interrupted},
                       {"time_s", json_number<json>(result.seconds)},
                       {"folder", result.folder},
                       {"model", result.model_path},
                       {"report", result.report_path}};
  return object.dump(2, ' ', false, json::error_handler_t::replace);
}

}  // namespace astrolabe
