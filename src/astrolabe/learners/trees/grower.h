// SPDX-License-Identifier: Apache-2.0
// Grows one tree: the leaf that gains most first, or level by level.
//
//   TreeGrower grower(matrix, rules, memory_bytes, pool.size());
//   std::optional<GrownTree> grown = grower.grow({.rows = rows, .slots = slots, .gradients = cells,
//                                                 .scale = scale}, pool, budget);
//
// The smaller child of a split is histogrammed, the larger one is its parent less that; nodes of few rows are
// searched without a histogram (slot_sums.h), and so are wide features of all nodes (wide_sums.h). Features
// of two values are searched all at once (two_values.h). Several threads split small leaves ahead of their
// turn, a thread each: what the tree does not come to is forgotten. Result independent of the number of
// threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/thread_pool.h"
#include "astrolabe/learners/trees/bin_tree.h"
#include "astrolabe/learners/trees/constrained_split.h"
#include "astrolabe/learners/trees/histogram.h"
#include "astrolabe/learners/trees/histogram_arena.h"
#include "astrolabe/learners/trees/linear_leaves.h"
#include "astrolabe/learners/trees/slot_sums.h"
#include "astrolabe/learners/trees/split.h"
#include "astrolabe/learners/trees/two_values.h"
#include "astrolabe/learners/trees/wide_sums.h"

namespace astrolabe::trees {

struct GrowthRules {
  SplitRules split;
  bool best_first = true;
  std::size_t max_leaves = 31;
  std::size_t max_depth = 64;
  double learning_rate = 0.1;
  const TreeConstraints* constraints = nullptr;  // null: none. Outlives the grower
};

struct TreeRequest {
  std::vector<std::uint32_t> rows;       // ascending: the rows to grow on
  std::span<const std::uint32_t> slots;  // ascending: the features to split on
  std::span<const Cell> gradients;       // [rows of the matrix]
  FixedPoint scale;
  const PackedRows* packed = nullptr;  // instead of gradients and scale
};

struct GrownTree {
  BinTree tree;
  std::vector<std::uint32_t> rows;       // the request's rows, leaf by leaf
  std::vector<std::size_t> leaf_starts;  // [leaves + 1] into rows
  std::vector<ValueBounds> bounds;       // [leaves] before the learning rate; empty: no constraints
  LinearLeaves linear = {};              // of features of the matrix (linear_fit.h)
};

// Keeps its histograms from tree to tree. Not thread-safe.
class TreeGrower {
 public:
  // `memory_bytes` bounds the histograms that are kept at a time; a leaf whose histogram had to go is counted
  // anew when its turn comes.
  TreeGrower(const BinnedMatrix& matrix, const GrowthRules& rules, std::uint64_t memory_bytes,
             std::size_t threads);

  // Of the trees that are grown from now on.
  void set_learning_rate(double rate) { rules_.learning_rate = rate; }
  // Nothing when the budget ends first.
  [[nodiscard]] std::optional<GrownTree> grow(TreeRequest request, ThreadPool& pool, const Budget& budget);

 private:
  struct Children;
  struct Leaf {
    std::size_t begin = 0;  // rows of the leaf: [begin, end) of the request's
    std::size_t end = 0;
    std::size_t depth = 0;
    bool is_in_spare = false;  // where its rows are
    Cell total;
    Cell* histogram = nullptr;  // null: not kept
    Split split;
    std::uint32_t slot = 0;        // of the split
    std::int32_t parent_node = 0;  // whose child this is
    bool is_left = false;
    PathRules path;
    std::unique_ptr<Children> children;  // what it would be split into, once that was found

    [[nodiscard]] std::size_t rows() const { return end - begin; }
    // Slots come in any order.
    void take_better(const SlotSplit& other) {
      if (!is_better(other.split, other.slot, split, slot)) return;
      split = other.split;
      slot = other.slot;
    }
  };
  struct Children {
    Leaf left, right;
  };
  // A leaf whose children are to be found, and the histograms for them.
  struct Opening {
    Leaf* leaf = nullptr;
    bool evaluates = false;  // whether the children are searched
    bool subtracts = false;  // whether `larger` is the leaf's own
    Cell* smaller = nullptr;
    Cell* larger = nullptr;
  };

  void choose(std::span<const std::uint32_t> slots);
  [[nodiscard]] bool may_split(std::size_t depth, std::size_t rows) const;
  [[nodiscard]] bool may_split(const Leaf& leaf) const { return may_split(leaf.depth, leaf.rows()); }
  [[nodiscard]] bool comes_before(const Leaf& a, const Leaf& b) const;
  [[nodiscard]] std::optional<std::size_t> next_leaf(std::span<const Leaf> leaves) const;
  [[nodiscard]] Cell* take_histogram(std::span<Leaf> leaves);
  [[nodiscard]] std::span<std::uint32_t> rows_of(const Leaf& leaf, TreeRequest& request, bool in_spare);
  [[nodiscard]] std::vector<Leaf*> leaves_ahead(std::span<Leaf> leaves, std::size_t next,
                                                std::size_t threads) const;
  [[nodiscard]] Opening plan(Leaf& leaf, std::span<Leaf> leaves);
  void open_some(std::span<Leaf> leaves, std::size_t next, TreeRequest& request, ThreadPool& pool);
  void open(const Opening& opening, TreeRequest& request, ThreadPool& pool, std::size_t place);
  void count(const Leaf& leaf, TreeRequest& request, ThreadPool& pool, std::size_t place);
  void evaluate(std::span<Leaf* const> leaves, const Leaf* less, TreeRequest& request, ThreadPool& pool,
                std::size_t place);
  void search(std::span<Leaf* const> leaves, const Leaf* less, ThreadPool& pool);
  void search_rows(Leaf& leaf, TreeRequest& request, std::size_t place);
  void search_wide(Leaf& leaf, TreeRequest& request, ThreadPool& pool, std::size_t place);
  // The best split on a slot; one that gains less than `least` may be passed over.
  [[nodiscard]] Split search_slot(std::uint32_t slot, const Leaf& leaf, double least) const;
  [[nodiscard]] Split search_sums(const SlotSums& sums, const Leaf& leaf, double least) const;
  [[nodiscard]] Split search_cells(std::uint32_t slot, std::span<const Cell> cells, const Leaf& leaf,
                                   double least) const;
  void keep_if_needed(Leaf& leaf);
  void give_back(Leaf& leaf);
  [[nodiscard]] static Leaf split_leaf(Leaf& leaf, BinTree& tree);
  [[nodiscard]] GrownTree finish(std::vector<Leaf>& leaves, TreeRequest& request, BinTree tree);

  const BinnedMatrix& matrix_;
  GrowthRules rules_;
  HistogramBuilder builder_;
  SlotSummer summer_;
  TwoValuedSlots two_valued_;
  WideSummer wide_;
  std::vector<std::uint32_t> chosen_;  // slots of the tree
  bool has_chosen_ = false;
  HistogramArena arena_;
  std::unique_ptr<ThreadPool> alone_ = std::make_unique<ThreadPool>(1);
  FixedPoint scale_;                  // of the tree that is grown
  std::vector<std::uint32_t> spare_;  // rows go to and fro between the request's and these
};

}  // namespace astrolabe::trees
