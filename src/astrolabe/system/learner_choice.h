// SPDX-License-Identifier: Apache-2.0
// A learner as people choose it: its name, what they set, and where they wrote a star instead.
//
//   LearnerChoice{.name = "mlp", .settings = {{"dropout", 0.1}}, .stars = {{"activation", "relu,gelu,*"}}}
#pragma once

#include <map>
#include <string>

#include "astrolabe/model/settings.h"

namespace astrolabe {

struct LearnerChoice {
  std::string name;
  SettingValues settings = {};
  std::map<std::string, std::string> stars = {};  // setting -> star text (star.h); in no setting as well

  friend bool operator==(const LearnerChoice&, const LearnerChoice&) = default;
};

}  // namespace astrolabe
