// SPDX-License-Identifier: Apache-2.0
// How people name a proposer or a pruner with its settings.
//
//   const ChoiceText choice = split_choice("evolution(population=50, sample=10)", "--proposer");
//   choice.name                                          // "evolution"
//   const SettingValues settings = read_choice_settings(choice, row->fields());
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrolabe/model/settings.h"

namespace astrolabe {

struct ChoiceText {
  std::string name;
  std::vector<std::pair<std::string, std::string>> settings;  // as written
};

// Throws usage_error for a parenthesis left open and for what is not name=value; `option` names the option in
// the message.
[[nodiscard]] ChoiceText split_choice(std::string_view text, std::string_view option);
// Throws usage_error for settings that are unknown, written twice, or out of range.
[[nodiscard]] SettingValues read_choice_settings(const ChoiceText& choice,
                                                 std::span<const SettingField> fields);
// That there is none of that name; offers the nearest.
[[noreturn]] void refuse_choice(const ChoiceText& choice, std::string_view option,
                                std::span<const std::string> names);

// A field table as the rows of a catalogue hold it: a function.
template <auto table>
[[nodiscard]] std::span<const SettingField> described() {
  static const std::vector<SettingField> kFields = describe(table());
  return kFields;
}

}  // namespace astrolabe
