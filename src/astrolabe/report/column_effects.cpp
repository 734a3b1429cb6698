// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/column_effects.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/report/charts.h"
#include "astrolabe/report/html.h"
#include "astrolabe/report/page.h"
#include "astrolabe/report/svg_plot.h"

namespace astrolabe {
namespace {

constexpr std::size_t kShownColumns = 12;
constexpr std::size_t kShownPanels = 4;
constexpr std::size_t kShades = 5;
constexpr double kLine = 30;    // height of a column's dots
constexpr double kNames = 170;  // width of the names
constexpr double kWidth = 720;
constexpr double kReach = 11;  // of dots above and below their line

// Of each point the fifth that its value lies in; kShades: it has none.
std::vector<std::size_t> shades_of(const std::vector<std::pair<double, double>>& points) {
  std::vector<std::size_t> order;
  std::vector<std::size_t> shades(points.size(), kShades);
  for (std::size_t i = 0; i < points.size(); ++i)
    if (!std::isnan(points[i].first)) order.push_back(i);
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return points[i].first; });
  std::size_t begin = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    // Equal values share a shade: that of their middle.
    if (i + 1 < order.size() && points[order[i + 1]].first == points[order[begin]].first) continue;
    const std::size_t shade = kShades * (begin + i) / (2 * order.size());
    for (std::size_t k = begin; k <= i; ++k) shades[order[k]] = std::min(shade, kShades - 1);
    begin = i + 1;
  }
  return shades;
}

// A dot is a line of no length with round ends: a few bytes each.
std::string dots(const std::vector<std::string>& by_shade) {
  std::string svg;
  for (std::size_t shade = 0; shade < by_shade.size(); ++shade)
    if (!by_shade[shade].empty())
      svg += fmt::format("<path d=\"{}\" class=\"dot q{}\"/>", by_shade[shade], shade);
  return svg;
}

std::string swarm(const ColumnEffect& column, const Scale& x, double y) {
  constexpr double kDot = 4;
  const std::vector<std::size_t> shades = shades_of(column.points);
  std::vector<std::vector<std::size_t>> places(static_cast<std::size_t>(kWidth / kDot) + 1);
  for (std::size_t i = 0; i < column.points.size(); ++i)
    places[static_cast<std::size_t>(std::clamp(x(column.points[i].second) / kDot, 0.0, kWidth / kDot))]
        .push_back(i);
  std::size_t most = 1;
  for (const auto& place : places) most = std::max(most, place.size());
  const double step = std::min(3.0, 2 * kReach / static_cast<double>(most));
  std::vector<std::string> by_shade(kShades + 1);
  for (const auto& place : places) {
    for (std::size_t k = 0; k < place.size(); ++k) {
      const double side = k % 2 == 0 ? 1 : -1;
      const double up = side * step * std::floor(0.5 * static_cast<double>(k + 1));
      by_shade[shades[place[k]]] +=
          fmt::format("M{:.0f} {:.1f}h0", x(column.points[place[k]].second), y + up);
    }
  }
  return dots(by_shade);
}

std::string bars(const ColumnEffects& effects) {
  std::vector<Bar> bars;
  for (const ColumnEffect& column : effects.columns)
    if (bars.size() < kShownColumns) bars.push_back({column.column, column.size, 0, 0});
  return bar_chart(bars, "mean size of the effect on a class's score");
}

std::string number_panel(const ColumnEffects& effects, const ColumnEffect& column) {
  Range xs{INFINITY, -INFINITY}, ys{0, 0};
  std::size_t missing = 0;
  double missing_sum = 0;
  for (const auto& [value, effect] : column.points) {
    ys.include(effect);
    if (std::isnan(value)) {
      ++missing;
      missing_sum += effect;
    } else {
      xs.include(value);
    }
  }
  if (!(xs.low <= xs.high)) return "";
  xs.pad(0.04);
  ys.pad(0.06);
  Plot plot({.width = 400, .height = 270, .least = 280}, xs, ys, column.column, "effect on " + effects.score,
            "effect of " + column.column);
  plot.svg += line_at(plot.x.from, plot.y(0), plot.x.to, plot.y(0), "d");
  std::string marks;
  for (const auto& [value, effect] : column.points)
    if (!std::isnan(value)) marks += fmt::format("M{:.1f} {:.1f}h0", plot.x(value), plot.y(effect));
  plot.svg += fmt::format("<path d=\"{}\" class=\"dot qn\"/></svg>", marks);
  if (missing == 0) return plot.svg;
  return plot.svg + fmt::format("<p class=\"quiet\">Missing in {} rows: {:+.3g} on average.</p>",
                                format_count(missing), missing_sum / static_cast<double>(missing));
}

