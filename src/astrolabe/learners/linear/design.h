// SPDX-License-Identifier: Apache-2.0
// Columns as the solvers walk them: dense ones shifted by their mean, so that sums of squares keep their
// digits; sparse ones as they are, so that they stay sparse.
//
//   Design design(features, weights);
//   design.visit(feature, [&](std::size_t row, double x) { sum += residual[row] * x; });
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "astrolabe/model/feature_matrix.h"

namespace astrolabe::linear {

// Immutable, thread-safe. Keeps a reference to the features.
class Design {
 public:
  // `weights` [rows]: what the centres are taken under; with a sum above 0.
  Design(const FeatureMatrix& features, std::span<const double> weights);

  [[nodiscard]] std::size_t rows() const { return features_.rows; }
  [[nodiscard]] std::size_t features() const { return features_.features(); }
  [[nodiscard]] bool is_sparse(std::size_t feature) const { return features_.columns[feature].is_sparse; }
  [[nodiscard]] const FeatureColumn& column(std::size_t feature) const { return features_.columns[feature]; }
  [[nodiscard]] double center(std::size_t feature) const { return centers_[feature]; }  // 0 when sparse
  // Weighted standard deviation; 0 for a constant.
  [[nodiscard]] double spread(std::size_t feature) const { return spreads_[feature]; }
  [[nodiscard]] std::size_t nonzeros() const { return nonzeros_; }

  // Calls use(row, x - centre) for every stored value, by ascending row.
  template <class Use>
  void visit(std::size_t feature, Use use) const {
    const FeatureColumn& values = features_.columns[feature];
    if (values.is_sparse) {
      for (std::size_t i = 0; i < values.sparse_rows.size(); ++i)
        use(values.sparse_rows[i], static_cast<double>(values.sparse_values[i]));
    } else {
      const double shift = centers_[feature];
      for (std::size_t row = 0; row < values.dense.size(); ++row)
        use(row, static_cast<double>(values.dense[row]) - shift);
    }
  }

 private:
  const FeatureMatrix& features_;
  std::vector<double> centers_, spreads_;
  std::size_t nonzeros_ = 0;
};

}  // namespace astrolabe::linear
