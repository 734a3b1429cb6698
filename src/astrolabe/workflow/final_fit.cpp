// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/final_fit.h"

#include <numeric>

#include "astrolabe/base/error.h"

namespace astrolabe {

double refit_seconds(const Selection& selection) {
  double seconds = 0;
  for (const std::size_t index : selection.chosen) {
    const CrossValidation& tried = selection.tried[index];
    // A fold trains on a part of the rows; a fifth more covers the rest.
    seconds += 1.2 * tried.seconds / static_cast<double>(tried.fold_scores.size());
  }
  return seconds;
}

std::optional<std::vector<Member>> refit_members(const Selection& selection, const RefitRequest& request) {
  std::vector<RowIndex> rows(request.table.rows());
  std::iota(rows.begin(), rows.end(), RowIndex{0});
  std::vector<Member> members;
  for (std::size_t i = 0; i < selection.chosen.size(); ++i) {
    const CrossValidation& tried = selection.tried[selection.chosen[i]];
    Candidate candidate = tried.candidate;
    candidate.settings = settings_for_refit(tried);
    std::string words;  // of the learner about its fit
    const auto show = [&](double fraction) {
      request.progress.update({.stage = "refit of " + candidate.name + (words.empty() ? "" : ", ") + words,
                               .fraction = fraction,
                               .seconds_left = -1,
                               .best = selection.system});
    };
    try {
      const FittedCandidate fitted =
          fit_candidate(candidate, {.table = request.table,
                                    .labels = request.labels,
                                    .train = rows,
                                    .watch = {},
                                    .key = request.key.split(candidate.name),
                                    .pool = request.pool,
                                    .budget = request.budget,
                                    .progress = show,
                                    .tell = [&](std::string_view told) { words = told; }});
      if (fitted.model->was_cut_short()) return std::nullopt;
      members.push_back({.learner = std::string(candidate.learner->name()),
                         .settings = candidate.settings,
                         .weight = selection.weights[i],
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
