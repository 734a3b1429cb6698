// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/rehearsal.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace astrolabe {
namespace {

// The folds but for the first, none of them with its judged rows. Nothing is left to watch: how long a fit
// takes is known.
std::vector<Fold> folds_without_first(std::span<const Fold> folds) {
  std::vector<Fold> inner;
  for (const Fold& fold : folds.subspan(1)) {
    Fold smaller{.train = {}, .valid = fold.valid};
    std::ranges::set_difference(fold.train, folds[0].valid, std::back_inserter(smaller.train));
    inner.push_back(std::move(smaller));
  }
  return inner;
}

}  // namespace

std::optional<Rehearsal> rehearse(const Selection& selection, std::span<const std::size_t> systems,
                                  const RehearsalRequest& request) {
  const std::vector<Fold> folds = folds_without_first(request.folds);
  std::vector<std::size_t> all = {0};
  all.insert(all.end(), systems.begin(), systems.end());
  Rehearsal rehearsal{.tried = {}, .held = request.folds[0].valid};
  for (const std::size_t index : all) {
    const CrossValidation& tried = selection.tried[index];
    Candidate candidate = tried.candidate;
    candidate.settings = settings_for_refit(tried);
    const auto show = [&](std::size_t fold, double fraction) {
      const double done = static_cast<double>(rehearsal.tried.size()) +
                          (static_cast<double>(fold) + fraction) / static_cast<double>(folds.size());
      request.progress.update(
          {.stage = fmt::format("rehearsal of {}, fold {} of {}", candidate.name, fold + 1, folds.size()),
           .fraction = done / static_cast<double>(all.size()),
           .seconds_left = -1,
           .best = selection.system});
    };
    CrossValidation again = cross_validate(candidate, {.table = request.table,
                                                       .labels = request.labels,
                                                       .task = request.task,
                                                       .folds = folds,
                                                       .key = request.key.split(candidate.learner->name()),
                                                       .pool = request.pool,
                                                       .budget = request.budget,
                                                       .progress = show});
    if (!again.complete) return std::nullopt;
    rehearsal.tried.push_back(std::move(again));
  }
  return rehearsal;
}

double rehearsal_seconds(const Selection& selection, std::span<const std::size_t> systems) {
  double seconds = selection.tried[0].seconds;
  for (const std::size_t index : systems) seconds += selection.tried[index].seconds;
  // One fold fewer, each on three quarters of its rows; what stopped early was fitted twice before.
  return 0.7 * seconds;
}

}  // namespace astrolabe
