// SPDX-License-Identifier: Apache-2.0
// The part of a run's page about the score that counts: metrics with intervals, then what the task has:
// curves and thresholds, calibration, each class, residuals and coverage. Every figure says which rows it is
// of.
//
//   page += score_section(result);
#pragma once

#include <string>

#include "astrolabe/report/run_result.h"

namespace astrolabe {

[[nodiscard]] std::string score_section(const RunResult& result);

}  // namespace astrolabe
