// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evidence/training_probe.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

StepSpec of_all_rows(StepSpec spec) {
  spec.batch = spec.rows;
  return spec;
}

LossSurface surface_of(const SmallNet& net, const StepSpec& spec) {
  const TrainerSetup own = net.setup();
  return LossSurface({.spec = spec, .layout = own.layout, .rows = own.rows, .bins = own.bins});
}

}  // namespace

LossCurvature::LossCurvature(const SmallNet& net)
    : spec_(of_all_rows(net.spec())),
      surface_(surface_of(net, spec_)),
      all_(every_row(spec_)),
      v_(net.layout().size),
      product_(net.layout().size) {}

SymmetricMap LossCurvature::hessian_at(std::span<const float> w) {
  return [this, w](std::span<const double> v, std::span<double> product) {
    std::ranges::transform(v, v_.begin(), [](double value) { return static_cast<float>(value); });
    surface_.hessian_times(w, all_, v_, product_);
    std::ranges::transform(product_, product.begin(), [](float value) { return static_cast<double>(value); });
  };
}

double LossCurvature::sharpness(std::span<const float> w, Key key) {
  return largest_eigenvalue(hessian_at(w), w.size(), key);
}

TraceEstimate LossCurvature::trace(std::span<const float> w, std::size_t probes, Key key) {
  return estimated_trace(hessian_at(w), w.size(), probes, key);
}

double LossCurvature::loss(std::span<const float> w) {
  return surface_.gradient(w, all_, product_);
}

std::vector<float> LossCurvature::gradient(std::span<const float> w) {
  surface_.gradient(w, all_, product_);
  return product_;
}

double median_of_last_quarter(std::span<const double> values) {
  ASTROLABE_CHECK(!values.empty(), "values to take a median of");
  const std::span<const double> last = values.last(std::max<std::size_t>(1, values.size() / 4));
  return median({last.begin(), last.end()});
}

double median(std::vector<double> values) {
  ASTROLABE_CHECK(!values.empty(), "values to take a median of");
  if (std::ranges::any_of(values, [](double value) { return std::isnan(value); }))
    return std::numeric_limits<double>::quiet_NaN();
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

}  // namespace astrolabe
