// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/model/settings.h"

#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"

namespace astrolabe {

namespace {

std::string plain_number(double value) {
  return fmt::format("{}", value);
}

std::string list_choices(const SettingField& field) {
  std::string list;
  for (std::size_t i = 0; i < field.choices.size(); ++i) {
    if (i > 0) list += i + 1 == field.choices.size() ? " or " : ", ";
    list += field.choices[i];
  }
  return list;
}

[[noreturn]] void refuse(std::string_view part, const SettingField& field, std::string_view found) {
  throw usage_error({.attempted = fmt::format("setting {}.{}", part, field.name),
                     .expected = describe_domain(field),
                     .found = fmt::format("\"{}\"", found),
                     .remedy = fmt::format("The default is {}.", format_setting(field.default_value))});
}

bool in_range(const SettingField& field, double value) {
  return value >= field.low && value <= field.high;
}

bool is_choice(const SettingField& field, std::string_view text) {
  if (field.choices.empty() || field.takes_parts) return true;
  for (const std::string_view choice : field.choices)
    if (choice == text) return true;
  return false;
}

std::optional<std::int64_t> parse_whole(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string describe_domain(const SettingField& field) {
  if (std::holds_alternative<bool>(field.default_value)) return "true or false";
  if (std::holds_alternative<std::string>(field.default_value))
    return field.choices.empty() ? "a text" : list_choices(field);
  std::string domain =
      std::holds_alternative<std::int64_t>(field.default_value) ? "a whole number" : "a number";
  const bool bounded_below = std::isfinite(field.low);
  const bool bounded_above = std::isfinite(field.high);
  if (bounded_below && bounded_above)
    domain += " from " + plain_number(field.low) + " to " + plain_number(field.high);
  else if (bounded_below)
    domain += " of at least " + plain_number(field.low);
  else if (bounded_above)
    domain += " of at most " + plain_number(field.high);
  if (!field.unit.empty()) domain += fmt::format(" ({})", field.unit);
  return domain;
}

SettingValue checked_value(std::string_view part, const SettingField& field, const SettingValue& value) {
  SettingValue taken = value;
  const auto* whole = std::get_if<std::int64_t>(&value);
  if (whole != nullptr && std::holds_alternative<double>(field.default_value))
    taken = static_cast<double>(*whole);

  bool fits = taken.index() == field.default_value.index();
  if (fits && std::holds_alternative<std::int64_t>(taken))
    fits = in_range(field, static_cast<double>(std::get<std::int64_t>(taken)));
  if (fits && std::holds_alternative<double>(taken)) fits = in_range(field, std::get<double>(taken));
  if (fits && std::holds_alternative<std::string>(taken))
    fits = is_choice(field, std::get<std::string>(taken));
  if (!fits) refuse(part, field, format_setting(value));
  return taken;
}

SettingValue parse_setting(std::string_view part, const SettingField& field, std::string_view text) {
  if (std::holds_alternative<std::string>(field.default_value))
    return checked_value(part, field, std::string(text));
  const std::string_view trimmed = trim(text);
  if (std::holds_alternative<bool>(field.default_value)) {
    if (trimmed == "true") return true;
    if (trimmed == "false") return false;
  } else if (std::holds_alternative<std::int64_t>(field.default_value)) {
    if (const auto whole = parse_whole(trimmed)) return checked_value(part, field, *whole);
  } else if (const auto number = parse_number(trimmed)) {
    return checked_value(part, field, *number);
  }
  refuse(part, field, text);
}

std::string format_setting(const SettingValue& value) {
  struct Formatter {
    std::string operator()(bool is_true) const { return is_true ? "true" : "false"; }
    std::string operator()(std::int64_t whole) const { return fmt::format("{}", whole); }
    std::string operator()(double number) const { return plain_number(number); }
    std::string operator()(const std::string& text) const { return text; }
  };
  return std::visit(Formatter{}, value);
}

const SettingField& require_field(std::string_view part, std::span<const SettingField> fields,
                                  std::string_view name) {
  std::vector<std::string> names;
  for (const SettingField& field : fields) {
    if (field.name == name) return field;
    names.emplace_back(field.name);
  }
  std::string remedy;
  if (const auto nearest = nearest_name(name, names)) remedy = fmt::format("Did you mean {}? ", *nearest);
  remedy += names.empty() ? fmt::format("{} has no settings.", part)
                          : fmt::format("The settings of {} are {}.", part, join(names, ", "));
  throw usage_error({.attempted = fmt::format("setting {}.{}", part, name),
                     .expected = {},
                     .found = "there is no such setting",
                     .remedy = remedy});
}

std::string format_settings(const SettingValues& values) {
  std::string text;
  for (const auto& [name, value] : values) {
    if (!text.empty()) text += ", ";
    text += name + "=" + format_setting(value);
  }
  return text;
}

}  // namespace astrolabe
