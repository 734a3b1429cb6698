// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/neural/influence.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "astrolabe/runtime/compile.h"
#include "astrolabe/train/programs.h"

namespace astrolabe::neural {
namespace {

constexpr std::size_t kSampledRows = 256;
constexpr std::size_t kSampledPictures = 64;
constexpr std::size_t kSeededOutputs = 16;  // at most: with very many classes the first ones speak for all

// Adds |sum over `width` columns of gradient times offset from the column's mean|, over rows. Both [rows,
// stride].
double movement(std::span<const float> values, std::span<const float> gradients, std::size_t rows,
                std::size_t stride, std::size_t first, std::size_t width) {
  std::vector<double> moved(rows, 0.0);
  for (std::size_t column = first; column < first + width; ++column) {
    double mean = 0;
    for (std::size_t row = 0; row < rows; ++row) mean += static_cast<double>(values[row * stride + column]);
    mean /= static_cast<double>(rows);
    for (std::size_t row = 0; row < rows; ++row)
      moved[row] += static_cast<double>(gradients[row * stride + column]) *
                    (static_cast<double>(values[row * stride + column]) - mean);
  }
  return std::accumulate(moved.begin(), moved.end(), 0.0,
                         [](double sum, double value) { return sum + std::abs(value); });
}

std::vector<std::uint32_t> sample_rows(std::size_t rows, std::size_t wanted) {
  std::vector<std::uint32_t> sampled;
  const std::size_t count = std::min(rows, wanted);
  for (std::size_t i = 0; i < count; ++i) sampled.push_back(static_cast<std::uint32_t>(i * rows / count));
  return sampled;
}

// A bucket is shared: each feature in it is asked with its own cells.
double shared_movement(const FeatureMatrix& sample, std::size_t feature, const InputPlan& plan,
                       std::span<const float> gradients) {
  const InputPlan::Route& route = plan.routes()[feature];
  const FeatureColumn& column = sample.columns[feature];
  double total = 0;
  const auto add = [&](std::size_t row, float value) {
    total += std::abs(static_cast<double>(gradients[row * plan.numbers() + route.at]) *
                      static_cast<double>(value - route.centre) * static_cast<double>(route.scale));
  };
  for (std::size_t i = 0; i < column.sparse_rows.size(); ++i)
    add(column.sparse_rows[i], column.sparse_values[i]);
  for (std::size_t row = 0; row < column.dense.size(); ++row) add(row, column.dense[row]);
  return total;
}

}  // namespace

std::vector<double> feature_influence(const NetSpec& net, const ParameterLayout& layout,
                                      const InputPlan& plan, const FittedWeights& weights,
                                      const FeatureMatrix& features, ThreadPool& pool,
                                      const PictureInput& picture) {
  std::vector<double> influence(plan.features(), 0.0);
  if (net.input_width() == 0 || influence.empty()) return influence;
  const FeatureMatrix sample =
      features.take_rows(sample_rows(features.rows, picture.is_there() ? kSampledPictures : kSampledRows));
  const std::size_t rows = sample.rows;
  const EncodedRows encoded = plan.encode(sample, 0, rows);
  Execution run(compile(influence_program(net, layout, rows)));
  bind_fitted(run, net, weights);
  run.bind_input("x", encoded.x.data());
  for (std::size_t i = 0; i < encoded.codes.size(); ++i)
    run.bind_input(fmt::format("codes{}", i), encoded.codes[i].data());
  std::vector<float> values(rows * picture.size.count());
  std::vector<std::int32_t> all(rows);
  std::iota(all.begin(), all.end(), 0);
  read_pictures(picture.read(sample.pixels), picture.size, all, values);
  run.bind_input("pictures", values.data());
  const std::size_t first = net.numbers > 0 ? 1 : 0;
  for (std::size_t output = 0; output < std::min(net.outputs, kSeededOutputs); ++output) {
    std::vector<float> seed(rows * net.outputs, 0.0F);
    for (std::size_t row = 0; row < rows; ++row) seed[row * net.outputs + output] = 1;
    run.bind_input("seed", seed.data());
    run.run(&pool);
    for (std::size_t feature = 0; feature < plan.features(); ++feature) {
      const InputPlan::Route& route = plan.routes()[feature];
      if (route.way == InputPlan::Way::index) {
        const std::size_t width = net.categories[route.at].width;
        influence[feature] += movement(run.output<float>(first + 2 * route.at),
                                       run.output<float>(first + 2 * route.at + 1), rows, width, 0, width);
      } else if (route.way == InputPlan::Way::bucket) {
        influence[feature] += shared_movement(sample, feature, plan, run.output<float>(0));
      } else {
        const std::size_t width = route.way == InputPlan::Way::one_hot ? route.codes : 1;
        influence[feature] += movement(encoded.x, run.output<float>(0), rows, net.numbers, route.at, width);
      }
    }
  }
  const double total = std::accumulate(influence.begin(), influence.end(), 0.0);
  for (double& share : influence) share = total > 0 && std::isfinite(total) ? share / total : 0.0;
  return influence;
}

}  // namespace astrolabe::neural
