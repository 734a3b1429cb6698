// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/choice_text.h"

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"

namespace astrolabe {

ChoiceText split_choice(std::string_view text, std::string_view option) {
  const auto refuse = [&](std::string_view expected) {
    return usage_error({.attempted = fmt::format("reading {}", option),
                        .expected = std::string(expected),
                        .found = fmt::format("'{}'", text),
                        .remedy = "Write it as name or as name(setting=value, setting=value)."});
  };
  const std::string_view trimmed = trim(text);
  const std::size_t open = trimmed.find('(');
  ChoiceText choice{.name = std::string(trim(trimmed.substr(0, open))), .settings = {}};
  if (open == std::string_view::npos) return choice;
  if (trimmed.back() != ')') throw refuse("a closing parenthesis at the end");
  const std::string_view inside = trim(trimmed.substr(open + 1, trimmed.size() - open - 2));
  if (inside.empty()) return choice;
  for (const std::string& argument : split(inside, ',')) {
    const std::size_t equals = argument.find('=');
    if (equals == std::string::npos) throw refuse("settings as name=value");
    choice.settings.emplace_back(trim(std::string_view(argument).substr(0, equals)),
                                 trim(std::string_view(argument).substr(equals + 1)));
  }
  return choice;
}

SettingValues read_choice_settings(const ChoiceText& choice, std::span<const SettingField> fields) {
  SettingValues values;
  for (const auto& [name, text] : choice.settings) {
    const SettingField& field = require_field(choice.name, fields, name);
    if (!values.emplace(name, parse_setting(choice.name, field, text)).second)
      throw usage_error({.attempted = fmt::format("setting {}.{}", choice.name, name),
                         .expected = "it once",
                         .found = "it twice",
                         .remedy = "Leave one of them out."});
  }
  return values;
}

void refuse_choice(const ChoiceText& choice, std::string_view option, std::span<const std::string> names) {
  const auto nearest = nearest_name(choice.name, names);
  throw usage_error({.attempted = fmt::format("reading {}", option),
                     .expected = "one of " + join(names, ", "),
                     .found = fmt::format("'{}'", choice.name),
                     .remedy = nearest ? fmt::format("Did you mean {}?", *nearest) : "Take one of these."});
}

}  // namespace astrolabe
