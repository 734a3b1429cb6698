// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/bench_charts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/report/bench_words.h"
#include "astrolabe/report/html.h"
#include "astrolabe/report/svg_plot.h"

namespace astrolabe {
namespace {

constexpr double kWidth = 640, kLeft = 190, kRight = 20, kRow = 26, kTop = 14;
constexpr std::array<std::string_view, 5> kStyles = {"s0", "s1", "s2", "s3", "s4"};

// Rows of intervals in percent on a common axis.
class Rows {
 public:
  Rows(Range percent, std::size_t rows, double rope, std::string_view label)
      : x_{.domain = padded(percent, rope), .from = kLeft, .to = kWidth - kRight},
        bottom_(kTop + kRow * static_cast<double>(rows)) {
    svg_ = svg_open(kWidth, bottom_ + 40, label);
    svg_ += fmt::format("<rect class=\"band\" x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"{:.1f}\"/>",
                        x_(-100 * rope), kTop - 4, std::max(1.0, x_(100 * rope) - x_(-100 * rope)),
                        bottom_ - kTop + 4);
    svg_ += line_at(x_(0), kTop - 4, x_(0), bottom_, "d");
  }

  void add(const std::string& escaped_name, const Estimate& effect, Verdict verdict,
           std::span<const double> pairs) {
    const double y = kTop + kRow * (static_cast<double>(count_++) + 0.4);
    svg_ += text_at(kLeft - 12, y + 4, "end", escaped_name);
    for (const double pair : pairs)
      svg_ += fmt::format("<circle class=\"f\" fill-opacity=\".28\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\"/>",
                          at(100 * pair), y);
    if (!std::isfinite(effect.value)) return;
    const std::string_view css = verdict == Verdict::undecided ? "rest"
                                 : verdict == Verdict::tie     ? "tie"
                                                               : "best";
    if (std::isfinite(effect.low))
      svg_ += line_at(at(100 * effect.low), y, at(100 * effect.high), y, fmt::format("w {}", css));
    svg_ +=
        fmt::format("<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\"><title>{}</title></circle>",
                    css, at(100 * effect.value), y, share_words(effect));
  }
  std::string finish() {
    const std::vector<double> marks = ticks(x_.domain, 6);
    for (const double mark : marks)
      svg_ += text_at(x_(mark), bottom_ + 16, "middle", tick_text(mark, step_of(marks)), "t a");
    return svg_ +
           text_at(x_(x_.domain.high), bottom_ + 34, "end",
                   "percent of the best part's gain: to the right the first is better", "t a") +
           "</svg>";
  }

 private:
  static Range padded(Range percent, double rope) {
    percent.include(0);
    percent.include(120 * rope);
    percent.include(-120 * rope);
    percent.pad(0.05);
    return percent;
  }
  [[nodiscard]] double at(double value) const { return x_(std::clamp(value, x_.domain.low, x_.domain.high)); }

