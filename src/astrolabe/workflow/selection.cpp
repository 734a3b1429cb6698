// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/selection.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/workflow/out_of_fold.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMaxMeanMembers = 4;

// What one candidate may spend. Main candidates share what is left; a variant may take all of it.
Budget share_of(const SelectionRequest& request, std::size_t index) {
  if (index == 0)
    return Budget();  // the baseline takes no time worth counting, and a run must not end without a model
  if (!request.budget.has_deadline() || index + 1 >= request.variants_from) return request.budget;
  const auto waiting = static_cast<double>(request.variants_from - index);
  return request.budget.slice(request.budget.seconds_left() * 1.5 / (waiting + 0.5));
}

// A variant costs about what its learner's default took; without time for that it is not started.
bool is_affordable(const SelectionRequest& request, const Selection& selection, std::size_t index) {
  if (index == 0) return true;
  if (request.budget.should_stop()) return false;
  if (index < request.variants_from || !request.budget.has_deadline()) return true;
  double cost = 0;
  for (const CrossValidation& done : selection.tried) {
    if (done.candidate.learner == request.candidates[index].learner) cost = std::max(cost, done.seconds);
  }
  return 1.5 * cost < request.budget.seconds_left();
}

CrossValidation try_candidate(const SelectionRequest& request, const std::string& best, std::size_t index) {
  const Candidate& candidate = request.candidates[index];
  const Budget budget = share_of(request, index);
  std::string words;  // of the learner about its fit
  const auto show = [&](std::size_t fold, double fraction) {
    const auto folds = static_cast<double>(request.folds.size());
    const double of_candidate = (static_cast<double>(fold) + std::clamp(fraction, 0.0, 1.0)) / folds;
    const double work =
        (static_cast<double>(index) + of_candidate) / static_cast<double>(request.candidates.size());
    ProgressEvent event{.stage = fmt::format("{}, fold {} of {}{}{}", candidate.name, fold + 1,
                                             request.folds.size(), words.empty() ? "" : ", ", words),
                        .fraction = work,
                        .seconds_left = -1,
                        .best = best};
    if (request.budget.has_deadline()) {
      event.seconds_left = request.budget.seconds_left();
      event.fraction = std::max(work, request.budget.seconds_used() / request.budget.seconds_limit());
    }
    request.progress.update(event);
  };
  return cross_validate(candidate, {.table = request.table,
                                    .labels = request.labels,
                                    .task = request.task,
                                    .folds = request.folds,
                                    .key = request.key.split(candidate.name),
                                    .pool = request.pool,
                                    .budget = budget,
                                    .progress = show,
                                    .tell = [&](std::size_t, std::string_view told) { words = told; }});
}

// "AUC 0.9283, trees": what the progress shows.
std::string best_so_far(const SelectionRequest& request, const Selection& selection, const Metric& metric) {
  if (selection.tried.empty()) return "";
  const double score = score_rows(metric, selection.rows, selection.out_of_fold, request.labels);
  return fmt::format("{} {}, {}", metric.title, format_score(score), selection.system);
}

void choose_one(Selection& selection, std::size_t index) {
  selection.chosen = {index};
  selection.system = selection.tried[index].candidate.name;
  selection.rows = selection.tried[index].rows;
  selection.out_of_fold = selection.tried[index].out_of_fold;
}

// Indices of `tried` that judged the same rows as the choice, best first.
std::vector<std::size_t> ranked(const Selection& selection, const SelectionRequest& request,
                                const Metric& metric) {
  std::vector<std::pair<double, std::size_t>> scored;
  for (std::size_t i = 0; i < selection.tried.size(); ++i) {
    const CrossValidation& tried = selection.tried[i];
    if (tried.rows != selection.rows) continue;
    scored.emplace_back(score_rows(metric, tried.rows, tried.out_of_fold, request.labels), i);
  }
  std::stable_sort(scored.begin(), scored.end(),
                   [&](const auto& a, const auto& b) { return metric.better(a.first, b.first); });
  std::vector<std::size_t> order;
  for (const auto& [score, index] : scored) order.push_back(index);
  return order;
}

std::string name_of_mean(const Selection& selection, const std::vector<std::size_t>& members) {
  std::vector<std::string> names;
  for (const std::size_t i : members) names.push_back(selection.tried[i].candidate.name);
  const std::string last = names.back();
  names.pop_back();
  return fmt::format("mean of {} and {}", join(names, ", "), last);
}

