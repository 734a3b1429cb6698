// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/selection.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/workflow/out_of_fold.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMaxMeanMembers = 4;

void choose_one(Selection& selection, std::size_t index) {
  selection.chosen = {index};
  selection.system = selection.tried[index].candidate.name;
  selection.rows = selection.tried[index].rows;
  selection.out_of_fold = selection.tried[index].out_of_fold;
}

// Indices of `tried` that judged the same rows as the choice, best first.
std::vector<std::size_t> ranked(const Selection& selection, const Labels& labels, const Metric& metric) {
  std::vector<std::pair<double, std::size_t>> scored;
  for (std::size_t i = 0; i < selection.tried.size(); ++i) {
    const CrossValidation& tried = selection.tried[i];
    if (tried.rows != selection.rows) continue;
    scored.emplace_back(score_rows(metric, tried.rows, tried.out_of_fold, labels), i);
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
void consider_means(Selection& selection, const Labels& labels, const Metric& metric) {
  const std::vector<std::size_t> order = ranked(selection, labels, metric);
  double best = score_rows(metric, selection.rows, selection.out_of_fold, labels);
  std::vector<double> sum(selection.out_of_fold.size(), 0.0);
  std::vector<std::size_t> members;
  const Learner* floor = selection.tried[0].candidate.learner;
  for (const std::size_t index : order) {
    const CrossValidation& tried = selection.tried[index];
    if (members.size() == kMaxMeanMembers || tried.candidate.learner == floor) break;
    members.push_back(index);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += tried.out_of_fold[i];
    if (members.size() < 2) continue;
    std::vector<double> mean = sum;
    for (double& value : mean) value /= static_cast<double>(members.size());
    const double score = score_rows(metric, selection.rows, mean, labels);
    if (!metric.better(score, best)) continue;
    best = score;
    selection.chosen = members;
    selection.system = name_of_mean(selection, members);
    selection.out_of_fold = std::move(mean);
  }
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
  consider_means(selection, labels, metric);
  return selection;
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
