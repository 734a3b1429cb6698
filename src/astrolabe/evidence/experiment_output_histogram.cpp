// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "astrolabe/evidence/elementwise.h"
#include "astrolabe/evidence/experiments.h"
#include "astrolabe/parts/catalog.h"

namespace astrolabe {
namespace {

constexpr std::size_t kBins = 60;

ExperimentCurve histogram(const std::string& name, const std::vector<double>& values) {
  const auto [low, high] = std::ranges::minmax(values);
  ExperimentCurve curve{.name = name, .x = std::vector<double>(kBins), .y = std::vector<double>(kBins, 0.0)};
  const double width = (high - low) / kBins;
  for (std::size_t bin = 0; bin < kBins; ++bin) curve.x[bin] = low + (static_cast<double>(bin) + 0.5) * width;
  for (const double value : values) {
    const auto bin = width > 0 ? static_cast<std::size_t>((value - low) / width) : 0;
    curve.y[std::min(bin, kBins - 1)] += 1 / static_cast<double>(values.size());
  }
  return curve;
}

}  // namespace

ExperimentResult run_output_histogram(const ExperimentRequest& request) {
  const std::size_t samples = request.count("samples", 100, 1'000'000);
  RandomStream random(request.key);
  std::vector<double> x(samples);
  for (double& value : x) value = random.normal();
  ExperimentResult result{
      .key = "activation", .rows = {}, .plot = {"output", "share", false, {}}, .prediction = {}, .words = {}};
  result.prediction = "selu alone keeps mean 0 and variance 1 (to 0.05), as it was made to";
  bool is_true = true, has_selu = false;
  for (const std::string& name : request.list("activation")) {
    const ElementwiseFunction activation(resolve_part(Vocabulary::activation, name).expression, "x");
    const std::vector<double> y = activation.value(x);
    const auto n = static_cast<double>(samples);
    const double mean = std::accumulate(y.begin(), y.end(), 0.0) / n;
    double variance = 0, dead = 0, saturated = 0;
    const std::vector<double> slope = activation.slope(x);
    for (std::size_t i = 0; i < samples; ++i) {
      variance += (y[i] - mean) * (y[i] - mean) / n;
      dead += slope[i] == 0 ? 1 / n : 0;
      saturated += std::abs(slope[i]) < 0.05 ? 1 / n : 0;
    }
    result.rows.push_back(
        {name, {{"mean", mean}, {"variance", variance}, {"no_slope", dead}, {"nearly_no_slope", saturated}}});
    result.plot.curves.push_back(histogram(name, y));
    const bool is_normal = std::abs(mean) < 0.05 && std::abs(variance - 1) < 0.05;
    has_selu |= name == "selu";
    if (name != "x" && name != "identity") is_true &= is_normal == (name == "selu");
  }
  result.verdict = !has_selu ? ExperimentVerdict::undecided
                   : is_true ? ExperimentVerdict::confirmed
                             : ExperimentVerdict::refuted;
  std::vector<std::string> parts;
  for (const ExperimentRow& row : result.rows)
    parts.push_back(
        fmt::format("{} {:.3f} and {:.3f}", row.part, row.numbers[0].second, row.numbers[1].second));
  result.words = fmt::format("mean and variance: {}", fmt::join(parts, ", "));
  return result;
}

}  // namespace astrolabe
