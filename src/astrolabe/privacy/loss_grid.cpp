// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/loss_grid.h"

#include <algorithm>
#include <cmath>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

// Losses above `before.loss` and at most the next grid point, as P and Q draw them.
struct Cell {
  double first = 0, second = 0;
};

Cell cell_between(const LossTails& before, const LossTails& after) {
  return {.first = std::max(0.0, before.first - after.first),
          .second = std::max(0.0, before.second - after.second)};
}

// The share of P's mass in (low, low + step] that goes to the upper end, so that P and Q both keep theirs: on
// the grid mass m at loss l is exp(-l) m of Q. What rounding makes of it stays between nothing and all.
double upper_share(const Cell& cell, double low, double step) {
  const double upper = (cell.first - lifted(cell.second, low)) / -std::expm1(-step);
  return std::clamp(upper, 0.0, cell.first);
}

void share_out(const LossPair& pair, Rounding rounding, LossGrid& grid) {
  const double step = grid.step, shift = rounding == Rounding::nearest ? step / 2 : 0;
  const std::vector<LossTails> tails =
      pair.tails_along(static_cast<double>(grid.first) * step - shift, step, grid.mass.size());
  LossTails before = tails[0];
  double below = 1 - before.first;  // at or under the first point
  for (std::size_t i = 0; i + 1 < grid.mass.size(); ++i) {
    const double low = static_cast<double>(grid.first + static_cast<std::int64_t>(i)) * step;
    const LossTails after = tails[i + 1];
    const Cell cell = cell_between(before, after);
    before = after;
    const double up = rounding == Rounding::up             ? cell.first
                      : rounding == Rounding::connect_dots ? upper_share(cell, low, step)
                                                           : 0;
    grid.mass[i] += cell.first - up;
    grid.mass[i + 1] += up;
  }
  if (rounding != Rounding::down) grid.mass.front() += below;
  // Above the last point.
  const double last =
      static_cast<double>(grid.first + static_cast<std::int64_t>(grid.mass.size()) - 1) * step;
  if (rounding == Rounding::connect_dots) {
    const double kept = std::min(before.first, lifted(before.second, last));
    grid.mass.back() += kept;
    grid.infinite = before.first - kept;
  } else if (rounding == Rounding::up) {
    grid.infinite = before.first;
  } else {
    grid.mass.back() += before.first;
  }
}

}  // namespace

LossGrid discretise(const LossPair& pair, double step, Rounding rounding) {
  ASTROLABE_CHECK(step > 0, "a grid has a step");
  LossGrid grid{.step = step};
  // A point more on either side: a loss may take its ends with positive probability, and rounding must not
  // put them outside.
  grid.first = static_cast<std::int64_t>(std::floor(pair.lowest() / step)) - 1;
  const std::int64_t last = static_cast<std::int64_t>(std::ceil(pair.highest() / step)) + 1;
  grid.mass.assign(static_cast<std::size_t>(last - grid.first) + 1, 0.0);
  share_out(pair, rounding, grid);
  return grid;
}

LossGrid mixed(const LossGrid& a, const LossGrid& b, double weight) {
  ASTROLABE_CHECK(a.step == b.step, "grids of one step");
  ASTROLABE_CHECK(weight >= 0 && weight <= 1, "a weight is a probability");
  LossGrid both{.step = a.step, .first = std::min(a.first, b.first)};
  both.infinite = weight * a.infinite + (1 - weight) * b.infinite;
  for (const LossGrid* grid : {&a, &b}) {
    const double share = grid == &a ? weight : 1 - weight;
    const auto offset = static_cast<std::size_t>(grid->first - both.first);
    if (both.mass.size() < offset + grid->mass.size()) both.mass.resize(offset + grid->mass.size());
    for (std::size_t i = 0; i < grid->mass.size(); ++i) both.mass[offset + i] += share * grid->mass[i];
  }
  return both;
}

}  // namespace astrolabe
