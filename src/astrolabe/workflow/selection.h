// SPDX-License-Identifier: Apache-2.0
// What a search left: systems that were tried over shared folds, and which of them ship: the best alone, or a
// weighted mean where that wins out of fold.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "astrolabe/evaluate/calibration.h"
#include "astrolabe/evaluate/cross_validation.h"
#include "astrolabe/pipeline/shipped_model.h"
#include "astrolabe/report/run_result.h"

namespace astrolabe {

struct Selection {
  std::vector<CrossValidation> tried;  // each has at least one fold; the first is the baseline
  std::vector<std::size_t> chosen;     // into `tried`: one, or the members of a mean
  std::vector<double> weights;         // of the chosen; they sum to 1
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

// What makes the probabilities of what ships mean what they say, where that surely helps out of fold.
[[nodiscard]] ChosenCalibration choose_calibration(const Selection& selection, const Labels& labels,
                                                   const Task& task, Predictor predictor, Key key);

// The chosen fold models as members; those of one system share its weight.
[[nodiscard]] std::vector<Member> members_of(const Selection& selection);

// Leaderboard rows, best first, with intervals, differences to the best, and ties (Holm-adjusted).
[[nodiscard]] std::vector<LeaderboardRow> make_leaderboard(const Selection& selection, const Labels& labels,
                                                           const Task& task, std::size_t folds, Key key);

}  // namespace astrolabe
