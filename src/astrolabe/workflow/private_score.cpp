// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/private_score.h"

#include <algorithm>
#include <cmath>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

constexpr double kSigmas = 1.96;

double value_of_row(const PrivateScoreRequest& request, std::size_t row) {
  const std::size_t outputs = request.task.outputs();
  const double truth = request.labels.values[row];
  const std::span<const double> predicted = request.predicted.subspan(row * outputs, outputs);
  if (request.task.kind != TaskKind::regression)
    return static_cast<double>(predicted_class(predicted)) == truth ? 1 : 0;
  const double width = request.bounds.high - request.bounds.low;
  const double off = (std::clamp(truth, request.bounds.low, request.bounds.high) - predicted[0]) / width;
  return std::isfinite(off) ? std::min(off * off, 1.0) : 1;
}

}  // namespace

PrivateScore score_privately(const PrivateScoreRequest& request) {
  const auto rows = static_cast<double>(request.labels.rows());
  ASTROLABE_CHECK(rows > 0, "rows to score");
  PrivateScore scored;
  scored.steps = {
      .noise_multiplier = noise_multiplier_for(request.budget, 1, 1), .sampling_rate = 1, .steps = 1};
  double sum = 0;
  for (std::size_t row = 0; row < request.labels.rows(); ++row) sum += value_of_row(request, row);
  const double noise = scored.steps.noise_multiplier / rows;
  const double mean = std::clamp(sum / rows + noise * RandomStream(request.secret).normal(), 0.0, 1.0);
  const double half = kSigmas * std::sqrt(mean * (1 - mean) / rows + noise * noise);
  const double low = std::max(mean - half, 0.0), high = std::min(mean + half, 1.0);
  if (request.task.kind != TaskKind::regression) {
    scored.estimate = {.value = mean, .low = low, .high = high, .method = "normal, with the noise"};
    return scored;
  }
  const double width = request.bounds.high - request.bounds.low;
  scored.estimate = {.value = width * std::sqrt(mean),
                     .low = width * std::sqrt(low),
                     .high = width * std::sqrt(high),
                     .method = "normal, with the noise"};
  return scored;
}

}  // namespace astrolabe
