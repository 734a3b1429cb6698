// SPDX-License-Identifier: Apache-2.0
// Settings are plain structs; a field table beside each gives name, range, unit and doc. Command-line flags,
// `parts`, documentation, JSON and (later) search spaces come from the same table. Defaults are the struct's
// own initialisers.
//
//   struct TreesSettings { double learning_rate = 0.1; std::int64_t rounds = 1000; };
//   std::span<const Field<TreesSettings>> fields();   // {{.name = "learning_rate", .low = 1e-4, .high = 1,
//   ...}, &S::learning_rate} TreesSettings s = read_settings<TreesSettings>("trees", fields(), {{"rounds",
//   std::int64_t{300}}});
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace astrolabe {

using SettingValue = std::variant<bool, std::int64_t, double, std::string>;
// Ordered by name, so that equal settings are equal bytes.
using SettingValues = std::map<std::string, SettingValue, std::less<>>;

struct SettingField {
  std::string_view name;                                  // snake_case
  std::string_view doc;                                   // one sentence
  std::string_view unit = {};                             // "rows", "rounds", ...
  double low = -std::numeric_limits<double>::infinity();  // inclusive; numbers only
  double high = std::numeric_limits<double>::infinity();
  bool log_scale = false;                      // how people think about its size
  std::vector<std::string_view> choices = {};  // text settings only
  bool takes_parts = false;         // beside the choices: any part, or expression, of the slot of this name
  SettingValue default_value = {};  // filled by describe()
};

template <class Settings>
struct Field {
  SettingField about;
  std::variant<bool Settings::*, std::int64_t Settings::*, double Settings::*, std::string Settings::*>
      member;
};

// The value as `like`'s alternative, checked against the field. Whole numbers are accepted for real settings.
// Throws usage_error naming `part.field`.
[[nodiscard]] SettingValue checked_value(std::string_view part, const SettingField& field,
                                         const SettingValue& value);
// "0.05" -> the field's type. Throws usage_error.
[[nodiscard]] SettingValue parse_setting(std::string_view part, const SettingField& field,
                                         std::string_view text);
[[nodiscard]] std::string format_setting(const SettingValue& value);
// "a whole number from 1 to 100 (rounds)", "none, layer or batch": what the field takes, as people say it.
[[nodiscard]] std::string describe_domain(const SettingField& field);
// "learning_rate=0.05, rounds=300"; empty for none.
[[nodiscard]] std::string format_settings(const SettingValues& values);
// Throws usage_error for a name that is not in the table, offering the nearest.
[[nodiscard]] const SettingField& require_field(std::string_view part, std::span<const SettingField> fields,
                                                std::string_view name);

// The table without its members, defaults filled in.
template <class Settings>
[[nodiscard]] std::vector<SettingField> describe(std::span<const Field<Settings>> fields) {
  const Settings defaults{};
  std::vector<SettingField> described;
  for (const auto& field : fields) {
    described.push_back(field.about);
    std::visit([&](auto member) { described.back().default_value = defaults.*member; }, field.member);
  }
  return described;
}

// Defaults, overridden by `values`. Throws usage_error on unknown names, wrong types and values out of range.
template <class Settings>
[[nodiscard]] Settings read_settings(std::string_view part, std::span<const Field<Settings>> fields,
                                     const SettingValues& values) {
  Settings settings{};
  const std::vector<SettingField> described = describe(fields);
  for (const auto& [name, value] : values) {
    const SettingField& about = require_field(part, described, name);
    const SettingValue checked = checked_value(part, about, value);
    const auto& member = fields[static_cast<std::size_t>(&about - described.data())].member;
    std::visit(
        [&](auto pointer) {
          using Value = std::remove_reference_t<decltype(settings.*pointer)>;
          settings.*pointer = std::get<Value>(checked);
        },
        member);
  }
  return settings;
}

}  // namespace astrolabe
