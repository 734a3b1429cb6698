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
#include <nlohmann/json.hpp>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/search/study_facts.h"
#include "astrolabe/system/setting_ranges.h"
#include "astrolabe/system/slots.h"
#include "astrolabe/train/step_memory.h"
#include "astrolabe/workflow/out_of_fold.h"

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

// Bytes of the fitted models, as they would be in a file.
std::size_t size_of(const CrossValidation& tried) {
  std::size_t bytes = 0;
  for (const FittedCandidate& fold : tried.fitted) {
    ArchiveWriter archive;
    fold.model->save(archive);
    bytes += archive.bytes().size();
  }
  return bytes;
}

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

// Whoever runs without a break has every parent at hand.
static_assert(kParents <= kKeptSystems);

TrialRunner::TrialRunner(const SystemSearchRequest& request)
    : request_(request), metric_(*find_metric(request.task.metric)), spared_(request.space.learner_count()) {}

Candidate TrialRunner::candidate_of(const FilledSystem& system, std::uint64_t trial) const {
  Candidate candidate{
      .learner = find_learner(system.learner), .settings = system.settings, .name = system.label};
  ASTROLABE_CHECK(candidate.learner != nullptr, "a space names learners of the catalogue");
  candidate.settings.merge(settings_for_metric(*candidate.learner, request_.task.metric));
  if (request_.from != nullptr) {
    candidate.from = request_.from->of_learner(system.learner);
    candidate.transfer = candidate.from == nullptr ? nullptr : request_.from->transfer_of(system.learner);
  }
  candidate.taught = request_.taught;
  // Growing nets differ by this alone.
  if (request_.keeps_one)
    if (const auto net = system.settings.find("architecture"); net != system.settings.end())
      candidate.name = fmt::format("{} {}", system.learner, format_setting(net->second));
  // The first of each learner stands for it; names are unique, so others carry their number.
  // A long formula is cut; a long list of tuned settings says nothing at a glance.
  constexpr std::size_t kLongName = 48;
  const bool is_long = candidate.name.size() > kLongName;
  if (is_long && system.nodes == 0) candidate.name = system.learner;
  if (is_long && system.nodes > 0) candidate.name.replace(kLongName - 3, std::string::npos, "...");
  if (trial > spared_) candidate.name += fmt::format(" #{}", trial);
  return candidate;
}

void TrialRunner::show(std::string best, std::string counts) {
  best_ = std::move(best);
  counts_ = std::move(counts);
}

CrossValidation TrialRunner::validate(const Plan& plan, const Budget& budget,
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
    Plan plan{.system = request_.space.fill(point), .candidate = {}};
    plan.candidate = candidate_of(plan.system, 0);
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

TrialEnd TrialRunner::end_of(const CrossValidation& tried, const Plan& plan) const {
  const double sign = metric_.higher_is_better ? -1 : 1;
  const double score = score_rows(metric_, tried.rows, tried.out_of_fold, request_.labels);
  if (!std::isfinite(score))
    return {.state = TrialState::failed,
            .reason = fmt::format("{}: its {} is not finite", tried.candidate.name, metric_.title),
            .outcome = {}};
  // Resampling would cost more than some of the fits.
  const auto folds = static_cast<double>(request_.folds.size());
  Estimate range =
      metric_.interval == IntervalMethod::bootstrap
          ? corrected_resampled_t(tried.fold_scores, 1 / (folds - 1))
          : estimate(metric_, judge(tried.rows, tried.out_of_fold, request_.labels).scored(), request_.key);
  if (!std::isfinite(range.low) || !std::isfinite(range.high)) range.low = range.high = score;
  nlohmann::ordered_json outcome = {
      {"system", tried.candidate.name},   {"settings", format_settings(tried.candidate.settings)},
      {kNodesOutcome, plan.system.nodes}, {kFormulasOutcome, formulas_of_system(request_.space, plan.system)},
      {kMemoryOutcome, size_of(tried)},   {kLatencyOutcome, latency_of(tried, request_.table, request_.pool)},
      {"folds", tried.fold_scores},       {"summary", tried.fitted.front().model->summary()},
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

TrialEnd TrialRunner::pruned_end(const RunningTrial& trial, const Plan& plan, const StepCost& step) {
  nlohmann::ordered_json outcome = {{kNodesOutcome, plan.system.nodes}};
  if (plan.growth) outcome[kGrownFromOutcome] = *plan.grown_from;
  return {.state = TrialState::pruned,
          .cost = step.cost,
          .low = step.low,
          .high = step.high,
          .reason = trial.why_stopped(),
          .outcome = outcome.dump()};
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
  Plan plan{.system = request_.space.fill(trial.point()), .candidate = {}};
  plan.candidate = candidate_of(plan.system, trial.id());
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
    if (passes && !*passes) return pruned_end(trial, plan, step);
    if (!is_spared) grow_if_possible(trial.id(), plan);
    bool is_pruned = false;
    CrossValidation tried = validate(plan, budget, [&](const CrossValidation& so_far) {
      if (!is_spared && !so_far.settled) return false;
      step = step_cost(so_far);
      is_pruned = std::isfinite(step.cost) && !trial.report(step) && !is_spared;
      return !is_pruned;
    });
    if (is_pruned) return pruned_end(trial, plan, step);
    // What the clock changed would be another system without it: such a trial waits for more time.
    if (tried.fitted.empty() || (!is_spared && !(tried.complete && tried.settled))) return std::nullopt;
    TrialEnd end = end_of(tried, plan);
    if (end.state == TrialState::complete)
      keep(trial.id(), end.cost, std::make_shared<const CrossValidation>(std::move(tried)));
    return end;
  } catch (const Error& error) {
    // What a system does wrong ends the system, not the search.
    if (error.kind() != ErrorKind::usage && error.kind() != ErrorKind::nothing_fitted) throw;
    return TrialEnd{.state = TrialState::failed, .reason = error.what(), .outcome = {}};
  }
}

bool TrialRunner::grow(const TrialRecord& parent, Plan& plan) {
  const std::shared_ptr<const CrossValidation> whole = fitted(parent);
  if (whole == nullptr) return false;
  plan.growth = plan_growth(whole);
  if (!plan.growth) return false;
  plan.grown_from = parent.id;
  plan.candidate.name += fmt::format(" (grown from #{})", parent.id);
  return true;
}

void TrialRunner::grow_if_possible(std::uint64_t trial, Plan& plan) {
  // One start is enough.
  if (!request_.warm_start || plan.candidate.from != nullptr || !has_growing_nets(request_.space)) return;
  const std::optional<TrialRecord> parent =
      find_parent({.trial = trial, .system = plan.system, .space = request_.space, .store = request_.store});
  if (parent && !grow(*parent, plan)) plan.why_not = fmt::format("trial {} is not to be had", parent->id);
}

void TrialRunner::keep(std::uint64_t trial, double cost, std::shared_ptr<const CrossValidation> tried) {
  const bool has_limit = request_.budget.memory_limit() != std::numeric_limits<std::uint64_t>::max();
  const std::size_t bytes = has_limit ? size_of(*tried) : 0;
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
  Plan plan{.system = request_.space.fill(parse_point(request_.space.space(), record.what.point)),
            .candidate = {}};
  if (!is_affordable(plan.system.learner)) return nullptr;
  plan.candidate = candidate_of(plan.system, record.id);
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