  Scale x_;
  double bottom_;
  std::string svg_;
  std::size_t count_ = 0;
};

void include_percent(Range& range, const Estimate& effect) {
  for (const double value : {effect.value, effect.low, effect.high}) range.include(100 * value);
}

std::string legend_of(const BenchSlot& slot) {
  std::string legend = "<div class=\"legend\">";
  for (std::size_t i = 0; i < slot.parts.size(); ++i)
    legend += fmt::format("<span><svg viewBox=\"0 0 30 10\">{}</svg>{}</span>",
                          line_at(0, 5, 30, 5, kStyles.at(i % kStyles.size())),
                          escape_html_short(slot.parts[i].part, 40));
  return legend + "</div>";
}

}  // namespace

std::string bench_effects_chart(std::span<const BenchComparison* const> comparisons, double rope) {
  Range range{.low = 0, .high = 0};
  for (const BenchComparison* comparison : comparisons) include_percent(range, comparison->effect);
  Rows rows(range, comparisons.size(), rope, "Effects over all tasks, with their intervals");
  for (const BenchComparison* comparison : comparisons)
    rows.add(escape_html_short(comparison->a, 24), comparison->effect, comparison->verdict, {});
  return comparisons.empty() ? "" : rows.finish();
}

std::string bench_tasks_chart(const BenchComparison& comparison, double rope) {
  if (comparison.tasks.empty()) return "";
  Range range{.low = 0, .high = 0};
  for (const BenchTaskEffect& task : comparison.tasks) {
    include_percent(range, task.effect);
    for (const double pair : task.differences) range.include(100 * pair);
  }
  Rows rows(range, comparison.tasks.size(), rope, "Paired differences on each task");
  for (const BenchTaskEffect& task : comparison.tasks)
    rows.add(escape_html_short(task.task, 24), task.effect, task.verdict, task.differences);
  return rows.finish();
}

std::string bench_ranks_chart(const BenchSlot& slot) {
  const std::size_t count = slot.parts.size();
  if (slot.tasks < 2 || count < 2) return "";
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return slot.parts[i].mean_rank; });
  constexpr double kSide = 150, kAxis = 62, kBar = 9, kName = 24;
  const double bars = kBar * static_cast<double>(slot.runs.size());
  const std::size_t half = (count + 1) / 2;
  const double names = kAxis + 16 + bars;
  const double height = names + kName * static_cast<double>(half) + 10;
  const Scale x{.domain = {1, static_cast<double>(count)}, .from = kSide, .to = kWidth - kSide};
  std::string svg = svg_open(kWidth, height, "Mean ranks over tasks, and which differ");
  svg += line_at(x(1), kAxis, x(static_cast<double>(count)), kAxis, "g last");
  for (std::size_t mark = 1; mark <= count; ++mark) {
    const double at = x(static_cast<double>(mark));
    svg += line_at(at, kAxis - 5, at, kAxis, "g last") +
           text_at(at, kAxis - 10, "middle", fmt::format("{}", mark), "t a");
  }
  const double reach = std::min(x(1 + slot.critical_difference), kWidth - 8.0);
  svg += line_at(x(1), 18, reach, 18, "w best") +
         text_at(x(1), 12, "start", fmt::format("critical difference {:.2f}", slot.critical_difference),
                 "t small a");
  for (std::size_t i = 0; i < slot.runs.size(); ++i) {
    double low = static_cast<double>(count), high = 1;
    for (const std::size_t part : slot.runs[i]) {
      low = std::min(low, slot.parts[part].mean_rank);
      high = std::max(high, slot.parts[part].mean_rank);
    }
    const double y = kAxis + 9 + kBar * static_cast<double>(i);
    svg += fmt::format(
        "<line class=\"w\" style=\"stroke-width:4\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" "
        "y2=\"{:.1f}\"/>",
        x(low) - 4, y, x(high) + 4, y);
  }
  for (std::size_t i = 0; i < count; ++i) {
    const BenchPart& part = slot.parts[order[i]];
    const bool is_left = i < half;
    const double y = names + kName * static_cast<double>(is_left ? i : count - 1 - i) + 6;
    const double at = x(part.mean_rank), end = is_left ? kSide - 6 : kWidth - kSide + 6;
    svg += line_at(at, kAxis, at, y, "g last") + line_at(at, y, end, y, "g last") +
           text_at(is_left ? end - 6 : end + 6, y + 4, is_left ? "end" : "start",
                   fmt::format("{} {:.2f}", escape_html_short(part.part, 16), part.mean_rank));
  }
  return svg + "</svg>";
}

std::string bench_profiles_chart(const BenchSlot& slot) {
  if (slot.ratios.size() < 2) return "";
  constexpr double kMost = 4;
  const Profiles profiles(slot.ratios);
  Plot plot({.width = kWidth, .height = 300}, {1, kMost}, {0, 1.02}, "times the least processor time",
            "share of the tasks", "Performance profiles");
  for (std::size_t part = 0; part < slot.parts.size(); ++part) {
    std::vector<std::pair<double, double>> points;
    double before = -1;
    for (double factor = 1; factor <= kMost; factor += 0.01) {
      const double share = profiles.share(part, factor);
      if (before >= 0 && share != before) points.emplace_back(plot.x(factor), plot.y(before));
      points.emplace_back(plot.x(factor), plot.y(share));
      before = share;
    }
    plot.svg += path_through(points, kStyles.at(part % kStyles.size()));
  }
  return plot.svg + "</svg>" + legend_of(slot);
}

std::string bench_cost_chart(const BenchSlot& slot) {
  Range times{.low = INFINITY, .high = -INFINITY}, shares{.low = INFINITY, .high = -INFINITY};
  for (const BenchPart& part : slot.parts) {
    times.include(1000 * part.seconds);
    shares.include(100 * part.share);
  }
  if (!std::isfinite(times.low) || !std::isfinite(shares.low)) return "";
  times.pad(0.25);
  times.low = std::max(0.0, times.low);
  shares.pad(0.2);
  Plot plot({.width = kWidth, .height = 300}, times, shares, "milliseconds of processor time for a fit",
            "percent of the best part's gain", "Gain against cost");
  for (const BenchPart& part : slot.parts) {
    const double x = plot.x(1000 * part.seconds), y = plot.y(100 * part.share);
    plot.svg += fmt::format(
        "<circle class=\"f\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\"><title>{}, model of {}"
        "</title></circle>",
        x, y, escape_html_short(part.part, 60), format_bytes(static_cast<std::uint64_t>(part.bytes)));
    const bool is_right = x > kWidth * 0.7;
    plot.svg += text_at(is_right ? x - 9 : x + 9, y + 4, is_right ? "end" : "start",
                        escape_html_short(part.part, 24), "t halo");
  }
  return plot.svg + "</svg>";
}

}  // namespace astrolabe
