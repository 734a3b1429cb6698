// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/experiment_text.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/text.h"
#include "astrolabe/report/html.h"
#include "astrolabe/report/page.h"
#include "astrolabe/report/svg_plot.h"
#include "astrolabe/report/terminal_lines.h"

namespace astrolabe {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 5> kLineStyles = {"s0", "s1", "s2", "s3", "s4"};

std::string number_text(double value) {
  return std::isfinite(value) ? fmt::format("{:.4g}", value) : "never";
}

double plotted(const ExperimentPlot& plot, double y) {
  return plot.log_y ? std::log10(y) : y;
}

}  // namespace

std::string experiment_plot(const ExperimentResult& result) {
  const ExperimentPlot& data = result.plot;
  Range xs{.low = INFINITY, .high = -INFINITY}, ys = xs;
  for (const ExperimentCurve& curve : data.curves) {
    for (const double x : curve.x) xs.include(x);
    for (const double y : curve.y) ys.include(plotted(data, y));
  }
  if (!std::isfinite(xs.low) || !std::isfinite(ys.low)) return "";
  ys.pad(0.04);
  Plot plot({.width = 640, .height = 380}, xs, ys, data.x_title,
            data.log_y ? "log10 of " + data.y_title : data.y_title, data.y_title);
  std::string legend = "<div class=\"legend\">";
  for (std::size_t i = 0; i < data.curves.size(); ++i) {
    const ExperimentCurve& curve = data.curves[i];
    std::vector<std::pair<double, double>> points;
    for (std::size_t k = 0; k < curve.x.size(); ++k) {
      const double y = plotted(data, curve.y[k]);
      if (std::isfinite(y)) points.emplace_back(plot.x(curve.x[k]), plot.y(y));
    }
    const std::string_view style = kLineStyles[i % kLineStyles.size()];
    plot.svg += path_through(points, style);
    legend += fmt::format("<span><svg viewBox=\"0 0 30 10\">{}</svg>{}</span>", line_at(0, 5, 30, 5, style),
                          escape_html_short(curve.name, 40));
  }
  return plot.svg + "</svg>" + legend + "</div>";
}

std::string experiment_table(const ExperimentResult& result) {
  std::string table = fmt::format("<table><tr><th>{}</th>", escape_html(result.key));
  if (!result.rows.empty())
    for (const auto& [name, value] : result.rows[0].numbers)
      table += "<th class=\"n\">" + escape_html(name) + "</th>";
  table += "</tr>";
  for (const ExperimentRow& row : result.rows) {
    table += "<tr><td>" + escape_html_short(row.part, 60) + "</td>";
    for (const auto& [name, value] : row.numbers) table += "<td class=\"n\">" + number_text(value) + "</td>";
    table += "</tr>";
  }
  return table + "</table>";
}

std::string experiment_text(const ExperimentReport& report, const TextStyle& style) {
  const ExperimentResult& result = report.result;
  std::string text = bold(style, std::string(report.experiment.question)) + "\n\n";
  text += "  predicted  " + wrapped(result.prediction, style.width, 13) + "\n";
  text += fmt::format("  {:<9}  {}\n\n", experiment_verdict_name(result.verdict),
                      wrapped(printable(result.words), style.width, 13));
  std::size_t widest = result.key.size();
  for (const ExperimentRow& row : result.rows) widest = std::max(widest, row.part.size());
  if (!result.rows.empty()) {
    text += fmt::format("  {:<{}}", result.key, widest);
    for (const auto& [name, value] : result.rows[0].numbers) text += fmt::format("  {:>16}", name);
    text += "\n";
  }
  for (const ExperimentRow& row : result.rows) {
    text += fmt::format("  {:<{}}", printable(row.part), widest);
    for (const auto& [name, value] : row.numbers) text += fmt::format("  {:>16}", number_text(value));
    text += "\n";
  }
  return text + fmt::format("\n  done in {}\n", format_duration(report.seconds));
}

std::string experiment_json(const ExperimentReport& report) {
  const ExperimentResult& result = report.result;
  Json rows = Json::array();
  for (const ExperimentRow& row : result.rows) {
    Json json = {{result.key, row.part}};
    for (const auto& [name, value] : row.numbers)
      json[name] = std::isfinite(value) ? Json(value) : Json(nullptr);
    rows.push_back(std::move(json));
  }
  const Json json = {{"experiment", report.experiment.name},
                     {"question", report.experiment.question},
                     {"source", report.experiment.source},
                     {"results", std::move(rows)},
                     {"prediction", result.prediction},
                     {"verdict", experiment_verdict_name(result.verdict)},
                     {"words", result.words},
                     {"time_s", report.seconds}};
  return json.dump(2) + "\n";
}

std::string experiment_html(const ExperimentReport& report) {
  const ExperimentResult& result = report.result;
  std::string page =
      fmt::format("<header><h1>{}</h1><p>{}</p></header>", escape_html(report.experiment.question),
                  escape_html(report.experiment.source));
  page += "<div class=\"figures\">" +
          figure(experiment_verdict_name(result.verdict), escape_html(result.prediction)) +
          figure(format_duration(report.seconds), "of computing") + "</div>\n";
  page += section("What was measured", "<p>" + escape_html(result.words) + "</p>" +
                                           panel(escape_html(result.plot.y_title), experiment_plot(result)));
  page += section("In numbers", "<div class=\"panel\">" + experiment_table(result) + "</div>");
  page += section("How to reproduce", "<pre>" + escape_html(report.command) + "</pre>");
  return html_page(escape_html(report.experiment.name), page);
}

std::string experiment_list(const TextStyle& style) {
  std::string text;
  for (const Experiment& experiment : experiments()) {
    text += bold(style, std::string(experiment.name)) + "\n  " +
            wrapped(experiment.question, style.width, 2) + "\n";
    for (const ExperimentOption& option : experiment.options)
      text += fmt::format("    --{:<11} {}\n", option.name,
                          wrapped(fmt::format("{} ({})", option.doc, option.default_value), style.width, 18));
  }
  return text;
}

}  // namespace astrolabe
