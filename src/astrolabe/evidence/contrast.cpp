// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evidence/contrast.h"

namespace astrolabe {

double value_of(const Contrast& contrast, std::span<const double> scores) {
  double value = 0;
  for (const ContrastTerm& term : contrast) value += term.weight * scores[term.system];
  return value;
}

Contrast comparison_of(std::size_t a, std::size_t b) {
  return {{.system = a, .weight = 1}, {.system = b, .weight = -1}};
}

Contrast FactorialTable::main_effect_of_row(std::size_t row, std::size_t base) const {
  Contrast contrast;
  const double weight = 1 / static_cast<double>(columns);
  for (std::size_t column = 0; column < columns; ++column) {
    contrast.push_back({.system = system(row, column), .weight = weight});
    contrast.push_back({.system = system(base, column), .weight = -weight});
  }
  return contrast;
}

Contrast FactorialTable::main_effect_of_column(std::size_t column, std::size_t base) const {
  Contrast contrast;
  const double weight = 1 / static_cast<double>(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    contrast.push_back({.system = system(row, column), .weight = weight});
    contrast.push_back({.system = system(row, base), .weight = -weight});
  }
  return contrast;
}

Contrast FactorialTable::interaction(std::size_t row, std::size_t base_row, std::size_t column,
                                     std::size_t base_column) const {
  return {{.system = system(row, column), .weight = 1},
          {.system = system(base_row, column), .weight = -1},
          {.system = system(row, base_column), .weight = -1},
          {.system = system(base_row, base_column), .weight = 1}};
}

}  // namespace astrolabe
