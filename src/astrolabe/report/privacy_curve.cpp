// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/report/html.h"
#include "astrolabe/report/privacy_account.h"
#include "astrolabe/report/svg_plot.h"

namespace astrolabe {
namespace {

constexpr double kLeastPower = -12;  // of ten: what lies below is not drawn

// A picture that stands alone carries its own colours.
constexpr std::string_view kStyle =
    "<style>svg{background:#fcfcfa}text{font:12px system-ui,-apple-system,'Segoe UI',sans-serif;fill:#1d2430}"
    ".a{fill:#667085}.g{stroke:#e6e8ec}.d{stroke:#667085;stroke-dasharray:4 4}path{fill:none;stroke-width:2}"
    ".k0{stroke:#2563a8}.k1{stroke:#8a6d1a}.k2{stroke:#2f8f6b}.k3{stroke:#9a4fa3}.guess{stroke-dasharray:5 4;"
    "stroke:#c2603a}.guess1{stroke-dasharray:2 3;stroke:#c2603a}@media "
    "(prefers-color-scheme:dark){svg{background:#14171c}"
    "text{fill:#e6e8ec}.a{fill:#98a2b3}.g{stroke:#2c323c}.d{stroke:#98a2b3}.k0{stroke:#6ea8e6}.k1{stroke:#"
    "d6b656}"
    ".k2{stroke:#62c49d}.k3{stroke:#cf8fd6}.guess,.guess1{stroke:#e08a62}}</style>";

struct Line {
  const PrivacyFigure* figure = nullptr;
  std::string css;
};

std::vector<Line> lines_of(const PrivacyAccount& account) {
  std::vector<Line> lines;
  std::size_t bounds = 0, guesses = 0;
  for (const PrivacyFigure& figure : account.figures) {
    if (figure.curve.empty()) continue;
    if (figure.is_estimate)
      lines.push_back({.figure = &figure, .css = guesses++ == 0 ? "guess" : "guess1"});
    else
      lines.push_back({.figure = &figure, .css = fmt::format("k{}", std::min<std::size_t>(3, bounds++))});
  }
  return lines;
}

std::string path_of(const Plot& plot, const std::vector<double>& epsilons, const Line& line) {
  std::vector<std::pair<double, double>> points;
  for (std::size_t i = 0; i < epsilons.size(); ++i) {
    const double power = std::log10(std::max(line.figure->curve[i], 1e-300));
    if (!std::isfinite(line.figure->curve[i])) continue;
    points.emplace_back(plot.x(epsilons[i]), plot.y(std::max(power, kLeastPower)));
    if (power < kLeastPower) break;
  }
  return points.size() > 1 ? path_through(points, line.css) : "";
}

}  // namespace

std::string privacy_curve_svg(const PrivacyAccount& account) {
  constexpr double kLegendRow = 18;
  const std::vector<Line> lines = lines_of(account);
  PlotSize size{.width = 640, .height = 420};
  size.below = kLegendRow * static_cast<double>(lines.size()) + 12;
  Plot plot(size, {0, account.curve_epsilons.back()}, {kLeastPower, 0}, "epsilon", "delta, as a power of ten",
            "delta against epsilon");
  plot.svg += line_at(plot.x.from, plot.y(std::log10(account.delta)), plot.x.to,
                      plot.y(std::log10(account.delta)), "d");
  double row = size.height + 12;
  for (const Line& line : lines) {
    plot.svg += path_of(plot, account.curve_epsilons, line);
    plot.svg += fmt::format("<path d=\"M66 {0:.1f}L96 {0:.1f}\" class=\"{1}\"/>", row - 4, line.css);
    plot.svg += text_at(104, row, "start", escape_html(line.figure->name + ": " + line.figure->words));
    row += kLegendRow;
  }
  std::string svg = plot.svg + "</svg>";
  svg.insert(svg.find('>') + 1, kStyle);
  svg.insert(4, fmt::format(" xmlns=\"http://www.w3.org/2000/svg\" width=\"{:.0f}\" height=\"{:.0f}\"",
                            size.width, size.height + size.below));
  return svg + "\n";
}

}  // namespace astrolabe
