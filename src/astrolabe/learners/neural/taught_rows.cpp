// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/neural/taught_rows.h"

#include <algorithm>
#include <cmath>

#include "astrolabe/base/error.h"
#include "astrolabe/train/taught_loss.h"

namespace astrolabe::neural {

TaughtRows::TaughtRows(const MlpSettings& settings, const UsedRows& used, std::span<const double> said,
                       const Answer& answer, std::size_t outputs) {
  if (settings.distill_share == 0) return;
  if (said.empty())
    throw usage_error({.attempted = "setting mlp.distill_share",
                       .expected = "a teacher",
                       .found = "none",
                       .remedy = "Name one: --loss 'distill(MODEL, 4, 0.7)'."});
  std::vector<double> kept;
  for (const std::uint32_t row : used.rows()) {
    const auto of_row = said.subspan(std::size_t{row} * outputs, outputs);
    kept.insert(kept.end(), of_row.begin(), of_row.end());
  }
  if (answer.head != Head::number) {
    values_ = soft_targets(kept, outputs, settings.distill_temperature);
    return;
  }
  constexpr double kLeast = 1e-12;
  const double scale = answer.scale > 0 ? answer.scale : 1;
  for (const double value : kept)
    values_.push_back(static_cast<float>(answer.is_logarithmic ? std::log(std::max(value / scale, kLeast))
                                                               : (value - answer.centre) / scale));
}

}  // namespace astrolabe::neural
