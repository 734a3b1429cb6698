// SPDX-License-Identifier: Apache-2.0
// The part of a run's page about what ships: the ensemble drawn, how alike its members err, and how the fits
// went, round by round or epoch by epoch.
//
//   page += choice_section(result);
#pragma once

#include <string>

#include "astrolabe/report/run_result.h"

namespace astrolabe {

// Empty when nothing was chosen.
[[nodiscard]] std::string choice_section(const RunResult& result);

}  // namespace astrolabe
