// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/initialize.h"

#include <algorithm>
#include <cmath>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

constexpr double kFrequencySpread = 0.2;  // turns per unit of a standardised number: slow waves first

// What one unit reads, and what one value enters.
std::pair<std::size_t, std::size_t> fans_of(const Shape& shape) {
  if (shape.rank() != 4) return {shape[0], shape[1]};
  const std::size_t window = shape[0] * shape[1];
  return {window * shape[2], window * shape[3]};
}

double spread_of(Initialization initialization, std::size_t in, std::size_t out) {
  switch (initialization) {
    case Initialization::glorot:
      return std::sqrt(2.0 / static_cast<double>(in + out));
    case Initialization::lecun:
      return std::sqrt(1.0 / static_cast<double>(in));
    case Initialization::he:
    case Initialization::orthogonal:
      break;
  }
  return std::sqrt(2.0 / static_cast<double>(in));
}

void fill_normal(std::span<float> values, double spread, Key key) {
  RandomStream random(key);
  for (float& value : values) value = static_cast<float>(spread * random.normal());
}

// Gram-Schmidt, twice, on the shorter side of a matrix [in, out].
void fill_orthogonal(std::span<float> values, std::size_t in, std::size_t out, Key key) {
  const std::size_t count = std::min(in, out), length = std::max(in, out);
  std::vector<double> vectors(count * length);
  RandomStream random(key);
  for (std::size_t i = 0; i < count; ++i) {
    const std::span<double> own = std::span(vectors).subspan(i * length, length);
    for (double& value : own) value = random.normal();
    for (std::size_t pass = 0, done = i; pass < 2 * done; ++pass) {
      const std::span<const double> other = std::span(vectors).subspan(pass % done * length, length);
      double along = 0;
      for (std::size_t j = 0; j < length; ++j) along += own[j] * other[j];
      for (std::size_t j = 0; j < length; ++j) own[j] -= along * other[j];
    }
    double square = 0;
    for (const double value : own) square += value * value;
    for (double& value : own) value /= std::sqrt(square);
  }
  for (std::size_t row = 0; row < in; ++row)
    for (std::size_t column = 0; column < out; ++column) {
      const std::size_t vector = in <= out ? row : column, element = in <= out ? column : row;
      values[row * out + column] = static_cast<float>(std::sqrt(2.0) * vectors[vector * length + element]);
    }
}

void fill(std::span<float> values, const Parameter& parameter, Initialization initialization, Key key) {
  using Role = Parameter::Role;
  const Shape& shape = parameter.shape;
  switch (parameter.role) {
    case Role::weight: {
      const auto [in, out] = fans_of(shape);
      if (initialization == Initialization::orthogonal)
        return fill_orthogonal(values, in, values.size() / in, key);
      return fill_normal(values, spread_of(initialization, in, out), key);
    }
    case Role::embedding:
      return fill_normal(values, 0.1, key);
    case Role::frequency:
      return fill_normal(values, kFrequencySpread, key);
    case Role::mix:
      return fill_normal(values, spread_of(Initialization::lecun, shape[1], shape[2]), key);
    case Role::phase: {
      RandomStream random(key);
      for (float& value : values) value = static_cast<float>(random.uniform());
      return;
    }
    case Role::closing:
    case Role::bias:
    case Role::scale:
    case Role::trainable:
      std::ranges::fill(values, static_cast<float>(parameter.initial));
  }
}

}  // namespace

std::vector<float> initial_weights(const ParameterLayout& layout, Initialization initialization,
                                   std::span<const float> bias, Key key) {
  std::vector<float> w(layout.size, 0.0F);
  for (const Parameter& parameter : layout.parameters) {
    const std::span<float> values = std::span(w).subspan(parameter.offset, parameter.shape.element_count());
    fill(values, parameter, initialization, key.split(parameter.name));
  }
  if (!bias.empty()) {
    const Parameter& last = layout.find("out.b");
    ASTROLABE_CHECK(bias.size() == last.shape.element_count(), "a bias per output");
    std::ranges::copy(bias, w.begin() + static_cast<std::ptrdiff_t>(last.offset));
  }
  return w;
}

std::vector<float> initial_running(const ParameterLayout& layout) {
  std::vector<float> running(layout.running_size, 0.0F);
  std::size_t offset = 0;
  for (const std::size_t width : layout.norms) {
    const std::size_t aligned = aligned_floats(width);
    std::fill_n(running.begin() + static_cast<std::ptrdiff_t>(offset + aligned), width, 1.0F);
    offset += 2 * aligned;
  }
  return running;
}

}  // namespace astrolabe
