// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/native_pairs.h"

#include <algorithm>
#include <array>

#include "astrolabe/learners/trees/row_routines.h"

namespace astrolabe::trees {
namespace {

constexpr std::size_t kTileRows = 256;

}  // namespace

bool NativePairs::suits(const Objective& objective) {
  return objective.loss == Loss::squared || objective.loss == Loss::logistic;
}

NativePairs::NativePairs(const Objective& objective, const Labels& labels, std::span<const double> scores)
    : loss_(objective.loss), labels_(labels), scores_(scores) {
  if (loss_ != Loss::logistic) return;
  const double heaviest = labels.weights.empty() ? 1.0 : std::ranges::max(labels.weights);
  // A hair less: packing takes powers of two, and may reach them.
  const double below = heaviest * (1 - 0x1p-40);
  bound_ = GradientPair{below, below / 4};
}

void NativePairs::operator()(std::span<const std::uint32_t> rows, GradientPair* pairs) const {
  std::array<double, kTileRows> own_scores;
  std::array<double, kTileRows> own_targets;
  for (std::size_t begin = 0; begin < rows.size(); begin += kTileRows) {
    const auto tile = rows.subspan(begin, std::min(kTileRows, rows.size() - begin));
    const double* scores = &scores_[tile.front()];
    const double* targets = &labels_.values[tile.front()];
    if (tile.back() - tile.front() != tile.size() - 1) {
      for (std::size_t i = 0; i < tile.size(); ++i) {
        own_scores[i] = scores_[tile[i]];
        own_targets[i] = labels_.values[tile[i]];
      }
      scores = own_scores.data();
      targets = own_targets.data();
    }
    GradientPair* const to = pairs + begin;
    if (loss_ == Loss::logistic) {
      best_row_routines().find_logistic(scores, targets, tile.size(), &to->gradient);
    } else {
      for (std::size_t i = 0; i < tile.size(); ++i) to[i] = {scores[i] - targets[i], 1.0};
    }
    if (labels_.weights.empty()) continue;
    for (std::size_t i = 0; i < tile.size(); ++i) {
      to[i].gradient *= labels_.weights[tile[i]];
      to[i].hessian *= labels_.weights[tile[i]];
    }
  }
}

}  // namespace astrolabe::trees
