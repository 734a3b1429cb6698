// SPDX-License-Identifier: Apache-2.0
// A diagnosis for people and programs.
#pragma once

#include <string>

#include "astrolabe/report/doctor_result.h"
#include "astrolabe/report/terminal_text.h"

namespace astrolabe {

// The decision first, then what was measured and what was tried.
[[nodiscard]] std::string doctor_text(const DoctorResult& result, const TextStyle& style);
// JSON: cause, why, decision, fix{what, before, after, gain}, system, over_constant{score,low,high},
// net{rows, parameters, start_loss, own_rate, own_loss, best_rate, best_loss, newton_loss, newton_steps,
// unmoved, dead_at_start, dead_after, signal_ratio, ...}, tried[].{against, what, before, after, gain,
// helps}, rows as in explain.json, left_out[].
[[nodiscard]] std::string doctor_json(const DoctorResult& result);

}  // namespace astrolabe
