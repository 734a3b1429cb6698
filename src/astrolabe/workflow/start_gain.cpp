// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/start_gain.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/features/extend.h"
#include "astrolabe/model/start_map.h"
#include "astrolabe/workflow/out_of_fold.h"

namespace astrolabe {
namespace {

double score_of(const CrossValidation& tried, const Labels& labels, const Metric& metric) {
  return score_rows(metric, tried.rows, tried.out_of_fold, labels);
}

// The best system that went on, and its like from nothing.
struct Pair {
  const CrossValidation* went_on = nullptr;
  const CrossValidation* from_nothing = nullptr;
};

Pair find_pair(const Selection& selection, const Labels& labels, const Metric& metric) {
  Pair pair;
  const double sign = metric.higher_is_better ? 1 : -1;
  for (const CrossValidation& tried : selection.tried) {
    if (tried.candidate.from == nullptr) continue;
    if (pair.went_on == nullptr ||
        sign * score_of(tried, labels, metric) > sign * score_of(*pair.went_on, labels, metric))
      pair.went_on = &tried;
  }
  if (pair.went_on == nullptr) return pair;
  for (const CrossValidation& tried : selection.tried)
    if (tried.candidate.learner == pair.went_on->candidate.learner &&
        tried.candidate.name.ends_with(kFromNothing))
      pair.from_nothing = &tried;
  return pair;
}

// The worst of the fits' proofs.
void record_certificate(const CrossValidation& tried, StartResult& start) {
  bool is_first = true;
  for (const FittedCandidate& fold : tried.fitted) {
    const auto* started = dynamic_cast<const StartedFit*>(fold.model.get());
    if (started == nullptr) continue;
    const StartFacts& facts = started->start();
    if (facts.was.empty()) continue;
    ++start.fits;
    if (facts.is_warm) ++start.warm_fits;
    if (is_first) start.is_exact = true;
    is_first = false;
    start.is_exact = start.is_exact && facts.is_exact;
    if (!facts.why.empty()) start.why = facts.why;
    start.was = facts.was;
    start.is = facts.is;
    start.compared_rows = std::max(start.compared_rows, facts.rows);
    start.difference = std::max(start.difference, facts.difference);
    start.answer_scale = facts.answer_scale;
  }
}

void record_columns(const RunStart& start, const CrossValidation& tried, StartResult& result) {
  const auto& from = *tried.candidate.from;
  ColumnChanges changes = column_changes(*from[0].encoder, *tried.fitted[0].encoder);
  result.kept = std::move(changes.kept);
  result.added = std::move(changes.added);
  result.gone = std::move(changes.gone);
  result.levels = std::move(changes.levels);
  result.old_classes = start.card.task.classes;
}

void record_gain(Run& run, const Labels& labels, const Pair& pair, StartResult& start) {
  const Metric& metric = *find_metric(run.result.task.metric);
  start.scratch = pair.from_nothing->candidate.name;
  start.scratch_score = score_of(*pair.from_nothing, labels, metric);
  start.scratch_seconds = pair.from_nothing->seconds;
  start.epoch_share = share_of_epochs(*pair.went_on, *pair.from_nothing);
  start.epochs = epochs_of(*pair.went_on);
  start.scratch_epochs = epochs_of(*pair.from_nothing);
  const Estimate gain =
      advantage(*pair.went_on, *pair.from_nothing, labels, metric, run.key.split("gain of the start"));
  if (std::isfinite(gain.value)) start.gain = gain;
}

}  // namespace

Estimate advantage(const CrossValidation& one, const CrossValidation& other, const Labels& labels,
                   const Metric& metric, Key key) {
  const std::vector<RowIndex> both = common_rows(one.rows, other.rows);
  Estimate effect = Estimate::undefined(std::nan(""));
  if (both.empty()) return effect;
  const JudgedRows ours = judge_some(one, both, labels), theirs = judge_some(other, both, labels);
  effect = paired_difference(metric, ours.scored(), theirs.scored(), key).effect;
  if (metric.higher_is_better) return effect;
  effect.value = -effect.value;
  std::swap(effect.low, effect.high);
  effect.low = -effect.low;
  effect.high = -effect.high;
  return effect;
}

namespace {

const FitCurve* curve_of(const FittedCandidate& fitted) {
  const auto* recorded = dynamic_cast<const RecordedFit*>(fitted.model.get());
  return recorded == nullptr ? nullptr : &recorded->curve();
}

// The step of the lowest watched loss; null where nothing was watched.
const FitStep* lowest(const FitCurve& curve) {
  const FitStep* best = nullptr;
  for (const FitStep& step : curve.steps)
    if (std::isfinite(step.watched) && (best == nullptr || step.watched < best->watched)) best = &step;
  return best;
}

// The lowest watched loss of a fit until then; infinity before the first one.
double lowest_until(const FitCurve& curve, std::uint64_t epoch) {
  double low = std::numeric_limits<double>::infinity();
  for (const FitStep& step : curve.steps)
    if (step.step <= epoch && step.watched < low) low = step.watched;
  return low;
}

}  // namespace

std::optional<double> share_of_epochs(const CrossValidation& went_on, const CrossValidation& from_nothing) {
  const std::size_t folds = std::min(went_on.curves.size(), from_nothing.curves.size());
  double goal = 0, there = 0;
  std::set<std::uint64_t> epochs;
  for (std::size_t fold = 0; fold < folds; ++fold) {
    const FitStep* best = lowest(from_nothing.curves[fold]);
    if (best == nullptr) return std::nullopt;
    goal += best->watched;
    there += static_cast<double>(best->step);
    for (const FitStep& step : went_on.curves[fold].steps) epochs.insert(step.step);
  }
  for (const std::uint64_t epoch : epochs) {
    double reached = 0, here = 0;
    for (std::size_t fold = 0; fold < folds; ++fold) {
      const FitCurve& curve = went_on.curves[fold];
      reached += lowest_until(curve, epoch);
      here += static_cast<double>(std::min(epoch, curve.steps.empty() ? epoch : curve.steps.back().step));
    }
    if (reached <= goal && there > 0) return here / there;
  }
  return std::nullopt;
}

std::uint64_t epochs_of(const CrossValidation& tried) {
  std::uint64_t epochs = 0;
  for (std::size_t fold = 0; fold < tried.curves.size(); ++fold) {
    const FitCurve& curve = tried.curves[fold];
    if (curve.unit != "epoch" || curve.steps.empty()) return 0;
    epochs += curve.steps.back().step;
    // The fit on all rows behind the one that watched, if there was one.
    const FitCurve* const last = fold < tried.fitted.size() ? curve_of(tried.fitted[fold]) : nullptr;
    if (lowest(curve) != nullptr && last != nullptr && lowest(*last) == nullptr && !last->steps.empty())
      epochs += last->steps.back().step;
  }
  return epochs;
}

void record_start(Run& run, const Prepared& prepared, const Selection& selection) {
  if (!run.start) return;
  const Labels& labels = prepared.data.labels;
  const Metric& metric = *find_metric(run.result.task.metric);
  StartResult start;
  start.model = run.start->path;
  start.data_name = run.start->card.data_name;
  start.rows = run.start->card.rows;
  const Pair pair = find_pair(selection, labels, metric);
  if (pair.went_on != nullptr) {
    start.system = pair.went_on->candidate.name;
    start.score = score_of(*pair.went_on, labels, metric);
    start.seconds = pair.went_on->seconds;
    record_certificate(*pair.went_on, start);
    record_columns(*run.start, *pair.went_on, start);
  }
  for (const std::string& name : run.result.task.classes)
    if (std::ranges::find(run.start->card.task.classes, name) == run.start->card.task.classes.end())
      start.new_classes.push_back(name);
  // Losses of numbers are on the scale of a fit's own answers: of two fits they cannot be told apart.
  if (pair.from_nothing != nullptr) record_gain(run, labels, pair, start);
  if (run.result.task.kind == TaskKind::regression) start.epoch_share.reset();
  // Rounding is a millionth of that.
  constexpr double kTolerance = 1e-4;
  if (start.is_exact && !(start.difference <= kTolerance * start.answer_scale))
    run.result.warnings.push_back(fmt::format(
        "the net should have started as the old model and did not: answers differ by up to {:.3g}",
        start.difference));
  run.result.start = std::move(start);
}

}  // namespace astrolabe
