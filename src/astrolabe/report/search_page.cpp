// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/search_page.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/report/charts.h"
#include "astrolabe/report/html.h"
#include "astrolabe/report/page.h"
#include "astrolabe/report/search_charts.h"
#include "astrolabe/report/search_formulas.h"
#include "astrolabe/report/search_summary.h"

namespace astrolabe {
namespace {

constexpr std::size_t kShownBest = 10;
constexpr std::size_t kShownFront = 20;
constexpr std::size_t kShownReasons = 12;
constexpr std::size_t kShownBars = 15;

std::string cell(const std::string& content) {
  return "<td>" + content + "</td>";
}
std::string number_cell(const std::string& content) {
  return "<td class=\"n\">" + content + "</td>";
}

// A table from its head row, in HTML, and its rows; nothing without rows.
std::string table(std::string_view head, const std::string& rows) {
  return rows.empty() ? "" : fmt::format("<table><tr>{}</tr>{}</table>", head, rows);
}

std::string interval_words(const SearchTrial& trial) {
  if (!(trial.high > trial.low)) return "";
  return fmt::format("{} to {}", format_score(trial.low), format_score(trial.high));
}

std::string figures(const SearchResult& result) {
  const std::vector<std::size_t> best = best_trials(result, 1);
  std::string content = "<div class=\"figures\">";
  if (!best.empty()) {
    const SearchTrial& trial = result.trials[best[0]];
    const std::string interval = interval_words(trial);
    content += figure(format_score(trial.score), fmt::format("best {}{}{}", escape_html(metric_words(result)),
                                                             interval.empty() ? "" : "<br>95 %: ", interval));
  }
  const TrialCounts& counts = result.counts;
  content +=
      figure(format_count(counts.complete + counts.pruned + counts.failed),
             fmt::format("trials ended: {} complete, {} pruned, {} failed", format_count(counts.complete),
                         format_count(counts.pruned), format_count(counts.failed)));
  content += figure(point_count_text(candidate_count(result)),
                    fmt::format("candidates in {} dimensions", result.space.size()));
  const double rate = trials_per_minute(result);
  content +=
      figure(format_duration(result.seconds),
             std::isfinite(rate) ? fmt::format("of search, {:.3g} trials per minute", rate) : "of search");
  return content + "</div>\n";
}

std::string preflight_words(const SearchResult& result) {
  if (!result.preflight) return "";
  const SearchOutlook& preflight = *result.preflight;
  std::string words;
  if (std::isinf(preflight.count)) words += "The candidates have no end: some of their numbers are real. ";
  if (std::isfinite(preflight.count))
    words += fmt::format("There are {} candidates. ", point_count_text(preflight.count));
  if (std::isfinite(preflight.hours_in_full))
    words +=
        fmt::format("Training each in full would take {}. ", long_duration(3600 * preflight.hours_in_full));
  if (!preflight.budget.empty()) {
    const bool is_sentence = preflight.budget.ends_with('.');
    words += "The budget: " + escape_html(preflight.budget) + (is_sentence ? " " : ". ");
  }
  if (std::isfinite(preflight.smallest_difference))
    words += fmt::format("The smallest difference that these data can show is about {:.2g}.",
                         preflight.smallest_difference);
  return words.empty() ? "" : "<p>Before it began: " + words + "</p>";
}

std::string intro(const SearchResult& result) {
  std::string words = "<p>";
  if (!result.proposer.empty()) words += fmt::format("Proposed by <b>{}</b>", escape_html(result.proposer));
  if (!result.proposer.empty() && !result.pruner.empty())
    words += fmt::format(", pruned by <b>{}</b>", escape_html(result.pruner));
  if (!result.proposer.empty()) words += ". ";
  if (result.is_running) words += "The search was still running when this page was written.";
  if (result.trials.empty()) words += "No trial has ended yet.";
  return (words == "<p>" ? "" : words + "</p>") + preflight_words(result);
}

std::string best_table(const SearchResult& result) {
  std::string rows;
  for (const std::size_t i : best_trials(result, kShownBest)) {
    const SearchTrial& trial = result.trials[i];
    rows += fmt::format("<tr{}>", rows.empty() ? " class=\"best\"" : "");
    rows +=
        number_cell(fmt::format("{}", trial.id)) + number_cell(format_score(trial.score)) +
        fmt::format("<td class=\"i\">{}</td>", interval_words(trial)) +
        number_cell(format_duration(trial.seconds)) + cell(escape_html(trial.by)) +
        fmt::format("<td class=\"wide\">{}</td></tr>", escape_html_short(trial_words(result, trial), 400));
  }
  return table(
      "<th class=\"n\">Trial</th><th class=\"n\">Score</th><th>95 % interval</th><th class=\"n\">Time</th>"
      "<th>Proposed by</th><th>What it is</th>",
      rows);
}

std::string nearest_words(const FoundFormula& formula, const FormulaCurves& curves) {
  if (curves.nearest.empty() || !std::isfinite(curves.difference)) return "";
  if (formula.text == curves.nearest) return "";  // it goes by its name
  if (curves.difference < 1e-6)
    return fmt::format("<p>This is <b>{}</b>, written otherwise.</p>", escape_html(curves.nearest));
  return fmt::format("<p class=\"quiet\">Most like {}: at most {:.2g} away where it is drawn.</p>",
                     escape_html(curves.nearest), curves.difference);
}

std::string formula_panels(const SearchResult& result) {
  std::string content;
  for (const FoundFormula& formula : result.formulas) {
    std::string body = fmt::format("<p class=\"formula\">{}</p>", escape_html(formula.text));
    const std::optional<FormulaCurves> curves = curves_of(formula);
    if (curves && !formula.derivative.empty())
      body += fmt::format("<p class=\"formula quiet\">d/d{}: {}</p>", curves->variable,
                          escape_html(formula.derivative));
    if (curves) body += nearest_words(formula, *curves) + formula_chart(*curves);
    content += panel(fmt::format("The {} that was found", escape_html(formula.slot)), body);
  }
  return content;
}

std::string importance_panel(const SearchResult& result) {
  std::vector<Bar> bars;
  for (const DimensionImportance& d : result.importance) {
    if (d.share > 0 && bars.size() < kShownBars)
      bars.push_back({result.space.dimensions()[d.dimension].name, 100 * d.share, 100 * d.low, 100 * d.high});
  }
  const std::string chart = bar_chart(bars, "share of what tells the best tenth from the rest, %");
  return chart.empty()
             ? ""
             : panel("What decides whether a trial is among the best tenth (conditional PED-ANOVA)", chart);
}

std::string front_panel(const SearchResult& result, Measure measure, std::string_view title) {
  const std::vector<std::size_t> best = front(result, measure);
  if (best.empty()) return "";
  std::string rows;
  // The best are the last.
  for (std::size_t place = best.size() > kShownFront ? best.size() - kShownFront : 0; place < best.size();
       ++place) {
    const SearchTrial& trial = result.trials[best[place]];
    rows +=
        "<tr>" + number_cell(measure_text(measure_of(trial, measure), measure)) +
        number_cell(format_score(trial.score)) +
        fmt::format("<td class=\"i\">{}</td>", interval_words(trial)) +
        fmt::format("<td class=\"wide\">{}</td></tr>", escape_html_short(trial_words(result, trial), 200));
  }
  const std::string head = fmt::format(
      "<th class=\"n\">Size</th><th class=\"n\">Score</th><th>95 % interval</th><th>What it is</th>");
  return panel(title, front_chart(result, measure) + table(head, rows));
}

std::string savings_table(const SearchResult& result) {
  std::string rows;
  for (const Saving& saving : savings(result)) {
    rows += "<tr>" + cell(escape_html(saving.trick)) + number_cell(format_count(saving.trials)) +
            number_cell(std::isfinite(saving.seconds) ? format_duration(saving.seconds) : "") + "</tr>";
  }
  return table("<th>Trick</th><th class=\"n\">Trials spared or cut short</th><th class=\"n\">Time saved</th>",
               rows);
}

std::string proposer_table(const SearchResult& result) {
  std::string rows;
  for (const ProposerRecord& record : proposer_records(result)) {
    const double share = 100 * static_cast<double>(record.trials) / static_cast<double>(result.trials.size());
    rows += "<tr>" + cell(escape_html(record.name)) + number_cell(format_count(record.trials)) +
            number_cell(fmt::format("{:.0f} %", share)) + number_cell(format_count(record.improvements)) +
            number_cell(std::isnan(record.best) ? "" : format_score(record.best)) + "</tr>";
  }
  const std::string words = result.proposer_summary.empty()
                                ? ""
                                : "<p class=\"quiet\">" + escape_html(result.proposer_summary) + "</p>";
  return table(
             "<th>Proposer</th><th class=\"n\">Trials</th><th class=\"n\">Share</th><th class=\"n\">Bettered "
             "the best</th><th class=\"n\">Its best</th>",
             rows) +
         words;
}

std::string reason_table(const SearchResult& result) {
  std::string rows;
  const std::vector<ReasonCount> counts = reason_counts(result);
  for (std::size_t i = 0; i < std::min(counts.size(), kShownReasons); ++i) {
    const std::string more = counts[i].trials > 1 ? " <span class=\"quiet\">and the like</span>" : "";
    rows +=
        "<tr>" + cell(std::string(trial_state_name(counts[i].state))) +
        number_cell(format_count(counts[i].trials)) +
        cell(escape_html_short(counts[i].reason.empty() ? "no reason given" : counts[i].reason, 160) + more) +
        "</tr>";
  }
  std::string more;
  if (counts.size() > kShownReasons)
    more = fmt::format("<p class=\"quiet\">and {} more reasons</p>", counts.size() - kShownReasons);
  return table("<th>Ended as</th><th class=\"n\">Trials</th><th>Why</th>", rows) + more;
}

std::string content_of(const SearchResult& result) {
  std::string content = intro(result) + figures(result);
  if (result.trials.empty()) return content;
  const auto add = [&](std::string_view title, const std::string& body) {
    if (!body.empty()) content += panel(title, body);
  };
  const std::vector<std::size_t> best = best_trials(result, 1);
  const bool has_interval = !best.empty() && !interval_words(result.trials[best[0]]).empty();
  add(has_interval ? "Best so far, with its 95 % interval; every dot is a trial"
                   : "Best so far; every dot is a trial",
      best_so_far_chart(result));
  content += formula_panels(result);
  add("The best trials", best_table(result));
  content += front_panel(result, Measure::nodes, "The best for their size");
  content += front_panel(result, Measure::latency, "The best for their speed");
  content += front_panel(result, Measure::memory, "The best for their memory");
  content += importance_panel(result);
  add("Trials as lines: the stronger the colour, the better", parallel_chart(result));
  add("Which proposer earned its keep", proposer_table(result));
  add("What each trick saved", savings_table(result));
  add("What was pruned or failed, and why", reason_table(result));
  return content;
}

}  // namespace

std::string search_section(const SearchResult& result) {
  return section("The search", content_of(result));
}

std::string search_page_html(const SearchResult& result, std::string_view title) {
  const std::string heading = escape_html_short(title, 80);
  return html_page(heading, fmt::format("<header><h1>{}</h1></header>", heading) + search_section(result));
}

}  // namespace astrolabe
