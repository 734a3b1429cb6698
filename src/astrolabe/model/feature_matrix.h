// SPDX-License-Identifier: Apache-2.0
// What learners see: encoded features, [rows, features], column-major. A feature is dense (one float per row)
// or sparse (the rows where it is not zero). NaN is missing, and appears only where the learner said it
// handles that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/data/pixels.h"

namespace astrolabe {

enum class FeatureKind : std::uint8_t {
  numeric,
  categorical,  // dense; values are codes 0 .. categories-1, or NaN for missing and unseen
};

struct Feature {
  std::string name;    // "age", "workclass=Private", "date.month"
  std::string source;  // the table's column it came from
  FeatureKind kind = FeatureKind::numeric;
  std::uint32_t categories = 0;  // of a categorical feature
};

struct FeatureColumn {
  std::vector<float> dense;                // [rows], or empty when sparse
  std::vector<std::uint32_t> sparse_rows;  // ascending
  std::vector<float> sparse_values;        // same length; never zero; missing cells are listed
  bool is_sparse = false;
};

struct FeatureMatrix {
  std::size_t rows = 0;
  std::shared_ptr<const std::vector<Feature>> info;  // [features]; shared between train, valid and predict
  std::vector<FeatureColumn> columns;                // [features]
  Pixels pixels = {};  // [rows] of a learner that asked for pictures as such (EncodingNeeds::images)

  [[nodiscard]] std::size_t features() const { return columns.size(); }
  [[nodiscard]] FeatureMatrix take_rows(
      std::span<const std::uint32_t> rows_wanted) const;  // ascending or not
  [[nodiscard]] std::size_t bytes() const;
};

}  // namespace astrolabe
