// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <numeric>

#include "astrolabe/base/error.h"
#include "astrolabe/evaluate/calibration.h"
#include "astrolabe/stats/interval.h"
#include "astrolabe/stats/scored.h"

namespace astrolabe {
namespace {

constexpr std::size_t kParts = 5;
constexpr std::size_t kFewestRows = 100;
constexpr std::size_t kMostCurves = 20;  // classes beyond have too few rows each
constexpr double kConfidence = 0.975;    // two kinds are tried

using Fit = Calibration (*)(const Scored&);

// Some rows of `scored`, copied.
struct Part {
  std::vector<double> truth, prediction, weight;

  Part(const Scored& scored, std::span<const std::size_t> rows) {
    for (const std::size_t row : rows) {
      truth.push_back(scored.truth[row]);
      const auto own = prediction_of(scored, row);
      prediction.insert(prediction.end(), own.begin(), own.end());
      if (!scored.weight.empty()) weight.push_back(scored.weight[row]);
    }
  }
  [[nodiscard]] Scored scored(std::size_t outputs) const {
    return {.truth = truth, .prediction = prediction, .outputs = outputs, .weight = weight};
  }
  [[nodiscard]] bool has_weight() const {
    return weight.empty() || std::ranges::any_of(weight, [](double w) { return w > 0; });
  }
};

// Each row by a fit on the parts that it is not in; empty where a part leaves nothing to fit on.
std::vector<double> cross_fit(const Scored& scored, std::span<const std::size_t> shuffled, Fit fit) {
  std::vector<double> fitted(scored.prediction.begin(), scored.prediction.end());
  for (std::size_t part = 0; part < kParts; ++part) {
    const std::size_t begin = shuffled.size() * part / kParts, end = shuffled.size() * (part + 1) / kParts;
    std::vector<std::size_t> others(shuffled.begin(), shuffled.begin() + static_cast<std::ptrdiff_t>(begin));
    others.insert(others.end(), shuffled.begin() + static_cast<std::ptrdiff_t>(end), shuffled.end());
    const Part training(scored, others);
    if (!training.has_weight()) return {};
    const Calibration calibration = fit(training.scored(scored.outputs));
    for (const std::size_t row : shuffled.subspan(begin, end - begin))
      calibration.apply(std::span(fitted).subspan(row * scored.outputs, scored.outputs), scored.outputs);
  }
  return fitted;
}

Scored with_predictions(const Scored& scored, std::span<const double> prediction) {
  return {
      .truth = scored.truth, .prediction = prediction, .outputs = scored.outputs, .weight = scored.weight};
}

}  // namespace

ChosenCalibration choose_calibration(const Scored& scored, const Metric& metric, Predictor predictor,
                                     Key key) {
  ChosenCalibration chosen;
  chosen.cross_fitted.assign(scored.prediction.begin(), scored.prediction.end());
  if (scored.rows() < kFewestRows || metric.regression) return chosen;
  const Metric& log_loss = *find_metric("log_loss");
  chosen.log_loss_before = chosen.log_loss_after = log_loss.compute(scored);

  std::vector<std::size_t> shuffled(scored.rows());
  std::iota(shuffled.begin(), shuffled.end(), std::size_t{0});
  RandomStream(key.split("parts")).shuffle(shuffled);
  const bool is_of_ranks = metric.interval == IntervalMethod::delong;
  const bool is_mean = predictor == Predictor::mean_of_fits;
  const std::array<std::pair<CalibrationKind, Fit>, 2> kinds = {
      {{CalibrationKind::temperature, fit_temperature}, {CalibrationKind::isotonic, fit_isotonic}}};
  for (const auto& [kind, fit] : kinds) {
    const bool has_curves = kind == CalibrationKind::isotonic;
    if (has_curves && (is_of_ranks || is_mean || scored.outputs > kMostCurves)) continue;
    std::vector<double> fitted = cross_fit(scored, shuffled, fit);
    if (fitted.empty()) continue;
    const Scored after = with_predictions(scored, fitted);
    const Estimate gain =
        paired_difference(log_loss, after, scored, key.split(calibration_kind_name(kind)), kConfidence)
            .effect;
    if (!(gain.high < 0)) continue;
    // Five temperatures of five parts may change an order; the one that ships cannot.
    if (!is_of_ranks && metric.better(metric.compute(scored), metric.compute(after))) continue;
    const double loss = log_loss.compute(after);
    if (!(loss < chosen.log_loss_after)) continue;
    Calibration calibration = fit(scored);
    if (is_mean && calibration.power <= 1) continue;
    chosen.log_loss_after = loss;
    chosen.calibration = std::move(calibration);
    chosen.cross_fitted = std::move(fitted);
  }
  return chosen;
}

}  // namespace astrolabe