// The mean of the best two, three, four: taken when it beats the best alone out of fold.
void consider_means(Selection& selection, const SelectionRequest& request, const Metric& metric) {
  const std::vector<std::size_t> order = ranked(selection, request, metric);
  double best = score_rows(metric, selection.rows, selection.out_of_fold, request.labels);
  std::vector<double> sum(selection.out_of_fold.size(), 0.0);
  std::vector<std::size_t> members;
  const Learner* floor = request.candidates[0].learner;
  for (const std::size_t index : order) {
    const CrossValidation& tried = selection.tried[index];
    if (members.size() == kMaxMeanMembers || tried.candidate.learner == floor) break;
    members.push_back(index);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += tried.out_of_fold[i];
    if (members.size() < 2) continue;
    std::vector<double> mean = sum;
    for (double& value : mean) value /= static_cast<double>(members.size());
    const double score = score_rows(metric, selection.rows, mean, request.labels);
    if (!metric.better(score, best)) continue;
    best = score;
    selection.chosen = members;
    selection.system = name_of_mean(selection, members);
    selection.out_of_fold = std::move(mean);
  }
}

}  // namespace

Selection select_system(const SelectionRequest& request) {
  const Metric& metric = *find_metric(request.task.metric);
  Selection selection;
  for (std::size_t i = 0; i < request.candidates.size(); ++i) {
    if (!is_affordable(request, selection, i)) continue;
    CrossValidation tried = try_candidate(request, best_so_far(request, selection, metric), i);
    if (tried.fold_scores.empty()) continue;
    selection.tried.push_back(std::move(tried));
    const std::size_t last = selection.tried.size() - 1;
    if (last == 0 ||
        beats(metric, selection.tried[last], selection.tried[selection.chosen[0]], request.labels)) {
      choose_one(selection, last);
      if (request.on_better) request.on_better(selection);
    }
  }
  if (selection.tried.empty()) {
    throw nothing_fitted({.attempted = "fitting the first model",
                          .expected = "at least one fold of the baseline",
                          .found = "none in time",
                          .remedy = "Give more --time."});
  }
  consider_means(selection, request, metric);
  return selection;
}

CandidateList list_candidates(const RunOptions& options, const std::string& metric) {
  CandidateList list;
  list.candidates.push_back(
      {.learner = learners()[0], .settings = {}, .name = std::string(learners()[0]->name())});
  std::vector<LearnerChoice> choices = options.learners;
  const bool is_open = choices.empty();
  if (is_open) {
    for (const Learner* learner : learners().subspan(1)) choices.push_back({std::string(learner->name())});
  }
  for (const LearnerChoice& choice : choices) {
    const Learner* learner = find_learner(choice.name);
    if (learner == learners()[0] && choice.settings.empty()) continue;
    std::string name = choice.name;
    const auto taken = [&](const Candidate& other) { return other.name == name; };
    for (int n = 2; std::any_of(list.candidates.begin(), list.candidates.end(), taken); ++n) {
      name = fmt::format("{} {}", choice.name, n);
    }
    list.candidates.push_back({.learner = learner, .settings = choice.settings, .name = name});
  }
  list.variants_from = list.candidates.size();
  for (const Learner* learner : is_open ? learners() : std::span<const Learner* const>{}) {
    for (const Variant& variant : variants_of(*learner)) {
      list.candidates.push_back({.learner = learner,
                                 .settings = variant.settings,
                                 .name = fmt::format("{} ({})", learner->name(), variant.label)});
    }
  }
  for (Candidate& candidate : list.candidates)
    candidate.settings.merge(settings_for_metric(*candidate.learner, metric));
  if (options.trials)
    list.candidates.resize(std::min(list.candidates.size(), std::max<std::size_t>(1, *options.trials)));
  list.variants_from = std::min(list.variants_from, list.candidates.size());
  return list;
}

std::vector<Member> members_of(const Selection& selection) {
  std::vector<Member> members;
  for (const std::size_t index : selection.chosen) {
    const CrossValidation& tried = selection.tried[index];
    const double weight = 1.0 / static_cast<double>(selection.chosen.size() * tried.fitted.size());
    for (std::size_t fold = 0; fold < tried.fitted.size(); ++fold) {
      SettingValues settings = tried.found[fold];
      settings.insert(tried.candidate.settings.begin(), tried.candidate.settings.end());
      members.push_back({.learner = std::string(tried.candidate.learner->name()),
                         .settings = std::move(settings),
                         .weight = weight,
                         .encoder = tried.fitted[fold].encoder,
                         .model = tried.fitted[fold].model});
    }
  }
  return members;
}

}  // namespace astrolabe
