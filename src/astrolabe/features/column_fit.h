// SPDX-License-Identifier: Apache-2.0
// What fitting one column's encoder takes and gives. Each family has one function of this shape:
//
//   FittedColumn fit_numeric(const ColumnFit& fit);
//
// It reads the column only at fit.rows. A column that can tell nothing apart gives no encoder.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "astrolabe/data/column.h"
#include "astrolabe/features/encoder.h"
#include "astrolabe/model/feature_matrix.h"
#include "astrolabe/model/learner.h"
#include "astrolabe/model/task.h"

namespace astrolabe {

struct ColumnFit {
  const Column& column;
  std::span<const RowIndex> rows;
  const Labels& labels;                 // [rows]
  std::span<const std::uint8_t> folds;  // [rows] for what is made of targets, see target_statistics.h
  EncodingNeeds needs;
};

struct FittedColumn {
  std::unique_ptr<const ColumnEncoder> encoder;  // null: the column gives no feature
  std::vector<FeatureColumn> train;              // [features] of the fitting rows
  Pixels pixels = {};                            // of the fitting rows, where the encoder gives such
};

// For a family without targets: what it learnt, and the fitting rows seen through it.
[[nodiscard]] inline FittedColumn encode_fitted(const ColumnFit& fit,
                                                std::unique_ptr<const ColumnEncoder> encoder) {
  std::vector<FeatureColumn> train = encoder->encode(fit.column, fit.rows);
  Pixels pixels = encoder->encode_pixels(fit.column, fit.rows);
  return {std::move(encoder), std::move(train), std::move(pixels)};
}

}  // namespace astrolabe
