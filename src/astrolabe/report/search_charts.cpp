// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/search_charts.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/report/html.h"
#include "astrolabe/report/svg_plot.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMostDots = 1500;

using Pixels = std::vector<std::pair<double, double>>;

// At most `limit` of 0..count-1, evenly.
std::vector<std::size_t> thinned(std::size_t count, std::size_t limit) {
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < std::min(count, limit); ++i) kept.push_back(i * count / std::min(count, limit));
  return kept;
}

std::string dot(double x, double y, double radius, std::string_view css, const std::string& title) {
  return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\" class=\"{}\"><title>{}</title></circle>",
                     x, y, radius, css, title);
}

std::string trial_title(const SearchResult& result, const SearchTrial& trial) {
  return fmt::format("trial {}: {} ({})", trial.id, format_score(trial.score),
                     escape_html_short(point_words(result.space, trial.point), 160));
}

// From the best score to where three quarters of the trials are: a few that failed at everything would
// squeeze the rest into a line. The interval of the best is in it.
Range score_range(const SearchResult& result) {
  const std::vector<std::size_t> order = best_trials(result, result.trials.size());
  const SearchTrial& best = result.trials[order.front()];
  const double worst = result.trials[order[(order.size() - 1) * 3 / 4]].score;
  Range range{std::min(best.score, worst), std::max(best.score, worst)};
  range.include(best.low);
  range.include(best.high);
  range.pad(0.06);
  return range;
}

double clamped(const Range& range, double value) {
  return std::clamp(value, range.low, range.high);
}

// ---- Best so far.

struct TimeUnit {
  std::string_view name;
  double seconds;
};
TimeUnit unit_of_time(double seconds) {
  if (seconds < 180) return {"seconds of search", 1};
  if (seconds < 3 * 3600) return {"minutes of search", 60};
  return {"hours of search", 3600};
}

// All improvements but the first, which may be anything.
Range stairs_range(const SearchResult& result) {
  Range range = score_range(result);
  const std::vector<std::size_t> better = improvements(result);
  for (std::size_t i = 1; i < better.size(); ++i) range.include(result.trials[better[i]].score);
  return range;
}

// The stairs of the best: each improvement holds until the next, the last until the end.
struct Stairs {
  Pixels score, low, high;
};
Stairs stairs_of(const SearchResult& result, const Plot& plot, double unit) {
  Stairs stairs;
  const std::vector<std::size_t> better = improvements(result);
  for (std::size_t i = 0; i < better.size(); ++i) {
    const SearchTrial& trial = result.trials[better[i]];
    const double until =
        i + 1 < better.size() ? result.trials[better[i + 1]].at : std::max(result.seconds, trial.at);
    const auto step = [&](Pixels& path, double value) {
      const double y = plot.y(clamped(plot.y.domain, std::isfinite(value) ? value : trial.score));
      path.emplace_back(plot.x(trial.at / unit), y);
      path.emplace_back(plot.x(until / unit), y);
    };
    step(stairs.score, trial.score);
    step(stairs.low, trial.low);
    step(stairs.high, trial.high);
  }
  return stairs;
}

std::string band(Pixels low, const Pixels& high) {
  low.insert(low.end(), high.rbegin(), high.rend());
  std::string d;
  for (const auto& [x, y] : low) d += fmt::format("{}{:.1f} {:.1f}", d.empty() ? "M" : "L", x, y);
  return fmt::format("<path d=\"{}Z\" class=\"band\"/>", d);
}

// ---- Parallel coordinates.

constexpr std::size_t kMostAxes = 10;
constexpr std::size_t kMostLines = 300, kBestLines = 100;
constexpr double kHeight = 302, kAxisTop = 46, kAxisBottom = 262, kNoneLane = 290;

// The dimensions that are shown, in the order of the space: those that decide most.
std::vector<std::size_t> shown_dimensions(const SearchResult& result) {
  std::vector<std::size_t> chosen;
  const auto add = [&](std::size_t d) {
    const bool varies = value_count(result.space.dimensions()[d]) != 1;
    if (varies && chosen.size() < kMostAxes && std::ranges::find(chosen, d) == chosen.end())
      chosen.push_back(d);
  };
  for (const DimensionImportance& importance : result.importance) add(importance.dimension);
  for (std::size_t d = 0; d < result.space.size(); ++d) add(d);
  std::ranges::sort(chosen);
  return chosen;
}

// Places in the order of quality, worst first, so that the best are drawn on top.
std::vector<std::size_t> shown_places(std::size_t count) {
  std::set<std::size_t> places;
  for (std::size_t i = 0; i < std::min(count, kBestLines); ++i) places.insert(i);
  for (const std::size_t i : thinned(count, kMostLines - kBestLines)) places.insert(i);
  return {places.rbegin(), places.rend()};
}

class ParallelChart {
 public:
  explicit ParallelChart(const SearchResult& result)
      : result_(result),
        dimensions_(shown_dimensions(result)),
        order_(best_trials(result, result.trials.size())),
        range_(score_range(result)) {}

