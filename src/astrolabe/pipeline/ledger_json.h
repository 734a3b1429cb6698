// SPDX-License-Identifier: Apache-2.0
// What a ledger of privacy paid for, as the model's card and the report write it.
//
//   object["training"] = mechanisms_json(ledger.training);
//   // [{"what": "training steps", "noise_multiplier": 1.1, "sampling_rate": 0.004, "steps": 14063}]
#pragma once

#include <vector>

#include <nlohmann/json.hpp>

#include "astrolabe/privacy/ledger.h"

namespace astrolabe {

[[nodiscard]] inline nlohmann::json mechanisms_json(const std::vector<PaidMechanism>& mechanisms) {
  nlohmann::json array = nlohmann::json::array();
  for (const auto& [what, steps] : mechanisms)
    array.push_back({{"what", what},
                     {"noise_multiplier", steps.noise_multiplier},
                     {"sampling_rate", steps.sampling_rate},
                     {"steps", steps.steps}});
  return array;
}

}  // namespace astrolabe
