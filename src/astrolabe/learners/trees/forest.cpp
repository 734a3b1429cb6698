// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/forest.h"

#include <algorithm>

#include "astrolabe/learners/trees/row_walk.h"

namespace astrolabe::trees {
namespace {

// rows[i * features.size() + column], for the matrix's rows begin .. end-1.
void gather_rows(const FeatureMatrix& matrix, std::span<const std::uint32_t> features, std::size_t begin,
                 std::size_t end, std::vector<float>& rows) {
  const std::size_t width = features.size();
  rows.assign((end - begin) * width, 0.0F);
  for (std::size_t column = 0; column < width; ++column) {
    const FeatureColumn& from = matrix.columns[features[column]];
    if (!from.is_sparse) {
      for (std::size_t row = begin; row < end; ++row) rows[(row - begin) * width + column] = from.dense[row];
      continue;
    }
    auto at = static_cast<std::size_t>(
        std::ranges::lower_bound(from.sparse_rows, static_cast<std::uint32_t>(begin)) -
        from.sparse_rows.begin());
    for (; at < from.sparse_rows.size() && from.sparse_rows[at] < end; ++at)
      rows[(from.sparse_rows[at] - begin) * width + column] = from.sparse_values[at];
  }
}

}  // namespace

void Forest::score(const FeatureMatrix& matrix, std::size_t begin, std::size_t end,
                   std::span<double> scores) const {
  const std::size_t count = end - begin;
  std::vector<float> rows;
  gather_rows(matrix, features, begin, end, rows);
  for (std::size_t output = 0; output < outputs; ++output)
    std::fill_n(scores.begin() + static_cast<std::ptrdiff_t>(output * count), count, initial[output]);
  std::vector<std::size_t> leaves(count);
  for (std::size_t tree = 0; tree < trees.size(); ++tree) {
    find_leaves(trees[tree], rows.data(), features.size(), leaves);
    if (!trees[tree].linear.empty()) {
      double* const of_output = scores.data() + tree % outputs * count;
      for (std::size_t row = 0; row < count; ++row)
        of_output[row] += trees[tree].value_in(leaves[row], rows.data() + row * features.size());
      continue;
    }
    for (std::size_t value = 0; value < leaf_values; ++value) {
      double* const of_output = scores.data() + (tree * leaf_values + value) % outputs * count;
      for (std::size_t row = 0; row < count; ++row)
        of_output[row] += trees[tree].leaves[leaves[row] * leaf_values + value];
    }
  }
}

void Forest::keep_used_features(std::size_t all) {
  std::vector<std::uint32_t> column(all, 0);
  for (const Tree& tree : trees)
    for (const Tree::Node& node : tree.nodes) column[node.feature] = 1;
  for (std::uint32_t feature = 0; feature < all; ++feature) {
    if (column[feature] == 0) continue;
    column[feature] = static_cast<std::uint32_t>(features.size());
    features.push_back(feature);
  }
  for (Tree& tree : trees) {
    for (Tree::Node& node : tree.nodes) node.feature = column[node.feature];
    for (LinearTerm& term : tree.linear.terms) term.feature = column[term.feature];  // each is on a path
  }
}

}  // namespace astrolabe::trees
