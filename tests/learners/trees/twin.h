// SPDX-License-Identifier: Apache-2.0
// The slow and obvious twin of the grower: exact greedy on bins, in double precision, row by row, numeric
// features only. No histogram, no subtraction, no fixed point, no threads.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "astrolabe/learners/trees/grower.h"

namespace astrolabe::trees::testing {

struct TwinSplit {
  double gain = 0;
  double runner_up = 0;  // the best gain of a split that parts the rows otherwise
  std::uint32_t slot = 0;
  std::vector<std::uint32_t> left, right;
};

inline std::size_t bin_in(const BinnedMatrix& matrix, std::size_t slot, std::uint32_t row) {
  if (matrix.is_wide(slot)) return matrix.wide(slot)[row];
  std::uint8_t bin = 0;
  matrix.gather(slot, std::span(&row, 1), &bin);
  return bin;
}

class Twin {
 public:
  Twin(const BinnedMatrix& matrix, const GrowthRules& rules, std::vector<GradientPair> pairs)
      : matrix_(matrix), rules_(rules), pairs_(std::move(pairs)) {
    for (std::size_t slot = 0; slot < matrix.slots(); ++slot) {
      bins_.emplace_back(matrix.rows());
      for (std::uint32_t row = 0; row < matrix.rows(); ++row) bins_.back()[row] = bin_in(matrix, slot, row);
    }
  }

  [[nodiscard]] TwinSplit best_split(const std::vector<std::uint32_t>& rows) const {
    TwinSplit best;
    const GradientPair all = sum(rows);
    const double parent = score(all);
    for (std::uint32_t slot = 0; slot < matrix_.slots(); ++slot) {
      const std::size_t bins = matrix_.bins(slot).bins;
      for (const bool missing_left : {false, true}) {
        for (std::size_t last = 0; last < bins; ++last) {
          std::vector<std::uint32_t> left, right;
          for (const std::uint32_t row : rows) {
            const std::size_t bin = bins_[slot][row];
            const bool is_left = bin == bins ? missing_left : bin <= last;
            (is_left ? left : right).push_back(row);
          }
          consider({.gain = 0, .slot = slot, .left = left, .right = right}, parent, best);
        }
      }
    }
    return best;
  }

  [[nodiscard]] double value(const std::vector<std::uint32_t>& rows) const {
    const GradientPair all = sum(rows);
    return -rules_.learning_rate * shrink(all.gradient, rules_.split.l1) / (all.hessian + rules_.split.l2);
  }

 private:
  [[nodiscard]] GradientPair sum(const std::vector<std::uint32_t>& rows) const {
    GradientPair all;
    for (const std::uint32_t row : rows) {
      all.gradient += pairs_[row].gradient;
      all.hessian += pairs_[row].hessian;
    }
    return all;
  }
  [[nodiscard]] double score(const GradientPair& pair) const {
    return leaf_score(pair.gradient, pair.hessian, rules_.split.l1, rules_.split.l2);
  }
  void consider(TwinSplit split, double parent, TwinSplit& best) const {
    if (std::min(split.left.size(), split.right.size()) < rules_.split.min_rows) return;
    const GradientPair left = sum(split.left);
    const GradientPair right = sum(split.right);
    if (std::min(left.hessian, right.hessian) < rules_.split.min_hessian) return;
    split.gain = (score(left) + score(right) - parent) / 2;
    if (split.gain <= rules_.split.min_gain) return;
    const bool same_parts = split.left == best.left || split.left == best.right;
    if (split.gain > best.gain) {
      split.runner_up = same_parts ? best.runner_up : best.gain;
      best = std::move(split);
    } else if (!same_parts) {
      best.runner_up = std::max(best.runner_up, split.gain);
    }
  }

  const BinnedMatrix& matrix_;
  GrowthRules rules_;
  std::vector<GradientPair> pairs_;
  std::vector<std::vector<std::size_t>> bins_;
};

}  // namespace astrolabe::trees::testing
