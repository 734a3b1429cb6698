// SPDX-License-Identifier: Apache-2.0
// One cell of a column that may be sparse.
//
//   float age = cell_of(features.columns[3], row);
#pragma once

#include <algorithm>

#include "astrolabe/model/feature_matrix.h"

namespace astrolabe::trees {

// Cost of a sparse column: a binary search.
[[nodiscard]] inline float cell_of(const FeatureColumn& column, std::size_t row) {
  if (!column.is_sparse) return column.dense[row];
  const auto at = std::ranges::lower_bound(column.sparse_rows, static_cast<std::uint32_t>(row));
  if (at == column.sparse_rows.end() || *at != row) return 0;
  return column.sparse_values[static_cast<std::size_t>(at - column.sparse_rows.begin())];
}

}  // namespace astrolabe::trees
