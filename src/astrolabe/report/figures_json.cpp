// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/figures_json.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "astrolabe/report/json_numbers.h"
#include "astrolabe/report/score_charts.h"

namespace astrolabe {
namespace {

using nlohmann::json;

json numbers(const std::vector<double>& values) {
  json array = json::array();
  for (const double value : values) array.push_back(json_number<json>(value));
  return array;
}

json pairs(const std::vector<std::pair<double, double>>& points) {
  json array = json::array();
  for (const auto& [a, b] : points) array.push_back({json_number<json>(a), json_number<json>(b)});
  return array;
}

json bins(const std::vector<CalibrationBin>& all) {
  json array = json::array();
  for (const CalibrationBin& bin : all)
    array.push_back({{"said", json_number<json>(bin.mean_prediction)},
                     {"happened", json_number<json>(bin.observed)},
                     {"low", json_number<json>(bin.low)},
                     {"high", json_number<json>(bin.high)},
                     {"rows", json_number<json>(bin.weight)}});
  return array;
}

json calibration(const Reliability& found) {
  json object = {{"bins", bins(found.bins)},
                 {"error", json_number<json>(calibration_error(found.bins))},
                 {"brier", json_number<json>(found.brier)},
                 {"histogram", numbers(found.histogram)}};
  if (!found.before.empty())
    object["before"] = {{"bins", bins(found.before)},
                        {"error", json_number<json>(calibration_error(found.before))},
                        {"brier", json_number<json>(found.brier_before)}};
  return object;
}

json thresholds(const HonestScore& honest) {
  json array = json::array();
  for (const ThresholdScore& cut : honest.thresholds)
    array.push_back({{"threshold", cut.threshold},
                     {"flagged", json_number<json>(cut.flagged)},
                     {"precision", json_number<json>(cut.precision)},
                     {"recall", json_number<json>(cut.recall)},
                     {"false_positive_rate", json_number<json>(cut.false_positive_rate)},
                     {"f1", json_number<json>(cut.f1)}});
  return array;
}

json classes(const RunResult& result) {
  json array = json::array();
  const std::vector<ClassScore>& scores = result.honest->classes;
  for (std::size_t i = 0; i < std::min(scores.size(), result.task.classes.size()); ++i)
    array.push_back({{"class", result.task.classes[i]},
                     {"rows", json_number<json>(scores[i].rows)},
                     {"said", json_number<json>(scores[i].predicted)},
                     {"precision", json_number<json>(scores[i].precision)},
                     {"recall", json_number<json>(scores[i].recall)},
                     {"f1", json_number<json>(scores[i].f1)},
                     {"auc", json_number<json>(scores[i].auc)}});
  return array;
}

json confusion_cells(const Confusion& confusion) {
  json cells = json::array();
  for (std::size_t i = 0; i < confusion.counts.size(); ++i)
    if (confusion.counts[i] != 0)
      cells.push_back({i / confusion.classes, i % confusion.classes, confusion.counts[i]});
  return cells;
}

json slice(const CoverageSlice& found) {
  return {{"low", json_number<json>(found.low)},
          {"high", json_number<json>(found.high)},
          {"rows", found.rows},
          {"share", json_estimate<json>(found.share)}};
}

void add_judged(json& figures, const RunResult& result) {
  const HonestScore& honest = *result.honest;
  figures["judged_on"] = {{"label", honest.label}, {"rows", honest.rows}, {"opening", honest.opening}};
  if (!honest.roc.empty()) {
    json curve = json::array();
    for (const RocPoint& p : honest.roc)
      curve.push_back({p.false_positive_rate, p.true_positive_rate, json_number<json>(p.threshold)});
    figures["roc"] = std::move(curve);
    figures["precision_recall"] = pairs(precision_recall(honest));
    figures["average_precision"] = json_number<json>(honest.average_precision);
  }
  if (!honest.thresholds.empty()) figures["thresholds"] = thresholds(honest);
  if (honest.reliability) figures["calibration"] = calibration(*honest.reliability);
  if (honest.confusion) figures["confusion"] = confusion_cells(*honest.confusion);
  if (!honest.classes.empty()) figures["classes"] = classes(result);
  if (!honest.residuals.empty()) figures["residuals"] = pairs(honest.residuals);
  if (!honest.error_quantiles.empty()) figures["error_quantiles"] = pairs(honest.error_quantiles);
  if (honest.coverage) {
    json slices = json::array();
    for (const CoverageSlice& one : honest.coverage->slices) slices.push_back(slice(one));
    figures["coverage"] = {
        {"promised", honest.coverage->promised}, {"all", slice(honest.coverage->all)}, {"slices", slices}};
  }
}

json mistakes_array(const std::vector<ShownPicture>& mistakes) {
  json array = json::array();
  for (const ShownPicture& mistake : mistakes)
    array.push_back({{"label", mistake.label},
                     {"predicted", mistake.predicted},
                     {"probability", json_number<json>(mistake.probability)}});
  return array;
}

json ensemble_object(const Ensemble& ensemble) {
  json members = json::array(), correlation = json::array();
  const std::size_t n = ensemble.members.size();
  for (const EnsembleMember& member : ensemble.members)
    members.push_back({{"system", member.system},
                       {"learner", member.learner},
                       {"weight", json_number<json>(member.weight)},
                       {"validation", json_estimate<json>(member.validation)},
                       {"fold_scores", numbers(member.fold_scores)}});
  for (std::size_t i = 0; i < ensemble.correlation.size(); i += n)
    correlation.push_back(numbers({ensemble.correlation.begin() + static_cast<std::ptrdiff_t>(i),
                                   ensemble.correlation.begin() + static_cast<std::ptrdiff_t>(i + n)}));
  return {{"kind", ensemble.is_stack ? "stack" : "mean"},
          {"rows_out_of_fold", ensemble.rows},
          {"members", members},
          {"error_correlation", correlation}};
}

json fits_array(const std::vector<FitCurves>& fits) {
  json array = json::array();
  for (const FitCurves& curves : fits) {
    json folds = json::array();
    for (const FitCurve& fold : curves.folds) {
      json steps = json::array();
      for (const FitStep& step : fold.steps)
        steps.push_back({step.step, json_number<json>(step.training), json_number<json>(step.watched)});
      folds.push_back({{"unit", fold.unit}, {"best_step", fold.best_step}, {"steps", steps}});
    }
    array.push_back({{"system", curves.system}, {"folds", folds}});
  }
  return array;
}

json effects_array(const ColumnEffects& effects) {
  constexpr std::size_t kDrawnColumns = 12;
  json array = json::array();
  for (const ColumnEffect& column : effects.columns) {
    if (array.size() == kDrawnColumns) break;
    json levels = json::array();
    for (const LevelEffect& level : column.levels)
      levels.push_back(
          {{"level", level.level}, {"rows", level.rows}, {"mean", json_number<json>(level.mean)}});
    array.push_back({{"column", column.column}, {"points", pairs(column.points)}, {"levels", levels}});
  }
  return array;
}

}  // namespace

std::string figures_json_text(const RunResult& result) {
  json figures = json::object();
  if (result.honest) add_judged(figures, result);
  if (!result.mistakes.empty()) figures["mistakes"] = mistakes_array(result.mistakes);
  if (result.ensemble) figures["ensemble"] = ensemble_object(*result.ensemble);
  if (!result.fits.empty()) figures["fits"] = fits_array(result.fits);
  if (result.effects) figures["effects"] = effects_array(*result.effects);
  return figures.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace astrolabe
