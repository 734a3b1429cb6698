// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/score_section.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/report/charts.h"
#include "astrolabe/report/html.h"
#include "astrolabe/report/page.h"
#include "astrolabe/report/pictures.h"
#include "astrolabe/report/score_charts.h"
#include "astrolabe/report/score_words.h"
#include "astrolabe/report/terminal_text.h"

namespace astrolabe {
namespace {

constexpr std::size_t kNumberedClasses = 12;  // a confusion with its counts
constexpr std::size_t kMappedClasses = 40;    // a confusion as a map
constexpr std::size_t kShownMistakes = 12;
constexpr std::size_t kOpenClasses = 15;  // of more, the hardest ones; all in a fold
constexpr std::size_t kHardestClasses = 12;

std::string outcome_words(const RunResult& result) {
  if (!result.honest) {
    return "<p>There is no honest score; the warnings say why. The out-of-fold score below selected the "
           "system, so it is optimistic.</p>";
  }
  const HonestScore& honest = *result.honest;
  const std::string calibrated =
      result.calibration.kind.empty()
          ? ""
          : fmt::format("<p>Probabilities are {}.</p>", calibration_words(result.calibration));
  if (honest.label == "resampled") {
    return "<p>With so few rows nothing was sealed. The whole selection was repeated inside outer folds, and "
           "each judged a system that was chosen without it: the <i>resampled</i> score.</p>" +
           calibrated;
  }
  return fmt::format(
      "<p>Everything in this part was measured once, after the selection, on {} rows that no fitting or "
      "selecting "
      "step had read.</p>{}",
      format_count(honest.rows), calibrated);
}

std::string score_table(const RunResult& result) {
  const HonestScore& honest = *result.honest;
  std::string table =
      "<table><tr><th>Metric</th><th class=\"n\">Score</th><th>95 % interval</th><th>Method</th></tr>";
  const auto add = [&](std::string_view name, const Estimate& e) {
    table += fmt::format(
        "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"i\">{}</td><td class=\"quiet\">{}</td></tr>",
        find_metric(name)->title, format_score(e.value), interval_words(e), escape_html(e.method));
  };
  add(result.task.metric, honest.primary);
  for (const auto& [name, e] : honest.others) add(name, e);
  return table + "</table>" + source_note(judged_on(honest));
}

std::string drawn(const HonestScore& honest, std::string_view title, const std::string& picture,
                  const std::string& legend = "") {
  return picture.empty() ? "" : panel(title, picture + legend + source_note(judged_on(honest)));
}

std::string pair(const std::string& panels) {
  return panels.empty() ? "" : "<div class=\"pair\">" + panels + "</div>";
}

std::string curves(const HonestScore& honest) {
  const std::string area = std::isfinite(honest.average_precision)
                               ? fmt::format(": average precision {}", format_score(honest.average_precision))
                               : "";
  return pair(drawn(honest, "ROC curve", roc_chart(honest)) +
              drawn(honest, "Precision over recall" + area, precision_recall_chart(honest)));
}

std::string calibration_legend(const Reliability& reliability, bool is_binary) {
  const auto words = [](std::string_view what, const std::vector<CalibrationBin>& bins, double brier) {
    return fmt::format("{}: off by {} on average (ECE), Brier {}", what, percent(calibration_error(bins)),
                       format_score(brier));
  };
  std::string legend =
      "<p class=\"legend\"><span><svg viewBox=\"0 0 30 10\"><path d=\"M0 5h30\" class=\"c\"/><circle "
      "cx=\"15\" "
      "cy=\"5\" r=\"3.5\" class=\"f\"/></svg>" +
      words(reliability.before.empty() ? "the model" : "calibrated", reliability.bins, reliability.brier) +
      "</span>";
  if (!reliability.before.empty()) {
    legend +=
        "<span><svg viewBox=\"0 0 30 10\"><path d=\"M0 5h30\" class=\"c before\"/><circle cx=\"15\" cy=\"5\" "
        "r=\"3.5\" class=\"ring\"/></svg>" +
        words("before", reliability.before, reliability.brier_before) + "</span>";
  }
  legend += "</p>";
  if (!is_binary)
    legend +=
        "<p class=\"from\">Said: the probability of the likeliest class. Happened: it was the right one.</p>";
  return legend;
}

std::string calibration_panel(const HonestScore& honest, bool is_binary) {
  if (!honest.reliability) return "";
  return drawn(honest, "Calibration: on the dashed line a probability means what it says",
               reliability_chart(*honest.reliability), calibration_legend(*honest.reliability, is_binary));
}

std::string threshold_panel(const HonestScore& honest) {
  if (honest.thresholds.empty()) return "";
  std::string table =
      "<table><tr><th class=\"n\">From</th><th class=\"n\">Called</th><th class=\"n\">Precision</th><th "
      "class=\"n\">Recall</th><th class=\"n\">Alarms</th><th class=\"n\">F1</th></tr>";
  for (const ThresholdScore& cut : honest.thresholds) {
    table += fmt::format("<tr{}><td class=\"n\">{:.2f}</td>", cut.threshold == 0.5 ? " class=\"best\"" : "",
                         cut.threshold);
    for (const double share : {cut.flagged, cut.precision, cut.recall, cut.false_positive_rate})
      table += "<td class=\"n\">" + percent(share) + "</td>";
    table +=
        fmt::format("<td class=\"n\">{}</td></tr>", std::isfinite(cut.f1) ? format_score(cut.f1) : "&ndash;");
  }
  return panel(
      "What another threshold would do",
      table + "</table>" +
          source_note(judged_on(honest) +
                      " Called: the share of rows that are called positive. Alarms: of the negative rows, "
                      "those that are. A threshold that is chosen here looks better here than it is."));
}

std::string confusion_table(const RunResult& result) {
  const Confusion& confusion = *result.honest->confusion;
  std::string table = "<div class=\"wide\"><table class=\"heat\"><tr><th>truth \\ said</th>";
  for (const std::string& name : result.task.classes)
    table += "<th class=\"n\">" + escape_html_short(name, 16) + "</th>";
  table += "</tr>";
  for (std::size_t truth = 0; truth < confusion.classes; ++truth) {
    double total = 0;
    for (std::size_t p = 0; p < confusion.classes; ++p)
      total += confusion.counts[truth * confusion.classes + p];
    table += "<tr><th>" + escape_html_short(result.task.classes[truth], 16) + "</th>";
    for (std::size_t p = 0; p < confusion.classes; ++p) {
      const double count = confusion.counts[truth * confusion.classes + p];
      const double share = total > 0 ? count / total : 0;
      const std::string_view colour = p == truth ? "accent" : "wrong";
      // Mistakes are rare: their colour begins sooner.
      const double strength = p == truth ? 50 * share : 80 * std::sqrt(share);
      table += fmt::format(
          "<td{} style=\"background:color-mix(in srgb,var(--{}) {:.0f}%,transparent)\">{:.10g}</td>",
          count == 0 ? " class=\"none\"" : "", colour, count == 0 ? 0 : std::min(strength, 60.0), count);
    }
    table += "</tr>";
  }
  return table + "</table></div>";
}

std::string mistake_table(const RunResult& result) {
  const Confusion& confusion = *result.honest->confusion;
  const std::size_t n = confusion.classes;
  std::vector<std::size_t> cells;
  std::vector<double> totals(n, 0.0);
  for (std::size_t i = 0; i < n * n; ++i) {
    totals[i / n] += confusion.counts[i];
    if (i / n != i % n && confusion.counts[i] > 0) cells.push_back(i);
  }
  if (cells.empty()) return "<p>Not one row was given to another class.</p>";
  std::ranges::stable_sort(cells, std::ranges::greater(), [&](std::size_t i) { return confusion.counts[i]; });
  std::string table =
      "<table><tr><th>Truth</th><th>Said</th><th class=\"n\">Rows</th><th class=\"n\">Of that "
      "class</th></tr>";
  for (std::size_t k = 0; k < std::min(cells.size(), kShownMistakes); ++k) {
    const std::size_t truth = cells[k] / n, said = cells[k] % n;
    table += fmt::format("<tr><td>{}</td><td>{}</td><td class=\"n\">{:.10g}</td><td class=\"n\">{}</td></tr>",
                         escape_html_short(result.task.classes[truth], 30),
                         escape_html_short(result.task.classes[said], 30), confusion.counts[cells[k]],
                         percent(confusion.counts[cells[k]] / totals[truth]));
  }
  return table + "</table>";
}

std::string class_row(const RunResult& result, std::size_t index, bool is_whole) {
  const ClassScore& score = result.honest->classes[index];
  std::string row = fmt::format("<tr><td>{}</td><td class=\"n\">{:.10g}</td>",
                                escape_html_short(result.task.classes[index], 40), score.rows);
  if (is_whole) row += fmt::format("<td class=\"n\">{:.10g}</td>", score.predicted);
  for (const double share : {score.precision, score.recall})
    row += "<td class=\"n\">" + percent(share) + "</td>";
  row += fmt::format(
      "<td class=\"n bar\"><i style=\"width:calc({:.2f}*(100% - 28px))\"></i><span>{}</span></td>",
      std::isfinite(score.f1) ? score.f1 : 0, percent(score.f1));
  if (is_whole)
    row += "<td class=\"n\">" + (std::isfinite(score.auc) ? format_score(score.auc) : "&ndash;") + "</td>";
  return row + "</tr>";
}

std::string class_table(const RunResult& result, std::span<const std::size_t> order, bool is_whole) {
  std::string table = "<table><tr><th>Class</th><th class=\"n\">Rows</th>";
  if (is_whole) table += "<th class=\"n\">Said</th>";
  table += "<th class=\"n\">Precision</th><th class=\"n\">Recall</th><th class=\"n\">F1</th>";
  if (is_whole) table += "<th class=\"n\">AUC against the rest</th>";
  table += "</tr>";
  for (const std::size_t index : order) table += class_row(result, index, is_whole);
  return table + "</table>";
}

std::vector<std::size_t> all_in_order(const RunResult& result) {
  std::vector<std::size_t> order(result.honest->classes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  return order;
}

std::string hardest_panel(const RunResult& result) {
  std::vector<std::size_t> hardest = all_in_order(result);
  const std::vector<ClassScore>& scores = result.honest->classes;
  std::erase_if(hardest, [&](std::size_t i) { return std::isnan(scores[i].f1); });
  std::ranges::stable_sort(hardest, {}, [&](std::size_t i) { return scores[i].f1; });
  hardest.resize(std::min(hardest.size(), kHardestClasses));
  return drawn(*result.honest, "The hardest classes, by F1", class_table(result, hardest, false));
}

std::string all_classes(const RunResult& result) {
  return fmt::format("<details class=\"long\"><summary>All {} classes</summary>{}</details>",
                     result.honest->classes.size(),
                     drawn(*result.honest, "Each class", class_table(result, all_in_order(result), true)));
}

std::string class_panel(const RunResult& result) {
  if (result.honest->classes.size() <= kOpenClasses)
    return drawn(*result.honest, "Each class", class_table(result, all_in_order(result), true));
  return hardest_panel(result) + all_classes(result);
}

// Side by side, one above the other where the page is narrow.
std::string stack(const std::string& panels) {
  return panels.empty() ? "" : "<div class=\"stack\">" + panels + "</div>";
}

// Of few classes with counts, of more as a map, of very many as the commonest mistakes alone.
std::string class_figures(const RunResult& result) {
  const HonestScore& honest = *result.honest;
  const std::string calibration = calibration_panel(honest, honest.confusion->classes == 2);
  const std::size_t classes = honest.confusion->classes;
  const std::string counts = classes > kNumberedClasses ? ""
                                                        : drawn(honest, "Confusion: truth down, said across",
                                                                confusion_table(result));
  if (classes == 2) return pair(calibration + stack(threshold_panel(honest) + counts)) + class_panel(result);
  const std::string mistakes = drawn(honest, "The commonest mistakes", mistake_table(result));
  if (classes <= kNumberedClasses || classes > kMappedClasses)
    return counts + pair(calibration + mistakes) + class_panel(result);
  return pair(drawn(honest, "Confusion: truth down, said across",
                    confusion_map(*honest.confusion, result.task.classes)) +
              calibration + mistakes + hardest_panel(result)) +
         all_classes(result);
}

std::string error_table(const HonestScore& honest) {
  if (honest.error_quantiles.empty()) return "";
  std::string table =
      "<table><tr><th class=\"n\">Share of the rows</th><th class=\"n\">Off by at most</th></tr>";
  for (const auto& [share, error] : honest.error_quantiles)
    table += fmt::format("<tr><td class=\"n\">{:.0f} %</td><td class=\"n\">{}</td></tr>", 100 * share,
                         format_score(error));
  return table + "</table>";
}

std::string regression_figures(const HonestScore& honest) {
  std::string panels =
      drawn(honest, "Truth against prediction: on the dashed line they agree", agreement_chart(honest));
  panels += drawn(honest, "Residuals against prediction", residual_chart(honest));
  if (honest.coverage)
    panels += drawn(honest,
                    fmt::format("How many truths lie in their {:.0f} % range, by prediction",
                                100 * honest.coverage->promised),
                    coverage_chart(*honest.coverage));
  panels += drawn(honest, "How far predictions are off", error_table(honest));
  std::string content = pair(panels);
  if (honest.rows > honest.residuals.size() && !honest.residuals.empty())
    content += fmt::format("<p class=\"from\">Dots are {} of these rows, drawn by chance.</p>",
                           format_count(honest.residuals.size()));
  return content;
}

}  // namespace

std::string score_section(const RunResult& result) {
  std::string content = outcome_words(result);
  if (!result.honest) return section("The score", content);
  const HonestScore& honest = *result.honest;
  content += panel(fmt::format("Scores ({})", escape_html(honest.label)), score_table(result));
  if (result.task.is_ranking()) return section("The score", content);
  if (result.task.kind == TaskKind::regression)
    return section("The score", content + regression_figures(honest));
  if (result.task.kind == TaskKind::binary) content += curves(honest);
  const bool has_classes = honest.confusion && honest.confusion->classes == result.task.classes.size() &&
                           honest.classes.size() == result.task.classes.size();
  if (has_classes) content += class_figures(result);
  content += panel("The surest mistakes", picture_grid(result.mistakes));
  return section("The score", content);
}

}  // namespace astrolabe
