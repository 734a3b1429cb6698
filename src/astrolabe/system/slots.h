// SPDX-License-Identifier: Apache-2.0
// Which slots a system has, and what fits where. The command line, `parts` and the documentation read this
// one table.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/model/settings.h"

namespace astrolabe {

struct Part {
  std::string name;
  std::string doc;                     // one sentence
  std::vector<SettingField> settings;  // with defaults
};

struct Slot {
  std::string name;  // "learner"; with dashes on the command line
  std::string doc;
  std::vector<Part> parts;
};

// All slots with all parts, built from the catalogues. Cheap enough to call whenever it is needed.
[[nodiscard]] std::vector<Slot> slots();

}  // namespace astrolabe
