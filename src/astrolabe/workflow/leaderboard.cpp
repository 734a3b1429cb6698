// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "astrolabe/workflow/out_of_fold.h"
#include "astrolabe/workflow/selection.h"

namespace astrolabe {
namespace {

constexpr double kTieLevel = 0.05;

// A system that can stand on the leaderboard: a candidate, or the chosen mean.
struct Entry {
  LeaderboardRow row;
  std::vector<RowIndex> rows;
  std::vector<double> out_of_fold;
};

std::string how_it_ended(const CrossValidation& tried, std::size_t folds) {
  if (tried.fitted.size() < folds)
    return fmt::format("cut short: {} of {} folds done", tried.fitted.size(), folds);
  const auto cut =
      std::ranges::count_if(tried.fitted, [](const auto& fold) { return fold.model->was_cut_short(); });
  return fmt::format("cut short in {} of {} folds", cut, folds);
}

Entry entry_of(const CrossValidation& tried, std::size_t folds) {
  Entry entry{.row = {}, .rows = tried.rows, .out_of_fold = tried.out_of_fold};
  entry.row.system = tried.candidate.name;
  entry.row.learner = std::string(tried.candidate.learner->name());
  entry.row.settings = tried.candidate.settings;
  entry.row.folds_done = tried.fold_scores.size();
  entry.row.folds = folds;
  entry.row.seconds = tried.seconds;
  entry.row.was_cut_short = !tried.complete;
  entry.row.note = tried.complete ? tried.fitted.front().model->summary() : how_it_ended(tried, folds);
  return entry;
}

Entry entry_of_mean(const Selection& selection, std::size_t folds) {
  Entry entry{.row = {}, .rows = selection.rows, .out_of_fold = selection.out_of_fold};
  entry.row.system = selection.system;
  entry.row.folds_done = selection.tried[selection.chosen[0]].fold_scores.size();
  entry.row.folds = folds;
  for (const std::size_t index : selection.chosen) entry.row.seconds += selection.tried[index].seconds;
  entry.row.note =
      selection.stack ? "a second level over their predictions" : "the mean of their predictions";
  return entry;
}

JudgedRows judge_common(const Entry& entry, std::span<const RowIndex> common, const Labels& labels) {
  CrossValidation view;
  view.rows = entry.rows;
  view.out_of_fold = entry.out_of_fold;
  return judge_some(view, common, labels);
}

Difference difference_to(const Entry& best, const Entry& other, const Metric& metric, const Labels& labels,
                         Key key) {
  const std::vector<RowIndex> both = common_rows(other.rows, best.rows);
  return paired_difference(metric, judge_common(other, both, labels).scored(),
                           judge_common(best, both, labels).scored(), key.split(other.row.system));
}

}  // namespace

std::vector<LeaderboardRow> make_leaderboard(const Selection& selection, const Labels& labels,
                                             const Task& task, std::size_t folds, Key key) {
  const Metric& metric = *find_metric(task.metric);
  std::vector<Entry> entries;
  for (const CrossValidation& tried : selection.tried) entries.push_back(entry_of(tried, folds));
  if (selection.chosen.size() > 1) entries.push_back(entry_of_mean(selection, folds));
  for (Entry& entry : entries) {
    entry.row.is_best = entry.row.system == selection.system;
    entry.row.validation =
        estimate(metric, judge(entry.rows, entry.out_of_fold, labels).scored(), key.split(entry.row.system));
  }
  // What was chosen leads; the others by their value.
  std::stable_sort(entries.begin(), entries.end(), [&](const Entry& a, const Entry& b) {
    if (a.row.is_best != b.row.is_best) return a.row.is_best;
    return metric.better(a.row.validation.value, b.row.validation.value);
  });

  std::vector<double> p_values;
  for (std::size_t i = 1; i < entries.size(); ++i) {
    entries[i].row.to_best = difference_to(entries[0], entries[i], metric, labels, key);
    p_values.push_back(entries[i].row.to_best->p_value);
  }
  const std::vector<double> adjusted = holm_adjust(p_values);
  std::vector<LeaderboardRow> rows;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    entries[i].row.is_tie = i > 0 && !(adjusted[i - 1] <= kTieLevel);
    rows.push_back(std::move(entries[i].row));
  }
  return rows;
}

}  // namespace astrolabe
