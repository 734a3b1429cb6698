// SPDX-License-Identifier: Apache-2.0
// A fitted linear model: an intercept and a coefficient per feature, for each block of scores.
#pragma once

#include <memory>
#include <vector>

#include "astrolabe/learners/linear/linear_settings.h"
#include "astrolabe/model/learner.h"

namespace astrolabe::linear {

struct LinearParts {
  Family family = Family::gaussian;
  double penalty = 0;
  double l1_ratio = 0;
  double center = 0;   // prediction = centre + scale * score
  double scale = 1;    // poisson: scale * exp(score)
  double highest = 0;  // poisson: the largest exp(score) that is believed
  bool cut_short = false;
  std::size_t features = 0;
  std::vector<double> intercepts;    // [blocks], of features as they come
  std::vector<double> coefficients;  // [blocks * features]
  std::vector<double> importance;    // [features]
};

[[nodiscard]] std::unique_ptr<const Model> make_linear_model(LinearParts parts);
// Throws bad_input for anything that save would not have written.
[[nodiscard]] std::unique_ptr<const Model> load_linear_model(ArchiveReader& archive, std::size_t features,
                                                             std::size_t outputs);

// Scores [blocks][rows] of some rows.
[[nodiscard]] std::vector<std::vector<double>> score_rows(std::span<const double> intercepts,
                                                          std::span<const double> coefficients,
                                                          const FeatureMatrix& features);

}  // namespace astrolabe::linear
