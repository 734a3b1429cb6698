// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/choice_section.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/report/ensemble_drawing.h"
#include "astrolabe/report/html.h"
#include "astrolabe/report/page.h"
#include "astrolabe/report/score_words.h"
#include "astrolabe/report/svg_plot.h"

namespace astrolabe {
namespace {

struct CurveRanges {
  Range steps{0, 1}, losses{INFINITY, -INFINITY};
};

// Beyond where the curves begin nothing is drawn: a fit that ran away would flatten all others.
CurveRanges ranges_of(const FitCurves& fits) {
  CurveRanges ranges;
  double highest = -INFINITY;
  for (const FitCurve& fold : fits.folds) {
    for (const double first : {fold.steps.front().training, fold.steps.front().watched})
      if (std::isfinite(first)) highest = std::max(highest, first);
    ranges.steps.include(static_cast<double>(fold.steps.back().step));
  }
  for (const FitCurve& fold : fits.folds)
    for (const FitStep& step : fold.steps)
      for (const double loss : {step.training, step.watched})
        if (loss <= highest) ranges.losses.include(loss);
  ranges.losses.pad(0.04);
  return ranges;
}

std::string line_of(const Plot& plot, const FitCurve& fold, double FitStep::* loss, std::string_view css) {
  std::vector<std::pair<double, double>> points;
  for (const FitStep& step : fold.steps)
    if (step.*loss <= plot.y.domain.high)
      points.emplace_back(plot.x(static_cast<double>(step.step)), plot.y(step.*loss));
  return points.size() > 1 ? path_through(points, css) : "";
}

std::string fit_chart(const FitCurves& fits) {
  const CurveRanges ranges = ranges_of(fits);
  if (!(ranges.losses.low < ranges.losses.high)) return "";
  Plot plot({.width = 400, .height = 270, .least = 280}, ranges.steps, ranges.losses,
            fits.folds[0].unit + "s", "mean loss", "how the fits went");
  for (const FitCurve& fold : fits.folds) plot.svg += line_of(plot, fold, &FitStep::training, "fit training");
  for (const FitCurve& fold : fits.folds) {
    plot.svg += line_of(plot, fold, &FitStep::watched, "fit watched");
    if (fold.best_step == 0) continue;
    const double x = plot.x(static_cast<double>(fold.best_step));
    plot.svg += line_at(x, plot.y.from - 7, x, plot.y.from, "stop");
  }
  return plot.svg + "</svg>";
}

std::string fit_panels(const RunResult& result) {
  std::string panels;
  for (const FitCurves& fits : result.fits) {
    const std::string chart = fits.folds.empty() ? "" : fit_chart(fits);
    if (chart.empty()) continue;
    const bool ships = result.ensemble &&
                       std::ranges::any_of(result.ensemble->members,
                                           [&](const auto& member) { return member.system == fits.system; });
    panels += panel(
        escape_html_short(fits.system, 60) + (ships ? " <span class=\"tag best\">ships</span>" : ""), chart);
  }
  if (panels.empty()) return "";
  const std::string words =
      "<p class=\"legend\"><span><svg viewBox=\"0 0 30 10\"><path d=\"M0 5h30\" class=\"fit "
      "watched\"/></svg>rows "
      "that early stopping watched</span><span><svg viewBox=\"0 0 30 10\"><path d=\"M0 5h30\" class=\"fit "
      "training\"/></svg>training rows</span><span><svg viewBox=\"0 0 30 10\"><path d=\"M15 1v8\" "
      "class=\"stop\"/></svg>where it was best</span></p>";
  return "<h3 class=\"apart\">How the fits went, a line for each fold</h3><div class=\"pair\">" + panels +
         "</div>" + words +
         source_note(
             "Open rows. The watched rows are a part of a fold's training rows that this fit did not see; "
             "they are "
             "neither sealed nor the rows that the out-of-fold score is of. With the length found here a "
             "fold is "
             "fitted again on all its training rows.");
}

}  // namespace

std::string choice_section(const RunResult& result) {
  std::string content;
  if (result.ensemble) {
    const std::string note = source_note(out_of_fold_words(result.ensemble->rows));
    const std::string drawing = ensemble_drawing(result);
    if (!drawing.empty()) content += panel("From the members to a prediction", drawing + note);
    const std::string correlation = correlation_table(*result.ensemble);
    if (!correlation.empty())
      content += panel("How alike the members err: correlation of their errors; 1 is one and the same",
                       correlation + note);
  }
  content += fit_panels(result);
  return content.empty() ? "" : section("What ships", content);
}

}  // namespace astrolabe
