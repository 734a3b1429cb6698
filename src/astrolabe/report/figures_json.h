// SPDX-License-Identifier: Apache-2.0
// What a run's page draws, as numbers: the object `figures` of result.json. Its fields are listed in
// docs/report.md.
//
//   text += ",\n  \"figures\": " + figures_json_text(result);
#pragma once

#include <string>

#include "astrolabe/report/run_result.h"

namespace astrolabe {

// On one line. What is not finite is null; what the task does not have is left out.
[[nodiscard]] std::string figures_json_text(const RunResult& result);

}  // namespace astrolabe
