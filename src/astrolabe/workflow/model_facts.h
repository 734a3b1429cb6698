// SPDX-License-Identifier: Apache-2.0
// What a run's own result.json says of the model that ships, in sentences with its numbers: nothing is
// computed again.
//
//   for (const std::string& fact : model_facts("runs/digits")) ...
//   // "Shuffling age costs 0.034 [0.031, 0.038] of AUC, most of 14 columns (importance.by_shuffling)"
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace astrolabe {

// Of the folder of a run; none where result.json is not there or of another version's shape.
[[nodiscard]] std::vector<std::string> model_facts(const std::filesystem::path& folder);

}  // namespace astrolabe
