// SPDX-License-Identifier: Apache-2.0
// What a teacher says of the rows of a fit, as a step takes it (train/taught_loss.h).
//
//   const TaughtRows taught(settings, used, request.taught, parts.answer, parts.outputs);
//   rows.taught = taught.values();    // empty: nobody teaches
#pragma once

#include <span>
#include <vector>

#include "astrolabe/learners/neural/fit_rows.h"
#include "astrolabe/learners/neural/mlp_design.h"
#include "astrolabe/learners/neural/mlp_settings.h"

namespace astrolabe::neural {

class TaughtRows {
 public:
  // `said` [all rows of the fit * outputs], those of weight 0 too. Throws usage_error when the settings ask
  // for a teacher and nobody says anything.
  TaughtRows(const MlpSettings& settings, const UsedRows& used, std::span<const double> said,
             const Answer& answer, std::size_t outputs);

  [[nodiscard]] std::span<const float> values() const { return values_; }

 private:
  std::vector<float> values_;
};

}  // namespace astrolabe::neural
