// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/kernel/pivoted_cholesky.h"

#include <algorithm>
#include <cmath>

namespace astrolabe::kernel {

PivotedFactor pivoted_cholesky(std::span<const double> matrix, std::size_t size, double tolerance) {
  PivotedFactor factor;
  std::vector<double> left(size);  // of each diagonal element
  for (std::size_t i = 0; i < size; ++i) left[i] = matrix[i * size + i];
  const double limit = size > 0 ? tolerance * std::ranges::max(left) : 0;
  std::vector<std::vector<double>> columns;  // [rank][size] of the factor, for all rows
  while (columns.size() < size) {
    const auto at = static_cast<std::size_t>(std::ranges::max_element(left) - left.begin());
    if (!(left[at] > limit)) break;
    const double pivot = std::sqrt(left[at]);
    std::vector<double> column(size);
    for (std::size_t i = 0; i < size; ++i) column[i] = matrix[at * size + i];
    for (const std::vector<double>& before : columns) {
      const double by = before[at];
      for (std::size_t i = 0; i < size; ++i) column[i] -= by * before[i];
    }
    for (std::size_t i = 0; i < size; ++i) {
      column[i] /= pivot;
      left[i] -= column[i] * column[i];
    }
    column[at] = pivot;
    left[at] = 0;  // and stays so: rounding must not bring it back
    for (const std::uint32_t taken : factor.pivots) left[taken] = 0;
    factor.pivots.push_back(static_cast<std::uint32_t>(at));
    columns.push_back(std::move(column));
  }
  const std::size_t rank = columns.size();
  factor.lower.assign(rank * rank, 0.0);
  for (std::size_t i = 0; i < rank; ++i)
    for (std::size_t k = 0; k <= i; ++k) factor.lower[i * rank + k] = columns[k][factor.pivots[i]];
  return factor;
}

std::vector<double> inverse_of_lower(std::span<const double> lower, std::size_t rank) {
  std::vector<double> inverse(rank * rank, 0.0);
  for (std::size_t i = 0; i < rank; ++i) {
    double* mine = inverse.data() + i * rank;
    mine[i] = 1;
    for (std::size_t k = 0; k < i; ++k) {
      const double by = lower[i * rank + k];
      const double* other = inverse.data() + k * rank;
      for (std::size_t j = 0; j <= k; ++j) mine[j] -= by * other[j];
    }
    const double diagonal = lower[i * rank + i];
    for (std::size_t j = 0; j <= i; ++j) mine[j] /= diagonal;
  }
  return inverse;
}

}  // namespace astrolabe::kernel
