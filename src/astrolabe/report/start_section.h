// SPDX-License-Identifier: Apache-2.0
// The chapter "Where it started" of a run that went on from a model, and the same facts as JSON.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "astrolabe/report/run_result.h"

namespace astrolabe {

// Empty for a run that began with nothing.
[[nodiscard]] std::string start_section(const RunResult& result);
// null for such a run.
[[nodiscard]] nlohmann::json start_json(const RunResult& result);

}  // namespace astrolabe