  std::string draw() {
    svg_ = svg_open(width(), kHeight, "trials as lines through their values", 640);
    for (const std::size_t place : shown_places(order_.size())) draw_line(place);
    for (std::size_t axis = 0; axis < dimensions_.size(); ++axis) draw_axis(axis);
    draw_score_axis();
    if (has_gaps_) svg_ += text_at(8, kNoneLane + 4, "start", "none", "t a");
    return svg_ + "</svg>";
  }

 private:
  [[nodiscard]] static double width() { return 900; }
  [[nodiscard]] double x_of(std::size_t axis) const {
    return 70 + (width() - 150) * static_cast<double>(axis) / static_cast<double>(dimensions_.size());
  }
  [[nodiscard]] static double y_of(double unit) {
    return kAxisBottom + (kAxisTop - kAxisBottom) * std::clamp(unit, 0.0, 1.0);
  }
  [[nodiscard]] double y_of_score(double score) const {
    const double unit = (clamped(range_, score) - range_.low) / (range_.high - range_.low);
    return y_of(result_.higher_is_better ? unit : 1 - unit);
  }

  void draw_line(std::size_t place) {
    const SearchTrial& trial = result_.trials[order_[place]];
    Pixels path;
    for (std::size_t axis = 0; axis < dimensions_.size(); ++axis) {
      const double value = trial.point.values[dimensions_[axis]];
      has_gaps_ |= std::isnan(value);
      path.emplace_back(x_of(axis),
                        std::isnan(value)
                            ? kNoneLane
                            : y_of(unit_of(result_.space.dimensions()[dimensions_[axis]], value)));
    }
    path.emplace_back(x_of(dimensions_.size()), y_of_score(trial.score));
    std::string d;
    for (const auto& [x, y] : path) d += fmt::format("{}{:.0f} {:.0f}", d.empty() ? "M" : "L", x, y);
    const double rank = static_cast<double>(place) / static_cast<double>(order_.size());
    const int strength = rank < 0.02 ? 100 : rank < 0.1 ? 70 : rank < 0.3 ? 40 : rank < 0.6 ? 20 : 8;
    svg_ += fmt::format(
        "<path d=\"{}\" class=\"par\" style=\"stroke:color-mix(in srgb,var(--accent) {}%,var(--rule))\">"
        "<title>{}</title></path>",
        d, strength, trial_title(result_, trial));
  }

  void draw_axis(std::size_t axis) {
    const Dimension& dimension = result_.space.dimensions()[dimensions_[axis]];
    const double x = x_of(axis);
    svg_ += line_at(x, kAxisTop, x, kAxisBottom, "w");
    // Neighbours' names would touch: every other one stands higher.
    svg_ += text_at(x, axis % 2 == 0 ? 16 : 32, "middle", escape_html_short(dimension.name, 22), "t a");
    const auto* choices = std::get_if<Choices>(&dimension.domain);
    if (choices == nullptr) {
      svg_ += label(x, 1, value_text(dimension, value_at(dimension, 1)));
      svg_ += label(x, 0, value_text(dimension, value_at(dimension, 0)));
      return;
    }
    const std::size_t count = choices->options.size();
    for (const std::size_t option : thinned(count, 9)) {
      svg_ += label(x, unit_of(dimension, static_cast<double>(option)), choices->options[option]);
    }
  }

  static std::string label(double x, double unit, std::string_view text) {
    return text_at(x + 5, y_of(unit) + 4, "start", escape_html_short(text, 11), "t halo");
  }

  void draw_score_axis() {
    const double x = x_of(dimensions_.size());
    svg_ += line_at(x, kAxisTop, x, kAxisBottom, "w");
    svg_ += text_at(x, 32, "middle", escape_html_short(metric_title(result_), 16), "t");
    for (const double mark : ticks(range_, 4))
      svg_ += text_at(x + 6, y_of_score(mark) + 4, "start", tick_text(mark, step_of(ticks(range_, 4))));
  }

  const SearchResult& result_;
  std::vector<std::size_t> dimensions_, order_;
  Range range_;
  std::string svg_;
  bool has_gaps_ = false;
};

// ---- Formulas.

