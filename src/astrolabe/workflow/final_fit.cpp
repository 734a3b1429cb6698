// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/final_fit.h"

#include <numeric>

#include "astrolabe/base/error.h"

namespace astrolabe {

namespace {

// A fold trains on a part of the rows; a fifth more covers the rest. What it grew from is fitted before it.
double seconds_of(const CrossValidation& tried) {
  const double own = 1.2 * tried.seconds / static_cast<double>(tried.fold_scores.size());
  return own + (tried.parent == nullptr ? 0 : seconds_of(*tried.parent));
}

// Cancelled where the budget ends it.
FittedCandidate refit(const CrossValidation& tried, std::span<const RowIndex> rows,
                      const Selection& selection, const RefitRequest& request) {
  const FittedCandidate parent =
      tried.parent == nullptr ? FittedCandidate{} : refit(*tried.parent, rows, selection, request);
  Candidate candidate = tried.candidate;
  candidate.settings = settings_for_refit(tried);
  std::string words;  // of the learner about its fit
  const auto show = [&](double fraction) {
    request.progress.update({.stage = "refit of " + candidate.name + (words.empty() ? "" : ", ") + words,
                             .fraction = fraction,
                             .seconds_left = -1,
                             .best = selection.system});
  };
  return fit_candidate(candidate, {.table = request.table,
                                   .labels = request.labels,
                                   .train = rows,
                                   .watch = {},
                                   .key = request.key.split(candidate.name),
                                   .pool = request.pool,
                                   .budget = request.budget,
                                   .progress = show,
                                   .tell = [&](std::string_view told) { words = told; },
                                   .start = parent.model.get()});
}

}  // namespace

double refit_seconds(const Selection& selection) {
  double seconds = 0;
  for (const std::size_t index : selection.chosen) seconds += seconds_of(selection.tried[index]);
  return seconds;
}

std::optional<std::vector<Member>> refit_members(const Selection& selection, const RefitRequest& request) {
  std::vector<RowIndex> rows(request.table.rows());
  std::iota(rows.begin(), rows.end(), RowIndex{0});
  std::vector<Member> members;
  for (std::size_t i = 0; i < selection.chosen.size(); ++i) {
    const CrossValidation& tried = selection.tried[selection.chosen[i]];
    try {
      const FittedCandidate fitted = refit(tried, rows, selection, request);
      if (fitted.model->was_cut_short()) return std::nullopt;
      members.push_back({.learner = std::string(tried.candidate.learner->name()),
                         .settings = settings_for_refit(tried),
                         .weight = selection.weights[i],
                         .system = selection.stack ? i : 0,
                         .encoder = fitted.encoder,
                         .model = fitted.model});
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::cancelled) throw;
      return std::nullopt;
    }
  }
  return members;
}

}  // namespace astrolabe
