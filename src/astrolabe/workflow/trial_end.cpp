// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/trial_end.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/search/study_facts.h"
#include "astrolabe/system/slots.h"
#include "astrolabe/workflow/out_of_fold.h"
#include "astrolabe/workflow/system_search.h"

namespace astrolabe {
namespace {

// Microseconds to predict a row, of one fold's model, by a quick look. For people: nothing depends on it.
double latency_of(const CrossValidation& tried, const Table& table, ThreadPool& pool) {
  constexpr std::size_t kRows = 500;
  const auto rows = std::span(tried.rows).first(std::min(kRows, tried.rows.size()));
  const auto start = std::chrono::steady_clock::now();
  static_cast<void>(tried.fitted.front().predict(table, rows, pool));
  const std::chrono::duration<double, std::micro> taken = std::chrono::steady_clock::now() - start;
  return taken.count() / static_cast<double>(std::max<std::size_t>(1, rows.size()));
}

// The texts of the starred slots that are formulas.
nlohmann::ordered_json formulas_of_system(const SystemSpace& space, const FilledSystem& system) {
  nlohmann::ordered_json formulas = nlohmann::ordered_json::object();
  for (const StarSummary& star : space.stars()) {
    const SlotRow* slot = find_slot(star.slot);
    if (star.learner != system.learner || slot == nullptr || !slot->parts) continue;
    const auto setting = system.settings.find(star.slot);
    if (setting == system.settings.end()) continue;
    if (const auto* text = std::get_if<std::string>(&setting->second)) formulas[star.slot] = *text;
  }
  return formulas;
}

}  // namespace

std::size_t model_bytes(const CrossValidation& tried) {
  std::size_t bytes = 0;
  for (const FittedCandidate& fold : tried.fitted) {
    ArchiveWriter archive;
    fold.model->save(archive);
    bytes += archive.bytes().size();
  }
  return bytes;
}

TrialEnd complete_end(const SystemSearchRequest& request, const TrialPlan& plan,
                      const CrossValidation& tried) {
  const Metric& metric = *find_metric(request.task.metric);
  const double sign = metric.higher_is_better ? -1 : 1;
  const double score = score_rows(metric, tried.rows, tried.out_of_fold, request.labels);
  if (!std::isfinite(score))
    return {.state = TrialState::failed,
            .reason = fmt::format("{}: its {} is not finite", tried.candidate.name, metric.title),
            .outcome = {}};
  // Resampling would cost more than some of the fits.
  const auto folds = static_cast<double>(request.folds.size());
  Estimate range =
      metric.interval == IntervalMethod::bootstrap
          ? corrected_resampled_t(tried.fold_scores, 1 / (folds - 1))
          : estimate(metric, judge(tried.rows, tried.out_of_fold, request.labels).scored(), request.key);
  if (!std::isfinite(range.low) || !std::isfinite(range.high)) range.low = range.high = score;
  nlohmann::ordered_json outcome = {{"system", tried.candidate.name},
                                    {"settings", format_settings(tried.candidate.settings)},
                                    {kNodesOutcome, plan.system.nodes},
                                    {kFormulasOutcome, formulas_of_system(request.space, plan.system)},
                                    {kMemoryOutcome, model_bytes(tried)},
                                    {kLatencyOutcome, latency_of(tried, request.table, request.pool)},
                                    {"folds", tried.fold_scores},
                                    {"summary", tried.fitted.front().model->summary()},
                                    {"cut_short", !tried.complete}};
  if (plan.growth) {
    outcome[kGrownFromOutcome] = *plan.grown_from;
    outcome[kSparedOutcome] = std::max(0.0, tried.seconds * (plan.growth->effort - 1));
  }
  if (!plan.why_not.empty()) outcome["not_grown"] = plan.why_not;
  return {.state = TrialState::complete,
          .cost = sign * score,
          .low = std::min(sign * range.low, sign * range.high),
          .high = std::max(sign * range.low, sign * range.high),
          .reason = {},
          .outcome = outcome.dump()};
}

TrialEnd pruned_end(const TrialPlan& plan, const StepCost& step, std::string why) {
  nlohmann::ordered_json outcome = {{kNodesOutcome, plan.system.nodes}};
  if (plan.growth) outcome[kGrownFromOutcome] = *plan.grown_from;
  return {.state = TrialState::pruned,
          .cost = step.cost,
          .low = step.low,
          .high = step.high,
          .reason = std::move(why),
          .outcome = outcome.dump()};
}

}  // namespace astrolabe
