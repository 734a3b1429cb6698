// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/kernel/fit_rows.h"

#include <algorithm>
#include <cmath>

namespace astrolabe::kernel {
namespace {

constexpr float kWidest = 100;  // standard deviations; encoders end numbers at 10
constexpr std::size_t kFeaturesAtOnce = 64;

float tamed(float value) {
  return std::isnan(value) ? 0.0F : std::min(std::max(value, -kWidest), kWidest);
}

// Rows [begin, end) of the data, in blocks.
bool visit_data(const TrainingData& data, std::uint64_t first_row,
                const std::function<bool(const RowBlock& block)>& body) {
  for (std::size_t begin = 0; begin < data.features.rows; begin += kBlockRows) {
    const std::size_t end = std::min(begin + kBlockRows, data.features.rows);
    if (!body({.data = data, .begin = begin, .end = end, .first_row = first_row + begin})) return false;
  }
  return true;
}

}  // namespace

std::size_t FitRows::rows() const {
  return data_ != nullptr ? data_->features.rows : source_->rows();
}

std::size_t FitRows::features() const {
  return data_ != nullptr ? data_->features.features() : source_->info()->size();
}

bool FitRows::visit(const std::function<bool(const RowBlock& block)>& body) const {
  if (data_ != nullptr) return visit_data(*data_, 0, body);
  source_->rewind();
  std::uint64_t first_row = 0;
  for (TrainingData block; source_->next(block); first_row += block.features.rows)
    if (!visit_data(block, first_row, body)) return false;
  return true;
}

void fill_inputs(const FeatureMatrix& features, std::size_t begin, std::size_t end,
                 std::span<const float> factors, bool with_constant, std::span<const std::uint32_t> places,
                 ThreadPool& pool, std::vector<float>& x) {
  const std::size_t rows = end - begin;
  const std::size_t inputs = factors.size() + (with_constant ? 1 : 0);
  x.assign(rows * inputs, 0.0F);
  const auto place_of = [&](std::size_t row) { return places.empty() ? row : places[row]; };
  pool.for_ranges(factors.size(), kFeaturesAtOnce, [&](std::size_t first, std::size_t last, std::size_t) {
    for (std::size_t j = first; j < last; ++j) {
      const FeatureColumn& column = features.columns[j];
      const float factor = factors[j];
      if (!column.is_sparse) {
        for (std::size_t row = 0; row < rows; ++row)
          x[place_of(row) * inputs + j] = factor * tamed(column.dense[begin + row]);
        continue;
      }
      auto at = static_cast<std::size_t>(
          std::lower_bound(column.sparse_rows.begin(), column.sparse_rows.end(), begin) -
          column.sparse_rows.begin());
      for (; at < column.sparse_rows.size() && column.sparse_rows[at] < end; ++at)
        x[place_of(column.sparse_rows[at] - begin) * inputs + j] = factor * tamed(column.sparse_values[at]);
    }
  });
  if (with_constant)
    for (std::size_t row = 0; row < rows; ++row) x[row * inputs + factors.size()] = 1;
}

}  // namespace astrolabe::kernel
