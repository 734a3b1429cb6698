// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/describe_choice.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace astrolabe {
namespace {

constexpr std::size_t kMostErrors = 200'000;
constexpr std::size_t kMostCurves = 6;  // systems

// The errors of one system at every so manyth row, with a mean of 0.
std::vector<double> errors_of(const CrossValidation& tried, const Labels& labels, std::size_t step) {
  const std::size_t outputs = labels.outputs();
  std::vector<double> errors;
  for (std::size_t at = 0; at < tried.rows.size(); at += step) {
    const double truth = labels.values[tried.rows[at]];
    for (std::size_t k = 0; k < outputs; ++k) {
      const double wanted = outputs == 1 ? truth : truth == static_cast<double>(k) ? 1 : 0;
      errors.push_back(wanted - tried.out_of_fold[at * outputs + k]);
    }
  }
  const double mean = std::accumulate(errors.begin(), errors.end(), 0.0) / static_cast<double>(errors.size());
  for (double& error : errors) error -= mean;
  return errors;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const double both = std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
  const double own = std::inner_product(a.begin(), a.end(), a.begin(), 0.0) *
                     std::inner_product(b.begin(), b.end(), b.begin(), 0.0);
  return own > 0 ? std::clamp(both / std::sqrt(own), -1.0, 1.0) : std::nan("");
}

FitCurves curves_of(const CrossValidation& tried) {
  FitCurves curves{.system = tried.candidate.name, .folds = {}};
  for (const FitCurve& curve : tried.curves)
    if (curve.steps.size() > 1) curves.folds.push_back(curve);
  return curves;
}

}  // namespace

Ensemble describe_ensemble(const Selection& selection, const Labels& labels,
                           std::span<const LeaderboardRow> leaderboard) {
  std::vector<std::size_t> order(selection.chosen.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater(),
                           [&](std::size_t k) { return selection.weights[k]; });
  Ensemble ensemble{.members = {},
                    .is_stack = selection.stack.has_value(),
                    .correlation = {},
                    .rows = selection.rows.size()};
  const std::size_t numbers = selection.rows.size() * labels.outputs();
  std::vector<std::vector<double>> errors;
  for (const std::size_t k : order) {
    const CrossValidation& tried = selection.tried[selection.chosen[k]];
    const auto row = std::ranges::find(leaderboard, tried.candidate.name, &LeaderboardRow::system);
    ensemble.members.push_back(
        {.system = tried.candidate.name,
         .learner = std::string(tried.candidate.learner->name()),
         .weight = selection.weights[k],
         .validation = row == leaderboard.end() ? Estimate::undefined(std::nan("")) : row->validation,
         .fold_scores = tried.fold_scores});
    if (order.size() > 1) errors.push_back(errors_of(tried, labels, 1 + numbers / kMostErrors));
  }
  for (const auto& a : errors)
    for (const auto& b : errors) ensemble.correlation.push_back(correlation(a, b));
  return ensemble;
}

std::vector<FitCurves> describe_fits(const Selection& selection,
                                     std::span<const LeaderboardRow> leaderboard) {
  std::vector<FitCurves> fits;
  const auto add = [&](const CrossValidation& tried) {
    const bool is_there = std::ranges::find(fits, tried.candidate.name, &FitCurves::system) != fits.end();
    if (is_there || fits.size() == kMostCurves) return;
    FitCurves curves = curves_of(tried);
    if (!curves.folds.empty()) fits.push_back(std::move(curves));
  };
  for (const std::size_t index : selection.chosen) add(selection.tried[index]);
  for (const LeaderboardRow& row : leaderboard)
    for (const CrossValidation& tried : selection.tried)
      if (tried.candidate.name == row.system) add(tried);
  return fits;
}

}  // namespace astrolabe
