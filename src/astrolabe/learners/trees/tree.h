// SPDX-License-Identifier: Apache-2.0
// A fitted tree over values, and its walker. A row goes left where
//   numeric:      value <= threshold; NaN goes the missing way
//   categorical:  the set has the code; NaN and codes beyond the set go the missing way
// which is what training did with the bins of the same values.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "astrolabe/learners/trees/bin_tree.h"
#include "astrolabe/learners/trees/linear_leaves.h"
#include "astrolabe/model/archive.h"

namespace astrolabe::trees {

inline constexpr std::size_t kMaxLeaves = 65536;                    // of one tree
inline constexpr std::uint32_t kMaxSetWords = kMaxCategories / 32;  // of one node

struct Tree {
  // A child >= 0 is a node after this one; ~leaf otherwise.
  struct Node {
    std::uint32_t feature = 0;  // column of the rows that the walker is given
    float threshold = 0;        // numeric; +infinity where all but the missing go left
    std::int32_t left = 0;
    std::int32_t right = 0;
    std::uint32_t set_begin = 0;  // categorical: words of `sets`
    std::uint32_t set_words = 0;  // 0: numeric
    bool missing_left = false;
  };
  std::vector<Node> nodes;     // the root first; empty: one leaf
  std::vector<double> leaves;  // of one more than nodes: a value each, or one for each output (forest.h)
  std::vector<std::uint32_t> sets;
  // Per leaf, the weight of the rows that the tree was grown on and that reached it, above 0; empty in models
  // of files that are older than this: predictions need none.
  std::vector<float> covers;
  LinearLeaves linear;  // where leaves have one value each

  [[nodiscard]] std::size_t bytes() const;  // of memory, about
  [[nodiscard]] std::size_t leaf_of(const float* row) const;
  [[nodiscard]] double value(const float* row) const { return value_in(leaf_of(row), row); }
  // Of trees of one value a leaf.
  [[nodiscard]] double value_in(std::size_t leaf, const float* row) const {
    double value = leaves[leaf];
    for (const LinearTerm& term : linear.of(leaf)) value += term.value(row[term.feature]);
    return value;
  }

  // What an old file holds of a tree (forest_file.h has the new ones), which is more in newer ones.
  struct Format {
    bool has_covers = true;
    bool has_linear = false;
    std::size_t values = 1;  // of a leaf
  };
  // Throws bad_input unless it is sound (require_tree).
  [[nodiscard]] static Tree load(ArchiveReader& archive, std::size_t features, const Format& format);
};

// Throws bad_input unless it is a tree (every node and leaf has one parent and is reached from the root), its
// features are below `features`, its numbers finite, and its sets inside `sets`, no more of them than are
// there.
void require_tree(const Tree& tree, std::size_t features, std::size_t values);

// Whether a cell goes left at the node, whose set, if it has one, is in `sets`.
[[nodiscard]] inline bool goes_left(const Tree::Node& node, const std::uint32_t* sets, float value) {
  if (node.set_words == 0) return value <= node.threshold || (std::isnan(value) && node.missing_left);
  if (!(value >= 0 && value < static_cast<float>(node.set_words) * 32)) return node.missing_left;
  const auto code = static_cast<std::uint32_t>(value);
  return (sets[node.set_begin + code / 32] >> (code % 32) & 1U) != 0;
}

// The same tree over values. `feature_of_slot` maps the matrix's slots to columns of the walker's rows.
[[nodiscard]] Tree to_tree(const BinTree& tree, const BinnedMatrix& matrix,
                           std::span<const std::uint32_t> feature_of_slot);

// Covers of leaves whose rows are rows[leaf_starts[i]] .. rows[leaf_starts[i + 1] - 1]; `weights` by row,
// empty for 1 each.
[[nodiscard]] std::vector<float> find_covers(std::span<const std::uint32_t> rows,
                                             std::span<const std::size_t> leaf_starts,
                                             std::span<const double> weights);

}  // namespace astrolabe::trees
