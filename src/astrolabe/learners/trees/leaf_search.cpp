// SPDX-License-Identifier: Apache-2.0
// The value of every leaf at which the loss of its rows, with the penalties, is least: all leaves of a tree
// at a time, each by false position on the slope.
#include <algorithm>
#include <cmath>

#include "astrolabe/learners/trees/expression_loss.h"

namespace astrolabe::trees {
namespace {

constexpr int kDoublings = 10;
constexpr int kMostPasses = 24;
constexpr double kFirstStep = 0.05;  // where the grown leaf says nothing
constexpr double kTolerance = 1e-3;  // of the slope at the start, or of the step

// The search in one leaf: where its slope, penalties included, is 0. It falls at `near`, rises at `far`.
class LeafSearch {
 public:
  // The side and length of the first step: `newton` is what the grower found.
  LeafSearch(double slope, double newton, double l1, double l2) : l1_(l1), l2_(l2) {
    if (!(std::abs(slope) > l1)) return;
    direction_ = slope > 0 ? -1 : 1;
    start_slope_ = near_slope_ = slope + l1 * direction_;
    far_ = trial_ = first_ = newton * direction_ > 0 ? newton : kFirstStep * direction_;
    is_done_ = false;
  }

  [[nodiscard]] bool is_done() const { return is_done_; }
  // Where the slope is asked for next, and what the leaf is worth when it is done.
  [[nodiscard]] double trial() const { return trial_; }

  void learn(double slope) {
    if (is_done_) return;
    const double whole = slope + l1_ * direction_ + l2_ * trial_;
    const bool is_finite = std::isfinite(whole);
    if (is_finite && std::abs(whole) <= kTolerance * std::abs(start_slope_)) {
      is_done_ = true;
      return;
    }
    const bool still_falls = is_finite && whole * direction_ < 0;
    if (still_falls && !is_bracketed_) {
      near_ = trial_;
      near_slope_ = whole;
      trial_ = far_ = 2 * far_;
      // A loss that falls for ever: as far as the grower would go.
      if (++doublings_ > kDoublings) {
        trial_ = first_;
        is_done_ = true;
      }
      return;
    }
    narrow(still_falls, is_finite ? whole : 0);
  }

 private:
  // Illinois: false position, with the slope of an end that stays halved; the middle where an end has none.
  void narrow(bool still_falls, double whole) {
    if (still_falls) {
      if (is_bracketed_ && last_fell_) far_slope_ /= 2;
      near_ = trial_;
      near_slope_ = whole;
    } else {
      if (is_bracketed_ && !last_fell_) near_slope_ /= 2;
      far_ = trial_;
      far_slope_ = whole;
    }
    is_bracketed_ = true;
    last_fell_ = still_falls;
    const double share = far_slope_ == near_slope_ ? 0.5 : near_slope_ / (near_slope_ - far_slope_);
    trial_ = near_ + std::clamp(far_slope_ == 0 ? 0.5 : share, 0.05, 0.95) * (far_ - near_);
    is_done_ = std::abs(far_ - near_) <= kTolerance * std::abs(far_);
  }

  double l1_, l2_;
  double direction_ = 0, start_slope_ = 0, first_ = 0;
  double near_ = 0, near_slope_ = 0, far_ = 0, far_slope_ = 0;
  double trial_ = 0;
  int doublings_ = 0;
  bool is_bracketed_ = false, last_fell_ = false, is_done_ = true;
};

}  // namespace

std::vector<double> ExpressionLoss::leaf_slopes(std::span<const double> targets,
                                                std::span<const double> weights,
                                                std::span<const double> scores, const GrownTree& grown,
                                                std::span<const double> steps, ThreadPool& pool) const {
  const std::size_t rows = grown.rows.size();
  const std::size_t block_rows = slope_->block();
  // Of every block the sums of its leaves, from the first one that it meets.
  std::vector<std::pair<std::size_t, std::vector<double>>> sums((rows + block_rows - 1) / block_rows);
  pool.for_ranges(rows, block_rows, [&](std::size_t begin, std::size_t end, std::size_t index) {
    const auto above = std::ranges::upper_bound(grown.leaf_starts, begin);
    const auto first = static_cast<std::size_t>(above - grown.leaf_starts.begin()) - 1;
    LossProgram::Lease block = slope_->lease();
    std::size_t leaf = first;
    for (std::size_t i = begin; i < end; ++i) {
      while (i >= grown.leaf_starts[leaf + 1]) ++leaf;
      block.y()[i - begin] = targets[grown.rows[i]];
      block.z()[i - begin] = scores[grown.rows[i]] + steps[leaf];
    }
    block.run();
    const std::span<const double> slopes = block.output(0);
    std::vector<double> of_leaf(leaf - first + 1, 0.0);
    leaf = first;
    for (std::size_t i = begin; i < end; ++i) {
      while (i >= grown.leaf_starts[leaf + 1]) ++leaf;
      const double weight = weights.empty() ? 1.0 : weights[grown.rows[i]];
      if (std::isfinite(slopes[i - begin])) of_leaf[leaf - first] += weight * scale_ * slopes[i - begin];
    }
    sums[index] = {first, std::move(of_leaf)};
  });
  std::vector<double> total(grown.tree.leaves.size(), 0.0);
  for (const auto& [first, of_leaf] : sums)
    for (std::size_t i = 0; i < of_leaf.size(); ++i) total[first + i] += of_leaf[i];
  return total;
}

void ExpressionLoss::refit_leaves(std::span<const double> targets, std::span<const double> weights,
                                  std::span<const double> scores, const GrowthRules& rules, GrownTree& grown,
                                  ThreadPool& pool) const {
  if (grown.tree.nodes.empty()) return;
  std::vector<double>& leaves = grown.tree.leaves;
  std::vector<double> steps(leaves.size(), 0.0);
  const auto slopes = [&] { return leaf_slopes(targets, weights, scores, grown, steps, pool); };
  std::vector<double> found = slopes();
  std::vector<LeafSearch> searches;
  for (std::size_t leaf = 0; leaf < leaves.size(); ++leaf)
    searches.emplace_back(found[leaf], leaves[leaf] / rules.learning_rate, rules.split.l1, rules.split.l2);
  for (int pass = 0; pass < kMostPasses && !std::ranges::all_of(searches, &LeafSearch::is_done); ++pass) {
    for (std::size_t leaf = 0; leaf < leaves.size(); ++leaf) steps[leaf] = searches[leaf].trial();
    found = slopes();
    for (std::size_t leaf = 0; leaf < leaves.size(); ++leaf) searches[leaf].learn(found[leaf]);
  }
  for (std::size_t leaf = 0; leaf < leaves.size(); ++leaf)
    leaves[leaf] = rules.learning_rate *
                   (grown.bounds.empty() ? ValueBounds{} : grown.bounds[leaf]).clamp(searches[leaf].trial());
}

}  // namespace astrolabe::trees
