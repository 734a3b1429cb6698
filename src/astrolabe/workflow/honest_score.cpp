// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/honest_score.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

constexpr std::size_t kOuterFolds = 5;
constexpr std::size_t kInnerFolds = 5;
constexpr std::size_t kDrawnResiduals = 1000;

std::vector<std::pair<double, double>> residuals_to_draw(const JudgedRows& judged, Key key) {
  std::vector<std::size_t> rows(judged.truth.size());
  std::iota(rows.begin(), rows.end(), 0);
  if (rows.size() > kDrawnResiduals) {
    RandomStream(key).shuffle(rows);
    rows.resize(kDrawnResiduals);
    std::sort(rows.begin(), rows.end());
  }
  std::vector<std::pair<double, double>> residuals;
  for (const std::size_t row : rows) {
    residuals.emplace_back(judged.prediction[row], judged.truth[row] - judged.prediction[row]);
  }
  return residuals;
}

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
std::optional<std::vector<double>> judge_outer_fold(const ResamplingRequest& request, const Fold& fold,
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
  return ShippedModel(std::move(card), members_of(selection))
      .predict(request.table.take_rows(fold.valid), request.pool);
} catch (const Error& error) {
  if (error.kind() != ErrorKind::nothing_fitted) throw;
  return std::nullopt;
}

// The t interval knows nothing of the metric: shares lie in [0, 1], losses begin at 0, only R2 has no floor.
Estimate within_range(Estimate estimate, const Metric& metric) {
  const double inf = std::numeric_limits<double>::infinity();
  const double lowest = metric.higher_is_better && metric.regression ? -inf : 0;
  const double highest = metric.higher_is_better ? 1 : inf;
  estimate.low = std::max(estimate.low, lowest);
  estimate.high = std::min(estimate.high, highest);
  return estimate;
}

}  // namespace

std::size_t fold_count(const Table& split_table, std::span<const RowIndex> rows, const SplitRule& rule,
                       std::size_t wanted) {
  constexpr std::size_t kRowsPerFold = 4;
  const std::size_t fitting = std::max<std::size_t>(2, std::min(wanted, rows.size() / kRowsPerFold));
  return std::min(fitting, most_folds(split_table, rows, rule));
}

HonestScore score_honestly(const Task& task, const JudgedRows& judged, std::string label, Key key) {
  const Metric& primary = *find_metric(task.metric);
  const Scored scored = judged.scored();
  HonestScore score{.label = std::move(label),
                    .rows = scored.rows(),
                    .opening = 1,
                    .primary = estimate(primary, scored, key.split(primary.name)),
                    .others = {},
                    .roc = {},
                    .calibration = {},
                    .confusion = {},
                    .residuals = {}};
  for (const Metric& metric : metrics()) {
    if (!metric.supports(task.kind) || metric.name == primary.name) continue;
    Estimate other = estimate(metric, scored, key.split(metric.name));
    if (other.value == other.value) score.others.emplace_back(metric.name, std::move(other));
  }
  if (task.kind == TaskKind::binary) {
    score.roc = roc_curve(scored);
    score.calibration = calibration_curve(scored);
  }
  if (task.kind == TaskKind::regression) {
    score.residuals = residuals_to_draw(judged, key.split("residuals"));
  } else {
    score.confusion = confusion(scored);
  }
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
  std::vector<double> predictions, fold_scores;
  for (std::size_t i = 0; i < outer.size() && (i == 0 || !request.budget.should_stop()); ++i) {
    const std::optional<std::vector<double>> predicted = judge_outer_fold(request, outer[i], i, outer.size());
    if (!predicted) continue;
    rows.insert(rows.end(), outer[i].valid.begin(), outer[i].valid.end());
    predictions.insert(predictions.end(), predicted->begin(), predicted->end());
    fold_scores.push_back(score_rows(metric, outer[i].valid, *predicted, request.labels));
  }
  if (rows.empty()) return std::nullopt;
  HonestScore score = score_honestly(request.task, judge(rows, predictions, request.labels), "resampled",
                                     request.key.split("score"));
  const Estimate folded = corrected_resampled_t(fold_scores, 1.0 / static_cast<double>(outer.size() - 1));
  // Folds that all score the same say nothing of the spread: then the pooled rows give the interval.
  if (folded.low < folded.high) score.primary = within_range(folded, metric);
  return score;
}

}  // namespace astrolabe
