// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/row_walk.h"

#include <algorithm>

namespace astrolabe::trees {
namespace {

constexpr std::size_t kTogether = 8;

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

void add_together(const Tree* trees, const float* row, double* values) {
  std::int32_t at[kTogether];
  for (std::size_t i = 0; i < kTogether; ++i) at[i] = trees[i].nodes.empty() ? ~0 : 0;
  for (bool any = true; any;) {
    any = false;
    for (std::size_t i = 0; i < kTogether; ++i) {
      if (at[i] < 0) continue;
      at[i] = next_of(trees[i], at[i], row);
      any = true;
    }
  }
  for (std::size_t i = 0; i < kTogether; ++i) {
    const std::int32_t leaf = ~at[i];
    values[i] = trees[i].leaves[static_cast<std::size_t>(leaf)];
  }
}

}  // namespace

void add_row(std::span<const Tree> trees, std::size_t outputs, const float* row, double* scores) {
  std::size_t tree = 0;
  std::size_t output = 0;
  const auto add = [&](double value) {
    scores[output] += value;
    output = output + 1 == outputs ? 0 : output + 1;
  };
  for (; tree + kTogether <= trees.size(); tree += kTogether) {
    double values[kTogether];
    add_together(trees.data() + tree, row, values);
    for (const double value : values) add(value);
  }
  for (; tree < trees.size(); ++tree) add(trees[tree].value(row));
}

}  // namespace astrolabe::trees
