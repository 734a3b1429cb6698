// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/bench_verdicts.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/evidence/stratified.h"
#include "astrolabe/workflow/bench_contestants.h"

namespace astrolabe {
namespace {

constexpr double kSure = 0.95;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// What a contrast has on one task.
struct OnTask {
  std::size_t task = 0;
  std::vector<double> shares, in_metric;  // [seeds that are whole], means over hosts
};

// Hosts in which the contrast is asked on this task, and something can be learned.
std::vector<const BenchContrast::InHost*> answering(const BenchPlan& plan, const BenchScores& scores,
                                                    const BenchContrast& contrast, std::size_t task) {
  std::vector<const BenchContrast::InHost*> hosts;
  for (const BenchContrast::InHost& in_host : contrast.hosts)
    if (plan.is_asked(in_host, task) && scores.scale(task, in_host.host)) hosts.push_back(&in_host);
  return hosts;
}

// Nothing where the seed is not whole.
std::optional<double> gain_of(const BenchScores& scores, const Contrast& contrast, std::size_t task,
                              std::size_t seed) {
  double value = 0;
  for (const ContrastTerm& term : contrast) {
    const std::optional<double> gain = scores.gain(task, term.system, seed);
    if (!gain) return std::nullopt;
    value += term.weight * *gain;
  }
  return value;
}

OnTask look(const BenchPlan& plan, const BenchScores& scores, const BenchContrast& contrast,
            std::size_t task) {
  OnTask found{.task = task, .shares = {}, .in_metric = {}};
  const auto hosts = answering(plan, scores, contrast, task);
  const auto count = static_cast<double>(hosts.size());
  for (std::size_t seed = 0; seed < scores.seeds() && !hosts.empty(); ++seed) {
    double share = 0, in_metric = 0;
    bool is_whole = true;
    for (const BenchContrast::InHost* in_host : hosts) {
      const std::optional<double> gain = gain_of(scores, in_host->contrast, task, seed);
      is_whole = is_whole && gain;
      share += gain.value_or(0) / *scores.scale(task, in_host->host) / count;
      in_metric += gain.value_or(0) / count;
    }
    if (!is_whole) continue;
    found.shares.push_back(share);
    found.in_metric.push_back(in_metric);
  }
  return found;
}

double mean_of(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? kNan : sum / static_cast<double>(values.size());
}

// 0 of a single one: with one seed nothing is sure, but the mean is shown.
double deviation_of(std::span<const double> values) {
  const double mean = mean_of(values);
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return values.size() < 2 ? 0 : std::sqrt(squares / static_cast<double>(values.size() - 1));
}

// The geometric mean over tasks and hosts of what a costs over what b costs.
template <class Cost>
double ratio_of(const BenchPlan& plan, const BenchScores& scores, const BenchContrast& contrast,
                std::size_t task_count, const Cost& cost) {
  double sum = 0, count = 0;
  for (std::size_t task = 0; task < task_count; ++task)
    for (const BenchContrast::InHost* in_host : answering(plan, scores, contrast, task)) {
      double log = 0;
      for (const ContrastTerm& term : in_host->contrast)
        log += term.weight * std::log(median_cost(scores, task, term.system, cost));
      if (!std::isfinite(log)) continue;
      sum += log;
      ++count;
    }
  return count > 0 ? std::exp(sum / count) : kNan;
}

std::string what_is_missing(const BenchComparison& comparison, double rope) {
  std::size_t fewest = std::numeric_limits<std::size_t>::max();
  for (const BenchTaskEffect& task : comparison.tasks) fewest = std::min(fewest, task.differences.size());
  if (comparison.tasks.empty()) return "no task could answer it";
  if (fewest < 2) return "fewer than two whole seeds on a task";
  const double reach = (comparison.effect.high - comparison.effect.low) / 2;
  return fmt::format(
      "the interval reaches {:.2g} % to either side of {:+.2g} %: it neither leaves out 0 nor lies "
      "within {:.2g} %; four times the seeds halve it",
      100 * reach, 100 * comparison.effect.value, 100 * rope);
}

BenchComparison compare(const BenchPlan& plan, const BenchScores& scores, const BenchContrast& contrast,
                        const BenchResult& result) {
  BenchComparison comparison{
      .slot = contrast.slot, .a = contrast.a, .b = contrast.b, .is_interaction = contrast.is_interaction};
  std::vector<Stratum> strata;
  for (std::size_t task = 0; task < plan.tasks.size(); ++task) {
    OnTask on = look(plan, scores, contrast, task);
    if (on.shares.empty()) continue;
    const BenchTask& about = plan.tasks[task];
    strata.push_back({.differences = on.shares, .test_to_train = about.test_to_train});
    const StratifiedEffect alone = mean_over_strata({&strata.back(), 1}, kSure);
    comparison.tasks.push_back({.task = about.name,
                                .metric = about.task.metric,
                                .differences = std::move(on.shares),
                                .in_metric = mean_of(on.in_metric),
                                .effect = alone.estimate,
                                .p_value = alone.p_value});
  }
  const StratifiedEffect all = mean_over_strata(strata, result.confidence);
  comparison.effect = all.estimate;
  comparison.p_value = all.p_value;
  comparison.verdict = decide(all.estimate, result.rope);
  if (comparison.verdict == Verdict::undecided) comparison.why = what_is_missing(comparison, result.rope);
  comparison.seconds_ratio = ratio_of(plan, scores, contrast, plan.tasks.size(), &BenchOutcome::seconds);
  comparison.bytes_ratio = ratio_of(plan, scores, contrast, plan.tasks.size(), &BenchOutcome::bytes);
  return comparison;
}

// Marks of single tasks: as many as there are would make some by chance.
void mark_tasks(BenchResult& result) {
  std::vector<double> p_values;
  for (const BenchComparison& comparison : result.comparisons)
    for (const BenchTaskEffect& task : comparison.tasks) p_values.push_back(task.p_value);
  const std::vector<double> adjusted = benjamini_hochberg(p_values);
  std::size_t next = 0;
  for (BenchComparison& comparison : result.comparisons)
    for (BenchTaskEffect& task : comparison.tasks) {
      task.adjusted = adjusted[next++];
      const Verdict alone = decide(task.effect, result.rope);
      const bool is_sure = task.adjusted <= result.alpha || alone == Verdict::tie;
      task.verdict = is_sure ? alone : Verdict::undecided;
    }
}

void list_left_out(const BenchPlan& plan, const BenchScores& scores, BenchResult& result) {
  for (std::size_t task = 0; task < plan.tasks.size(); ++task)
    for (std::size_t host = 0; host < plan.hosts.size(); ++host) {
      bool is_tried = false;
      for (std::size_t system = 0; system < plan.systems.size(); ++system)
        is_tried = is_tried || (plan.systems[system].host == host && scores.at(task, system, 0) != nullptr);
      if (!is_tried || scores.scale(task, host)) continue;
      result.skipped.push_back(
          {.what = fmt::format("{} in {}", plan.tasks[task].name,
                               plan.hosts[host].empty() ? "whole learners" : plan.hosts[host]),
           .why = "no system gains more on a constant there than that varies from seed to seed: nothing to "
                  "compare"});
    }
}

void answer_claim(const BenchClaim& claim, BenchResult& result) {
  if (claim.text.empty()) return;
  result.claim = claim.text;
  const auto is_meant = [&](const BenchComparison& comparison) {
    return (claim.slot.empty() || comparison.slot == claim.slot) &&
           (claim.a.empty() || comparison.a == claim.a) && (claim.b.empty() || comparison.b == claim.b);
  };
  const auto found = std::ranges::find_if(result.comparisons, is_meant);
  if (found == result.comparisons.end()) {
    result.claim_verdict = "is not about anything that was compared";
    return;
  }
  const std::string verdict(verdict_name(found->verdict));
  const bool holds = std::ranges::find(claim.expects, verdict) != claim.expects.end();
  result.claim_verdict = holds                                  ? "holds here"
                         : found->verdict == Verdict::undecided ? "is not settled here"
                                                                : "does not hold here";
  result.claim_verdict += fmt::format(": {} against {} is {}", found->a, found->b, verdict);
}

}  // namespace

BenchScores::BenchScores(const BenchPlan& plan, std::size_t seeds)
    : plan_(plan), seeds_(seeds), outcomes_(plan.tasks.size() * plan.systems.size() * seeds) {}

void BenchScores::set(const BenchRow& row, BenchOutcome outcome) {
  outcomes_[(row.task * plan_.systems.size() + row.system) * seeds_ + row.seed] = std::move(outcome);
}

const BenchOutcome* BenchScores::at(std::size_t task, std::size_t system, std::size_t seed) const {
  const auto& outcome = outcomes_[(task * plan_.systems.size() + system) * seeds_ + seed];
  return outcome ? &*outcome : nullptr;
}

std::optional<double> BenchScores::gain(std::size_t task, std::size_t system, std::size_t seed) const {
  const BenchOutcome* outcome = at(task, system, seed);
  if (outcome == nullptr) return std::nullopt;
  const double sign = find_metric(plan_.tasks[task].task.metric)->higher_is_better ? 1 : -1;
  const double gain = sign * (outcome->score - outcome->floor);
  return std::isfinite(gain) ? std::max(gain, 0.0) : 0.0;
}

std::optional<double> BenchScores::scale(std::size_t task, std::size_t host) const {
  std::optional<double> best;
  for (std::size_t system = 0; system < plan_.systems.size(); ++system) {
    if (plan_.systems[system].host != host) continue;
    std::vector<double> gains;
    for (std::size_t seed = 0; seed < seeds_; ++seed)
      if (const auto value = gain(task, system, seed)) gains.push_back(*value);
    const double mean = mean_of(gains);
    if (mean > deviation_of(gains) && mean > best.value_or(0)) best = mean;
  }
  return best;
}

void judge_bench(const BenchPlan& plan, const BenchQuestion& question, const BenchScores& scores, Key key,
                 BenchResult& result) {
  result.alpha = question.alpha;
  result.rope = question.rope;
  result.confidence = 1 - question.alpha / static_cast<double>(plan.contrasts.size());
  for (const BenchContrast& contrast : plan.contrasts)
    result.comparisons.push_back(compare(plan, scores, contrast, result));
  mark_tasks(result);
  list_left_out(plan, scores, result);
  rank_parts(plan, scores, key, result);
  answer_claim(question.claim, result);
}

}  // namespace astrolabe
