// SPDX-License-Identifier: Apache-2.0
// A signal through many random layers: its size after each, how alike two signals have become, and the size
// of a gradient on its way back. Weights are scaled so that the activation keeps the size of a standard
// normal, which is what a good initialisation does; what the rest does to the signal is the activation's own.
#include <algorithm>
#include <cmath>
#include <numeric>

#include <Eigen/Dense>
#include <fmt/format.h>

#include "astrolabe/evidence/elementwise.h"
#include "astrolabe/evidence/experiments.h"
#include "astrolabe/parts/catalog.h"

namespace astrolabe {
namespace {

using Matrix = Eigen::MatrixXd;  // [width, signals]

constexpr Eigen::Index kSignals = 16;

Matrix draw(Eigen::Index rows, Eigen::Index columns, double scale, Key key) {
  RandomStream random(key);
  Matrix matrix(rows, columns);
  for (Eigen::Index i = 0; i < matrix.size(); ++i) matrix.data()[i] = scale * random.normal();
  return matrix;
}

std::span<const double> elements(const Matrix& matrix) {
  return {matrix.data(), static_cast<std::size_t>(matrix.size())};
}

Matrix shaped(const std::vector<double>& values, const Matrix& like) {
  return Eigen::Map<const Matrix>(values.data(), like.rows(), like.cols());
}

double mean_square(std::span<const double> values) {
  return std::inner_product(values.begin(), values.end(), values.begin(), 0.0) /
         static_cast<double>(values.size());
}

// Of signals 0 and 1, which began at an angle.
double cosine(const Matrix& signals) {
  return signals.col(0).dot(signals.col(1)) / (signals.col(0).norm() * signals.col(1).norm());
}

struct Journey {
  double size = 0;      // mean square behind the last layer, over that behind the first
  double likeness = 0;  // cosine of two signals behind the last layer
  double gradient = 0;  // mean square in front of the first layer, over that behind the last
  ExperimentCurve sizes;
};

Journey travel(const ElementwiseFunction& activation, const std::string& name, std::size_t depth,
               Eigen::Index width, Key key) {
  const Matrix normal = draw(width, 4 * kSignals, 1, key.split("probe"));
  const double power = mean_square(activation.value(elements(normal)));
  const double scale = power > 0 ? 1 / std::sqrt(power * static_cast<double>(width)) : 0;
  Journey journey{.sizes = {.name = name, .x = {}, .y = {}}};
  Matrix signal = draw(width, kSignals, 1, key.split("signal"));
  std::vector<Matrix> weights, slopes;
  for (std::size_t layer = 0; layer < depth; ++layer) {
    const Matrix before = signal;
    slopes.push_back(shaped(activation.slope(elements(before)), before));
    weights.push_back(draw(width, width, scale, key.split("weights").split(layer)));
    signal = weights.back() * shaped(activation.value(elements(before)), before);
    journey.sizes.x.push_back(static_cast<double>(layer + 1));
    journey.sizes.y.push_back(std::max(mean_square(elements(signal)), 1e-300));
  }
  journey.size = mean_square(elements(signal));
  journey.likeness = cosine(signal);
  Matrix back = draw(width, kSignals, 1, key.split("gradient"));
  for (std::size_t layer = depth; layer-- > 0;)
    back = slopes[layer].cwiseProduct(weights[layer].transpose() * back);
  journey.gradient = mean_square(elements(back));
  return journey;
}

}  // namespace

ExperimentResult run_signal_propagation(const ExperimentRequest& request) {
  const std::size_t depth = request.count("depth", 2, 1000);
  const auto width = static_cast<Eigen::Index>(request.count("width", 8, 512));
  ExperimentResult result{.key = "activation",
                          .rows = {},
                          .plot = {"layer", "mean square of the signal", true, {}},
                          .prediction = {},
                          .words = {}};
  result.prediction =
      "with weights scaled for it, every activation keeps the signal within a factor of 100, and its "
      "gradient within a factor of 10,000";
  std::vector<std::string> lost;
  for (const std::string& name : request.list("activation")) {
    const ElementwiseFunction activation(resolve_part(Vocabulary::activation, name).expression, "x");
    const Journey journey = travel(activation, name, depth, width, request.key);
    result.rows.push_back(
        {name, {{"size", journey.size}, {"likeness", journey.likeness}, {"gradient", journey.gradient}}});
    result.plot.curves.push_back(journey.sizes);
    const auto within = [](double value, double factor) { return value < factor && value > 1 / factor; };
    if (!within(journey.size, 100) || !within(journey.gradient, 10'000)) lost.push_back(name);
  }
  result.verdict = lost.empty() ? ExperimentVerdict::confirmed : ExperimentVerdict::refuted;
  result.words = lost.empty() ? fmt::format("after {} layers all signals and gradients are within", depth)
                              : fmt::format("after {} layers lost with {}", depth, fmt::join(lost, ", "));
  return result;
}

}  // namespace astrolabe
