// SPDX-License-Identifier: Apache-2.0
// Small made tables for the tests of the trees.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/model/learner.h"

namespace astrolabe::trees::testing {

inline constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

// Adds dense columns; a column with categories > 0 is categorical.
class TableMaker {
 public:
  explicit TableMaker(std::size_t rows) { matrix_.rows = rows; }
  TableMaker& add(std::vector<float> values, std::uint32_t categories = 0) {
    matrix_.columns.push_back({.dense = std::move(values), .sparse_rows = {}, .sparse_values = {}});
    infos_.push_back({.name = "f" + std::to_string(infos_.size()),
                      .source = "f" + std::to_string(infos_.size()),
                      .kind = categories > 0 ? FeatureKind::categorical : FeatureKind::numeric,
                      .categories = categories});
    return *this;
  }
  [[nodiscard]] FeatureMatrix make() const {
    FeatureMatrix made = matrix_;
    made.info = std::make_shared<const std::vector<Feature>>(infos_);
    return made;
  }

 private:
  FeatureMatrix matrix_;
  std::vector<Feature> infos_;
};

inline FeatureMatrix to_sparse(FeatureMatrix matrix) {
  for (FeatureColumn& column : matrix.columns) {
    if (column.is_sparse) continue;
    for (std::uint32_t row = 0; row < column.dense.size(); ++row) {
      if (column.dense[row] == 0) continue;
      column.sparse_rows.push_back(row);
      column.sparse_values.push_back(column.dense[row]);
    }
    column.dense.clear();
    column.is_sparse = true;
  }
  return matrix;
}

struct TableShape {
  std::size_t rows = 500;
  std::size_t numeric = 4;
  std::size_t categorical = 0;
  std::uint32_t categories = 6;
  double missing = 0;      // share of missing cells
  double zeros = 0;        // share of cells that are exactly 0
  std::size_t levels = 0;  // distinct values of a numeric column; 0: continuous
};

inline FeatureMatrix random_table(const TableShape& shape, Key key) {
  TableMaker maker(shape.rows);
  RandomStream random(key);
  const auto cell = [&](float value) {
    const double u = random.uniform();
    if (u < shape.missing) return kMissing;
    return u < shape.missing + shape.zeros ? 0.0F : value;
  };
  for (std::size_t j = 0; j < shape.numeric; ++j) {
    std::vector<float> column(shape.rows);
    for (float& value : column)
      value = cell(shape.levels > 0 ? static_cast<float>(random.below(shape.levels))
                                    : static_cast<float>(random.normal()));
    maker.add(std::move(column));
  }
  for (std::size_t j = 0; j < shape.categorical; ++j) {
    std::vector<float> column(shape.rows);
    for (float& value : column) value = cell(static_cast<float>(random.below(shape.categories)));
    maker.add(std::move(column), shape.categories);
  }
  return maker.make();
}

inline float value_at(const FeatureMatrix& matrix, std::size_t feature, std::size_t row) {
  const FeatureColumn& column = matrix.columns[feature];
  if (!column.is_sparse) return column.dense[row];
  for (std::size_t i = 0; i < column.sparse_rows.size(); ++i)
    if (column.sparse_rows[i] == row) return column.sparse_values[i];
  return 0;
}

// Some of the numbers below `out_of`, ascending.
inline std::vector<std::uint32_t> drawn(std::size_t count, std::size_t out_of, RandomStream& random) {
  std::vector<std::uint32_t> all(out_of);
  std::iota(all.begin(), all.end(), 0U);
  random.shuffle(all);
  all.resize(count);
  std::ranges::sort(all);
  return all;
}

// A smooth function of the columns plus noise, as numbers, two classes or several.
inline Labels labels_for(const FeatureMatrix& matrix, TaskKind kind, std::size_t classes, Key key,
                         double noise = 0.3) {
  RandomStream random(key);
  Labels labels{
      .kind = kind, .classes = kind == TaskKind::regression ? 0 : classes, .values = {}, .weights = {}};
  for (std::size_t row = 0; row < matrix.rows; ++row) {
    double sum = noise * random.normal();
    for (std::size_t feature = 0; feature < matrix.features(); ++feature) {
      const float value = value_at(matrix, feature, row);
      if (std::isnan(value)) continue;
      const bool categorical = (*matrix.info)[feature].kind == FeatureKind::categorical;
      sum +=
          categorical ? std::fmod(value * 2.7, 3.0) - 1 : (feature % 2 == 0 ? value : std::abs(value) - 0.8);
    }
    if (kind == TaskKind::regression) {
      labels.values.push_back(sum);
    } else {
      const double step = std::floor((sum + 1.5) / 3 * static_cast<double>(classes));
      labels.values.push_back(std::fmin(std::fmax(step, 0), static_cast<double>(classes) - 1));
    }
  }
  return labels;
}

}  // namespace astrolabe::trees::testing