std::string level_panel(const ColumnEffect& column) {
  Range range{0, 0};
  for (const LevelEffect& level : column.levels) range.include(level.mean);
  range.pad(0.05);
  constexpr double kLevelLine = 24, kLevelNames = 124, kLevelWidth = 400;
  const double height = kLevelLine * static_cast<double>(column.levels.size()) + 30;
  const Scale x{range, kLevelNames, kLevelWidth - 14};
  std::string svg = svg_open(kLevelWidth, height, "effect of " + column.column, 280);
  svg += line_at(x(0), 4, x(0), height - 24, "d");
  double y = 16;
  for (const LevelEffect& level : column.levels) {
    svg += text_at(kLevelNames - 8, y + 4, "end", escape_html_short(level.level, 15));
    svg += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"10\" class=\"b\"><title>{} rows, "
        "{:+.3g}</title></rect>",
        std::min(x(0), x(level.mean)), y - 5, std::abs(x(level.mean) - x(0)), level.rows, level.mean);
    y += kLevelLine;
  }
  const std::vector<double> marks = ticks(range, 4);
  for (const double mark : marks)
    svg += text_at(x(mark), height - 6, "middle", tick_text(mark, step_of(marks)), "t a");
  return svg + "</svg>";
}

}  // namespace

std::string effects_summary(const ColumnEffects& effects) {
  if (effects.columns.empty()) return "";
  const bool has_rows = std::ranges::any_of(effects.columns, [](const auto& c) { return !c.points.empty(); });
  if (!has_rows) return bars(effects);
  const std::size_t shown = std::min(effects.columns.size(), kShownColumns);
  Range range{0, 0};
  for (std::size_t i = 0; i < shown; ++i)
    for (const auto& [value, effect] : effects.columns[i].points) range.include(effect);
  range.pad(0.04);
  const double bottom = kLine * static_cast<double>(shown) + 12;
  const Scale x{range, kNames, kWidth - 16};
  std::string svg = svg_open(kWidth, bottom + 40, "how each column moved each row's score", 600);
  const std::vector<double> marks = ticks(range, 7);
  for (const double mark : marks) {
    svg += line_at(x(mark), 6, x(mark), bottom, "g");
    svg += text_at(x(mark), bottom + 16, "middle", tick_text(mark, step_of(marks)));
  }
  svg += line_at(x(0), 6, x(0), bottom, "d");
  for (std::size_t i = 0; i < shown; ++i) {
    const double y = 6 + kLine * (static_cast<double>(i) + 0.5);
    svg += text_at(kNames - 10, y + 4, "end", escape_html_short(effects.columns[i].column, 24));
    svg += swarm(effects.columns[i], x, y);
  }
  svg +=
      text_at((x.from + x.to) / 2, bottom + 34, "middle", "effect on " + escape_html(effects.score), "t a");
  svg += "</svg>";
  return svg +
         "<p class=\"legend\"><span>value of the cell: <svg viewBox=\"0 0 60 10\" style=\"width:60px\"><path "
         "d=\"M6 5h0\" "
         "class=\"dot q0\"/><path d=\"M18 5h0\" class=\"dot q1\"/><path d=\"M30 5h0\" class=\"dot "
         "q2\"/><path d=\"M42 5h0\" "
         "class=\"dot q3\"/><path d=\"M54 5h0\" class=\"dot q4\"/></svg> low to high</span><span><svg "
         "viewBox=\"0 0 12 "
         "10\" style=\"width:12px\"><path d=\"M6 5h0\" class=\"dot q5\"/></svg> a category, or "
         "missing</span></p>";
}

std::string effect_panels(const ColumnEffects& effects) {
  std::string panels;
  std::size_t shown = 0;
  for (const ColumnEffect& column : effects.columns) {
    if (shown == kShownPanels) break;
    const std::string picture = column.levels.empty() ? number_panel(effects, column) : level_panel(column);
    if (picture.empty()) continue;
    panels += panel(escape_html_short(column.column, 50), picture);
    ++shown;
  }
  return panels.empty() ? "" : "<div class=\"pair\">" + panels + "</div>";
}

}  // namespace astrolabe
