// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/explain_page.h"

#include <fmt/format.h>

#include "astrolabe/base/hash.h"
#include "astrolabe/base/text.h"
#include "astrolabe/report/charts.h"
#include "astrolabe/report/explain_charts.h"
#include "astrolabe/report/explain_words.h"
#include "astrolabe/report/html.h"
#include "astrolabe/report/page.h"
#include "astrolabe/report/search_charts.h"
#include "astrolabe/report/search_formulas.h"
#include "astrolabe/stats/metric.h"

namespace astrolabe {
namespace {

constexpr std::size_t kShownSettings = 12, kShownPairs = 8;

std::string title_of(const ExplainResult& result) {
  return std::string(find_metric(result.metric)->title);
}

std::string paragraph(std::string_view css, const std::string& words) {
  return fmt::format("<p class=\"{}\">{}</p>", css, escape_html(words));
}

std::string quiet(const std::string& words) {
  return paragraph("from", words);
}

std::string gain_axis(const ExplainResult& result) {
  return fmt::format("gain of {}: to the right is better", title_of(result));
}

std::string path_section(const ExplainResult& result) {
  if (result.path.empty()) return "";
  std::vector<GainRow> rows;
  std::string list =
      "<table><tr><th>Step</th><th>From</th><th>To</th><th class=\"n\">Before</th><th "
      "class=\"n\">After</th><th>Gain</th></tr>";
  for (const TrainedChange& step : result.path) {
    rows.push_back({step.what, step.gain});
    list += fmt::format(
        "<tr><td>{}</td><td>{}</td><td class=\"wide\">{}</td><td class=\"n\">{}</td><td "
        "class=\"n\">{}</td><td "
        "class=\"i\">{:+.4g} [{:+.4g}, {:+.4g}]</td></tr>",
        escape_html_short(step.what, 60), escape_html_short(step.text, 60),
        escape_html_short(step.instead, 120), format_score(step.before), format_score(step.after),
        step.gain.value, step.gain.low, step.gain.high);
  }
  if (result.whole) rows.push_back({"all of it", result.whole->gain});
  return section(
      "From the defaults to what was found",
      "<p>At each step the setting that gained most at a glance was put in next, and then measured on other "
      "seeds.</p>" +
          panel("Each step", gain_chart(rows, gain_axis(result))) + panel("In numbers", list + "</table>") +
          quiet("Settings are as each side has them, learning rates too. Intervals are 95 % each, over pairs "
                "of "
                "fits on the same rows (Nadeau and Bengio 2003), not corrected for the number of steps."));
}

std::string settings_section(const ExplainResult& result) {
  if (result.search.importance.empty()) return "";
  const auto name = [&](std::size_t d) { return result.search.space.dimensions()[d].name; };
  std::vector<Bar> alone, together;
  for (const DimensionImportance& d : result.search.importance)
    if (d.share > 0 && alone.size() < kShownSettings)
      alone.push_back({name(d.dimension), 100 * d.share, 100 * d.low, 100 * d.high});
  for (const PairImportance& pair : result.pairs_of_settings)
    if (pair.share > 0 && together.size() < kShownPairs)
      together.push_back({fmt::format("{} with {}", name(pair.first), name(pair.second)), 100 * pair.share,
                          100 * pair.low, 100 * pair.high});
  const std::string pairs = bar_chart(together, "share of all effects, %");
  return section(
      "Which settings decide",
      panel("Alone", bar_chart(alone, "share of what tells the best tenth of trials from the rest, %")) +
          panel("Together: what neither decides alone", pairs) +
          quiet(fmt::format("Conditional PED-ANOVA of {} trials; whiskers: 95 % by resampling them. A "
                            "pair whose whisker begins at 0 may be noise.",
                            format_count(result.search.trials.size()))));
}

std::string properties_table(const PartExplanation& part) {
  std::string rows;
  for (const Certificate& certificate : part.certified.certificates)
    rows += fmt::format("<tr><td>{}</td><td>{}</td><td class=\"wide\">{}: {}</td></tr>",
                        escape_html(certificate.name), certainty_name(certificate.certainty),
                        escape_html(certificate.where), escape_html(certificate.words));
  return rows.empty() ? "" : "<table>" + rows + "</table>";
}

std::string formula_panel(const PartExplanation& part) {
  std::string body = fmt::format("<p class=\"formula\">{}</p>", escape_html(part.formula.text));
  if (!part.simplified.empty() && part.simplified != part.formula.text)
    body += fmt::format("<p class=\"formula\">= {}</p>", escape_html(part.simplified));
  const std::optional<FormulaCurves> curves = curves_of(part.formula);
  if (curves && !part.formula.derivative.empty())
    body += fmt::format("<p class=\"formula quiet\">d/d{}: {}</p>", curves->variable,
                        escape_html(part.formula.derivative));
  if (curves) body += formula_chart(*curves);
  if (curves && !curves->nearest.empty())
    body +=
        quiet(fmt::format("The named part that is most like it: {}, at most {:.2g} away where it is drawn.",
                          curves->nearest, curves->difference));
  return panel(fmt::format("The {}", escape_html(part.formula.slot)), body);
}

std::string changes_panel(const ExplainResult& result, const std::vector<TrainedChange>& changes,
                          bool are_cuts) {
  if (changes.empty()) return "";
  std::vector<GainRow> rows;
  std::string list = "<ul>";
  for (const TrainedChange& change : changes) {
    rows.push_back({are_cuts ? fmt::format("{} for {}", change.instead, change.what)
                             : fmt::format("{} onto {}", change.what, change.instead),
                    change.gain});
    list += "<li>" +
            escape_html(are_cuts ? knock_out_words(result, change) : knock_in_words(result, change)) +
            fmt::format(" <code>{}</code></li>", escape_html_short(change.text, 100));
  }
  return panel(
      are_cuts ? "Without each node (left: it is needed)" : "Each node put onto familiar parts",
      gain_chart(rows, gain_axis(result)) + "<details><summary>In words</summary>" + list +
          "</ul></details>" +
          quiet(fmt::format("Both sides had {} learning rates to choose from, then {} pairs of fits.",
                            result.tries, result.pairs)));
}

std::string part_section(const ExplainResult& result, const PartExplanation& part) {
  std::string body = formula_panel(part) + panel("What is proved of it", properties_table(part)) +
                     changes_panel(result, part.knock_outs, true) +
                     changes_panel(result, part.knock_ins, false);
  for (const ExperimentReport& report : part.experiments) {
    const ExperimentResult& measured = report.result;
    body += panel(escape_html(report.experiment.question),
                  fmt::format("<p><b>{}</b>. {}</p>", experiment_verdict_name(measured.verdict),
                              escape_html(measured.words)) +
                      experiment_plot(measured) + experiment_table(measured) +
                      quiet("Predicted: " + measured.prediction + ". Again: " + report.command));
  }
  return section(fmt::format("The {}: {}", part.formula.slot, escape_html_short(part.formula.text, 60)),
                 body);
}

std::string spent_panel(const ExplainResult& result, const std::optional<SpentCurve>& spent) {
  if (!spent) return "";
  std::string words;
  for (const Forecast& forecast : spent->curve.forecasts)
    words += "<li>" + escape_html(forecast_words(result, *spent, forecast)) + "</li>";
  const PowerLaw& law = spent->curve.law;
  return panel(fmt::format("{} against {}", title_of(result), spent->unit),
               spent_chart(*spent, title_of(result)) + "<ul>" + words + "</ul>" +
                   quiet(fmt::format("A power law: {} {:+.3g} times size^-{:.2g}, {} off on average. Its "
                                     "intervals do not know whether the law holds further out.",
                                     format_score(law.limit), law.distance, law.rate,
                                     format_score(spent->curve.residual))));
}

std::string list_section(std::string_view title, const std::vector<std::string>& lines) {
  if (lines.empty()) return "";
  std::string list;
  for (const std::string& line : lines) list += "<li>" + escape_html(line) + "</li>";
  return section(title, "<div class=\"panel\"><ul>" + list + "</ul></div>");
}

std::string findings(const ExplainResult& result) {
  std::string body = path_section(result) + settings_section(result);
  for (const PartExplanation& part : result.parts) body += part_section(result, part);
  const std::string spent = spent_panel(result, result.rows) + spent_panel(result, result.trials);
  if (!spent.empty()) body += section("What more would bring", spent);
  return body;
}

}  // namespace

std::string explain_chapter(const ExplainResult& result) {
  return section("Why", paragraph("", headline(result)) +
                            quiet("Trained on open rows; the seal stayed closed. " + result.command)) +
         findings(result) + list_section("What the explanation left out", result.left_out);
}

std::string explain_html(const ExplainResult& result) {
  std::string page = fmt::format("<header><h1>Why: {}</h1><p>{}</p></header>",
                                 escape_html_short(result.folder, 80), escape_html(headline(result)));
  page += "<div class=\"figures\">";
  if (result.whole)
    page += figure(fmt::format("{:+.3g}", result.whole->gain.value),
                   fmt::format("{} against the defaults, {:+.3g} to {:+.3g}", title_of(result),
                               result.whole->gain.low, result.whole->gain.high));
  page += figure(format_count(result.open_rows), "open rows; the seal stays closed") +
          figure(fmt::format("{}", result.pairs), "pairs of fits for each comparison") +
          figure(format_duration(result.seconds), "of experiments") + "</div>\n";
  std::string body = findings(result);
  body += list_section("The model that ships, by its report", result.model);
  body += list_section("What was left out", result.left_out);
  body += section("How to reproduce",
                  "<pre>" + escape_html(result.command) + "</pre>" +
                      quiet(fmt::format("Astrolabe {}; data {} ({}); seed {}.", result.version,
                                        result.data_path, hash_to_hex(result.data_hash), result.seed)));
  return html_page("Why: " + escape_html_short(result.folder, 60), page + contents(body) + body);
}

}  // namespace astrolabe
