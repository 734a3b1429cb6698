// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/selection.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/workflow/out_of_fold.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMostSteps = 16;    // of a growing mean
constexpr std::size_t kNamedMembers = 3;  // of a mean; others are counted

void choose_one(Selection& selection, std::size_t index) {
  selection.chosen = {index};
  selection.weights = {1.0};
  selection.system = selection.tried[index].candidate.name;
  selection.rows = selection.tried[index].rows;
  selection.out_of_fold = selection.tried[index].out_of_fold;
}

// Rows that are looked at while a mean grows: enough to tell, few enough to look often.
std::vector<std::size_t> places_to_judge(std::size_t rows, std::size_t outputs) {
  constexpr std::size_t kMostRows = 20'000;
  constexpr std::size_t kMostNumbers = 200'000;
  const std::size_t most = std::clamp<std::size_t>(kMostNumbers / outputs, 500, kMostRows);
  const std::size_t step = (rows + most - 1) / most;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < rows; i += std::max<std::size_t>(1, step)) places.push_back(i);
  return places;
}

std::vector<double> at_places(const std::vector<double>& predictions, std::span<const std::size_t> places,
                              std::size_t outputs) {
  std::vector<double> taken;
  taken.reserve(places.size() * outputs);
  for (const std::size_t place : places)
    for (std::size_t k = 0; k < outputs; ++k) taken.push_back(predictions[place * outputs + k]);
  return taken;
}

// Greedy selection with repetition. How often each was taken, in the order of `order`.
std::vector<std::size_t> grow_mean(const Selection& selection, std::span<const std::size_t> order,
                                   const Labels& labels, const Metric& metric) {
  const std::vector<std::size_t> places = places_to_judge(selection.rows.size(), labels.outputs());
  std::vector<RowIndex> rows;
  for (const std::size_t place : places) rows.push_back(selection.rows[place]);
  std::vector<std::vector<double>> predictions;
  for (const std::size_t index : order)
    predictions.push_back(at_places(selection.tried[index].out_of_fold, places, labels.outputs()));
  std::vector<std::size_t> taken(order.size(), 0), best_taken;
  std::vector<double> sum(places.size() * labels.outputs(), 0.0), mean(sum.size());
  double best = 0;
  // A member that does not help yet may make room for one that does: two parts of the best and one of
  // another.
  for (std::size_t step = 0; step < kMostSteps; ++step) {
    std::size_t winner = 0;
    double winning = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
      for (std::size_t k = 0; k < sum.size(); ++k)
        mean[k] = (sum[k] + predictions[i][k]) / static_cast<double>(step + 1);
      const double score = score_rows(metric, rows, mean, labels);
      if (i > 0 && !metric.better(score, winning)) continue;
      winner = i;
      winning = score;
    }
    ++taken[winner];
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += predictions[winner][k];
    if (step > 0 && !metric.better(winning, best)) continue;
    best = winning;
    best_taken = taken;
  }
  return best_taken;
}

void consider_mean(Selection& selection, const Labels& labels, const Metric& metric) {
  const std::vector<std::size_t> order = ranked_systems(selection, labels, metric);
  if (order.size() < 2) return;
  const std::vector<std::size_t> taken = grow_mean(selection, order, labels, metric);
  std::vector<std::size_t> members;
  std::vector<double> weights, mean(selection.out_of_fold.size(), 0.0);
  const auto total = static_cast<double>(std::accumulate(taken.begin(), taken.end(), std::size_t{0}));
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (taken[i] == 0) continue;
    members.push_back(order[i]);
    weights.push_back(static_cast<double>(taken[i]) / total);
    for (std::size_t k = 0; k < mean.size(); ++k)
      mean[k] += weights.back() * selection.tried[order[i]].out_of_fold[k];
  }
  const double alone = score_rows(metric, selection.rows, selection.out_of_fold, labels);
  if (members.size() < 2 || !metric.better(score_rows(metric, selection.rows, mean, labels), alone)) return;
  selection.chosen = std::move(members);
  selection.weights = std::move(weights);
  selection.system = name_of_several(selection, selection.chosen, "mean");
  selection.out_of_fold = std::move(mean);
}

}  // namespace

