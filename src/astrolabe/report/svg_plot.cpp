// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/svg_plot.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/report/html.h"

namespace astrolabe {
namespace {

constexpr double kMostGrowth = 1.2;  // of a picture where there is room for it

}  // namespace

void Range::include(double value) {
  if (!std::isfinite(value)) return;
  low = std::min(low, value);
  high = std::max(high, value);
}

void Range::pad(double share) {
  const double least = std::max(1e-9, 1e-6 * std::max(std::abs(low), std::abs(high)));
  const double width = std::max(high - low, least);
  low -= share * width;
  high += share * width;
}

std::vector<double> ticks(const Range& range, int about) {
  const double raw = (range.high - range.low) / about;
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  const double step = raw / power < 1.5   ? power
                      : raw / power < 3.5 ? 2 * power
                      : raw / power < 7.5 ? 5 * power
                                          : 10 * power;
  std::vector<double> marks;
  const double first = std::ceil(range.low / step);
  // Bounded: where the steps are below the resolution of a double, counting up would not move.
  for (int i = 0; i <= 4 * about && (first + i) * step <= range.high + 1e-9 * step; ++i) {
    marks.push_back((first + i) * step);
  }
  return marks;
}

double step_of(const std::vector<double>& marks) {
  return marks.size() > 1 ? marks[1] - marks[0] : 1;
}

std::string tick_text(double value, double step) {
  if (std::abs(value) < 1e-12 * std::abs(step) || value == 0) return "0";
  if (std::abs(value) >= 1e6 || std::abs(value) < 1e-4) return fmt::format("{:.3g}", value);
  const int digits = std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 8);
  return fmt::format("{:.{}f}", value, digits);
}

std::string svg_open(double width, double height, std::string_view label, double least) {
  return fmt::format(
      "<svg viewBox=\"0 0 {0:.0f} {1:.0f}\" style=\"max-width:{4:.0f}px;min-width:min({0:.0f}px,{3:.0f}px)\" "
      "role=\"img\" aria-label=\"{2}\">",
      width, height, escape_html(label), least, kMostGrowth * width);
}

std::string text_at(double x, double y, std::string_view anchor, std::string_view escaped,
                    std::string_view css) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" class=\"{}\">{}</text>", x, y,
                     anchor, css, escaped);
}

std::string line_at(double x1, double y1, double x2, double y2, std::string_view css) {
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"{}\"/>", x1, y1,
                     x2, y2, css);
}

std::string path_through(const std::vector<std::pair<double, double>>& points, std::string_view css) {
  std::string d;
  for (const auto& [px, py] : points) d += fmt::format("{}{:.1f} {:.1f}", d.empty() ? "M" : "L", px, py);
  return fmt::format("<path d=\"{}\" class=\"{}\"/>", d, css);
}

Plot::Plot(const PlotSize& size, const Range& xs, const Range& ys, std::string_view x_title,
           std::string_view y_title, std::string_view label) {
  constexpr double kLeft = 66, kBottom = 44, kTop = 10, kRight = 12;
  x = {xs, kLeft, size.width - kRight};
  y = {ys, size.height - kBottom, kTop};
  svg = svg_open(size.width, size.height + size.below, label, size.least);
  const std::vector<double> x_marks = ticks(xs, size.width > 500 ? 8 : 5);
  const std::vector<double> y_marks = ticks(ys, 5);
  for (const double mark : x_marks) {
    svg += line_at(x(mark), y.from, x(mark), y.to, "g");
    svg += text_at(x(mark), y.from + 16, "middle", tick_text(mark, step_of(x_marks)));
  }
  for (const double mark : y_marks) {
    svg += line_at(x.from, y(mark), x.to, y(mark), "g");
    svg += text_at(x.from - 6, y(mark) + 4, "end", tick_text(mark, step_of(y_marks)));
  }
  svg += text_at((x.from + x.to) / 2, size.height - 8, "middle", escape_html(x_title), "t a");
  svg += fmt::format(
      "<text transform=\"translate(11 {:.1f}) rotate(-90)\" text-anchor=\"middle\" class=\"t a\">{}</text>",
      (y.from + y.to) / 2, escape_html(y_title));
}

}  // namespace astrolabe
