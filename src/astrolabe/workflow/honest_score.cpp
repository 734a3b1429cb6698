// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/honest_score.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/workflow/prediction_range.h"
#include "astrolabe/workflow/prediction_spread.h"
#include "astrolabe/workflow/score_figures.h"

namespace astrolabe {
namespace {

constexpr std::size_t kOuterFolds = 5;
constexpr std::size_t kInnerFolds = 5;

// Folds of a part of the table, as positions in that part.
struct OuterFold {
  Table table;
  Labels labels;
  std::vector<int> strata;
  Table split_table;
};

OuterFold training_part(const ResamplingRequest& request, const Fold& fold) {
  OuterFold part{.table = request.table.take_rows(fold.train),
                 .labels = take_labels(request.labels, fold.train),
                 .strata = {},
                 .split_table = request.split_table.take_rows(fold.train)};
  if (!request.strata.empty()) {
    for (const RowIndex row : fold.train) part.strata.push_back(request.strata[row]);
  }
  return part;
}

// Tells how far the outer folds are, whatever the inner selection says.
class OuterProgress : public Progress {
 public:
  OuterProgress(Progress& inner, std::size_t fold, std::size_t folds)
      : inner_(inner), fold_(fold), folds_(folds) {}
  void update(const ProgressEvent& event) override {
    ProgressEvent outer = event;
    outer.stage = fmt::format("resampled score, part {} of {}: {}", fold_ + 1, folds_, event.stage);
    outer.fraction =
        (static_cast<double>(fold_) + std::max(0.0, event.fraction)) / static_cast<double>(folds_);
    inner_.update(outer);
  }
  void say(std::string_view line) override { inner_.say(line); }
  void warn(std::string_view line) override { inner_.warn(line); }
  void finish() override {}

