// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/trial_runner.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/system/setting_ranges.h"
#include "astrolabe/train/step_memory.h"
#include "astrolabe/workflow/out_of_fold.h"
#include "astrolabe/workflow/trial_end.h"

namespace astrolabe {
namespace {

constexpr std::size_t kProbeStep = 0;
constexpr std::size_t kProbedPerValid = 4;  // rows of a shortened probe for each that judges it
constexpr std::size_t kWholeStep = 1;

// Folds of the first whole step: two where they are fitted side by side.
std::size_t first_stage(const Learner& learner, std::size_t folds) {
  return std::min<std::size_t>(learner.prefers_one_thread() ? 2 : 1, folds);
}

// At most so many of the rows, evenly spaced: sorted classes keep their shares. 0: all.
std::vector<RowIndex> spread(const std::vector<RowIndex>& rows, std::size_t most) {
  if (most == 0 || rows.size() <= most) return rows;
  std::vector<RowIndex> some(most);
  for (std::size_t i = 0; i < most; ++i) some[i] = rows[i * rows.size() / most];
  return some;
}

}  // namespace

// Whoever runs without a break has every parent at hand.
static_assert(kParents <= kKeptSystems);

TrialRunner::TrialRunner(const SystemSearchRequest& request)
    : request_(request), metric_(*find_metric(request.task.metric)), spared_(request.space.learner_count()) {}

void TrialRunner::show(std::string best, std::string counts) {
  best_ = std::move(best);
  counts_ = std::move(counts);
}

CrossValidation TrialRunner::validate(const TrialPlan& plan, const Budget& budget,
                                      const std::function<bool(const CrossValidation&)>& after_stage) {
  const Candidate& candidate = plan.candidate;
  const std::size_t folds = request_.folds.size();
  std::string words;  // of the learner about its fit
  const auto show = [&](std::size_t fold, double fraction) {
    keep_alive();
    ProgressEvent event{.stage = fmt::format("{}{}, fold {} of {}{}{}", counts_, candidate.name, fold + 1,
                                             folds, words.empty() ? "" : ", ", words),
                        .fraction = -1,
                        .seconds_left = -1,
                        .best = best_};
    if (request_.budget.has_deadline()) {
      event.seconds_left = request_.budget.seconds_left();
      event.fraction = request_.budget.seconds_used() / request_.budget.seconds_limit();
    } else {
      event.fraction =
          (static_cast<double>(fold) + std::clamp(fraction, 0.0, 1.0)) / static_cast<double>(folds);
    }
    request_.progress.update(event);
  };
  CrossValidation tried =
      cross_validate(candidate, {.table = request_.table,
                                 .labels = request_.labels,
                                 .task = request_.task,
                                 .folds = request_.folds,
                                 .key = request_.key.split(candidate.learner->name()),
                                 .pool = request_.pool,
                                 .budget = budget,
                                 .progress = show,
                                 .tell = [&](std::size_t, std::string_view told) { words = told; },
                                 .stage = first_stage(*candidate.learner, folds),
                                 .after_stage = after_stage,
                                 .starts = plan.growth ? std::span<const FoldStart>(plan.growth->starts)
                                                       : std::span<const FoldStart>()});
  if (plan.growth) {
    tried.parent = plan.growth->parent;
    return tried;  // what it took says nothing of others
  }
  FoldTimes& times = fold_times_[std::string(candidate.learner->name())];
  times.seconds += tried.seconds;
  times.folds += static_cast<double>(tried.fitted.size());
  return tried;
}

// A fit may take longer than a lease.
void TrialRunner::keep_alive() {
  constexpr std::chrono::seconds kOften{10};
  const auto now = std::chrono::steady_clock::now();
  if (running_ == nullptr || now - kept_alive_ < kOften) return;
  kept_alive_ = now;
  try {
    running_->keep_alive();
  } catch (const Error& error) {
    // A server that is away for a moment ends no fit; whoever writes the end will see.
    if (error.kind() != ErrorKind::try_again) throw;
  }
}

CrossValidation TrialRunner::run_baseline() {
  const Learner* learner = learners()[0];
  // It takes no time worth counting, and a run must not end without a model.
  CrossValidation tried = validate(
      {.system = {}, .candidate = {.learner = learner, .settings = {}, .name = std::string(learner->name())}},
      Budget(), {});
  if (!tried.fitted.empty()) return tried;
  throw nothing_fitted({.attempted = "fitting the first model",
                        .expected = "at least one fold of the baseline",
                        .found = "none in time",
                        .remedy = "Give more --time."});
}

std::vector<CrossValidation> TrialRunner::run_from_nothing() {
  std::vector<CrossValidation> tried;
  if (request_.from == nullptr) return tried;
  std::set<std::string> done;
  for (const Point& point : request_.space.first_points()) {
    TrialPlan plan = plan_trial(request_, request_.space.fill(point), 0);
    if (plan.candidate.from == nullptr || !done.insert(plan.system.learner).second) continue;
    plan.candidate.from = nullptr;
    plan.candidate.transfer = nullptr;
    plan.candidate.name = plan.system.learner + kFromNothing;
    // What goes on comes first for whoever asked for it: this may take a third of the time.
    const Budget budget = request_.budget.has_deadline()
                              ? request_.budget.slice(request_.budget.seconds_left() / 3)
                              : request_.budget;
    CrossValidation whole = validate(plan, budget, {});
    if (!whole.fitted.empty()) tried.push_back(std::move(whole));
  }
  fold_times_.clear();  // what it took says nothing of fits that go on
  return tried;
}

bool TrialRunner::is_affordable(const std::string& learner) const {
  if (!request_.budget.has_deadline()) return true;
  const auto known = fold_times_.find(learner);
  if (known == fold_times_.end()) return true;
  const auto folds = static_cast<double>(first_stage(*find_learner(learner), request_.folds.size()));
  return 1.5 * folds * known->second.seconds / std::max(1.0, known->second.folds) <
         request_.budget.seconds_left();
}

bool TrialRunner::is_affordable(const Point& point) const {
  if (!request_.budget.has_deadline()) return true;
  const std::string learner = request_.space.fill(point).learner;
  return !cut_.contains(learner) && is_affordable(learner);
}

// Of one system on the rows that it judged so far; the interval is that of the difference to the best system.
StepCost TrialRunner::step_cost(const CrossValidation& tried) {
  const double sign = metric_.higher_is_better ? -1 : 1;
  const double cost = sign * score_rows(metric_, tried.rows, tried.out_of_fold, request_.labels);
  StepCost step{.step = kWholeStep, .cost = cost, .low = cost, .high = cost};
  const std::vector<TrialRecord> best = request_.store.best(1);
  std::shared_ptr<const CrossValidation> champion;
  if (!best.empty()) champion = request_.is_shared ? kept(best[0].id) : fitted(best[0]);
  if (champion == nullptr || !std::isfinite(cost)) return step;
  const std::vector<RowIndex> both = common_rows(champion->rows, tried.rows);
  if (both.empty()) return step;
  const JudgedRows ours = judge_some(tried, both, request_.labels);
  const JudgedRows theirs = judge_some(*champion, both, request_.labels);
  const Estimate effect =
      paired_difference(metric_, ours.scored(), theirs.scored(), request_.key.split("race")).effect;
  if (!std::isfinite(effect.low) || !std::isfinite(effect.high)) return step;
  const double reach_up = sign > 0 ? effect.high - effect.value : effect.value - effect.low;
  const double reach_down = sign > 0 ? effect.value - effect.low : effect.high - effect.value;
  step.low = cost - std::max(0.0, reach_down);
  step.high = cost + std::max(0.0, reach_up);
  return step;
}

std::optional<bool> TrialRunner::passes_probe(RunningTrial& trial, const Candidate& candidate,
                                              StepCost& step) {
  // Without a star nobody is compared with what a probe says.
  if (request_.space.stars().empty()) return true;
  const std::string_view learner = candidate.learner->name();
  const std::size_t most = probe_rows(learner);
  // Nothing watches a fit whose length is given.
  const Fold fold{.train = spread(request_.folds[0].train, most),
                  .valid = spread(request_.folds[0].valid, most / kProbedPerValid)};
  Candidate cheap = candidate;
  const SettingValues settings = probe_settings(learner, candidate.settings, fold.train.size());
  if (settings.empty()) return true;
  for (const auto& [name, value] : settings) cheap.settings.insert_or_assign(name, value);
  const CrossValidation tried = cross_validate(cheap, {.table = request_.table,
                                                       .labels = request_.labels,
                                                       .task = request_.task,
                                                       .folds = std::span(&fold, 1),
                                                       .key = request_.key.split(candidate.learner->name()),
                                                       .pool = request_.pool,
                                                       .budget = request_.budget});
  if (!tried.complete) return std::nullopt;
  const double cost = (metric_.higher_is_better ? -1 : 1) * tried.fold_scores[0];
  // An undefined score says nothing of a system; the whole may still have one.
  if (!std::isfinite(cost)) return true;
  step = {.step = kProbeStep, .cost = cost, .low = cost, .high = cost};
  return trial.report(step) || trial.id() <= spared_;
}

std::optional<TrialEnd> TrialRunner::run(RunningTrial& trial) {
  // Forgotten whatever is thrown: the next fit must not keep a trial alive that is gone.
  struct Forget {
    RunningTrial*& running;
    ~Forget() { running = nullptr; }
  } const forget{running_};
  running_ = &trial;
  kept_alive_ = std::chrono::steady_clock::now();
  std::optional<TrialEnd> end = try_system(trial);
  if (!end && trial.id() > spared_) cut_.insert(request_.space.fill(trial.point()).learner);
  return end;
}

std::optional<TrialEnd> TrialRunner::try_system(RunningTrial& trial) {
  TrialPlan plan = plan_trial(request_, request_.space.fill(trial.point()), trial.id());
  if (!is_affordable(plan.system.learner)) return std::nullopt;
  const bool is_spared = trial.id() <= spared_;
  // The first systems share the time, so that each learner has its turn.
  const Budget budget = is_spared && request_.budget.has_deadline()
                            ? request_.budget.slice(request_.budget.seconds_left() * 1.5 /
                                                    (static_cast<double>(spared_ - trial.id()) + 1.5))
                            : request_.budget;
  try {
    StepCost step;
    const std::optional<bool> passes = passes_probe(trial, plan.candidate, step);
    if (passes && !*passes) return pruned_end(plan, step, trial.why_stopped());
    if (!is_spared) grow_if_possible(trial.id(), plan);
    bool is_pruned = false;
    CrossValidation tried = validate(plan, budget, [&](const CrossValidation& so_far) {
      if (!is_spared && !so_far.settled) return false;
      step = step_cost(so_far);
      is_pruned = std::isfinite(step.cost) && !trial.report(step) && !is_spared;
      return !is_pruned;
    });
    if (is_pruned) return pruned_end(plan, step, trial.why_stopped());
    // What the clock changed would be another system without it: such a trial waits for more time.
    if (tried.fitted.empty() || (!is_spared && !(tried.complete && tried.settled))) return std::nullopt;
    TrialEnd end = complete_end(request_, plan, tried);
    if (end.state == TrialState::complete)
      keep(trial.id(), end.cost, std::make_shared<const CrossValidation>(std::move(tried)));
    return end;
  } catch (const Error& error) {
    // What a system does wrong ends the system, not the search.
    if (error.kind() != ErrorKind::usage && error.kind() != ErrorKind::nothing_fitted) throw;
    return TrialEnd{.state = TrialState::failed, .reason = error.what(), .outcome = {}};
  }
}

bool TrialRunner::grow(const TrialRecord& parent, TrialPlan& plan) {
  const std::shared_ptr<const CrossValidation> whole = fitted(parent);
  if (whole == nullptr) return false;
  plan.growth = plan_growth(whole);
  if (!plan.growth) return false;
  plan.grown_from = parent.id;
  plan.candidate.name += fmt::format(" (grown from #{})", parent.id);
  return true;
}

void TrialRunner::grow_if_possible(std::uint64_t trial, TrialPlan& plan) {
  // One start is enough.
  if (!request_.warm_start || plan.candidate.from != nullptr || !has_growing_nets(request_.space)) return;
  const std::optional<TrialRecord> parent =
      find_parent({.trial = trial, .system = plan.system, .space = request_.space, .store = request_.store});
  if (parent && !grow(*parent, plan)) plan.why_not = fmt::format("trial {} is not to be had", parent->id);
}

void TrialRunner::keep(std::uint64_t trial, double cost, std::shared_ptr<const CrossValidation> tried) {
  const bool has_limit = request_.budget.memory_limit() != std::numeric_limits<std::uint64_t>::max();
  const std::size_t bytes = has_limit ? model_bytes(*tried) : 0;
  kept_.insert_or_assign(trial, Kept{.cost = cost, .bytes = bytes, .tried = std::move(tried)});
  const auto forget_worst = [&](auto first) {
    kept_.erase(std::max_element(first, kept_.end(), [](const auto& one, const auto& other) {
      return std::pair(one.second.cost, one.first) < std::pair(other.second.cost, other.first);
    }));
  };
  // The first of each learner stay, for the leaderboard.
  const auto rest = kept_.upper_bound(spared_);
  if (std::distance(rest, kept_.end()) > static_cast<std::ptrdiff_t>(kKeptSystems)) forget_worst(rest);
  // Where memory is short nothing stays but the best: what is needed again is fitted again, if there is time.
  const auto held = [&] {
    return std::accumulate(kept_.begin(), kept_.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const auto& one) { return sum + one.second.bytes; });
  };
  // A step of a net may take as much (train/step_memory.h): what the program and its compiler leave, in
  // quarters.
  const std::size_t quarter = arena_within(request_.budget.memory_limit());
  while (has_limit && kept_.size() > 1 && held() > quarter) forget_worst(kept_.begin());
}

std::shared_ptr<const CrossValidation> TrialRunner::kept(std::uint64_t trial) const {
  const auto found = kept_.find(trial);
  return found == kept_.end() ? nullptr : found->second.tried;
}

std::shared_ptr<const CrossValidation> TrialRunner::fitted(const TrialRecord& record) {
  if (std::shared_ptr<const CrossValidation> known = kept(record.id)) return known;
  if (request_.budget.should_stop()) return nullptr;
  FilledSystem system = request_.space.fill(parse_point(request_.space.space(), record.what.point));
  if (!is_affordable(system.learner)) return nullptr;
  TrialPlan plan = plan_trial(request_, std::move(system), record.id);
  if (const std::optional<std::uint64_t> from = parent_in(record.end.outcome)) {
    const std::optional<TrialRecord> parent = request_.store.trial(*from);
    // A line goes back in time: what says otherwise was not written here.
    if (!parent || parent->id >= record.id || !grow(*parent, plan)) return nullptr;
  }
  auto tried = std::make_shared<const CrossValidation>(validate(plan, request_.budget, {}));
  if (!tried->complete || !tried->settled) return nullptr;
  keep(record.id, record.end.cost, tried);
  return tried;
}

}  // namespace astrolabe
