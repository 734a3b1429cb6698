// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/mutation.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace astrolabe {
namespace {

constexpr double kStep = 0.1;       // standard deviation, of the unit scale
constexpr double kFineShare = 0.3;  // of the steps: a tenth of it

// Into [0, 1) by folding at the borders, so that these are not favoured as by clamping.
double reflected(double unit) {
  unit = std::abs(unit);
  if (unit > 1) unit = 2 - unit;
  return std::clamp(unit, 0.0, std::nextafter(1.0, 0.0));
}

double other_number(const Dimension& dimension, double value, RandomStream& random) {
  const double scale = random.uniform() < kFineShare ? kStep / 10 : kStep;
  const double moved = value_at(dimension, reflected(unit_of(dimension, value) + scale * random.normal()));
  const auto* whole = std::get_if<WholeRange>(&dimension.domain);
  if (whole == nullptr || moved != value) return moved;
  const bool is_up = random.below(2) == 1;
  if (value >= static_cast<double>(whole->high)) return value - 1;
  if (value <= static_cast<double>(whole->low)) return value + 1;
  return is_up ? value + 1 : value - 1;
}

double other_value(const Dimension& dimension, double value, RandomStream& random) {
  if (!is_choice(dimension)) return other_number(dimension, value, random);
  const auto drawn = static_cast<double>(random.below(value_count(dimension) - 1));
  return drawn >= value ? drawn + 1 : drawn;
}

}  // namespace

Point mutated(const Space& space, const Point& parent, Key key) {
  std::vector<std::size_t> changeable;
  for (std::size_t d = 0; d < space.size(); ++d)
    if (!std::isnan(parent.values[d]) && value_count(space.dimensions()[d]) != 1) changeable.push_back(d);
  if (changeable.empty()) return parent;
  RandomStream random(key.split("mutation"));
  const std::size_t d = changeable[random.below(changeable.size())];
  Point child = parent;
  child.values[d] = other_value(space.dimensions()[d], parent.values[d], random);
  return repaired(space, std::move(child), key.split("repair"));
}

Point unseen_mutation(const Space& space, const Point& parent, const SeenPoints& seen, Key key) {
  constexpr std::size_t kTriesPerDistance = 16;
  Point child = parent;
  for (std::size_t distance = 1; distance <= 3; ++distance) {
    for (std::size_t attempt = 0; attempt < kTriesPerDistance; ++attempt) {
      child = parent;
      for (std::size_t change = 0; change < distance; ++change)
        child = mutated(space, child, key.split(distance).split(attempt).split(change));
      if (!seen.contains(child)) return child;
    }
  }
  return unseen_random(space, seen, key.split("random"));
}

Point unseen_random(const Space& space, const SeenPoints& seen, Key key) {
  constexpr std::size_t kTries = 16;
  Point point = random_point(space, key);
  for (std::size_t attempt = 0; attempt < kTries && seen.contains(point); ++attempt)
    point = random_point(space, key.split(attempt));
  return point;
}

}  // namespace astrolabe
