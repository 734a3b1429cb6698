// SPDX-License-Identifier: Apache-2.0
// The model card and the members' settings as the JSON section of a model file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/pipeline/shipped_model.h"

namespace astrolabe {

// A member without what is fitted.
struct MemberCard {
  std::string learner;
  SettingValues settings;
  double weight = 0;
  std::size_t system = 0;
};

struct CardSection {
  ModelCard card;
  std::vector<MemberCard> members;
  std::vector<MemberCard> spreads = {};
};

[[nodiscard]] std::string write_card(const CardSection& section);
// Throws bad_input when a field is absent, of another type or out of range.
[[nodiscard]] CardSection read_card(std::string_view json);

}  // namespace astrolabe