Selection select_system(std::vector<CrossValidation> tried, const Labels& labels, const Task& task) {
  ASTROLABE_CHECK(!tried.empty(), "a run fits its baseline, whatever the time");
  const Metric& metric = *find_metric(task.metric);
  Selection selection;
  selection.tried = std::move(tried);
  choose_one(selection, 0);
  for (std::size_t i = 1; i < selection.tried.size(); ++i) {
    if (beats(metric, selection.tried[i], selection.tried[selection.chosen[0]], labels))
      choose_one(selection, i);
  }
  consider_mean(selection, labels, metric);
  return selection;
}

std::vector<std::size_t> ranked_systems(const Selection& selection, const Labels& labels,
                                        const Metric& metric) {
  const Learner* floor = selection.tried[0].candidate.learner;
  std::vector<std::pair<double, std::size_t>> scored;
  for (std::size_t i = 0; i < selection.tried.size(); ++i) {
    const CrossValidation& tried = selection.tried[i];
    if (tried.rows != selection.rows || tried.candidate.learner == floor) continue;
    scored.emplace_back(score_rows(metric, tried.rows, tried.out_of_fold, labels), i);
  }
  std::ranges::sort(scored, [&](const auto& a, const auto& b) {
    if (metric.better(a.first, b.first)) return true;
    return !metric.better(b.first, a.first) && a.second < b.second;
  });
  std::vector<std::size_t> order;
  for (const auto& [score, index] : scored) order.push_back(index);
  return order;
}

std::string name_of_several(const Selection& selection, std::span<const std::size_t> members,
                            std::string_view what) {
  std::vector<std::string> names;
  for (const std::size_t i : members) names.push_back(selection.tried[i].candidate.name);
  std::string last = names.back();
  if (names.size() > kNamedMembers + 1) {
    last = fmt::format("{} more", names.size() - kNamedMembers);
    names.resize(kNamedMembers + 1);
  }
  names.pop_back();
  return fmt::format("{} of {} and {}", what, join(names, ", "), last);
}

std::vector<double> put_together(const Selection& selection, std::size_t outputs,
                                 std::span<const std::vector<double>> predictions) {
  std::vector<double> together(predictions[0].size(), 0.0);
  for (std::size_t k = 0; k < predictions.size(); ++k) {
    if (selection.stack) {
      selection.stack->add(k, predictions[k], together);
    } else {
      for (std::size_t i = 0; i < together.size(); ++i)
        together[i] += selection.weights[k] * predictions[k][i];
    }
  }
  if (selection.stack) selection.stack->finish(together, outputs);
  return together;
}

ChosenCalibration choose_calibration(const Selection& selection, const Labels& labels, const Task& task,
                                     Predictor predictor, Key key) {
  return choose_calibration(judge(selection.rows, selection.out_of_fold, labels).scored(),
                            *find_metric(task.metric), predictor, key);
}

std::vector<Member> members_of(const Selection& selection) {
  std::vector<Member> members;
  for (std::size_t i = 0; i < selection.chosen.size(); ++i) {
    const CrossValidation& tried = selection.tried[selection.chosen[i]];
    const double weight = selection.weights[i] / static_cast<double>(tried.fitted.size());
    for (std::size_t fold = 0; fold < tried.fitted.size(); ++fold) {
      SettingValues settings = tried.found[fold];
      settings.insert(tried.candidate.settings.begin(), tried.candidate.settings.end());
      members.push_back({.learner = std::string(tried.candidate.learner->name()),
                         .settings = std::move(settings),
                         .weight = weight,
                         .system = selection.stack ? i : 0,
                         .encoder = tried.fitted[fold].encoder,
                         .model = tried.fitted[fold].model});
    }
  }
  return members;
}

}  // namespace astrolabe
