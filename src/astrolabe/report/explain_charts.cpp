// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/explain_charts.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/report/html.h"
#include "astrolabe/report/svg_plot.h"

namespace astrolabe {
namespace {

constexpr double kWidth = 750, kLeast = 600, kNames = 300, kRow = 24, kRight = 24, kTop = 8;
constexpr std::size_t kNameLength = 46;
constexpr int kSamples = 60;  // of the law

std::string_view colour_of(const Estimate& gain) {
  if (gain.low > 0) return "best";
  return gain.high < 0 ? "tie" : "rest";
}

std::string row_of(const GainRow& row, const Scale& x, double y) {
  std::string mark = text_at(kNames - 12, y + 4, "end", escape_html_short(row.name, kNameLength));
  const auto bounded = [&](double value) { return x(std::clamp(value, x.domain.low, x.domain.high)); };
  mark += fmt::format("<g class=\"{}\">", colour_of(row.gain));
  if (std::isfinite(row.gain.low) && std::isfinite(row.gain.high))
    mark += line_at(bounded(row.gain.low), y, bounded(row.gain.high), y, "w");
  return mark + fmt::format(
                    "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\"><title>{}: {:+.4g} [{:+.4g}, "
                    "{:+.4g}]</title></circle></g>",
                    bounded(row.gain.value), y, escape_html(row.name), row.gain.value, row.gain.low,
                    row.gain.high);
}

// One interval of two pairs may be wider than all others together: it is cut at three times the middle one.
Range range_of(std::span<const GainRow> rows) {
  std::vector<double> ends;
  for (const GainRow& row : rows) {
    double end = std::abs(row.gain.value);
    for (const double bound : {row.gain.low, row.gain.high})
      if (std::isfinite(bound)) end = std::max(end, std::abs(bound));
    ends.push_back(end);
  }
  std::ranges::sort(ends);
  const double most = std::max(3 * ends[ends.size() / 2], 1e-12);
  Range range{.low = 0, .high = 0};
  for (const GainRow& row : rows) {
    range.include(std::clamp(row.gain.value, -most, most));
    range.include(std::clamp(row.gain.low, -most, most));
    range.include(std::clamp(row.gain.high, -most, most));
  }
  range.pad(0.05);
  return range;
}

}  // namespace

std::string gain_chart(std::span<const GainRow> rows, std::string_view axis_title) {
  if (rows.empty()) return "";
  const Scale x{.domain = range_of(rows), .from = kNames, .to = kWidth - kRight};
  const double bottom = kTop + kRow * static_cast<double>(rows.size());
  std::string svg = svg_open(kWidth, bottom + 44, axis_title, kLeast);
  const std::vector<double> marks = ticks(x.domain, 6);
  for (const double mark : marks) {
    svg += line_at(x(mark), kTop, x(mark), bottom, "g");
    svg += text_at(x(mark), bottom + 18, "middle", tick_text(mark, step_of(marks)), "t a");
  }
  svg += line_at(x(0), kTop, x(0), bottom, "d");
  for (std::size_t i = 0; i < rows.size(); ++i)
    svg += row_of(rows[i], x, kTop + kRow * (static_cast<double>(i) + 0.5));
  return svg + text_at(kWidth - kRight, bottom + 38, "end", escape_html(axis_title), "t a") + "</svg>";
}

std::string spent_chart(const SpentCurve& spent, std::string_view metric_title) {
  const auto log_of = [](double size) { return std::log10(size); };
  Range xs{.low = INFINITY, .high = -INFINITY}, ys = xs;
  for (const CurvePoint& point : spent.points) {
    xs.include(log_of(point.size));
    for (const double score : point.scores) ys.include(score);
  }
  for (const Forecast& forecast : spent.curve.forecasts) {
    xs.include(log_of(forecast.size));
    for (const double score : {forecast.score.low, forecast.score.value, forecast.score.high})
      ys.include(score);
  }
  xs.pad(0.03);
  ys.pad(0.06);
  Plot plot({.width = 640, .height = 320}, xs, ys, "log10 of " + spent.unit, metric_title,
            fmt::format("{} against {}", metric_title, spent.unit));
  std::vector<std::pair<double, double>> law;
  const double from = log_of(spent.points.front().size), to = log_of(spent.curve.forecasts.back().size);
  for (int i = 0; i <= kSamples; ++i) {
    const double at = from + (to - from) * i / kSamples;
    law.emplace_back(plot.x(at), plot.y(spent.curve.law.at(std::pow(10, at))));
  }
  plot.svg += path_through(law, "c");
  for (const CurvePoint& point : spent.points)
    for (const double score : point.scores)
      plot.svg += fmt::format(
          "<circle class=\"ring\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"><title>{}: {}</title>"
          "</circle>",
          plot.x(log_of(point.size)), plot.y(score), point.size, format_score(score));
  plot.svg += "<g class=\"best\">";
  for (const Forecast& forecast : spent.curve.forecasts) {
    const double x = plot.x(log_of(forecast.size));
    plot.svg += line_at(x, plot.y(forecast.score.low), x, plot.y(forecast.score.high), "w");
    plot.svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"/>", x, plot.y(forecast.score.value));
  }
  return plot.svg + "</g></svg>";
}

}  // namespace astrolabe
