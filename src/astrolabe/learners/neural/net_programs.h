// SPDX-License-Identifier: Apache-2.0
// The programs that a fitted net was trained by and answers by: what a tuner wants to see.
//
//   for (const NetProgram& each : programs_of(*member.model, member.settings, rows))
//     tune(each.program);
#pragma once

#include <string>
#include <vector>

#include "astrolabe/model/learner.h"
#include "astrolabe/runtime/program.h"

namespace astrolabe {

struct NetProgram {
  std::string name;  // "a training step of 64 rows"
  Program program;
};

// Of a model of the mlp family: its training step as the settings make it for so many rows (without weights
// of rows), and its answers. Empty for another family. Throws usage_error for settings that are none.
[[nodiscard]] std::vector<NetProgram> programs_of(const Model& model, const SettingValues& settings,
                                                  std::size_t rows);

}  // namespace astrolabe