// What of a curve is worth the room: poles would flatten everything else.
Range curve_range(const FormulaCurves& curves, std::vector<double> FormulaCurve::* which) {
  constexpr double kMost = 8;
  Range range{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  for (const FormulaCurve& curve : curves.curves) {
    for (const double value : curve.*which)
      if (std::isfinite(value)) range.include(std::clamp(value, -kMost, kMost));
  }
  if (!(range.low <= range.high)) range = {-1, 1};
  range.pad(0.05);
  return range;
}

// A path that is interrupted where the curve leaves the plot or the finite numbers.
std::string curve_path(const Plot& plot, const std::vector<double>& at, const std::vector<double>& value,
                       std::size_t series) {
  std::string d;
  bool is_down = false;
  for (std::size_t i = 0; i < at.size(); ++i) {
    const bool is_inside = value[i] >= plot.y.domain.low && value[i] <= plot.y.domain.high;
    if (is_inside) d += fmt::format("{}{:.1f} {:.1f}", is_down ? "L" : "M", plot.x(at[i]), plot.y(value[i]));
    is_down = is_inside;
  }
  return d.empty() ? "" : fmt::format("<path d=\"{}\" class=\"s{}\"/>", d, std::min<std::size_t>(series, 4));
}

std::string curve_plot(const FormulaCurves& curves, std::vector<double> FormulaCurve::* which,
                       std::string_view title) {
  const Range xs{curves.at.front(), curves.at.back()};
  Plot plot({.width = 400, .height = 300, .least = 300}, xs, curve_range(curves, which), curves.variable,
            title, title);
  for (std::size_t i = curves.curves.size(); i-- > 0;) {
    plot.svg += curve_path(plot, curves.at, curves.curves[i].*which, i);
  }
  return plot.svg + "</svg>";
}

}  // namespace

std::string best_so_far_chart(const SearchResult& result) {
  if (best_trials(result, 1).empty()) return "";
  const auto [name, unit] = unit_of_time(result.seconds);
  double end = result.seconds / unit;
  if (!(end > 0)) end = 1;
  Plot plot({.width = 860, .height = 320, .least = 640}, {0, end}, stairs_range(result), name,
            metric_title(result), "the best score so far");
  for (const std::size_t i : thinned(result.trials.size(), kMostDots)) {
    const SearchTrial& trial = result.trials[i];
    const bool is_shown = trial.state == TrialState::complete && trial.score >= plot.y.domain.low &&
                          trial.score <= plot.y.domain.high;
    if (is_shown)
      plot.svg += dot(plot.x(trial.at / unit), plot.y(trial.score), 2, "p", trial_title(result, trial));
  }
  const Stairs stairs = stairs_of(result, plot, unit);
  plot.svg += band(stairs.low, stairs.high) + path_through(stairs.score, "c");
  for (const std::size_t i : improvements(result)) {
    const SearchTrial& trial = result.trials[i];
    plot.svg += dot(plot.x(trial.at / unit), plot.y(clamped(plot.y.domain, trial.score)), 3.5, "f",
                    trial_title(result, trial));
  }
  return plot.svg + "</svg>";
}

std::string parallel_chart(const SearchResult& result) {
  if (best_trials(result, 2).size() < 2 || shown_dimensions(result).empty()) return "";
  return ParallelChart(result).draw();
}

std::string front_chart(const SearchResult& result, Measure measure) {
  const std::vector<std::size_t> best = front(result, measure);
  if (best.empty()) return "";
  Range xs{0, 0};
  for (const SearchTrial& trial : result.trials) xs.include(measure_of(trial, measure));
  xs.pad(0.03);
  xs.low = 0;
  Range ys = score_range(result);
  for (const std::size_t i : best) ys.include(result.trials[i].score);
  Plot plot({.width = 860, .height = 280, .least = 640}, xs, ys, measure_title(measure), metric_title(result),
            "score against size");
  for (const std::size_t i : thinned(result.trials.size(), kMostDots)) {
    const SearchTrial& trial = result.trials[i];
    const double size = measure_of(trial, measure);
    if (trial.state != TrialState::complete || !std::isfinite(size)) continue;
    if (trial.score < ys.low || trial.score > ys.high) continue;
    plot.svg += dot(plot.x(size), plot.y(trial.score), 2, "p", trial_title(result, trial));
  }
  Pixels path;
  for (const std::size_t i : best) {
    const double x = plot.x(measure_of(result.trials[i], measure));
    if (!path.empty()) path.emplace_back(x, path.back().second);
    path.emplace_back(x, plot.y(result.trials[i].score));
  }
  plot.svg += path_through(path, "c");
  for (const std::size_t i : best) {
    const SearchTrial& trial = result.trials[i];
    plot.svg +=
        dot(plot.x(measure_of(trial, measure)), plot.y(trial.score), 4, "f", trial_title(result, trial));
  }
  return plot.svg + "</svg>";
}

std::string formula_chart(const FormulaCurves& curves) {
  std::string html = "<div class=\"pair\"><div>" + curve_plot(curves, &FormulaCurve::value, "value") +
                     "</div><div>" + curve_plot(curves, &FormulaCurve::slope, "slope") + "</div></div>";
  html += "<p class=\"legend\">";
  for (std::size_t i = 0; i < curves.curves.size(); ++i) {
    html += fmt::format(
        "<span><svg viewBox=\"0 0 30 10\" aria-hidden=\"true\"><path d=\"M0 5L30 5\" class=\"s{}\"/></svg>{}"
        "</span>",
        std::min<std::size_t>(i, 4), escape_html(curves.curves[i].name));
  }
  return html + "</p>";
}

}  // namespace astrolabe
