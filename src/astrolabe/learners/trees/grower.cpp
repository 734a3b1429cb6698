// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/grower.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "astrolabe/base/error.h"

namespace astrolabe::trees {
namespace {

constexpr std::size_t kParallelCells = 4096;  // fewer cells are searched by one thread
constexpr std::size_t kSearchTasks = 16;

}  // namespace

TreeGrower::TreeGrower(const BinnedMatrix& matrix, const GrowthRules& rules, std::uint64_t memory_bytes,
                       std::size_t threads)
    : matrix_(matrix), rules_(rules), builder_(matrix, threads), arena_(matrix.cells(), memory_bytes) {}

std::optional<GrownTree> TreeGrower::grow(TreeRequest request, ThreadPool& pool, const Budget& budget) {
  builder_.choose(request.slots);
  spare_.resize(std::max(spare_.size(), request.rows.size()));
  scale_ = request.packed != nullptr ? request.packed->scale() : request.scale;
  BinTree tree;
  std::vector<Leaf> leaves;
  leaves.reserve(std::min<std::size_t>(rules_.max_leaves, request.rows.size()) + 1);
  Leaf root;
  root.end = request.rows.size();
  root.parent_node = -1;
  if (rules_.constraints != nullptr) root.path.groups = rules_.constraints->all_groups();
  root.total =
      request.packed != nullptr ? request.packed->total() : sum_cells(request.gradients, request.rows, pool);
  leaves.push_back(root);
  if (may_split(leaves[0])) {
    count(leaves[0], leaves, request, pool);
    Leaf* const only = &leaves[0];
    search({&only, 1}, nullptr, request, pool);
  }
  while (leaves.size() < rules_.max_leaves) {
    const std::optional<std::size_t> next = next_leaf(leaves);
    if (!next) break;
    if (budget.should_stop()) {
      for (const Leaf& leaf : leaves) arena_.give_back(leaf.histogram);
      return std::nullopt;
    }
    Cell* const histogram = std::exchange(leaves[*next].histogram, nullptr);
    leaves.push_back(split_leaf(leaves, *next, request, tree, pool));
    if (leaves.size() < rules_.max_leaves) {
      evaluate_children(leaves, *next, leaves.size() - 1, histogram, request, pool);
    } else {
      arena_.give_back(histogram);
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

std::span<Cell> TreeGrower::take_histogram(std::span<Leaf> leaves) {
  Cell* histogram = arena_.take();
  if (histogram == nullptr) {
    // The leaf that gains least will be split last, if ever: its histogram goes first.
    Leaf* least = nullptr;
    for (Leaf& leaf : leaves)
      if (leaf.histogram != nullptr && leaf.split &&
          (least == nullptr || leaf.split.gain < least->split.gain))
        least = &leaf;
    ASTROLABE_CHECK(least != nullptr, "a histogram for each of parent and children, and one to take away");
    histogram = std::exchange(least->histogram, nullptr);
  }
  return {histogram, matrix_.cells()};
}

std::span<std::uint32_t> TreeGrower::rows_of(const Leaf& leaf, TreeRequest& request, bool in_spare) {
  return std::span(in_spare ? spare_ : request.rows).subspan(leaf.begin, leaf.rows());
}

void TreeGrower::count(Leaf& leaf, std::span<Leaf> leaves, TreeRequest& request, ThreadPool& pool) {
  const std::span<Cell> histogram = take_histogram(leaves);
  leaf.histogram = histogram.data();
  const std::span<const std::uint32_t> rows = rows_of(leaf, request, leaf.is_in_spare);
  if (request.packed != nullptr) {
    builder_.build(rows, *request.packed, histogram, pool);
  } else {
    builder_.build(rows, request.gradients, histogram, pool);
  }
}

Split TreeGrower::search_slot(std::uint32_t slot, const Leaf& leaf) const {
  const FeatureBins& bins = matrix_.bins(slot);
  std::span<const Cell> cells(leaf.histogram + matrix_.first_cell(slot), bins.bins + 1);
  std::array<Cell, 256> with_zero;
  if (matrix_.is_sparse(slot)) {
    std::ranges::copy(cells, with_zero.begin());
    Cell& zero = with_zero[bins.zero_bin];
    zero = leaf.total;
    for (std::size_t bin = 0; bin < cells.size(); ++bin)
      if (bin != bins.zero_bin) zero -= with_zero[bin];
    cells = std::span<const Cell>(with_zero).first(cells.size());
  }
  if (rules_.constraints != nullptr)
    return find_constrained_split(*rules_.constraints,
                                  {.index = matrix_.feature(slot), .is_category = bins.categorical}, cells,
                                  leaf.total, scale_, rules_.split, leaf.path);
  return (bins.categorical ? find_categorical_split : find_numeric_split)(cells, leaf.total, scale_,
                                                                          rules_.split);
}

// Finds the best splits of up to two leaves, slot by slot; where `less` is given, the last one's histogram is
// still its parent's and loses that of `less` on the way.
void TreeGrower::search(std::span<Leaf* const> leaves, const Leaf* less, const TreeRequest& request,
                        ThreadPool& pool) {
  struct Found {
    std::array<Split, 2> split;
    std::array<std::uint32_t, 2> slot{};
  };
  const std::size_t slots = request.slots.size();
  const std::size_t tasks =
      pool.size() == 1 || matrix_.cells() < kParallelCells ? 1 : std::min(kSearchTasks, slots);
  std::vector<Found> found(tasks);
  const auto search_part = [&](std::size_t task) {
    for (std::size_t i = slots * task / tasks; i < slots * (task + 1) / tasks; ++i) {
      const std::uint32_t slot = request.slots[i];
      if (less != nullptr) {
        const std::size_t end = matrix_.first_cell(slot) + matrix_.bins(slot).bins + 1;
        for (std::size_t cell = matrix_.first_cell(slot); cell < end; ++cell)
          leaves.back()->histogram[cell] -= less->histogram[cell];
      }
      for (std::size_t leaf = 0; leaf < leaves.size(); ++leaf) {
        const Split split = search_slot(slot, *leaves[leaf]);
        if (!(split.gain > found[task].split[leaf].gain)) continue;
        found[task].split[leaf] = split;
        found[task].slot[leaf] = slot;
      }
    }
  };
  if (tasks == 1) {
    search_part(0);
  } else {
    pool.for_each(tasks, search_part);
  }
  for (std::size_t leaf = 0; leaf < leaves.size(); ++leaf) {
    // The first of equal gains wins, as in one pass over all slots.
    for (const Found& part : found) {
      if (!(part.split[leaf].gain > leaves[leaf]->split.gain)) continue;
      leaves[leaf]->split = part.split[leaf];
      leaves[leaf]->slot = part.slot[leaf];
    }
    if (!leaves[leaf]->split) arena_.give_back(std::exchange(leaves[leaf]->histogram, nullptr));
  }
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
  const std::size_t lefts = scale_.rows(leaf.split.left);
  partition_rows(matrix_, leaf.slot, leaf.split.left_bins, rows_of(leaf, request, leaf.is_in_spare), lefts,
                 rows_of(leaf, request, !leaf.is_in_spare), pool);
  Leaf right;
  if (rules_.constraints != nullptr)
    std::tie(leaf.path, right.path) = child_paths(*rules_.constraints, matrix_.feature(leaf.slot), leaf.split,
                                                  scale_, rules_.split, leaf.path);
  right.begin = leaf.begin + lefts;
  right.end = leaf.end;
  right.depth = leaf.depth + 1;
  right.is_in_spare = !leaf.is_in_spare;
  right.total = leaf.split.right;
  right.parent_node = node;
  leaf.end = right.begin;
  leaf.depth = right.depth;
  leaf.is_in_spare = right.is_in_spare;
  leaf.total = leaf.split.left;
  leaf.parent_node = node;
  leaf.is_left = true;
  leaf.split = {};
  return right;
}

void TreeGrower::evaluate_children(std::vector<Leaf>& leaves, std::size_t left, std::size_t right,
                                   Cell* parent, TreeRequest& request, ThreadPool& pool) {
  const bool left_is_smaller = leaves[left].rows() < leaves[right].rows();
  Leaf& smaller = leaves[left_is_smaller ? left : right];
  Leaf& larger = leaves[left_is_smaller ? right : left];
  if (!may_split(larger)) {
    arena_.give_back(parent);
    return;
  }
  const bool both = may_split(smaller);
  if (parent != nullptr || both) count(smaller, leaves, request, pool);
  larger.histogram = parent;
  if (parent == nullptr) count(larger, leaves, request, pool);
  const std::array<Leaf*, 2> children = {&smaller, &larger};
  search(std::span<Leaf* const>(children).subspan(both ? 0 : 1), parent != nullptr ? &smaller : nullptr,
         request, pool);
  if (!both) arena_.give_back(std::exchange(smaller.histogram, nullptr));
}

GrownTree TreeGrower::finish(std::vector<Leaf>& leaves, TreeRequest& request, BinTree tree) {
  std::ranges::sort(leaves, {}, &Leaf::begin);
  GrownTree grown;
  for (Leaf& leaf : leaves) {
    arena_.give_back(std::exchange(leaf.histogram, nullptr));
    if (leaf.is_in_spare)
      std::ranges::copy(rows_of(leaf, request, true),
                        request.rows.begin() + static_cast<std::ptrdiff_t>(leaf.begin));
    const auto index = static_cast<std::int32_t>(tree.leaves.size());
    if (leaf.parent_node >= 0) {
      BinTree::Node& parent = tree.nodes[static_cast<std::size_t>(leaf.parent_node)];
      (leaf.is_left ? parent.left : parent.right) = ~index;
    }
    const double value = bounded_value(leaf.total, scale_, rules_.split, leaf.path.bounds);
    if (rules_.constraints != nullptr) grown.bounds.push_back(leaf.path.bounds);
    tree.leaves.push_back(tree.nodes.empty() ? 0.0 : rules_.learning_rate * value);
    grown.leaf_starts.push_back(leaf.begin);
  }
  grown.leaf_starts.push_back(request.rows.size());
  grown.rows = std::move(request.rows);
  grown.tree = std::move(tree);
  return grown;
}

}  // namespace astrolabe::trees
