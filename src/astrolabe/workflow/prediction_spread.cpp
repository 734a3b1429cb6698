// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/prediction_spread.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "astrolabe/evaluate/residual_range.h"
#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/workflow/prediction_range.h"

namespace astrolabe {
namespace {

constexpr std::size_t kFewestRows = 200;
constexpr std::size_t kMostRows = 50'000;  // to fit on
constexpr double kLeastSize = 1e-3;        // of a residual of mean size 1: a loss of amounts takes none of 0

// Few and shallow: sizes of residuals are mostly noise.
Candidate trees_of_spread(std::size_t rows) {
  const auto min_rows = static_cast<std::int64_t>(std::clamp<std::size_t>(rows / 100, 10, 200));
  return {.learner = find_learner("trees"),
          .settings = {{"loss", std::string("gamma")},
                       {"rounds", std::int64_t{60}},
                       {"learning_rate", 0.1},
                       {"max_leaves", std::int64_t{8}},
                       {"min_rows", min_rows}},
          .name = "spread"};
}

// Sizes of residuals, of which the mean is 1; none where they have no finite one above 0.
std::vector<double> sizes_of(std::span<const double> residuals) {
  double sum = 0;
  for (const double residual : residuals) sum += std::abs(residual);
  const double mean = sum / static_cast<double>(residuals.size());
  std::vector<double> sizes;
  if (!std::isfinite(mean) || !(mean > 0)) return sizes;
  for (const double residual : residuals) sizes.push_back(std::max(std::abs(residual) / mean, kLeastSize));
  return sizes;
}

// What is fitted here is simple: some of many rows are enough.
std::vector<Fold> folds_of(std::span<const Fold> folds) {
  std::vector<Fold> some;
  for (const Fold& fold : folds) {
    some.push_back({.train = {}, .valid = fold.valid});
    const std::size_t step = fold.train.size() / kMostRows + 1;
    for (std::size_t i = 0; i < fold.train.size(); i += step) some.back().train.push_back(fold.train[i]);
  }
  return some;
}

}  // namespace

std::vector<double> residuals_of(const JudgedRows& judged) {
  std::vector<double> residuals;
  for (std::size_t i = 0; i < judged.truth.size(); ++i)
    residuals.push_back(judged.truth[i] - judged.prediction[i]);
  return residuals;
}

std::vector<double> in_units(std::span<const double> residuals, std::span<const double> spreads) {
  std::vector<double> units(residuals.begin(), residuals.end());
  for (std::size_t i = 0; i < spreads.size(); ++i) units[i] /= spreads[i];
  return units;
}

Spread fit_spread(const Selection& selection, const RehearsalRequest& request) {
  const std::size_t rows = request.table.rows();
  if (request.task.kind != TaskKind::regression || request.task.is_ranking() ||
      selection.rows.size() < rows || rows < kFewestRows)
    return {};
  const std::vector<double> residuals =
      residuals_of(judge(selection.rows, selection.out_of_fold, request.labels));
  const Labels sizes{.kind = TaskKind::regression,
                     .classes = 0,
                     .values = sizes_of(residuals),
                     .weights = request.labels.weights};
  if (sizes.values.empty()) return {};
  const std::vector<Fold> folds = folds_of(request.folds);
  const Task task{
      .kind = TaskKind::regression, .target = "spread", .classes = {}, .metric = "gamma_deviance"};
  const CrossValidation fitted = cross_validate(trees_of_spread(rows), {.table = request.table,
                                                                        .labels = sizes,
                                                                        .task = task,
                                                                        .folds = folds,
                                                                        .key = request.key.split("spread"),
                                                                        .pool = request.pool,
                                                                        .budget = request.budget});
  if (!fitted.complete || !are_ranges_better(residuals, fitted.out_of_fold, kRangeCoverage)) return {};
  Spread spread{.members = {}, .out_of_fold = fitted.out_of_fold};
  for (const FittedCandidate& fold : fitted.fitted)
    spread.members.push_back({.learner = "trees",
                              .settings = fitted.candidate.settings,
                              .weight = 1.0 / static_cast<double>(fitted.fitted.size()),
                              .encoder = fold.encoder,
                              .model = fold.model});
  return spread;
}

}  // namespace astrolabe
