// SPDX-License-Identifier: Apache-2.0
// Small tables for the tests of encoders, and their features as plain vectors.
#pragma once

#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "astrolabe/features/encoder.h"

namespace astrolabe::testing {

inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
inline constexpr EncodingNeeds kTreesNeeds{
    .native_categories = true, .native_missing = true, .standardized = false};
inline constexpr EncodingNeeds kLinearNeeds{
    .native_categories = false, .native_missing = false, .standardized = true};
inline constexpr EncodingNeeds kPlainNeeds{};

inline Column numbers(std::string name, std::vector<double> cells, ColumnType type = ColumnType::number) {
  Column column;
  column.name = std::move(name);
  column.type = type;
  column.numbers = std::move(cells);
  return column;
}

// An empty cell is missing.
inline Column levels(std::string name, const std::vector<std::string>& cells,
                     ColumnType type = ColumnType::category) {
  Column column;
  column.name = std::move(name);
  column.type = type;
  std::set<std::string> distinct(cells.begin(), cells.end());
  distinct.erase("");
  column.levels.assign(distinct.begin(), distinct.end());
  for (const std::string& cell : cells) {
    const auto at = std::lower_bound(column.levels.begin(), column.levels.end(), cell);
    column.codes.push_back(cell.empty() ? -1 : static_cast<std::int32_t>(at - column.levels.begin()));
  }
  return column;
}

// All bytes, picture by picture.
inline Column pictures(std::string name, const ImageShape& shape, std::vector<std::uint8_t> bytes) {
  Column column;
  column.name = std::move(name);
  column.type = ColumnType::image;
  column.pixels = {.shape = shape, .bytes = std::move(bytes)};
  return column;
}

// An empty cell is missing.
inline Column texts(std::string name, const std::vector<std::string>& cells,
                    ColumnType type = ColumnType::text) {
  Column column;
  column.name = std::move(name);
  column.type = type;
  for (const std::string& cell : cells) {
    if (cell.empty())
      column.text.add_missing();
    else
      column.text.add(cell);
  }
  return column;
}

template <class... Columns>
Table table_of(Columns... columns) {
  std::vector<Column> all;
  (all.push_back(std::move(columns)), ...);
  return Table(std::move(all));
}

inline std::vector<RowIndex> all_rows(const Table& table) {
  std::vector<RowIndex> rows(table.rows());
  std::iota(rows.begin(), rows.end(), RowIndex{0});
  return rows;
}

inline Labels regression(std::vector<double> values) {
  Labels labels;
  labels.values = std::move(values);
  return labels;
}

inline Labels binary(std::vector<double> values) {
  Labels labels = regression(std::move(values));
  labels.kind = TaskKind::binary;
  labels.classes = 2;
  return labels;
}

// 0, 1, 0, 1, ..
inline Labels alternating(std::size_t rows) {
  std::vector<double> values(rows);
  for (std::size_t i = 0; i < rows; ++i) values[i] = static_cast<double>(i % 2);
  return binary(std::move(values));
}

inline FittedEncoding fit_rows(const Table& table, const std::vector<RowIndex>& rows, const Labels& labels,
                               EncodingNeeds needs, std::size_t threads = 1) {
  ThreadPool pool(threads);
  return fit_encoder(
      {.table = table, .rows = rows, .labels = labels, .needs = needs, .key = Key::from_seed(1)}, pool);
}

inline FittedEncoding fit_all(const Table& table, EncodingNeeds needs, std::size_t threads = 1) {
  return fit_rows(table, all_rows(table), alternating(table.rows()), needs, threads);
}

inline FeatureMatrix encode_all(const Encoder& encoder, const Table& table, std::size_t threads = 1) {
  ThreadPool pool(threads);
  return encoder.encode(table, all_rows(table), pool);
}

inline std::vector<float> values_of(const FeatureColumn& column, std::size_t rows) {
  if (!column.is_sparse) return column.dense;
  std::vector<float> values(rows, 0.0F);
  for (std::size_t i = 0; i < column.sparse_rows.size(); ++i) {
    values[column.sparse_rows[i]] = column.sparse_values[i];
  }
  return values;
}

inline std::vector<float> values_of(const FeatureMatrix& matrix, const std::string& feature) {
  for (std::size_t i = 0; i < matrix.features(); ++i) {
    if ((*matrix.info)[i].name == feature) return values_of(matrix.columns[i], matrix.rows);
  }
  return {};
}

inline std::vector<std::string> names_of(const FeatureMatrix& matrix) {
  std::vector<std::string> names;
  for (const Feature& info : *matrix.info) names.push_back(info.name);
  return names;
}

// Bit for bit, NaN included, sparsity too.
inline bool same_bytes(const FeatureMatrix& a, const FeatureMatrix& b) {
  const auto same_floats = [](const std::vector<float>& x, const std::vector<float>& y) {
    return x.size() == y.size() && std::equal(x.begin(), x.end(), y.begin(), [](float u, float v) {
             return std::bit_cast<std::uint32_t>(u) == std::bit_cast<std::uint32_t>(v);
           });
  };
  if (a.rows != b.rows || a.features() != b.features() || names_of(a) != names_of(b)) return false;
  for (std::size_t i = 0; i < a.features(); ++i) {
    const FeatureColumn& x = a.columns[i];
    const FeatureColumn& y = b.columns[i];
    if (x.is_sparse != y.is_sparse || x.sparse_rows != y.sparse_rows || !same_floats(x.dense, y.dense) ||
        !same_floats(x.sparse_values, y.sparse_values)) {
      return false;
    }
  }
  return true;
}

// One column of every type, 40 rows, some cells missing.
inline Table mixed_table() {
  std::vector<double> number, whole, date;
  std::vector<std::string> flag, city, note, id;
  const std::vector<std::string> cities{"Bonn", "Rome", "Oslo", "Cairo", "Lima"};
  const std::vector<std::string> notes{"good value, works", "bad value", "Works WELL", "good good price"};
  for (int i = 0; i < 40; ++i) {
    number.push_back(i % 7 == 3 ? kMissing : 0.5 * i);
    whole.push_back(i % 9 == 0 ? i : 0);
    date.push_back(i % 11 == 5 ? kMissing : 1.0e9 + 40000.0 * i * i);
    flag.emplace_back(i % 13 == 2 ? "" : (i % 3 == 0 ? "yes" : "no"));
    city.push_back(i % 10 == 4 ? "" : cities[static_cast<std::size_t>(i * i) % cities.size()]);
    note.push_back(i % 12 == 6 ? "" : notes[static_cast<std::size_t>(i) % notes.size()]);
    id.push_back("id" + std::to_string(i));
  }
  city[39] = "Nuuk";
  city[38] = "Suva";
  return table_of(numbers("number", number), numbers("whole", whole, ColumnType::whole_number),
                  levels("flag", flag, ColumnType::boolean), levels("city", city),
                  numbers("date", date, ColumnType::datetime), texts("note", note),
                  texts("id", id, ColumnType::identifier));
}

// A category of many levels: 300 of them, five rows each.
inline Table many_levels_table() {
  std::vector<std::string> shop;
  for (int i = 0; i < 1500; ++i) shop.push_back("shop" + std::to_string((i * 7) % 300));
  return table_of(levels("shop", shop));
}

}  // namespace astrolabe::testing
