// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdio>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/cli/command.h"
#include "astrolabe/system/slots.h"

namespace astrolabe {
namespace {

nlohmann::json value_json(const SettingValue& value) {
  return std::visit([](const auto& held) { return nlohmann::json(held); }, value);
}

nlohmann::json setting_json(const SettingField& field) {
  nlohmann::json object = {
      {"name", field.name}, {"default", value_json(field.default_value)}, {"doc", field.doc}};
  if (!field.unit.empty()) object["unit"] = field.unit;
  if (std::isfinite(field.low)) object["low"] = field.low;
  if (std::isfinite(field.high)) object["high"] = field.high;
  if (!field.choices.empty()) object["choices"] = field.choices;
  return object;
}

std::string parts_json(const std::vector<Slot>& shown) {
  nlohmann::json object = {{"slots", nlohmann::json::array()}};
  for (const Slot& slot : shown) {
    nlohmann::json parts = nlohmann::json::array();
    for (const Part& part : slot.parts) {
      nlohmann::json settings = nlohmann::json::array();
      for (const SettingField& field : part.settings) settings.push_back(setting_json(field));
      parts.push_back({{"name", part.name}, {"doc", part.doc}, {"settings", settings}});
    }
    object["slots"].push_back({{"name", slot.name}, {"doc", slot.doc}, {"parts", parts}});
  }
  return object.dump(2);
}

// "1 to 100,000 rounds", "auto, squared, logistic"
std::string range_text(const SettingField& field) {
  if (!field.choices.empty()) {
    return join(std::vector<std::string>(field.choices.begin(), field.choices.end()), ", ");
  }
  std::string text;
  if (std::isfinite(field.low) && std::isfinite(field.high)) {
    text = fmt::format("{:g} to {:g}", field.low, field.high);
  } else if (std::isfinite(field.low)) {
    text = fmt::format("from {:g}", field.low);
  }
  if (!field.unit.empty()) text += (text.empty() ? "" : " ") + std::string(field.unit);
  return text;
}

void print_slot(const Slot& slot) {
  fmt::print("{}: {}\n", slot.name, slot.doc);
  for (const Part& part : slot.parts) {
    fmt::print("\n  {}\n    {}\n", part.name, part.doc);
    for (const SettingField& field : part.settings) {
      const std::string range = range_text(field);
      fmt::print("    {:<20} {:<10} {}{}\n", field.name, format_setting(field.default_value), field.doc,
                 range.empty() ? "" : " (" + range + ")");
    }
  }
}

int print_parts(const std::string& wanted, const Face& face) {
  std::vector<Slot> shown;
  std::vector<std::string> names;
  for (Slot& slot : slots()) {
    names.push_back(slot.name);
    if (wanted.empty() || wanted == slot.name) shown.push_back(std::move(slot));
  }
  if (shown.empty()) {
    throw usage_error({.attempted = "listing parts",
                       .expected = "one of the slots: " + join(names, ", "),
                       .found = "'" + wanted + "'",
                       .remedy = "`astrolabe parts` lists all."});
  }
  if (face.json) {
    fmt::print("{}\n", parts_json(shown));
  } else {
    for (const Slot& slot : shown) print_slot(slot);
  }
  return 0;
}

}  // namespace

void add_parts_command(CLI::App& app, Session& session) {
  auto slot = std::make_shared<std::string>();
  CLI::App* parts =
      app.add_subcommand("parts", "Which parts exist for which slot, with settings and defaults");
  parts->add_option("slot", *slot, "Only this slot")->type_name("SLOT");
  add_face_options(*parts, session.face);
  parts->callback(
      [slot, &session] { session.action = [slot, &session] { return print_parts(*slot, session.face); }; });
}

}  // namespace astrolabe
