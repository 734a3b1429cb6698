// SPDX-License-Identifier: Apache-2.0
// What a search left: systems that were tried over shared folds, and which of them ship: the best alone, a
// weighted mean where that wins out of fold, or a stack (stacking.h).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "astrolabe/evaluate/calibration.h"
#include "astrolabe/evaluate/cross_validation.h"
#include "astrolabe/evaluate/second_level.h"
#include "astrolabe/pipeline/shipped_model.h"
#include "astrolabe/report/run_result.h"

namespace astrolabe {

struct Selection {
  std::vector<CrossValidation> tried;  // each has at least one fold; the first is the baseline
  std::vector<std::size_t> chosen;     // into `tried`: one, or the members of a mean or a stack
  std::vector<double> weights;         // of the chosen; they sum to 1, but for a stack, whose own they are
  std::optional<SecondLevel> stack;    // what puts the chosen together; nothing: their mean
  std::string system;                  // "trees", "mean of trees and linear"
  // Out of fold, of the chosen: rows, and [rows * outputs] predictions.
  std::vector<RowIndex> rows;
  std::vector<double> out_of_fold;
};

// Chooses among systems that were tried, in their order; at least one. A system that judged fewer rows than
// another must beat it by more than the noise. A mean is put together one member at a time, each the one that
// helps most out of fold, with repetition (Caruana et al., "Ensemble selection from libraries of models",
// ICML 2004), and must beat the best alone.
[[nodiscard]] Selection select_system(std::vector<CrossValidation> tried, const Labels& labels,
                                      const Task& task);

// Indices of `tried` that judged the rows that the choice judged, the floor left out, best first.
[[nodiscard]] std::vector<std::size_t> ranked_systems(const Selection& selection, const Labels& labels,
                                                      const Metric& metric);
// "mean of trees, linear, mlp and 3 more", "stack of trees and linear".
[[nodiscard]] std::string name_of_several(const Selection& selection, std::span<const std::size_t> members,
                                          std::string_view what);
// What the chosen say together; `predictions` are those of each.
[[nodiscard]] std::vector<double> put_together(const Selection& selection, std::size_t outputs,
                                               std::span<const std::vector<double>> predictions);

// What makes the probabilities of what ships mean what they say, where that surely helps out of fold.
[[nodiscard]] ChosenCalibration choose_calibration(const Selection& selection, const Labels& labels,
                                                   const Task& task, Predictor predictor, Key key);

// The chosen fold models as members; those of one system share its weight. A second level goes with them,
// into the card.
[[nodiscard]] std::vector<Member> members_of(const Selection& selection);

// Leaderboard rows, best first, with intervals, differences to the best, and ties (Holm-adjusted).
[[nodiscard]] std::vector<LeaderboardRow> make_leaderboard(const Selection& selection, const Labels& labels,
                                                           const Task& task, std::size_t folds, Key key);

}  // namespace astrolabe
