// SPDX-License-Identifier: Apache-2.0
// Samples that RapidCheck draws and shrinks. Few distinct predictions, so that ties are common; whole
// weights, some 0.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "tests/stats/samples.h"
#include <rapidcheck.h>

namespace astrolabe {

// The same examples in every run, unless RC_PARAMS says otherwise. RapidCheck reads it at the first property.
inline const int kSeeded = ::setenv("RC_PARAMS", "seed=1", 0);

// The full range from the first example on: RapidCheck would begin with samples that are all but empty.
template <class Whole>
rc::Gen<Whole> any_in(Whole low, Whole high) {
  return rc::gen::resize(rc::kNominalSize, rc::gen::inRange(low, high));
}

inline std::vector<double> generated_values(std::size_t count, int low, int high, double unit) {
  const auto whole = *rc::gen::container<std::vector<int>>(count, any_in(low, high));
  std::vector<double> result;
  for (const int value : whole) result.push_back(value * unit);
  return result;
}

inline Sample generated_binary(std::size_t least = 0) {
  const auto rows = *any_in<std::size_t>(least, 40);
  return {.truth = generated_values(rows, 0, 2, 1),
          .prediction = generated_values(rows, 0, 11, 0.1),
          .weight = generated_values(rows, 0, 4, 1),
          .outputs = 1};
}

inline Sample generated_classes(std::size_t least = 0) {
  const auto rows = *any_in<std::size_t>(least, 40);
  return {.truth = generated_values(rows, 0, 3, 1),
          .prediction = generated_values(rows * 3, 0, 11, 0.1),
          .weight = generated_values(rows, 0, 4, 1),
          .outputs = 3};
}

inline Sample generated_numbers(std::size_t least = 0) {
  const auto rows = *any_in<std::size_t>(least, 40);
  return {.truth = generated_values(rows, -5, 50, 0.5),
          .prediction = generated_values(rows, -5, 50, 0.5),
          .weight = generated_values(rows, 0, 4, 1),
          .outputs = 1};
}

// Equal up to the rounding of sums in another order, or both undefined.
inline bool same(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || std::abs(a - b) <= 1e-10 * std::max(1.0, std::abs(a));
}

}  // namespace astrolabe
