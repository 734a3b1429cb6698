// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/row_walk.h"

#include <algorithm>
#include <array>

namespace astrolabe::trees {
namespace {

constexpr std::size_t kTogether = 8;

using Leaves = std::array<std::size_t, kTogether>;

// As a number of 0 or 1, so that a choice of child is arithmetic and not a branch. Sets are rare enough.
inline std::int32_t next_of(const Tree& tree, std::int32_t at, const float* row) {
  const Tree::Node& node = tree.nodes[static_cast<std::size_t>(at)];
  const float value = row[node.feature];
  if (node.set_words != 0) return goes_left(node, tree.sets.data(), value) ? node.left : node.right;
  const auto is_below = static_cast<unsigned>(value <= node.threshold);
  const auto is_missing = static_cast<unsigned>(value != value) & static_cast<unsigned>(node.missing_left);
  const std::int32_t mask = -static_cast<std::int32_t>(is_below | is_missing);
  return (node.left & mask) | (node.right & ~mask);
}

// Of the trees from `trees` on, `tree_step` apart, each with its row, `row_step` apart.
Leaves find_together(const Tree* trees, std::size_t tree_step, const float* rows, std::size_t row_step) {
  std::int32_t at[kTogether];
  for (std::size_t i = 0; i < kTogether; ++i) at[i] = trees[i * tree_step].nodes.empty() ? ~0 : 0;
  for (bool any = true; any;) {
    any = false;
    for (std::size_t i = 0; i < kTogether; ++i) {
      if (at[i] < 0) continue;
      at[i] = next_of(trees[i * tree_step], at[i], rows + i * row_step);
      any = true;
    }
  }
  Leaves leaves;
  for (std::size_t i = 0; i < kTogether; ++i) {
    const std::int32_t leaf = ~at[i];
    leaves[i] = static_cast<std::size_t>(leaf);
  }
  return leaves;
}

}  // namespace

void add_row(std::span<const Tree> trees, std::size_t outputs, const float* row, double* scores,
             std::size_t leaf_values) {
  std::size_t tree = 0;
  std::size_t output = 0;
  const auto add = [&](const Tree& from, std::size_t leaf) {
    if (!from.linear.empty()) {
      scores[output] += from.value_in(leaf, row);
      output = output + 1 == outputs ? 0 : output + 1;
      return;
    }
    const double* const values = from.leaves.data() + leaf * leaf_values;
    for (std::size_t i = 0; i < leaf_values; ++i) {
      scores[output] += values[i];
      output = output + 1 == outputs ? 0 : output + 1;
    }
  };
  for (; tree + kTogether <= trees.size(); tree += kTogether) {
    const Leaves leaves = find_together(trees.data() + tree, 1, row, 0);
    for (std::size_t i = 0; i < kTogether; ++i) add(trees[tree + i], leaves[i]);
  }
  for (; tree < trees.size(); ++tree) add(trees[tree], trees[tree].leaf_of(row));
}

void find_leaves(const Tree& tree, const float* rows, std::size_t width, std::span<std::size_t> leaves) {
  std::size_t row = 0;
  for (; row + kTogether <= leaves.size(); row += kTogether)
    std::ranges::copy(find_together(&tree, 0, rows + row * width, width), leaves.data() + row);
  for (; row < leaves.size(); ++row) leaves[row] = tree.leaf_of(rows + row * width);
}

}  // namespace astrolabe::trees
