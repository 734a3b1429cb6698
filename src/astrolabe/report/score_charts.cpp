// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/score_charts.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/report/html.h"
#include "astrolabe/report/svg_plot.h"

namespace astrolabe {
namespace {

constexpr PlotSize kSquare{.width = 400, .height = 360, .least = 280};
constexpr PlotSize kWide{.width = 400, .height = 320, .least = 280};

double share_of_positives(const HonestScore& honest) {
  if (honest.classes.size() != 2) return std::nan("");
  const double total = honest.classes[0].rows + honest.classes[1].rows;
  return total > 0 ? honest.classes[1].rows / total : std::nan("");
}

// The last point of the curve whose threshold is at least 0.5.
const RocPoint* at_one_half(const std::vector<RocPoint>& roc) {
  const RocPoint* found = nullptr;
  for (const RocPoint& point : roc)
    if (point.threshold >= 0.5) found = &point;
  return found;
}

double precision_at(const RocPoint& point, double positives) {
  const double hits = point.true_positive_rate * positives;
  const double alarms = point.false_positive_rate * (1 - positives);
  return hits / (hits + alarms);
}

std::string mark_one_half(const Plot& plot, double x, double y) {
  const bool is_right = plot.x(x) > (plot.x.from + plot.x.to) / 2;
  return fmt::format(
             "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" class=\"f\"><title>threshold 0.5: {:.3f}, "
             "{:.3f}</title></circle>",
             plot.x(x), plot.y(y), x, y) +
         text_at(plot.x(x) + (is_right ? -9 : 9), plot.y(y) + (is_right ? 16 : 4), is_right ? "end" : "start",
                 "at 0.5", "t a halo");
}

// Dots of many rows as one path, a few bytes each.
std::string cloud(const Plot& plot, std::span<const std::pair<double, double>> points) {
  std::string d;
  for (const auto& [x, y] : points) d += fmt::format("M{:.1f} {:.1f}h0", plot.x(x), plot.y(y));
  const std::string_view css = points.size() > 300 ? "dot qn many" : "dot qn";
  return fmt::format("<path d=\"{}\" class=\"{}\"/>", d, css);
}

std::string reliability_line(const Plot& plot, std::span<const CalibrationBin> bins, bool is_before) {
  std::string svg;
  std::vector<std::pair<double, double>> points;
  for (const CalibrationBin& bin : bins)
    points.emplace_back(plot.x(bin.mean_prediction), plot.y(bin.observed));
  if (points.size() > 1) svg += path_through(points, is_before ? "c before" : "c");
  for (std::size_t i = 0; i < bins.size(); ++i) {
    const CalibrationBin& bin = bins[i];
    if (!is_before) svg += line_at(points[i].first, plot.y(bin.low), points[i].first, plot.y(bin.high), "w");
    svg += fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\" class=\"{}\"><title>{:.5g} rows: said {:.3f}, was "
        "{:.3f}"
        "</title></circle>",
        points[i].first, points[i].second, is_before ? "ring" : "f", bin.weight, bin.mean_prediction,
        bin.observed);
  }
  return svg;
}

// Bars of weight along the axis of a plot, below it.
std::string histogram_below(const Plot& plot, std::span<const double> counts, double top, double height) {
  if (counts.empty()) return "";
  const double most = *std::ranges::max_element(counts);
  if (!(most > 0)) return "";
  std::string svg;
  const double width = (plot.x.to - plot.x.from) / static_cast<double>(counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double size = height * counts[i] / most;
    svg += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" class=\"b\"><title>{:.6g} rows"
        "</title></rect>",
        plot.x.from + width * static_cast<double>(i) + 1, top + height - size, width - 2, size, counts[i]);
  }
  return svg + text_at(plot.x.from - 6, top + height, "end", "rows", "t a");
}

}  // namespace

std::vector<std::pair<double, double>> precision_recall(const HonestScore& honest) {
  std::vector<std::pair<double, double>> points;
  const double positives = share_of_positives(honest);
  if (!std::isfinite(positives)) return points;
  for (const RocPoint& point : honest.roc) {
    if (point.true_positive_rate + point.false_positive_rate == 0) continue;
    points.emplace_back(point.true_positive_rate, precision_at(point, positives));
  }
  return points;
}

