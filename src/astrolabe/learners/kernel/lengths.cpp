// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/kernel/lengths.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace astrolabe::kernel {
namespace {

constexpr std::size_t kMostRows = 1000;

using Weighted = std::vector<std::pair<double, double>>;  // (length, weight)

double distance(KernelShape shape, const float* x, const float* y, std::size_t features) {
  double squares = 0, absolutes = 0;
  for (std::size_t j = 0; j < features; ++j) {
    const double difference = static_cast<double>(x[j]) - y[j];
    squares += difference * difference;
    absolutes += std::abs(difference);
  }
  return shape == KernelShape::laplacian ? absolutes : std::sqrt(squares);
}

double median_of(Weighted lengths) {
  std::ranges::sort(lengths);
  double total = 0, sum = 0;
  for (const auto& [length, weight] : lengths) {
    total += weight;
    sum += weight * length;
  }
  double below = 0;
  for (const auto& [length, weight] : lengths) {
    below += weight;
    if (below < total / 2) continue;
    if (length > 0) return length;
    break;
  }
  return sum > 0 ? sum / total : 1;
}

}  // namespace

double median_length(KernelShape shape, const Sample& sample, std::size_t features) {
  const std::size_t rows = std::min(sample.rows, kMostRows);
  const std::vector<float> origin(features, 0.0F);
  Weighted lengths;
  for (std::size_t i = 0; i < rows; ++i) {
    const float* x = sample.x.data() + i * features;
    if (!is_stationary(shape)) {
      lengths.emplace_back(distance(shape, x, origin.data(), features), sample.weights[i]);
      continue;
    }
    lengths.emplace_back(0, sample.weights[i] * sample.weights[i]);
    for (std::size_t j = 0; j < i; ++j)
      lengths.emplace_back(distance(shape, x, sample.x.data() + j * features, features),
                           2 * sample.weights[i] * sample.weights[j]);
  }
  return median_of(std::move(lengths));
}

}  // namespace astrolabe::kernel
