// SPDX-License-Identifier: Apache-2.0
// Grows a tree on a binned file in few passes: the tree that TreeGrower (grower.h) grows on the same rows.
//
//   StreamedGrower grower(file, rules, memory_bytes, pool.size());
//   std::vector<NodeNumber> leaf_of_row(file.rows());
//   std::optional<StreamedTree> grown = grower.grow({.slots = slots, .pairs = pairs, .bound = {}, .key =
//   key},
//                                                   leaf_of_row, pool, budget);
//
// Waves: leaves whose best split is known are split as if nothing was known of their children. Children only
// compete: what is not split now will not be split in the end, and what is split now probably will be. One
// pass then counts the smaller children of all of these; the larger ones are their parents less those.
// Histograms are whole numbers, so that the order of counting leaves no trace.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "astrolabe/base/budget.h"
#include "astrolabe/learners/trees/bin_tree.h"
#include "astrolabe/learners/trees/grower.h"
#include "astrolabe/learners/trees/streamed_pass.h"

namespace astrolabe::trees {

struct StreamedTreeRequest {
  std::span<const std::uint32_t> slots;  // ascending: the features to split on
  TilePairs pairs;
  std::optional<GradientPair> bound;  // what no pair exceeds, where it is known
  Key key;                            // decides the rounding
};

struct StreamedTree {
  BinTree tree;
  std::vector<std::uint64_t> leaf_rows;  // [leaves] how many rows reach each
};

// Keeps its memory from tree to tree. Not thread-safe.
class StreamedGrower {
 public:
  // Node numbers have 16 bits: trees of more leaves are refused by whoever makes the rules.
  static constexpr std::size_t kMostLeaves = 4096;

  // `memory_bytes` bounds the histograms and the sums that they are made of; a few are kept in any case.
  // Where it is large enough, the rows' words are kept as well, which saves their making in each pass. What
  // it is given must outlive it.
  StreamedGrower(const BinnedFile& file, const GrowthRules& rules, std::uint64_t memory_bytes,
                 std::size_t threads);

  // leaf_of_row [rows of the file] is overwritten with the leaf of each row. Nothing when the budget ends.
  [[nodiscard]] std::optional<StreamedTree> grow(const StreamedTreeRequest& request,
                                                 std::span<NodeNumber> leaf_of_row, ThreadPool& pool,
                                                 const Budget& budget);

 private:
  // Of the tree that is grown ahead. A child of 0: none yet.
  struct Node {
    Cell total;
    Split split;
    std::uint32_t slot = 0;
    std::size_t depth = 0;
    PathRules path;
    Cell* histogram = nullptr;  // null: not kept
    std::size_t parent = 0;
    std::size_t left = 0;
    std::size_t right = 0;
    NodeNumber number = 0;  // of its rows; the left child keeps it
  };
  // The children that are searched together; `smaller` is 0 where there is one node only: the root.
  struct Family {
    std::size_t larger = 0;
    std::size_t smaller = 0;
    bool subtracts = false;  // the larger one's histogram is its parent's still
    bool searches_smaller = false;
  };
  // What is done in one pass.
  struct Wave {
    std::vector<RowMove> moves;
    std::vector<NodeCount> counts;
    std::vector<Family> families;
  };
  // Nodes in the order in which they would be split; `is_full`: the tree then has all its leaves.
  struct Order {
    std::vector<std::size_t> nodes;
    bool is_full = false;
  };

  [[nodiscard]] Order order_of_splits() const;
  [[nodiscard]] bool may_split(const Node& node) const;
  [[nodiscard]] bool count_root(const StreamedTreeRequest& request, std::span<NodeNumber> nodes,
                                ThreadPool& pool);
  void try_root(const std::optional<Packing>& packing, std::span<NodeNumber> nodes, ThreadPool& pool);
  [[nodiscard]] Wave plan(const Order& order);
  [[nodiscard]] bool plan_family(std::size_t node, bool is_last, Wave& wave);
  [[nodiscard]] Cell* take_histogram(const Wave& wave, std::size_t but_not);
  void add_children(std::size_t node, Wave& wave);
  void drop_histograms(const Order& order);
  void clear(Cell* histogram) const;
  void search(std::span<const Family> families, ThreadPool& pool);
  [[nodiscard]] Split search_slot(std::uint32_t slot, const Node& node) const;
  [[nodiscard]] StreamedTree finish(const Order& order, std::span<NodeNumber> nodes, ThreadPool& pool);

  StreamedGrower(const BinnedFile& file, const GrowthRules& rules, std::uint64_t memory_bytes,
                 std::size_t threads, bool keeps_words);

  const BinnedFile& file_;
  GrowthRules rules_;
  HistogramArena arena_;
  StreamedPass pass_;
  std::uint64_t sum_bytes_;
  std::vector<std::uint64_t> words_;  // [rows], or empty
  std::span<const std::uint32_t> slots_;
  StreamedGradients gradients_;
  std::vector<Node> nodes_;  // the root first
  std::size_t numbers_ = 1;  // of nodes that rows are in
};

}  // namespace astrolabe::trees
