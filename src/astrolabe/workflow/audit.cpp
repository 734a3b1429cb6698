// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/audit.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_set>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/evaluate/equal_rows.h"
#include "astrolabe/evaluate/leakage.h"
#include "astrolabe/stats/curve.h"
#include "astrolabe/workflow/given_predictions.h"
#include "astrolabe/workflow/task_setup.h"

namespace astrolabe {
namespace {

constexpr double kLevel = 0.05;
const Key kKey = Key::from_seed(1);

struct Judged {
  const Metric& metric;
  Labels labels;
  std::size_t outputs = 1;

  [[nodiscard]] Scored scored(const std::vector<double>& predicted) const {
    return {.truth = labels.values, .prediction = predicted, .outputs = outputs};
  }
  [[nodiscard]] double sign() const { return metric.higher_is_better ? 1 : -1; }
};

bool judges_order_only(const Metric& metric) {
  return metric.name == "auc";
}

const Metric& metric_for(const AuditOptions& options, const Task& task, PredictionForm form) {
  if (options.metric || form == PredictionForm::value || form == PredictionForm::probability) {
    const Metric& metric = *find_metric(task.metric);
    if (form != PredictionForm::ranking_score || judges_order_only(metric)) return metric;
    throw usage_error({.attempted = "judging scores that are not probabilities",
                       .expected = "auc, which looks at their order only",
                       .found = task.metric,
                       .remedy = "Give probabilities from 0 to 1, or leave --metric out."});
  }
  return *find_metric(form == PredictionForm::label ? "accuracy" : "auc");
}

// The best constant of these very rows, which flatters it a little.
std::vector<double> constant_for(const Judged& judged) {
  const std::vector<double>& truth = judged.labels.values;
  std::vector<double> constant(judged.outputs, 0.0);
  for (const double value : truth) {
    if (judged.outputs == 1) constant[0] += value;
    if (judged.outputs > 1) constant[static_cast<std::size_t>(value)] += 1;
  }
  std::vector<double> predicted(truth.size() * judged.outputs);
  for (std::size_t i = 0; i < predicted.size(); ++i)
    predicted[i] = constant[i % judged.outputs] / static_cast<double>(truth.size());
  return predicted;
}

// Of the largest of so many standard normals (Blom 1958).
double expected_largest(std::size_t tries) {
  const auto n = static_cast<double>(tries);
  return tries < 2 ? 0 : normal_quantile((n - 0.375) / (n + 0.25));
}

AuditComparison compare(const Judged& judged, const std::vector<double>& ours,
                        const std::vector<double>& theirs, std::string name, std::size_t tries) {
  AuditComparison comparison{.name = std::move(name), .score = judged.metric.compute(judged.scored(theirs))};
  Difference& difference = comparison.difference;
  difference = paired_difference(judged.metric, judged.scored(ours), judged.scored(theirs), kKey);
  if (!judged.metric.higher_is_better) {
    Estimate& effect = difference.effect;
    effect = {.value = -effect.value, .low = -effect.high, .high = -effect.low, .method = effect.method};
  }
  const Estimate& effect = difference.effect;
  const double error = (effect.high - effect.low) / (2 * normal_quantile(0.975));
  const bool is_ahead = effect.value > 0;
  comparison.p_adjusted = 1 - std::pow(1 - difference.p_value, static_cast<double>(is_ahead ? tries : 1));
  comparison.shrunk = is_ahead ? std::max(0.0, effect.value - expected_largest(tries) * error) : effect.value;
  if (comparison.p_adjusted < kLevel) comparison.verdict = is_ahead ? Verdict::better : Verdict::worse;
  // By four in five studies of that size, if the effect is what it seems.
  const double needed = (normal_quantile(0.975) + normal_quantile(0.8)) * error / std::abs(comparison.shrunk);
  comparison.rows_to_settle = static_cast<double>(judged.labels.rows()) * needed * needed;
  return comparison;
}

// Mean distance between what probabilities of the likeliest class promise and what happened, over tenths.
double calibration_error(const Judged& judged, const GivenPredictions& given) {
  if (given.form != PredictionForm::probability) return std::nan("");
  std::vector<double> promised, happened;
  for (std::size_t row = 0; row < judged.labels.rows(); ++row) {
    const std::span<const double> p = std::span(given.values).subspan(row * judged.outputs, judged.outputs);
    const double truth = judged.labels.values[row];
    promised.push_back(judged.outputs == 1 ? p[0] : *std::ranges::max_element(p));
    happened.push_back(
        judged.outputs == 1 ? truth : static_cast<double>(truth == static_cast<double>(predicted_class(p))));
  }
  double distance = 0, weight = 0;
  for (const CalibrationBin& bin : calibration_curve({.truth = happened, .prediction = promised})) {
    distance += bin.weight * std::abs(bin.mean_prediction - bin.observed);
    weight += bin.weight;
  }
  return distance / weight;
}

// How wrong each row is: by the metric where it has a value per row, else by squares.
std::vector<double> row_losses(const Judged& judged, const GivenPredictions& given, std::string& words) {
  const Metric* metric = &judged.metric;
  if (metric->row_loss == nullptr)
    metric = find_metric(judged.labels.kind == TaskKind::regression    ? "rmse"
                         : given.form == PredictionForm::ranking_score ? ""
                                                                       : "brier");
  if (metric == nullptr) return {};
  words = metric->interval == IntervalMethod::root_of_mean ? "squared error"
          : metric->higher_is_better                       ? "share of wrong rows"
                                                           : std::string(metric->title);
  std::vector<double> losses(judged.labels.rows());
  for (std::size_t row = 0; row < losses.size(); ++row) {
    const double value = metric->row_loss(
        judged.labels.values[row], std::span(given.values).subspan(row * judged.outputs, judged.outputs));
    losses[row] = metric->higher_is_better ? 1 - value : value;
  }
  if (!std::ranges::all_of(losses, [](double loss) { return std::isfinite(loss); })) return {};
  return losses;
}

// `train` was read with the columns of `features`, perhaps in another order.
std::vector<const Column*> columns_like(const Table& features, const Table& train) {
  std::vector<const Column*> columns;
  for (const Column& column : features.columns()) columns.push_back(&train.require(column.name, "feature"));
  return columns;
}

std::string key_of_row(std::span<const Column* const> columns, std::size_t row) {
  std::string key;
  for (const Column* column : columns) key += column->cell(row) + '\x1f';
  return key;
}

// Rows that the model was trained on, by their features.
void look_for_seen_rows(const AuditOptions& options, const Table& features, const Judged& judged,
                        const GivenPredictions& given, ThreadPool& pool, AuditResult& result) {
  std::vector<WantedColumn> wanted;
  for (const Column& column : features.columns()) wanted.push_back({column.name, column.type});
  const Table train = read_table_as(*options.train, wanted, {}, {.header = options.header}, pool).table;
  const std::vector<const Column*> trained = columns_like(features, train);
  const std::vector<const Column*> judged_columns = columns_like(features, features);
  std::unordered_set<std::string> known;
  for (std::size_t row = 0; row < train.rows(); ++row) known.insert(key_of_row(trained, row));
  std::vector<double> truth, predicted;
  for (std::size_t row = 0; row < features.rows(); ++row) {
    if (known.contains(key_of_row(judged_columns, row))) continue;
    truth.push_back(judged.labels.values[row]);
    for (std::size_t output = 0; output < judged.outputs; ++output)
      predicted.push_back(given.values[row * judged.outputs + output]);
  }
  result.seen_rows = features.rows() - truth.size();
  if (*result.seen_rows > 0 && !truth.empty())
    result.unseen_score =
        judged.metric.compute({.truth = truth, .prediction = predicted, .outputs = judged.outputs});
}

void look_at_features(const AuditOptions& options, const Table& features, const Judged& judged,
                      const GivenPredictions& given, ThreadPool& pool, AuditResult& result) {
  if (features.columns().empty()) return;
  std::vector<std::size_t> all(features.columns().size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const EqualRows equal = count_equal_rows(features, all, judged.labels, pool);
  if (equal.is_telling) result.repeated_rows = equal.rows;
  const SplitRule rule;
  for (const Leak& leak : scan_for_leaks({.table = features,
                                          .labels = judged.labels,
                                          .task = result.task,
                                          .rule = rule,
                                          .key = kKey,
                                          .pool = pool}))
    if (leak.kind == LeakKind::target_copy || leak.kind == LeakKind::near_copy ||
        leak.kind == LeakKind::knows_the_future)
      result.leaks.push_back(leak.message);
  if (options.train) look_for_seen_rows(options, features, judged, given, pool, result);
  const std::vector<double> losses = row_losses(judged, given, result.slice_loss);
  if (!losses.empty()) result.slices = find_weak_slices(features, losses);
}

std::string rows_words(double rows) {
  return rows < 1e9 ? fmt::format("about {} rows would tell", format_count(static_cast<std::uint64_t>(rows)))
                    : "no number of rows worth collecting would tell";
}

// The decision, and why: what speaks against use comes first.
void decide(AuditResult& result) {
  const AuditComparison& floor = result.floor;
  std::vector<std::string>& reasons = result.reasons;
  if (floor.verdict != Verdict::better) {
    result.decision = floor.verdict == Verdict::worse ? AuditDecision::do_not_use : AuditDecision::need_more;
    reasons.push_back(floor.verdict == Verdict::worse
                          ? "a constant is better"
                          : "it cannot be told from a constant; " + rows_words(floor.rows_to_settle));
  } else if (!result.baseline) {
    result.decision = AuditDecision::use;
    reasons.emplace_back("it beats a constant; whether it beats what you have, --baseline tells");
  } else if (result.baseline->verdict == Verdict::better) {
    result.decision = AuditDecision::use;
    reasons.push_back("it beats " + result.baseline->name);
  } else if (result.baseline->verdict == Verdict::worse) {
    result.decision = AuditDecision::do_not_use;
    reasons.push_back(result.baseline->name + " is better");
  } else {
    result.decision = AuditDecision::need_more;
    reasons.push_back(fmt::format("it cannot be told from {}; {}", result.baseline->name,
                                  rows_words(result.baseline->rows_to_settle)));
  }
  const bool rests_on_seen = result.seen_rows.value_or(0) * 20 > result.rows;
  if (result.decision == AuditDecision::use && (!result.leaks.empty() || rests_on_seen)) {
    result.decision = AuditDecision::need_more;
    reasons.insert(reasons.begin(),
                   result.leaks.empty()
                       ? fmt::format("{} of {} rows were trained on", format_count(*result.seen_rows),
                                     format_count(result.rows))
                       : "a column gives the truth away, so that the score may not hold");
  }
}

Table features_of(const Table& table, const AuditOptions& options, const GivenPredictions& given,
                  const std::optional<GivenPredictions>& baseline) {
  std::vector<std::string> apart = given.columns;
  apart.push_back(options.truth);
  if (baseline) apart.insert(apart.end(), baseline->columns.begin(), baseline->columns.end());
  // What `predict` writes beside them.
  for (const std::string& name : table.names())
    if (name == "prediction" || name == "low" || name == "high" || name == "expected_score" ||
        name.starts_with("probability:") || name.starts_with("contribution:"))
      apart.push_back(name);
  return table.without_columns(apart);
}

// The predictions with the columns of the other file beside them, where there is one.
Table read_judged_table(const AuditOptions& options, const ReadOptions& reading, ThreadPool& pool) {
  Table predictions = read_table(options.file, reading, pool).table;
  if (!options.data) return predictions;
  const Table data = read_table(*options.data, reading, pool).table;
  if (data.rows() != predictions.rows()) {
    throw bad_input({.attempted = "reading predictions and their data",
                     .expected = fmt::format("as many rows in {} as in {}: {}", options.data->string(),
                                             options.file.string(), format_count(predictions.rows())),
                     .found = format_count(data.rows()),
                     .remedy = "Give the table that was predicted, its rows in the same order."});
  }
  std::vector<Column> columns(predictions.columns().begin(), predictions.columns().end());
  for (const Column& column : data.columns())
    if (!predictions.find(column.name)) columns.push_back(column);
  return Table(std::move(columns));
}

}  // namespace

AuditResult audit(const AuditOptions& options, ThreadPool& pool) {
  RunOptions asked;
  asked.data = options.file;
  asked.target = options.truth;
  asked.task = options.task;
  asked.metric = options.metric;
  asked.positive = options.positive;
  asked.reading.header = options.header;
  const TaskSetup setup = set_up_task(read_judged_table(options, asked.reading, pool), asked);

  // 1. The predictions, as numbers that a metric can judge.
  AuditResult result{.file = options.file.string(), .task = setup.task};
  const GivenPredictions given = read_predictions(setup.table, setup.task, options.prediction);
  std::optional<GivenPredictions> baseline;
  if (options.baseline) baseline = read_predictions(setup.table, setup.task, *options.baseline);
  const bool is_coarser = baseline && baseline->form > given.form;
  const Judged judged{.metric = metric_for(options, setup.task, is_coarser ? baseline->form : given.form),
                      .labels = labels_of(setup.table, setup.task, options.file.string()),
                      .outputs = setup.task.outputs()};
  result.task.metric = judged.metric.name;
  result.predictions = join(given.columns, ", ");
  result.rows = judged.labels.rows();
  result.tries = options.tries;

  // 2. Against a constant, and against what there is.
  result.score = estimate(judged.metric, judged.scored(given.values), kKey);
  result.floor = compare(judged, given.values, constant_for(judged), "a constant", options.tries);
  if (baseline)
    result.baseline = compare(judged, given.values, baseline->values, *options.baseline, options.tries);
  result.calibration_error = calibration_error(judged, given);

  // 3. What the other columns say of it, and what follows.
  look_at_features(options, features_of(setup.table, options, given, baseline), judged, given, pool, result);
  decide(result);
  return result;
}

}  // namespace astrolabe
