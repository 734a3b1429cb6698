// SPDX-License-Identifier: Apache-2.0
// What a run's numbers do not say, each sentence with the number that shows it.
//
//   for (const std::string& sentence : limits_of(result)) ...
//   // "95 % interval 0.021 wide: on 6,512 rows a change of less than 0.0105 cannot be seen."
#pragma once

#include <string>
#include <vector>

#include "astrolabe/report/run_result.h"

namespace astrolabe {

// Plain text, the gravest first; at least one sentence.
[[nodiscard]] std::vector<std::string> limits_of(const RunResult& result);

}  // namespace astrolabe
