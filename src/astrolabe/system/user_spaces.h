// SPDX-License-Identifier: Apache-2.0
// What users declare in TOML: grammars of formulas, and slots of their own programs.
//
//   [grammar.waves]                       # then: --activation '*waves'
//   slot = "activation"
//   start = "<u>+<u>"
//   depth = 3
//   rules.u = ["x", "sin(<u>)", "<u>*<u>"]
//
//   [slot.lr]                             # for `search -- COMMAND`
//   range = "1e-4..1e-1"
//   [slot.act]
//   values = ["relu", "gelu"]
//
// Other tables of the file are others' business and ignored here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/search/space.h"
#include "astrolabe/system/grammar.h"

namespace astrolabe {

struct UserSlot {
  std::string name;
  Domain domain;
};

// In the order of their names. `source` is what messages call the text ("system.toml"). Throws bad_input with
// the line: text that is no TOML, keys that are missing, unknown or of the wrong type, an unknown slot, a
// slot with both or neither of values and range; and usage_error for an unsound grammar or range.
[[nodiscard]] std::vector<Grammar> read_user_grammars(std::string_view text, std::string_view source);
[[nodiscard]] std::vector<UserSlot> read_user_slots(std::string_view text, std::string_view source);

}  // namespace astrolabe
