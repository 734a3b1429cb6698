// SPDX-License-Identifier: Apache-2.0
// What every picture of a report is drawn with: ranges, scales, round ticks, lines and texts as SVG. Classes
// are those of page_style.h: t text, a axis, g grid, d dashed, c curve, w whisker.
//
//   Plot plot({.width = 340, .height = 340}, {0, 1}, {0, 1}, "x", "y", "what it shows");
//   plot.svg += line_at(plot.x(0), plot.y(0), plot.x(1), plot.y(1), "d");
//   return plot.svg + "</svg>";
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace astrolabe {

struct Range {
  double low = 0, high = 1;

  void include(double value);  // unless it is not finite
  // Widens by a share on each side. Values that differ in their last digits only get a range that an axis can
  // show.
  void pad(double share);
};

// From data to pixels, linear.
struct Scale {
  Range domain;
  double from = 0, to = 1;
  [[nodiscard]] double operator()(double value) const {
    return from + (value - domain.low) / (domain.high - domain.low) * (to - from);
  }
};

// Round numbers that people would put on an axis: 1, 2 or 5 times a power of ten apart.
[[nodiscard]] std::vector<double> ticks(const Range& range, int about);
[[nodiscard]] double step_of(const std::vector<double>& marks);
[[nodiscard]] std::string tick_text(double value, double step);

// On a narrow page a picture shrinks to `least` pixels, then its panel scrolls.
[[nodiscard]] std::string svg_open(double width, double height, std::string_view label, double least = 440);
[[nodiscard]] std::string text_at(double x, double y, std::string_view anchor, std::string_view escaped,
                                  std::string_view css = "t");
[[nodiscard]] std::string line_at(double x1, double y1, double x2, double y2, std::string_view css);
[[nodiscard]] std::string path_through(const std::vector<std::pair<double, double>>& points,
                                       std::string_view css);

struct PlotSize {
  double width = 340, height = 340;
  double least = 440;  // width on a narrow page, as in svg_open
  double below = 0;    // more height, for what the caller draws below the plot
};
// A plot with grid and axis titles; the caller draws into the two scales and closes the svg.
struct Plot {
  Scale x, y;
  std::string svg;

  Plot(const PlotSize& size, const Range& xs, const Range& ys, std::string_view x_title,
       std::string_view y_title, std::string_view label);
};

}  // namespace astrolabe
