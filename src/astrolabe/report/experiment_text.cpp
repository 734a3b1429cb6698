// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/experiment_text.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/text.h"
#include "astrolabe/report/html.h"
#include "astrolabe/report/json_numbers.h"
#include "astrolabe/report/page.h"
#include "astrolabe/report/svg_plot.h"
#include "astrolabe/report/terminal_lines.h"

namespace astrolabe {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 5> kLineStyles = {"s0", "s1", "s2", "s3", "s4"};

std::string number_text(double value) {
  if (std::isnan(value)) return "none";
  return std::isfinite(value) ? fmt::format("{:.4g}", value) : "never";
}

double plotted(const ExperimentPlot& plot, double y) {
  return plot.log_y ? std::log10(y) : y;
}

std::vector<const ExperimentPlot*> plots_of(const ExperimentResult& result) {
  std::vector<const ExperimentPlot*> plots = {&result.plot};
  for (const ExperimentPlot& plot : result.more_plots) plots.push_back(&plot);
  return plots;
}

struct PlotRange {
  Range x{.low = INFINITY, .high = -INFINITY}, y = x;
  [[nodiscard]] bool is_empty() const { return !std::isfinite(x.low) || !std::isfinite(y.low); }
};

PlotRange range_of(const ExperimentPlot& plot) {
  PlotRange range;
  for (const ExperimentCurve& curve : plot.curves) {
    for (const double x : curve.x) range.x.include(x);
    for (const double y : curve.y) range.y.include(plotted(plot, y));
  }
  return range;
}

// One line for the terminal: the mean height in each of `width` pieces of the axis, in eight steps.
std::string strip(const ExperimentPlot& plot, const ExperimentCurve& curve, const PlotRange& range,
                  std::size_t width) {
  constexpr std::array<std::string_view, 8> kSteps = {"\u2581", "\u2582", "\u2583", "\u2584",
                                                      "\u2585", "\u2586", "\u2587", "\u2588"};
  const auto place = [](double value, const Range& in, std::size_t pieces) {
    const double share = in.high > in.low ? (value - in.low) / (in.high - in.low) : 0;
    return std::min(pieces - 1, static_cast<std::size_t>(share * static_cast<double>(pieces)));
  };
  std::vector<double> sums(width, 0), counts(width, 0);
  for (std::size_t i = 0; i < curve.x.size(); ++i) {
    const double y = plotted(plot, curve.y[i]);
    if (!std::isfinite(y)) continue;
    const std::size_t piece = place(curve.x[i], range.x, width);
    sums[piece] += y;
    counts[piece] += 1;
  }
  std::string line;
  std::string_view before = " ";
  for (std::size_t piece = 0; piece < width; ++piece) {
    if (counts[piece] > 0) before = kSteps[place(sums[piece] / counts[piece], range.y, kSteps.size())];
    line += before;  // a curve of few points goes on as it was
  }
  return line;
}

std::string strips(const ExperimentPlot& plot) {
  const PlotRange range = range_of(plot);
  if (range.is_empty()) return "";
  std::size_t widest = 0;
  for (const ExperimentCurve& curve : plot.curves)
    widest = std::max(widest, std::min<std::size_t>(28, curve.name.size()));
  std::string text =
      fmt::format("  {} by {}{}\n", plot.y_title, plot.x_title, plot.log_y ? " (logarithmic)" : "");
  for (const ExperimentCurve& curve : plot.curves) {
    if (curve.y.empty()) continue;
    text +=
        fmt::format("    {:<{}}  {}  {} to {}\n", shortened(printable(curve.name), widest), widest,
                    strip(plot, curve, range, 32), number_text(curve.y.front()), number_text(curve.y.back()));
  }
  return text + "\n";
}

std::string drawing(const ExperimentPlot& data) {
  const PlotRange range = range_of(data);
  if (range.is_empty()) return "";
  Range xs = range.x, ys = range.y;
  xs.pad(0.02);  // so that the last mark has room
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

// As many columns side by side as fit, the others below with the parts again.
std::string table_text(const ExperimentResult& result, const TextStyle& style) {
  if (result.rows.empty()) return "";
  std::size_t widest = result.key.size();
  for (const ExperimentRow& row : result.rows) widest = std::max(widest, printable(row.part).size());
  const std::vector<std::pair<std::string, double>>& columns = result.rows[0].numbers;
  const auto width_of = [&](std::size_t at) { return std::max<std::size_t>(9, columns[at].first.size()); };
  std::string text;
  for (std::size_t begin = 0, end = 0; begin < columns.size(); begin = end) {
    std::size_t used = widest + 2;
    while (end < columns.size() &&
           (end == begin || used + 2 + width_of(end) <= static_cast<std::size_t>(style.width)))
      used += 2 + width_of(end++);
    text += fmt::format("  {:<{}}", result.key, widest);
    for (std::size_t i = begin; i < end; ++i) text += fmt::format("  {:>{}}", columns[i].first, width_of(i));
    text += "\n";
    for (const ExperimentRow& row : result.rows) {
      text += fmt::format("  {:<{}}", printable(row.part), widest);
      for (std::size_t i = begin; i < end; ++i)
        text += fmt::format("  {:>{}}", number_text(row.numbers[i].second), width_of(i));
      text += "\n";
    }
    text += "\n";
  }
  return text;
}

Json plot_json(const ExperimentPlot& plot) {
  const auto finite = [](const std::vector<double>& values) {
    Json json = Json::array();
    for (const double value : values) json.push_back(json_number(value));
    return json;
  };
  Json curves = Json::array();
  for (const ExperimentCurve& curve : plot.curves)
    curves.push_back({{"name", curve.name}, {"x", finite(curve.x)}, {"y", finite(curve.y)}});
  return {{"x_title", plot.x_title},
          {"y_title", plot.y_title},
          {"log_y", plot.log_y},
          {"curves", std::move(curves)}};
}

}  // namespace

std::string experiment_plot(const ExperimentResult& result) {
  std::string drawings;
  for (const ExperimentPlot* plot : plots_of(result)) drawings += drawing(*plot);
  return drawings;
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
  text += table_text(result, style);
  for (const ExperimentPlot* plot : plots_of(result)) text += strips(*plot);
  return text + fmt::format("  done in {}\n", format_duration(report.seconds));
}

std::string experiment_json(const ExperimentReport& report) {
  const ExperimentResult& result = report.result;
  Json rows = Json::array();
  for (const ExperimentRow& row : result.rows) {
    Json json = {{result.key, row.part}};
    for (const auto& [name, value] : row.numbers) json[name] = json_number(value);
    rows.push_back(std::move(json));
  }
  Json plots = Json::array();
  for (const ExperimentPlot* plot : plots_of(result)) plots.push_back(plot_json(*plot));
  const Json json = {{"experiment", report.experiment.name},
                     {"question", report.experiment.question},
                     {"source", report.experiment.source},
                     {"results", std::move(rows)},
                     {"prediction", result.prediction},
                     {"verdict", experiment_verdict_name(result.verdict)},
                     {"words", result.words},
                     {"plots", std::move(plots)},
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
  std::string panels;
  for (const ExperimentPlot* plot : plots_of(result))
    panels += panel(escape_html(plot->y_title), drawing(*plot));
  page += section("What was measured", "<p>" + escape_html(result.words) + "</p>" + panels);
  page += section("In numbers", "<div class=\"panel\">" + experiment_table(result) + "</div>");
  page += section("How to reproduce", "<pre>" + escape_html(report.command) + "</pre>");
  return html_page(escape_html(report.experiment.name), page);
}

std::string experiment_list(const TextStyle& style) {
  std::string text;
  for (const Experiment& experiment : experiments()) {
    std::string options;
    for (const ExperimentOption& option : experiment.options)
      options += fmt::format("{}--{}={}", options.empty() ? "" : " ", option.name, option.default_value);
    text += bold(style, std::string(experiment.name)) + "\n  " +
            wrapped(experiment.question, style.width, 2) + "\n    " + wrapped(options, style.width, 4) + "\n";
  }
  return text + "\nWith the defaults of their options. `astrolabe experiment list NAME` says what each is.\n";
}

std::string experiment_details(const Experiment& experiment, const TextStyle& style) {
  std::string text = bold(style, std::string(experiment.name)) + "\n  " +
                     wrapped(experiment.question, style.width, 2) + "\n  " +
                     wrapped(experiment.source, style.width, 2) + "\n";
  std::size_t widest = 0;
  for (const ExperimentOption& option : experiment.options) widest = std::max(widest, option.name.size());
  for (const ExperimentOption& option : experiment.options)
    text += fmt::format("    --{:<{}}  {}\n", option.name, widest,
                        wrapped(fmt::format("{} ({})", option.doc, option.default_value), style.width,
                                static_cast<int>(widest) + 8));
  return text;
}

}  // namespace astrolabe
