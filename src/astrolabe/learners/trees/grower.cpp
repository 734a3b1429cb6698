// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/grower.h"

#include <algorithm>
#include <array>
#include <utility>

#include "astrolabe/base/error.h"

namespace astrolabe::trees {
namespace {

constexpr std::size_t kParallelCells = 4096;  // fewer cells are searched by one thread
constexpr std::size_t kSearchTasks = 16;

std::size_t affordable_histograms(const BinnedMatrix& matrix, std::uint64_t memory_bytes) {
  const std::uint64_t one = std::max<std::uint64_t>(matrix.cells() * sizeof(Cell), 1);
  return static_cast<std::size_t>(std::clamp<std::uint64_t>(memory_bytes / one, 3, 1U << 20));
}

}  // namespace

TreeGrower::TreeGrower(const BinnedMatrix& matrix, const GrowthRules& rules, std::uint64_t memory_bytes,
                       std::size_t threads)
    : matrix_(matrix),
      rules_(rules),
      builder_(matrix, threads),
      max_histograms_(affordable_histograms(matrix, memory_bytes)) {}

std::optional<GrownTree> TreeGrower::grow(TreeRequest request, ThreadPool& pool, const Budget& budget) {
  builder_.choose(request.slots);
  spare_.resize(std::max(spare_.size(), request.rows.size()));
  BinTree tree;
  std::vector<Leaf> leaves;
  leaves.reserve(std::min<std::size_t>(rules_.max_leaves, request.rows.size()) + 1);
  Leaf root;
  root.end = request.rows.size();
  root.parent_node = -1;
  root.total = sum_cells(request.gradients, request.rows, pool);
  leaves.push_back(std::move(root));
  if (may_split(leaves[0])) {
    count(leaves[0], leaves, request, pool);
    search(leaves[0], request, pool);
  }
  while (leaves.size() < rules_.max_leaves) {
    const std::optional<std::size_t> next = next_leaf(leaves);
    if (!next) break;
    if (budget.should_stop()) {
      for (Leaf& leaf : leaves) give_back(std::move(leaf.histogram));
      return std::nullopt;
    }
    Leaf& parent = leaves[*next];
    std::unique_ptr<Histogram> histogram = std::move(parent.histogram);
    leaves.push_back(split_leaf(leaves, *next, request, tree, pool));
    if (leaves.size() < rules_.max_leaves) {
      evaluate_children(leaves, *next, leaves.size() - 1, std::move(histogram), request, pool);
    } else {
      give_back(std::move(histogram));
    }
  }
  return finish(leaves, request, std::move(tree));
}

bool TreeGrower::may_split(const Leaf& leaf) const {
  return leaf.depth < rules_.max_depth && leaf.rows() >= 2 * rules_.split.min_rows;
}

std::optional<std::size_t> TreeGrower::next_leaf(std::span<const Leaf> leaves) const {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    if (!leaves[i].split) continue;
    if (!best) {
      best = i;
      continue;
    }
    const Leaf& a = leaves[i];
    const Leaf& b = leaves[*best];
    const bool shallower = !rules_.best_first && a.depth < b.depth;
    const bool same_rank = rules_.best_first || a.depth == b.depth;
    if (shallower || (same_rank && a.split.gain > b.split.gain)) best = i;
  }
  return best;
}

std::unique_ptr<TreeGrower::Histogram> TreeGrower::take_histogram(std::span<Leaf> leaves) {
  if (free_.empty() && histograms_made_ >= max_histograms_) {
    // The leaf that gains least will be split last, if ever: its histogram goes first.
    Leaf* least = nullptr;
    for (Leaf& leaf : leaves)
      if (leaf.histogram && leaf.split && (least == nullptr || leaf.split.gain < least->split.gain))
        least = &leaf;
    if (least != nullptr) return std::exchange(least->histogram, nullptr);
  }
  if (free_.empty()) {
    ++histograms_made_;
    return std::make_unique<Histogram>(matrix_.cells());
  }
  std::unique_ptr<Histogram> histogram = std::move(free_.back());
  free_.pop_back();
  return histogram;
}

void TreeGrower::give_back(std::unique_ptr<Histogram> histogram) {
  if (histogram) free_.push_back(std::move(histogram));
}

void TreeGrower::count(Leaf& leaf, std::span<Leaf> leaves, const TreeRequest& request, ThreadPool& pool) {
  leaf.histogram = take_histogram(leaves);
  const std::span<const std::uint32_t> rows(request.rows);
  builder_.build(rows.subspan(leaf.begin, leaf.rows()), request.gradients, *leaf.histogram, pool);
}

Split TreeGrower::search_slot(std::uint32_t slot, const Leaf& leaf, const TreeRequest& request) const {
  const FeatureBins& bins = matrix_.bins(slot);
  std::span<const Cell> cells(leaf.histogram->data() + matrix_.first_cell(slot), bins.bins + 1);
  std::array<Cell, 256> with_zero;
  if (matrix_.is_sparse(slot)) {
    std::ranges::copy(cells, with_zero.begin());
    Cell& zero = with_zero[bins.zero_bin];
    zero = leaf.total;
    for (std::size_t bin = 0; bin < cells.size(); ++bin)
      if (bin != bins.zero_bin) zero -= with_zero[bin];
    cells = std::span<const Cell>(with_zero).first(cells.size());
  }
  return (bins.categorical ? find_categorical_split : find_numeric_split)(cells, leaf.total, request.scale,
                                                                          rules_.split);
}

