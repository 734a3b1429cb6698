// SPDX-License-Identifier: Apache-2.0
// How each column moved the scores of some rows: contributions (pipeline/contributions.h) gathered to be
// drawn.
//
//   result.effects = ColumnEffects{.score = "log-odds of >50K", .expected = -1.2, .rows = 500, .columns =
//   {...}}; effects_summary(*result.effects);       // SVG: a line of dots for each column
//   effect_panels(*result.effects);         // HTML: the first columns, value against effect
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace astrolabe {

struct LevelEffect {
  std::string level;  // not escaped yet
  std::size_t rows = 0;
  double mean = 0;
};

struct ColumnEffect {
  std::string column;  // not escaped yet
  double size = 0;     // mean of |contribution|, over rows and classes
  // By row (value, contribution): numbers, with NaN where missing; categories have no values but levels. Both
  // empty when several classes are scored.
  std::vector<std::pair<double, double>> points;
  std::vector<LevelEffect> levels;  // commonest first, at most 8
};

struct ColumnEffects {
  std::string score;  // what is moved: "log-odds of >50K"; not escaped yet
  double expected = 0;
  std::size_t rows = 0;
  std::vector<ColumnEffect> columns;  // largest first
};

// Each dot a row: right where its cell raised the score. Colour: low to high values. Of several classes bars
// instead.
[[nodiscard]] std::string effects_summary(const ColumnEffects& effects);
// Empty when several classes are scored.
[[nodiscard]] std::string effect_panels(const ColumnEffects& effects);

}  // namespace astrolabe
