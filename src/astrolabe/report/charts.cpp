// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/charts.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/report/html.h"
#include "astrolabe/report/svg_plot.h"

namespace astrolabe {
namespace {

// The axis follows the contenders; one that is far off (the baseline, mostly) would squeeze them into a
// point. It is drawn at the edge with an arrow instead.
Range contenders(std::span<const LeaderboardRow> rows) {
  Range range{INFINITY, -INFINITY};
  double width = 0;
  for (const LeaderboardRow& row : rows) {
    const double middle = row.validation.value;
    if (!std::isfinite(middle)) continue;
    Range wider = range;
    for (const double v : {row.validation.low, middle, row.validation.high}) wider.include(v);
    // An interval as narrow as rounding leaves it says nothing about what is far.
    const bool is_far = width > 1e-6 * std::max(std::abs(range.low), std::abs(range.high)) &&
                        wider.high - wider.low > 8 * width;
    if (is_far) continue;
    range = wider;
    width = range.high - range.low;
  }
  return range;
}

std::string off_axis_mark(double x, double y, bool is_left, const std::string& value) {
  const double tip = is_left ? x - 7 : x + 7;
  return fmt::format("<path d=\"M{0:.1f} {1:.1f}L{2:.1f} {3:.1f}L{2:.1f} {4:.1f}Z\"/>", tip, y, x, y - 4.5,
                     y + 4.5) +
         text_at(is_left ? x + 8 : x - 8, y + 4, is_left ? "start" : "end", value, "t a");
}

std::string interval_mark(const Estimate& e, const Range& range, const Scale& x, double y) {
  if (!std::isfinite(e.value)) return "";
  const bool is_left = e.value < range.low;
  if (is_left || e.value > range.high) {
    return off_axis_mark(x(is_left ? range.low : range.high), y, is_left, format_score(e.value));
  }
  std::string mark;
  if (std::isfinite(e.low) && std::isfinite(e.high)) mark = line_at(x(e.low), y, x(e.high), y, "w");
  return mark + fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\"/>", x(e.value), y);
}

}  // namespace

std::string interval_chart(std::span<const LeaderboardRow> rows, std::string_view axis_title) {
  constexpr double kWidth = 750, kLeast = 600, kNames = 230, kRow = 26;
  Range range = contenders(rows);
  if (!(range.low <= range.high)) return "";
  range.pad(0.06);
  const double height = kRow * static_cast<double>(rows.size()) + 46;
  const Scale x{range, kNames, kWidth - 20};
  std::string svg = svg_open(kWidth, height, "scores with intervals", kLeast);
  const std::vector<double> marks = ticks(range, 6);
  for (const double mark : marks) {
    svg += line_at(x(mark), 4, x(mark), height - 40, "g");
    svg += text_at(x(mark), height - 24, "middle", tick_text(mark, step_of(marks)));
  }
  double y = 18;
  for (const LeaderboardRow& row : rows) {
    const std::string_view css = row.is_best ? "best" : row.is_tie ? "tie" : "rest";
    svg += fmt::format("<g class=\"{}\"><title>{} {} [{}, {}]</title>", css, escape_html(row.system),
                       format_score(row.validation.value), format_score(row.validation.low),
                       format_score(row.validation.high));
    svg += text_at(kNames - 10, y + 4, "end", escape_html_short(row.system, 30));
    svg += interval_mark(row.validation, range, x, y) + "</g>";
    y += kRow;
  }
  return svg + text_at((kNames + kWidth - 20) / 2, height - 6, "middle", escape_html(axis_title), "t a") +
         "</svg>";
}

std::string bar_chart(std::span<const Bar> bars, std::string_view axis_title) {
  constexpr double kWidth = 750, kLeast = 600, kNames = 230, kRow = 22;
  Range range{0, 0};
  for (const Bar& bar : bars) {
    for (const double v : {bar.value, bar.low, bar.high}) range.include(v);
  }
  if (bars.empty() || !(range.high > range.low)) return "";
  const double pad = 0.04 * (range.high - range.low);
  range.high += pad;
  if (range.low < 0) range.low -= pad;
  const double height = kRow * static_cast<double>(bars.size()) + 44;
  const Scale x{range, kNames, kWidth - 20};
  std::string svg = svg_open(kWidth, height, axis_title, kLeast);
  const std::vector<double> marks = ticks(range, 6);
  for (const double mark : marks) {
    svg += line_at(x(mark), 2, x(mark), height - 38, "g");
    svg += text_at(x(mark), height - 22, "middle", tick_text(mark, step_of(marks)));
  }
  double y = 14;
  for (const Bar& bar : bars) {
    svg += fmt::format("<g><title>{} {:.4g}</title>", escape_html(bar.name), bar.value);
    svg += text_at(kNames - 10, y + 4, "end", escape_html_short(bar.name, 30));
    const double left = std::min(x(0), x(bar.value));
    svg +=
        fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"13\" rx=\"2\" class=\"b\"/>",
                    left, y - 6.5, std::max(0.5, std::abs(x(bar.value) - x(0))));
    if (bar.high > bar.low) svg += line_at(x(bar.low), y, x(bar.high), y, "w");
    svg += "</g>";
    y += kRow;
  }
  return svg + text_at((kNames + kWidth - 20) / 2, height - 4, "middle", escape_html(axis_title), "t a") +
         "</svg>";
}

std::string sparkline(std::span<const std::uint64_t> counts) {
  if (counts.empty()) return "";
  const auto most =
      static_cast<double>(std::max<std::uint64_t>(1, *std::max_element(counts.begin(), counts.end())));
  std::string svg =
      "<svg class=\"spark\" viewBox=\"0 0 100 20\" aria-hidden=\"true\" preserveAspectRatio=\"none\">";
  const double width = 100.0 / static_cast<double>(counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double height = 20 * static_cast<double>(counts[i]) / most;
    svg += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" class=\"b\"/>",
                       width * static_cast<double>(i), 20 - height, width * 0.9, height);
  }
  return svg + "</svg>";
}

}  // namespace astrolabe