void TreeGrower::search(Leaf& leaf, const TreeRequest& request, ThreadPool& pool) {
  struct Found {
    Split split;
    std::uint32_t slot = 0;
  };
  const std::size_t slots = request.slots.size();
  const std::size_t tasks =
      pool.size() == 1 || matrix_.cells() < kParallelCells ? 1 : std::min(kSearchTasks, slots);
  std::vector<Found> found(tasks);
  const auto search_part = [&](std::size_t task) {
    for (std::size_t i = slots * task / tasks; i < slots * (task + 1) / tasks; ++i) {
      const Split split = search_slot(request.slots[i], leaf, request);
      if (split.gain > found[task].split.gain) found[task] = {split, request.slots[i]};
    }
  };
  if (tasks == 1) {
    search_part(0);
  } else {
    pool.for_each(tasks, search_part);
  }
  // The first of equal gains wins, as in one pass over all slots.
  for (const Found& part : found) {
    if (part.split.gain > leaf.split.gain) {
      leaf.split = part.split;
      leaf.slot = part.slot;
    }
  }
  if (!leaf.split) give_back(std::move(leaf.histogram));
}

TreeGrower::Leaf TreeGrower::split_leaf(std::vector<Leaf>& leaves, std::size_t index, TreeRequest& request,
                                        BinTree& tree, ThreadPool& pool) {
  Leaf& leaf = leaves[index];
  const auto node = static_cast<std::int32_t>(tree.nodes.size());
  tree.nodes.push_back({.slot = leaf.slot,
                        .last_left_bin = leaf.split.last_left_bin,
                        .missing_left = leaf.split.missing_left,
                        .left_bins = leaf.split.left_bins,
                        .gain = leaf.split.gain});
  if (leaf.parent_node >= 0) {
    BinTree::Node& parent = tree.nodes[static_cast<std::size_t>(leaf.parent_node)];
    (leaf.is_left ? parent.left : parent.right) = node;
  }
  const std::span<std::uint32_t> rows(request.rows.data() + leaf.begin, leaf.rows());
  const std::size_t lefts = partition_rows(matrix_, leaf.slot, leaf.split.left_bins, rows, spare_, pool);
  ASTROLABE_CHECK(lefts == request.scale.rows(leaf.split.left), "the partition agrees with the histogram");
  Leaf right;
  right.begin = leaf.begin + lefts;
  right.end = leaf.end;
  right.depth = leaf.depth + 1;
  right.total = leaf.split.right;
  right.parent_node = node;
  leaf.end = right.begin;
  leaf.depth = right.depth;
  leaf.total = leaf.split.left;
  leaf.parent_node = node;
  leaf.is_left = true;
  leaf.split = {};
  return right;
}

void TreeGrower::evaluate_children(std::vector<Leaf>& leaves, std::size_t left, std::size_t right,
                                   std::unique_ptr<Histogram> parent, const TreeRequest& request,
                                   ThreadPool& pool) {
  const bool left_is_smaller = leaves[left].rows() < leaves[right].rows();
  Leaf& smaller = leaves[left_is_smaller ? left : right];
  Leaf& larger = leaves[left_is_smaller ? right : left];
  if (!may_split(larger)) {
    give_back(std::move(parent));
    return;
  }
  if (parent) {
    count(smaller, leaves, request, pool);
    subtract(*parent, *smaller.histogram, pool);
    larger.histogram = std::move(parent);
    if (!may_split(smaller)) give_back(std::move(smaller.histogram));
  } else {
    if (may_split(smaller)) count(smaller, leaves, request, pool);
    count(larger, leaves, request, pool);
  }
  if (smaller.histogram) search(smaller, request, pool);
  search(larger, request, pool);
}

GrownTree TreeGrower::finish(std::vector<Leaf>& leaves, TreeRequest& request, BinTree tree) {
  std::ranges::sort(leaves, {}, &Leaf::begin);
  GrownTree grown;
  for (Leaf& leaf : leaves) {
    give_back(std::move(leaf.histogram));
    const auto index = static_cast<std::int32_t>(tree.leaves.size());
    if (leaf.parent_node >= 0) {
      BinTree::Node& parent = tree.nodes[static_cast<std::size_t>(leaf.parent_node)];
      (leaf.is_left ? parent.left : parent.right) = ~index;
    }
    const double value = leaf_value(request.scale.gradient(leaf.total), request.scale.hessian(leaf.total),
                                    rules_.split.l1, rules_.split.l2);
    tree.leaves.push_back(tree.nodes.empty() ? 0.0 : rules_.learning_rate * value);
    grown.leaf_starts.push_back(leaf.begin);
  }
  grown.leaf_starts.push_back(request.rows.size());
  grown.rows = std::move(request.rows);
  grown.tree = std::move(tree);
  return grown;
}

}  // namespace astrolabe::trees
