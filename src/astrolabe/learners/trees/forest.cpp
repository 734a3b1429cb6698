// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/forest.h"

#include <algorithm>

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
  for (std::size_t tree = 0; tree < trees.size(); ++tree)
    trees[tree].add(rows.data(), features.size(), count, scores.data() + tree % outputs * count);
}

}  // namespace astrolabe::trees