std::string roc_chart(const HonestScore& honest) {
  if (honest.roc.empty()) return "";
  Plot plot(kSquare, {0, 1}, {0, 1}, "false positive rate", "true positive rate", "ROC curve");
  std::vector<std::pair<double, double>> points;
  for (const RocPoint& p : honest.roc)
    points.emplace_back(plot.x(p.false_positive_rate), plot.y(p.true_positive_rate));
  plot.svg += line_at(plot.x(0), plot.y(0), plot.x(1), plot.y(1), "d");
  plot.svg += path_through(points, "c");
  if (const RocPoint* half = at_one_half(honest.roc))
    plot.svg += mark_one_half(plot, half->false_positive_rate, half->true_positive_rate);
  return plot.svg + "</svg>";
}

std::string precision_recall_chart(const HonestScore& honest) {
  const std::vector<std::pair<double, double>> curve = precision_recall(honest);
  if (curve.empty()) return "";
  const double positives = share_of_positives(honest);
  Plot plot(kSquare, {0, 1}, {0, 1}, "recall", "precision", "precision and recall");
  plot.svg += line_at(plot.x(0), plot.y(positives), plot.x(1), plot.y(positives), "d");
  std::vector<std::pair<double, double>> points;
  for (const auto& [recall, precision] : curve) points.emplace_back(plot.x(recall), plot.y(precision));
  plot.svg += path_through(points, "c");
  const RocPoint* half = at_one_half(honest.roc);
  if (half != nullptr && half->true_positive_rate + half->false_positive_rate > 0)
    plot.svg += mark_one_half(plot, half->true_positive_rate, precision_at(*half, positives));
  return plot.svg + "</svg>";
}

std::string reliability_chart(const Reliability& reliability) {
  if (reliability.bins.empty()) return "";
  constexpr double kCounts = 44;
  PlotSize size = kSquare;
  size.below = kCounts + 4;
  Plot plot(size, {0, 1}, {0, 1}, "", "what happened: share", "calibration");
  plot.svg += line_at(plot.x(0), plot.y(0), plot.x(1), plot.y(1), "d");
  plot.svg += reliability_line(plot, reliability.before, true);
  plot.svg += reliability_line(plot, reliability.bins, false);
  const double top = size.height - 18;
  plot.svg += histogram_below(plot, reliability.histogram, top, kCounts);
  plot.svg += text_at((plot.x.from + plot.x.to) / 2, top + kCounts + 16, "middle",
                      "what was said: probability", "t a");
  return plot.svg + "</svg>";
}

std::string agreement_chart(const HonestScore& honest) {
  if (honest.residuals.empty()) return "";
  std::vector<std::pair<double, double>> points;
  Range range{INFINITY, -INFINITY};
  for (const auto& [prediction, residual] : honest.residuals) {
    points.emplace_back(prediction, prediction + residual);
    range.include(prediction);
    range.include(prediction + residual);
  }
  range.pad(0.04);
  Plot plot(kWide, range, range, "prediction", "truth", "truth against prediction");
  plot.svg += cloud(plot, points);
  plot.svg += line_at(plot.x.from, plot.y(range.low), plot.x.to, plot.y(range.high), "d");
  return plot.svg + "</svg>";
}

std::string residual_chart(const HonestScore& honest) {
  if (honest.residuals.empty()) return "";
  Range xs{INFINITY, -INFINITY}, ys{0, 0};
  for (const auto& [prediction, residual] : honest.residuals) {
    xs.include(prediction);
    ys.include(residual);
  }
  xs.pad(0.04);
  ys.pad(0.04);
  Plot plot(kWide, xs, ys, "prediction", "truth - prediction", "residuals");
  plot.svg += cloud(plot, honest.residuals);
  plot.svg += line_at(plot.x.from, plot.y(0), plot.x.to, plot.y(0), "d");
  return plot.svg + "</svg>";
}

