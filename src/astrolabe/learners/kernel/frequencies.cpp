// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/kernel/frequencies.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace astrolabe::kernel {
namespace {

using Directions = std::vector<std::vector<double>>;  // [count][inputs]

double length_of(const std::vector<double>& vector) {
  double sum = 0;
  for (const double value : vector) sum += value * value;
  return std::sqrt(sum);
}

std::vector<double> draw_one(KernelShape shape, std::size_t inputs, RandomStream& random) {
  std::vector<double> direction(inputs);
  for (double& value : direction) {
    if (shape == KernelShape::laplacian)
      value = std::tan(std::numbers::pi * (random.uniform() - 0.5));
    else if (shape == KernelShape::polynomial)
      value = random.uniform() < 0.5 ? -1 : 1;
    else
      value = random.normal();
  }
  return direction;
}

// Takes off what directions [first, at) already have; twice, so that rounding leaves nothing.
void make_orthogonal(Directions& directions, std::size_t first, std::size_t at) {
  std::vector<double>& mine = directions[at];
  for (int round = 0; round < 2; ++round) {
    for (std::size_t other = first; other < at; ++other) {
      double along = 0;
      for (std::size_t j = 0; j < mine.size(); ++j) along += mine[j] * directions[other][j];
      for (std::size_t j = 0; j < mine.size(); ++j) mine[j] -= along * directions[other][j];
    }
  }
  const double length = length_of(mine);
  for (double& value : mine) value /= length;
}

// Directions of a normal distribution, at right angles in groups of `inputs`.
Directions draw_orthogonal(std::size_t inputs, std::size_t count, RandomStream& random) {
  Directions directions;
  std::vector<double> lengths;
  for (std::size_t at = 0; at < count; ++at) {
    directions.push_back(draw_one(KernelShape::gaussian, inputs, random));
    lengths.push_back(length_of(draw_one(KernelShape::gaussian, inputs, random)));
    make_orthogonal(directions, at / inputs * inputs, at);
  }
  for (std::size_t at = 0; at < count; ++at)
    for (double& value : directions[at]) value *= lengths[at];
  return directions;
}

// Of the t distribution; 0: not one.
int degrees_of_freedom(KernelShape shape) {
  switch (shape) {
    case KernelShape::matern12:
      return 1;
    case KernelShape::matern32:
      return 3;
    case KernelShape::matern52:
      return 5;
    default:
      return 0;
  }
}

}  // namespace

std::vector<double> draw_stretches(KernelShape shape, std::size_t count, Key key) {
  std::vector<double> stretches(count, 1.0);
  const int freedom = degrees_of_freedom(shape);
  if (freedom == 0) return stretches;
  RandomStream random(key);
  for (double& stretch : stretches) {
    double squares = 0;
    for (int i = 0; i < freedom; ++i) {
      const double normal = random.normal();
      squares += normal * normal;
    }
    stretch = std::sqrt(freedom / std::max(squares, std::numeric_limits<double>::min()));
  }
  return stretches;
}

std::vector<float> draw_directions(const KernelChoice& choice, std::size_t inputs, std::size_t count,
                                   Key key) {
  RandomStream random(key.split("directions"));
  Directions directions;
  if (choice.features == FeatureKind::orthogonal && inputs > 0)
    directions = draw_orthogonal(inputs, count, random);
  else
    for (std::size_t at = 0; at < count; ++at) directions.push_back(draw_one(choice.shape, inputs, random));
  const std::vector<double> stretches = draw_stretches(choice.shape, count, key.split("stretches"));
  // A tail that is heavier than any row is wide turns a wheel at random: a longer one turns it no better.
  constexpr double kLongest = 1e4;
  std::vector<float> columns(inputs * count);
  for (std::size_t at = 0; at < count; ++at)
    for (std::size_t j = 0; j < inputs; ++j)
      columns[j * count + at] =
          static_cast<float>(std::clamp(directions[at][j] * stretches[at], -kLongest, kLongest));
  return columns;
}

double second_moment(KernelShape shape) {
  switch (shape) {
    case KernelShape::gaussian:
      return 1;
    case KernelShape::matern32:
      return 3;
    case KernelShape::matern52:
      return 5.0 / 3;
    default:
      return std::numeric_limits<double>::infinity();
  }
}

}  // namespace astrolabe::kernel
