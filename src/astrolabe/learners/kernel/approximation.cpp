// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/kernel/approximation.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "astrolabe/learners/kernel/frequencies.h"
#include "astrolabe/learners/kernel/kernel_function.h"

namespace astrolabe::kernel {
namespace {

constexpr double kChance = 0.05;

double inner(const float* a, const float* b, std::size_t count) {
  double sum = 0;
  for (std::size_t k = 0; k < count; ++k) sum += static_cast<double>(a[k]) * b[k];
  return sum;
}

}  // namespace

double pairs_bound(std::size_t components, std::size_t pairs) {
  const double count = std::max<double>(1, static_cast<double>(pairs));
  return std::sqrt(4 * std::log(2 * count / kChance) / static_cast<double>(components));
}

double space_bound(std::size_t components, std::size_t inputs, double spread, double diameter) {
  if (!std::isfinite(spread) || !(diameter > 0)) return 0;
  const double dimensions = static_cast<double>(inputs) + 2;
  const auto log_chance = [&](double e) {
    return std::log(256.0) + 2 * std::log(spread * diameter / e) -
           static_cast<double>(components) * e * e / (4 * dimensions);
  };
  double low = 1e-6, high = 1e6;
  for (int round = 0; round < 100; ++round) {
    const double middle = std::sqrt(low * high);
    (log_chance(middle) > std::log(kChance) ? low : high) = middle;
  }
  return high;
}

ApproximationError measure_error(const KernelChoice& choice, const FeatureMap& map, std::span<const float> x,
                                 std::size_t rows) {
  const std::size_t inputs = map.inputs(), outputs = map.outputs();
  std::vector<float> z(rows * outputs);
  MapWork work;
  map.apply(x, rows, z.data(), outputs, work);
  double sum = 0, most = 0, unit = 0, rest = 0, diameter = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    const auto row = x.subspan(i * inputs, inputs);
    for (std::size_t j = 0; j <= i; ++j) {
      const auto other = x.subspan(j * inputs, inputs);
      const double exact = kernel_value(choice, row, other);
      const double off = std::abs(inner(&z[i * outputs], &z[j * outputs], outputs) - exact);
      sum += off;
      most = std::max(most, off);
      double squares = 0;
      for (std::size_t k = 0; k < inputs; ++k) squares += std::pow(static_cast<double>(row[k]) - other[k], 2);
      diameter = std::max(diameter, std::sqrt(squares));
      if (i != j) continue;
      unit += exact / static_cast<double>(rows);
      rest = std::max(rest, off);
    }
  }
  const std::size_t pairs = rows * (rows + 1) / 2;
  if (!(unit > 0)) unit = 1;
  ApproximationError error{.mean = sum / static_cast<double>(pairs) / unit, .most = most / unit};
  if (choice.features == FeatureKind::nystroem) {
    // What is left of K is positive semi-definite: no element is above its largest diagonal one.
    error.pairs_bound = std::max(rest, most) / unit;
  } else if (is_stationary(choice.shape)) {
    error.pairs_bound = pairs_bound(outputs, pairs);
    const double spread = std::sqrt(static_cast<double>(inputs) * second_moment(choice.shape));
    error.space_bound = space_bound(outputs, inputs, spread, diameter);
  }
  return error;
}

}  // namespace astrolabe::kernel
