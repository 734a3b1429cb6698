// SPDX-License-Identifier: Apache-2.0
// How a fit went, step by step, of a model that remembers. For people: nothing depends on it, no file holds
// it, and a model that was loaded remembers nothing.
//
//   if (const auto* recorded = dynamic_cast<const RecordedFit*>(&model))
//     for (const FitStep& step : recorded->curve().steps) draw(step.step, step.training, step.watched);
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace astrolabe {

struct FitStep {
  std::uint64_t step = 0;          // from 1; rounds, epochs
  double training = std::nan("");  // mean loss; NaN: not measured at this step
  double watched = std::nan("");   // of the rows that early stopping looks at
};

struct FitCurve {
  std::string unit = {};            // "round", "epoch"
  std::vector<FitStep> steps = {};  // ascending
  std::uint64_t best_step = 0;      // which the model is cut to; 0: none

  // Steps that a curve over thousands needs: the first ones (a power of 2), then half as many for each
  // doubling.
  [[nodiscard]] static bool is_told(std::uint64_t step, std::uint64_t first = 32) {
    std::uint64_t grain = 1;
    while (step > first * grain) grain *= 2;
    return step % grain == 0;
  }
};

class RecordedFit {
 public:
  virtual ~RecordedFit() = default;
  [[nodiscard]] virtual const FitCurve& curve() const = 0;
};

}  // namespace astrolabe