 private:
  Progress& inner_;
  std::size_t fold_, folds_;
};

// The predictions of the fold's judged rows by a system that was chosen without them. Nothing when its
// training part is too small to choose on, or when the run was interrupted before anything was fitted.
std::optional<JudgedPredictions> judge_outer_fold(const ResamplingRequest& request, const Fold& fold,
                                                  std::size_t index, std::size_t outer_folds) try {
  const OuterFold part = training_part(request, fold);
  std::vector<RowIndex> all(part.table.rows());
  std::iota(all.begin(), all.end(), RowIndex{0});
  const Key key = request.key.split(index);
  const Table& split_table = request.rule.column.empty() ? part.table : part.split_table;
  const std::size_t inner = fold_count(split_table, all, request.rule, kInnerFolds);
  if (inner < 2) return std::nullopt;
  const std::vector<Fold> folds =
      make_folds(split_table, all, request.rule, part.strata, inner, key.split("folds"));
  OuterProgress progress(request.progress, index, outer_folds);
  // Each outer fold may use an equal part of what is left.
  const Budget budget =
      request.budget.has_deadline()
          ? request.budget.slice(request.budget.seconds_left() / static_cast<double>(outer_folds - index))
          : request.budget;
  const Selection selection = request.select({.table = part.table,
                                              .labels = part.labels,
                                              .folds = folds,
                                              .key = key.split("candidates"),
                                              .budget = budget,
                                              .progress = progress});
  ModelCard card;
  card.task = request.task;
  card.calibration = choose_calibration(selection, part.labels, request.task, Predictor::mean_of_fits,
                                        key.split("calibration"))
                         .calibration;
  Spread spread = fit_spread(selection, {.table = part.table,
                                         .labels = part.labels,
                                         .task = request.task,
                                         .folds = folds,
                                         .key = key.split("ranges"),
                                         .pool = request.pool,
                                         .budget = budget,
                                         .progress = progress});
  card.range = prediction_range(selection, part.labels, spread.out_of_fold);
  if (!card.range) spread.members.clear();
  return predict_to_judge({std::move(card), members_of(selection), std::move(spread.members)},
                          request.table.take_rows(fold.valid), request.pool);
} catch (const Error& error) {
  if (error.kind() != ErrorKind::nothing_fitted) throw;
  return std::nullopt;
}

// The t interval knows nothing of the metric: shares lie in [0, 1], losses begin at 0, only R2 has no floor.
Estimate within_range(Estimate estimate, const Metric& metric) {
  const double inf = std::numeric_limits<double>::infinity();
  const double lowest = metric.higher_is_better && metric.supports(TaskKind::regression) ? -inf : 0;
  const double highest = metric.higher_is_better ? 1 : inf;
  estimate.low = std::max(estimate.low, lowest);
  estimate.high = std::min(estimate.high, highest);
  return estimate;
}

}  // namespace

void JudgedPredictions::append(JudgedPredictions more) {
  const auto add = [](std::vector<double>& all, const std::vector<double>& some) {
    all.insert(all.end(), some.begin(), some.end());
  };
  // Parts that needed no calibration stand beside parts that did.
  if (!uncalibrated.empty() || !more.uncalibrated.empty()) {
    if (uncalibrated.empty()) uncalibrated = values;
    add(uncalibrated, more.uncalibrated.empty() ? more.values : more.uncalibrated);
  }
  // Ranges of some parts only would be judged on rows that others had.
  const bool has_ranges = values.empty() || !low.empty();
  add(values, more.values);
  if (has_ranges && !more.low.empty()) {
    add(low, more.low);
    add(high, more.high);
    coverage = more.coverage;
  } else {
    low.clear();
    high.clear();
  }
}

JudgedPredictions predict_to_judge(const ShippedModel& model, const Table& rows, ThreadPool& pool) {
  JudgedPredictions predicted;
  const Calibration& calibration = model.card().calibration;
  if (calibration.kind == CalibrationKind::none) {
    predicted.values = model.predict(rows, pool);
  } else {
    ModelCard card = model.card();
    card.calibration = {};
    predicted.uncalibrated = ShippedModel(std::move(card), model.members()).predict(rows, pool);
    predicted.values = predicted.uncalibrated;
    calibration.apply(predicted.values, model.card().task.outputs());
  }
  if (const auto& range = model.card().range) {
    const std::vector<double> spread = model.spread(rows, pool);
    for (std::size_t row = 0; row < predicted.values.size(); ++row) {
      const double unit = spread.empty() ? 1 : spread[row];
      predicted.low.push_back(predicted.values[row] + unit * range->low);
      predicted.high.push_back(predicted.values[row] + unit * range->high);
    }
    predicted.coverage = range->coverage;
  }
  return predicted;
}

std::size_t fold_count(const Table& split_table, std::span<const RowIndex> rows, const SplitRule& rule,
                       std::size_t wanted) {
  constexpr std::size_t kRowsPerFold = 4;
  const std::size_t fitting = std::max<std::size_t>(2, std::min(wanted, rows.size() / kRowsPerFold));
  return std::min(fitting, most_folds(split_table, rows, rule));
}

HonestScore score_honestly(const Task& task, const JudgedRows& judged, std::string label, Key key,
                           const JudgedPredictions& predicted) {
  const Metric& primary = *find_metric(task.metric);
  const Scored scored = judged.scored();
  HonestScore score;
  score.label = std::move(label);
  score.rows = scored.rows();
  score.primary = estimate(primary, scored, key.split(primary.name));
  for (const Metric& metric : metrics()) {
    if (!task.suits(metric) || metric.name == primary.name) continue;
    Estimate other = estimate(metric, scored, key.split(metric.name));
    if (other.value == other.value) score.others.emplace_back(metric.name, std::move(other));
  }
  add_figures(score, task, judged, predicted, key);
  return score;
}

std::optional<HonestScore> score_by_resampling(const ResamplingRequest& request) {
  std::vector<RowIndex> all(request.table.rows());
  std::iota(all.begin(), all.end(), RowIndex{0});
  const Table& split_table = request.rule.column.empty() ? request.table : request.split_table;
  const std::size_t count = fold_count(split_table, all, request.rule, kOuterFolds);
  if (count < 2) return std::nullopt;
  const std::vector<Fold> outer =
      make_folds(split_table, all, request.rule, request.strata, count, request.key.split("outer"));

  const Metric& metric = *find_metric(request.task.metric);
  std::vector<RowIndex> rows;
  JudgedPredictions predictions;
  std::vector<double> fold_scores;
  for (std::size_t i = 0; i < outer.size() && (i == 0 || !request.budget.should_stop()); ++i) {
    std::optional<JudgedPredictions> predicted = judge_outer_fold(request, outer[i], i, outer.size());
    if (!predicted) continue;
    rows.insert(rows.end(), outer[i].valid.begin(), outer[i].valid.end());
    fold_scores.push_back(score_rows(metric, outer[i].valid, predicted->values, request.labels));
    predictions.append(std::move(*predicted));
  }
  if (rows.empty()) return std::nullopt;
  HonestScore score = score_honestly(request.task, judge(rows, predictions.values, request.labels),
                                     "resampled", request.key.split("score"), predictions);
  const Estimate folded = corrected_resampled_t(fold_scores, 1.0 / static_cast<double>(outer.size() - 1));
  // Folds that all score the same say nothing of the spread: then the pooled rows give the interval.
  if (folded.low < folded.high) score.primary = within_range(folded, metric);
  return score;
}

}  // namespace astrolabe
