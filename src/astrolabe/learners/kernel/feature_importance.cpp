// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/kernel/feature_importance.h"

#include <algorithm>
#include <cmath>

#include "astrolabe/learners/kernel/kernel_model.h"

namespace astrolabe::kernel {
namespace {

constexpr std::size_t kMostRows = 256;
constexpr std::size_t kFewRows = 16;
constexpr double kMostWork = 4e9;  // multiplications of all features together

std::size_t rows_of(const Featurizer& featurizer, const Sample& sample) {
  const auto features = static_cast<double>(featurizer.factors.size());
  const double per_row = features * (features + 8) * static_cast<double>(featurizer.width());
  const auto affordable = static_cast<std::size_t>(kMostWork / std::max(per_row, 1.0));
  return std::min(sample.rows, std::clamp(affordable, kFewRows, kMostRows));
}

}  // namespace

std::vector<double> measure_importance(const Featurizer& featurizer, std::span<const float> coefficients,
                                       const Sample& sample, ThreadPool& pool) {
  const std::size_t features = featurizer.factors.size(), inputs = featurizer.inputs();
  std::vector<double> importance(features, 0.0);
  const std::size_t rows = rows_of(featurizer, sample);
  if (rows < 2 || !featurizer.map) return importance;
  const std::size_t outputs = coefficients.size() / featurizer.width();
  std::vector<float> x(rows * inputs, 1.0F);
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t j = 0; j < features; ++j)
      x[row * inputs + j] = featurizer.factors[j] * sample.x[row * features + j];
  std::vector<float> before(rows * outputs);
  MapWork work;
  score_inputs(featurizer, coefficients, x, rows, before, work);
  pool.for_each(features, [&](std::size_t j) {
    std::vector<float> moved = x;
    for (std::size_t row = 0; row < rows; ++row)
      moved[row * inputs + j] = x[(row + rows / 2) % rows * inputs + j];
    std::vector<float> after(before.size());
    MapWork own;
    score_inputs(featurizer, coefficients, moved, rows, after, own);
    for (std::size_t i = 0; i < after.size(); ++i)
      importance[j] += std::abs(static_cast<double>(after[i]) - before[i]);
  });
  double total = 0;
  for (const double share : importance) total += share;
  for (double& share : importance) share = total > 0 && std::isfinite(total) ? share / total : 0.0;
  return importance;
}

}  // namespace astrolabe::kernel
