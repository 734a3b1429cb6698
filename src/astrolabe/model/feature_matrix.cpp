// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/model/feature_matrix.h"

#include <algorithm>
#include <utility>

#include "astrolabe/base/error.h"

namespace astrolabe {

namespace {

// Where each row of the source goes: a list per source row, as counts and positions, so that repeated rows
// work.
struct RowPlaces {
  std::vector<std::uint32_t> first;   // [rows + 1]
  std::vector<std::uint32_t> places;  // [rows wanted], grouped by source row, ascending in each group
};

RowPlaces find_places(std::size_t rows, std::span<const std::uint32_t> rows_wanted) {
  RowPlaces found{std::vector<std::uint32_t>(rows + 1, 0), std::vector<std::uint32_t>(rows_wanted.size())};
  for (const std::uint32_t row : rows_wanted) ++found.first[row + 1];
  for (std::size_t row = 0; row < rows; ++row) found.first[row + 1] += found.first[row];
  std::vector<std::uint32_t> next(found.first.begin(), found.first.end() - 1);
  for (std::size_t place = 0; place < rows_wanted.size(); ++place)
    found.places[next[rows_wanted[place]]++] = static_cast<std::uint32_t>(place);
  return found;
}

FeatureColumn take_sparse(const FeatureColumn& column, const RowPlaces& places, bool ascending) {
  FeatureColumn taken;
  taken.is_sparse = true;
  for (std::size_t i = 0; i < column.sparse_rows.size(); ++i) {
    const std::uint32_t row = column.sparse_rows[i];
    for (std::uint32_t at = places.first[row]; at < places.first[row + 1]; ++at) {
      taken.sparse_rows.push_back(places.places[at]);
      taken.sparse_values.push_back(column.sparse_values[i]);
    }
  }
  if (ascending) return taken;

  std::vector<std::pair<std::uint32_t, float>> entries(taken.sparse_rows.size());
  for (std::size_t i = 0; i < entries.size(); ++i)
    entries[i] = {taken.sparse_rows[i], taken.sparse_values[i]};
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 0; i < entries.size(); ++i) {
    taken.sparse_rows[i] = entries[i].first;
    taken.sparse_values[i] = entries[i].second;
  }
  return taken;
}

}  // namespace

FeatureMatrix FeatureMatrix::take_rows(std::span<const std::uint32_t> rows_wanted) const {
  for (const std::uint32_t row : rows_wanted)
    ASTROLABE_CHECK(row < rows, "a row that is taken lies in the matrix");
  ASTROLABE_CHECK(rows_wanted.size() < UINT32_MAX, "rows are counted in 32 bits");

  FeatureMatrix taken{
      .rows = rows_wanted.size(), .info = info, .columns = {}, .pixels = pixels.take_rows(rows_wanted)};
  taken.columns.reserve(columns.size());
  const bool ascending = std::is_sorted(rows_wanted.begin(), rows_wanted.end());
  const bool any_sparse = std::any_of(columns.begin(), columns.end(),
                                      [](const FeatureColumn& column) { return column.is_sparse; });
  const RowPlaces places = any_sparse ? find_places(rows, rows_wanted) : RowPlaces{};
  for (const FeatureColumn& column : columns) {
    if (column.is_sparse) {
      taken.columns.push_back(take_sparse(column, places, ascending));
      continue;
    }
    FeatureColumn& dense = taken.columns.emplace_back();
    dense.dense.resize(rows_wanted.size());
    for (std::size_t i = 0; i < rows_wanted.size(); ++i) dense.dense[i] = column.dense[rows_wanted[i]];
  }
  return taken;
}

std::size_t FeatureMatrix::bytes() const {
  std::size_t total = pixels.bytes.size();
  for (const FeatureColumn& column : columns)
    total += column.dense.size() * sizeof(float) + column.sparse_rows.size() * sizeof(std::uint32_t) +
             column.sparse_values.size() * sizeof(float);
  return total;
}

}  // namespace astrolabe
