// SPDX-License-Identifier: Apache-2.0
// Questions to a set of systems, as weights that sum to 0: one against another, a part against another over
// all of the other slot's parts, and whether two parts do more together than apart.
//
//   const FactorialTable table{.rows = 2, .columns = 3};         // parts of two slots; systems by row
//   value_of(table.main_effect_of_row(1, 0), scores)             // part 1 against part 0 of the first slot
//   value_of(table.interaction(1, 0, 2, 0), scores)              // (y12 - y02) - (y10 - y00)
//
// Source: Box, Hunter & Hunter, "Statistics for experimenters", 1978, chapter 10 (factorial designs; theirs
// of two levels halves the interaction, this one does not). Pure; thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace astrolabe {

struct ContrastTerm {
  std::size_t system = 0;
  double weight = 0;
};
using Contrast = std::vector<ContrastTerm>;

[[nodiscard]] double value_of(const Contrast& contrast, std::span<const double> scores);

// Above 0 where `a` is better.
[[nodiscard]] Contrast comparison_of(std::size_t a, std::size_t b);

// System row * columns + column has part `row` of the first slot and part `column` of the second.
struct FactorialTable {
  std::size_t rows = 0, columns = 0;

  [[nodiscard]] std::size_t system(std::size_t row, std::size_t column) const {
    return row * columns + column;
  }
  // Over all parts of the other slot.
  [[nodiscard]] Contrast main_effect_of_row(std::size_t row, std::size_t base) const;
  [[nodiscard]] Contrast main_effect_of_column(std::size_t column, std::size_t base) const;
  // What `row` gains over `base_row` under `column`, less what it gains under `base_column`.
  [[nodiscard]] Contrast interaction(std::size_t row, std::size_t base_row, std::size_t column,
                                     std::size_t base_column) const;
};

}  // namespace astrolabe
