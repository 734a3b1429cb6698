// SPDX-License-Identifier: Apache-2.0
// What experiments look at while a small net trains.
//
//   LossCurvature curvature(net);
//   curvature.sharpness(trainer.w(), key)      // the largest eigenvalue of the Hessian, over a batch of all
//   median_of_last_quarter(seen)
//
// The loss is that of all training rows, whatever the batch of the net's own steps is. Not thread-safe.
#pragma once

#include <span>
#include <vector>

#include "astrolabe/evidence/small_net.h"
#include "astrolabe/evidence/spectrum.h"

namespace astrolabe {

class LossCurvature {
 public:
  explicit LossCurvature(const SmallNet& net);

  // NaN where the loss has left the finite numbers. Cost: 10 to 60 Hessian-vector products.
  [[nodiscard]] double sharpness(std::span<const float> w, Key key);
  [[nodiscard]] TraceEstimate trace(std::span<const float> w, std::size_t probes, Key key);
  // The mean loss of all rows.
  [[nodiscard]] double loss(std::span<const float> w);
  [[nodiscard]] std::vector<float> gradient(std::span<const float> w);

 private:
  [[nodiscard]] SymmetricMap hessian_at(std::span<const float> w);

  StepSpec spec_;
  LossSurface surface_;
  std::vector<std::int32_t> all_;
  std::vector<float> v_, product_;
};

// Of the values that come last, a quarter of all, at least one; not empty.
[[nodiscard]] double median_of_last_quarter(std::span<const double> values);
// Of an even number the mean of the middle two; NaN where one is; not empty.
[[nodiscard]] double median(std::vector<double> values);

}  // namespace astrolabe
