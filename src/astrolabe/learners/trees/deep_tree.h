// SPDX-License-Identifier: Apache-2.0
// Grows one tree of a forest: at every node a few columns are drawn, each is cut at a random bin or at the
// best one, and the best of these splits is taken, until nodes are pure or too small.
//
//   DeepTreeGrower grower(table, {.columns = 3});
//   std::optional<DeepTree> grown = grower.grow({.rows = rows, .weights = weights, .orders = orders,
//                                                .max_leaves = 4000, .key = key}, budget);
//
// The gain of a split is what it takes off the variance of the numbers, or the Gini impurity of the classes:
// with S_k the weighted sum of the target (of class k: of its rows) and W that of the weights, the best split
// has the largest sum over both sides of sum_k S_k^2 / W. Missing cells are tried on both sides; where a node
// has none, they go with the heavier child. Categories are ranked once for a tree, by `orders`, and then cut
// like numbers (Wright and Koenig, "Splitting on categorical predictors in random forests", PeerJ 2019).
//
// Random cuts are uniform in the values that the node spans, as far as bins tell.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/random.h"
#include "astrolabe/learners/trees/bin_tree.h"

namespace astrolabe::trees {

// What all trees of a forest see. Outlives the growers.
struct DeepTable {
  const BinnedMatrix& matrix;
  std::span<const double> targets;  // [rows] numbers, or indices of classes where there are several sums
  std::size_t sums = 1;             // 1: a mean; else the classes
  std::span<const std::vector<double>> positions;  // [slots][bins], ascending: where the ranks lie
};

struct DeepRules {
  bool random_cuts = true;
  std::size_t columns = 1;  // tried at a node; those that are constant there do not count
  std::size_t min_rows = 1;
  std::size_t max_depth = 256;
  double smoothing = 0;           // weight of `prior` in every leaf
  std::span<const double> prior;  // [sums]
};

// By bin of a categorical slot its rank among the others; empty for numbers.
using BinOrder = std::vector<std::uint8_t>;

struct DeepRequest {
  std::vector<std::uint32_t> rows;   // ascending
  std::span<const double> weights;   // [rows of the matrix], above 0 for these rows
  std::span<const BinOrder> orders;  // [slots]
  std::size_t max_leaves = 1;        // nodes of many rows are split first
  Key key;
};

struct DeepTree {
  BinTree tree;               // leaves: [leaves, sums]
  std::vector<float> covers;  // [leaves] weights
};

// Keeps its memory from tree to tree. Not thread-safe: one for each thread.
class DeepTreeGrower {
 public:
  DeepTreeGrower(const DeepTable& table, const DeepRules& rules);

  // Nothing when the budget ends first. Cost: O(rows x columns) a level.
  [[nodiscard]] std::optional<DeepTree> grow(DeepRequest request, const Budget& budget);

 private:
  // Over rows: how many, their weight, and sums of the target.
  using Sums = std::span<const double>;  // [2 + sums]

  struct Node {
    std::size_t begin = 0, end = 0;  // of the request's rows
    std::size_t depth = 0;
    std::int32_t parent = -1;
    bool is_left = false;
    Key key;
    std::size_t total = 0;  // its sums: totals_ from here

    [[nodiscard]] std::size_t rows() const { return end - begin; }
    [[nodiscard]] static bool comes_later(const Node& a, const Node& b) {
      return a.rows() != b.rows() ? a.rows() < b.rows() : a.begin > b.begin;
    }
  };
  struct Cut {
    double score = -1;  // < 0: none
    std::uint32_t slot = 0;
    std::uint8_t last_left = 0;  // rank
    bool missing_left = false;
  };
  // The ranks of a node's rows in one column, counted.
  struct Counted {
    std::size_t cells = 0;       // without that of missing, which is behind them
    std::size_t boundaries = 0;  // candidates: behind the first cells
    bool has_missing = false;
    std::array<std::uint8_t, 256> last_rank;  // that goes left where the cell is the last to
  };

  [[nodiscard]] Sums total_of(const Node& node) const { return Sums(totals_).subspan(node.total, stride_); }
  [[nodiscard]] std::optional<Cut> find_cut(const Node& node, const DeepRequest& request);
  [[nodiscard]] bool gather_targets(const Node& node, const DeepRequest& request);
  [[nodiscard]] bool try_slot(std::uint32_t slot, const Node& node, const DeepRequest& request,
                              RandomStream& random, Cut& best);
  [[nodiscard]] static Counted cut_somewhere(std::span<std::uint8_t> ranks, std::uint8_t missing,
                                             std::span<const double> positions, RandomStream& random);
  [[nodiscard]] static Counted cut_everywhere(std::span<std::uint8_t> ranks, std::uint8_t missing);
  void sum_cells(std::span<const std::uint8_t> codes, std::size_t cells);
  void weigh(const Counted& counted, std::uint32_t slot, const Node& node, Cut& best);
  [[nodiscard]] double score(Sums sums) const;
  [[nodiscard]] BinTree::Node node_of(const Cut& cut, const Node& node, const DeepRequest& request) const;
  std::size_t split_rows(const Node& node, const BinTree::Node& by, std::span<std::uint32_t> rows);
  void add_leaf(const Node& node, DeepTree& grown) const;

  const DeepTable& table_;
  DeepRules rules_;
  std::size_t stride_;  // of sums
  std::vector<std::uint32_t> spare_, slots_;
  std::vector<std::uint8_t> ranks_;
  std::vector<double> targets_, weights_;  // of the node
  std::vector<double> cells_;              // [257, stride]
  std::vector<double> totals_;             // of all nodes of the tree
  std::vector<double> left_, right_, best_left_;
};

}  // namespace astrolabe::trees