std::string coverage_chart(const Coverage& coverage) {
  constexpr double kWidth = 400, kNames = 150, kRow = 30;
  std::vector<std::pair<std::string, const CoverageSlice*>> rows = {{"all rows", &coverage.all}};
  for (const CoverageSlice& slice : coverage.slices)
    rows.emplace_back(fmt::format("{:.4g} to {:.4g}", slice.low, slice.high), &slice);
  Range range{coverage.promised, coverage.promised};
  for (const auto& [name, slice] : rows)
    for (const double end : {slice->share.low, slice->share.high}) range.include(end);
  range.pad(0.1);
  range.high = std::min(range.high, 1.005);
  const double bottom = kRow * static_cast<double>(rows.size()) + 8;
  const Scale x{range, kNames, kWidth - 14};
  std::string svg = svg_open(kWidth, bottom + 38, "coverage of ranges", 280);
  const std::vector<double> marks = ticks(range, 5);
  for (const double mark : marks) {
    svg += line_at(x(mark), 4, x(mark), bottom, "g");
    svg += text_at(x(mark), bottom + 16, "middle", tick_text(100 * mark, 100 * step_of(marks)));
  }
  svg += line_at(x(coverage.promised), 4, x(coverage.promised), bottom, "d");
  double y = 4 + kRow / 2;
  for (const auto& [name, slice] : rows) {
    const Estimate& share = slice->share;
    svg += fmt::format("<g class=\"{}\"><title>{} rows: {:.1f} % [{:.1f}, {:.1f}]</title>",
                       slice == &coverage.all ? "best" : "rest", slice->rows, 100 * share.value,
                       100 * share.low, 100 * share.high);
    svg += text_at(kNames - 10, y + 4, "end", name) + line_at(x(share.low), y, x(share.high), y, "w");
    svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\"/></g>", x(share.value), y);
    y += kRow;
  }
  return svg + text_at((kNames + kWidth) / 2, bottom + 34, "middle", "truths within their range, %", "t a") +
         "</svg>";
}

std::string confusion_map(const Confusion& confusion, const std::vector<std::string>& names) {
  const std::size_t n = confusion.classes;
  if (n < 2 || n > 60 || names.size() != n) return "";
  constexpr std::size_t kLetters = 11;  // of a name
  const double cell = std::clamp(std::floor(340 / static_cast<double>(n)), 8.0, 22.0);
  const double side = cell * static_cast<double>(n);
  std::size_t longest = 0;
  for (const std::string& name : names) longest = std::max(longest, std::min(name.size(), kLetters));
  const double room = 14 + 5.6 * static_cast<double>(longest);
  std::string svg =
      svg_open(room + side + 8, room + side + 8, "confusion: truth down, prediction across", 280);
  double worst = 0;
  std::vector<double> totals(n, 0.0);
  const auto count = [&](std::size_t truth, std::size_t said) { return confusion.counts[truth * n + said]; };
  for (std::size_t truth = 0; truth < n; ++truth) {
    for (std::size_t said = 0; said < n; ++said) totals[truth] += count(truth, said);
    for (std::size_t said = 0; said < n; ++said)
      if (said != truth && totals[truth] > 0) worst = std::max(worst, count(truth, said) / totals[truth]);
  }
  for (std::size_t truth = 0; truth < n; ++truth) {
    const double y = room + cell * static_cast<double>(truth);
    svg += text_at(room - 6, y + cell - 3, "end", escape_html_short(names[truth], kLetters), "t small");
    svg += fmt::format("<text transform=\"translate({:.1f} {:.1f}) rotate(-90)\" class=\"t small\">{}</text>",
                       room + cell * (static_cast<double>(truth) + 1) - 3, room - 6,
                       escape_html_short(names[truth], kLetters));
    for (std::size_t said = 0; said < n; ++said) {
      const double share = totals[truth] > 0 ? count(truth, said) / totals[truth] : 0;
      const bool is_right = truth == said;
      if (share == 0 && !is_right) continue;
      const double strength = is_right ? 0.15 + 0.6 * share : 0.15 + 0.85 * std::sqrt(share / worst);
      svg += fmt::format(
          "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{}\" height=\"{}\" class=\"{}\" "
          "opacity=\"{:.2f}\"><title>{} "
          "as {}: {:.6g}, {:.1f} %</title></rect>",
          room + cell * static_cast<double>(said) + 0.5, y + 0.5, cell - 1, cell - 1,
          is_right ? "f" : "wrong", strength, escape_html_short(names[truth], 30),
          escape_html_short(names[said], 30), count(truth, said), 100 * share);
    }
  }
  return svg + fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" class=\"frame\"/></svg>", room,
                           room, side, side);
}

}  // namespace astrolabe
