// SPDX-License-Identifier: Apache-2.0
// A found formula as curves beside familiar ones: its value and its slope, sampled.
//
//   if (const std::optional<FormulaCurves> drawn = curves_of({.slot = "activation", .text = "x*sigmoid(x)"}))
//     drawn->curves[0].slope[100]      // 0.5, at x = 0
//
// Activations over x in [-5, 5]; losses over the raw output z in [-5, 5], of classes for the true one, of
// numbers for the truth 0; schedules over t in [0, 1]. Optimizers have memories and are not drawn.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "astrolabe/report/search_result.h"

namespace astrolabe {

struct FormulaCurve {
  std::string name;                  // "found", "gelu"
  std::vector<double> value, slope;  // at FormulaCurves::at; not finite where the formula is not
};

struct FormulaCurves {
  std::string variable;  // "x"
  std::vector<double> at;
  std::vector<FormulaCurve> curves;  // the found one first
  // The named part whose value is nearest (root mean square), and the largest difference; empty: none.
  std::string nearest;
  double difference = 0;
};

// Nothing for slots that are not drawn and texts that do not parse. Deterministic; thread-safe. Cost: some
// milliseconds.
[[nodiscard]] std::optional<FormulaCurves> curves_of(const FoundFormula& formula);

}  // namespace astrolabe
