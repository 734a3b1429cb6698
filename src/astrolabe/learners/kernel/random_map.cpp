// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numbers>

#include "astrolabe/learners/kernel/feature_map.h"
#include "astrolabe/learners/kernel/frequencies.h"
#include "astrolabe/learners/kernel/projection.h"
#include "astrolabe/learners/kernel/turns.h"

namespace astrolabe::kernel {
namespace {

constexpr float kMostTurns = 4'000'000.0F;  // what cosines_and_sines takes
constexpr float kMostValue = 1e15F;         // of a product: sums of many stay finite

// Projections for so many outputs.
std::size_t projections_of(const KernelChoice& choice, std::size_t outputs) {
  if (is_stationary(choice.shape)) return outputs / 2;
  return choice.shape == KernelShape::polynomial ? outputs * choice.degree : outputs;
}

class RandomMap final : public FeatureMap {
 public:
  RandomMap(const KernelChoice& choice, std::size_t outputs, Projection projection)
      : choice_(choice), outputs_(outputs), projection_(std::move(projection)) {}

  [[nodiscard]] std::size_t inputs() const override { return projection_.inputs(); }
  [[nodiscard]] std::size_t outputs() const override { return outputs_; }

  void apply(std::span<const float> x, std::size_t rows, float* z, std::size_t stride,
             MapWork& work) const override {
    const std::size_t count = projection_.count();
    work.values.resize(rows * count);
    projection_.apply(x, rows, work.values, work.scratch);
    for (std::size_t row = 0; row < rows; ++row)
      bend(std::span(work.values).subspan(row * count, count), {z + row * stride, outputs_});
  }

  void save(ArchiveWriter& archive) const override { projection_.save(archive); }

 private:
  // From projections to features.
  void bend(std::span<float> along, std::span<float> z) const {
    if (is_stationary(choice_.shape)) {
      for (float& turns : along) turns = std::min(std::max(turns, -kMostTurns), kMostTurns);
      const auto scale = static_cast<float>(1 / std::sqrt(static_cast<double>(along.size())));
      cosines_and_sines(along, scale, z.first(along.size()), z.subspan(along.size()));
      return;
    }
    const double share = 1 / std::sqrt(static_cast<double>(outputs_));
    if (choice_.shape == KernelShape::polynomial) {
      multiply(along, z, static_cast<float>(share));
      return;
    }
    const auto scale = static_cast<float>(std::numbers::sqrt2 * share);
    const bool is_ramp = choice_.shape == KernelShape::arc_cosine1;
    for (std::size_t k = 0; k < z.size(); ++k) {
      const float value = std::min(along[k], kMostValue);
      z[k] = value > 0 ? (is_ramp ? scale * value : scale) : 0.0F;
    }
  }

  void multiply(std::span<const float> along, std::span<float> z, float scale) const {
    for (std::size_t k = 0; k < z.size(); ++k) {
      double product = scale;
      for (std::size_t factor = 0; factor < choice_.degree; ++factor) product *= along[factor * outputs_ + k];
      z[k] = static_cast<float>(std::clamp(product, -1.0 * kMostValue, 1.0 * kMostValue));
    }
  }

  KernelChoice choice_;
  std::size_t outputs_;
  Projection projection_;  // in turns for a stationary kernel
};

}  // namespace

std::shared_ptr<const FeatureMap> make_random_map(const KernelChoice& choice, std::size_t inputs,
                                                  std::size_t components, Key key) {
  const bool is_even = is_stationary(choice.shape);
  const std::size_t outputs = is_even ? (components + 1) / 2 * 2 : components;
  const std::size_t count = projections_of(choice, outputs);
  Projection projection =
      choice.features == FeatureKind::structured
          ? Projection::structured(inputs, draw_stretches(choice.shape, count, key.split("stretches")),
                                   key.split("signs"))
          : Projection::dense(inputs, draw_directions(choice, inputs, count, key));
  if (is_even) projection.scale(0.5 / std::numbers::pi);
  return std::make_shared<RandomMap>(choice, outputs, std::move(projection));
}

std::shared_ptr<const FeatureMap> load_random_map(ArchiveReader& archive, const KernelChoice& choice,
                                                  std::size_t inputs, std::size_t outputs) {
  if (is_stationary(choice.shape) && outputs % 2 != 0)
    ArchiveReader::damaged("the features of a kernel machine");
  Projection projection = Projection::load(archive, inputs, projections_of(choice, outputs));
  return std::make_shared<RandomMap>(choice, outputs, std::move(projection));
}

}  // namespace astrolabe::kernel
