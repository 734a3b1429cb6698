// SPDX-License-Identifier: Apache-2.0
// What fits into which slot.
//
// --json: slots[].{name,doc,learners,takes,words,parts[]}, parts[].{name,doc,expression,settings[]},
// settings[].{name,default, doc,unit,low,high,choices,takes_parts}; what says nothing is left out. With
// --space: slots[].spaces[].{name,doc,setting,low,high,default,grammar,count,members[],only_for}, members[]
// .{name,text}; no count: there is no end of them.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/cli/command.h"
#include "astrolabe/system/setting_ranges.h"
#include "astrolabe/system/slots.h"
#include "astrolabe/system/space_catalog.h"

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
  if (field.takes_parts) object["takes_parts"] = true;
  return object;
}

nlohmann::json space_json(const SpaceRow& row) {
  const SpaceSummary summary = summary_of(row, {}, row.preferred);
  nlohmann::json object = {{"name", row.name},
                           {"doc", row.doc},
                           {"grammar", summary.grammar},
                           {"members", nlohmann::json::array()}};
  if (std::isfinite(summary.count)) object["count"] = summary.count;
  if (!row.only_for.empty()) object["only_for"] = row.only_for;
  if (!row.setting.empty()) {
    object["setting"] = row.setting;
    object["low"] = row.low;
    object["high"] = row.high;
    object["default"] = row.preferred;
  }
  for (const auto& [name, text] : summary.members)
    object["members"].push_back({{"name", name}, {"text", text}});
  return object;
}

std::string parts_json(const std::vector<SystemSlot>& shown, bool wants_spaces) {
  nlohmann::json object = {{"slots", nlohmann::json::array()}};
  for (const SystemSlot& slot : shown) {
    nlohmann::json parts = nlohmann::json::array();
    for (const Part& part : slot.parts) {
      nlohmann::json settings = nlohmann::json::array();
      for (const SettingField& field : part.settings) settings.push_back(setting_json(field));
      parts.push_back({{"name", part.name}, {"doc", part.doc}, {"settings", settings}});
      if (!part.expression.empty()) parts.back()["expression"] = part.expression;
    }
    object["slots"].push_back({{"name", slot.name}, {"doc", slot.doc}, {"parts", parts}});
    if (!slot.learners.empty()) object["slots"].back()["learners"] = slot.learners;
    if (!slot.takes.empty()) object["slots"].back()["takes"] = slot.takes;
    if (!slot.words.empty()) object["slots"].back()["words"] = slot.words;
    if (!wants_spaces) continue;
    object["slots"].back()["spaces"] = nlohmann::json::array();
    for (const SpaceRow* row : spaces_of(slot.name))
      object["slots"].back()["spaces"].push_back(space_json(*row));
  }
  return object.dump(2);
}

// "1 to 100,000 rounds", "auto, squared, logistic"
std::string range_text(const SettingField& field) {
  if (!field.choices.empty()) {
    return join(std::vector<std::string>(field.choices.begin(), field.choices.end()), ", ") +
           (field.takes_parts ? fmt::format(", or what the slot {} takes", field.name) : "");
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

void print_learner(const Part& part) {
  fmt::print("\n  {}\n    {}\n", part.name, part.doc);
  for (const SettingField& field : part.settings) {
    const std::string range = range_text(field);
    fmt::print("    {:<20} {:<10} {}{}\n", field.name, format_setting(field.default_value), field.doc,
               range.empty() ? "" : " (" + range + ")");
  }
}

// "huber(delta=1)"
std::string call_of(const Part& part) {
  std::vector<std::string> settings;
  for (const SettingField& field : part.settings)
    settings.push_back(fmt::format("{}={}", field.name, format_setting(field.default_value)));
  return part.name + (settings.empty() ? "" : "(" + join(settings, ", ") + ")");
}

// Formulas under one another, with the sentence about each below it.
void print_formulas(const std::vector<Part>& parts) {
  constexpr std::size_t kWidestName = 24;
  std::size_t width = 0;
  for (const Part& part : parts)
    if (call_of(part).size() <= kWidestName) width = std::max(width, call_of(part).size());
  for (const Part& part : parts) {
    const std::string call = call_of(part);
    fmt::print("\n");
    if (call.size() > width) fmt::print("  {}\n", call);
    fmt::print("  {:<{}}  {}\n", call.size() > width ? "" : call, width, part.expression);
    fmt::print("  {:<{}}  {}\n", "", width, part.doc);
  }
}

void print_slot(const SystemSlot& slot) {
  fmt::print("{}: {}\n", slot.name, slot.doc);
  if (!slot.learners.empty()) fmt::print("  of {}\n", join(slot.learners, ", "));
  if (!slot.takes.empty()) fmt::print("  takes {}\n", slot.takes);
  for (const auto& [learner, words] : slot.words)
    fmt::print("  {} also takes {}\n", learner, join(words, ", "));
  if (slot.name == "learner") {
    for (const Part& part : slot.parts) print_learner(part);
  } else {
    print_formulas(slot.parts);
  }
}

// What `*NAME` searches.
void print_space(const SpaceRow& row) {
  const SpaceSummary summary = summary_of(row, {}, row.preferred);
  fmt::print("\n  *{}\n    {}\n", summary.call, row.doc);
  if (!row.setting.empty()) fmt::print("    {}: {} to {}\n", row.setting, row.low, row.high);
  if (!row.only_for.empty()) fmt::print("    Only for {}.\n", row.only_for);
  std::string grammar = "    " + summary.grammar;
  for (std::size_t at = grammar.find('\n'); at + 1 < grammar.size(); at = grammar.find('\n', at + 1))
    grammar.insert(at + 1, "    ");
  fmt::print("{}", grammar);
  if (std::isfinite(summary.count)) {
    fmt::print("    {} members\n", summary.count < 1e15
                                       ? format_count(static_cast<std::uint64_t>(summary.count))
                                       : fmt::format("{:.2g}", summary.count));
  } else {
    fmt::print("    members without end: real numbers\n");
  }
  for (const auto& [name, text] : summary.members) fmt::print("      {:<26} {}\n", name, text);
}

void print_spaces(const SystemSlot& slot) {
  fmt::print("{}: {}\n", slot.name, slot.doc);
  const std::vector<const SpaceRow*> spaces = spaces_of(slot.name);
  if (spaces.empty()) {
    for (const std::string& learner : slot.learners)
      if (const auto star = star_of_setting(learner, slot.name))
        fmt::print("  * of {} is {}\n", learner, *star);
    return;
  }
  std::vector<std::string> open;
  for (const SpaceRow* row : spaces)
    if (row->is_open) open.emplace_back(row->name);
  fmt::print("  * is {}\n", join(open, " or "));
  for (const SpaceRow* row : spaces) print_space(*row);
}

int print_parts(std::string wanted, bool wants_spaces, const Face& face) {
  std::ranges::replace(wanted, '-', '_');
  std::vector<SystemSlot> shown;
  std::vector<std::string> names;
  for (SystemSlot& slot : slots()) {
    names.push_back(slot.name);
    if (wanted.empty() || wanted == slot.name) shown.push_back(std::move(slot));
  }
  if (shown.empty()) {
    const auto nearest = nearest_name(wanted, names);
    throw usage_error(
        {.attempted = "listing parts",
         .expected = "one of the slots: " + join(names, ", "),
         .found = "'" + wanted + "'",
         .remedy = nearest ? "Did you mean " + *nearest + "?" : "`astrolabe parts` lists all."});
  }
  if (face.json) {
    fmt::print("{}\n", parts_json(shown, wants_spaces));
  } else {
    for (const SystemSlot& slot : shown) {
      if (&slot != &shown.front()) fmt::print("\n");
      if (wants_spaces) {
        print_spaces(slot);
      } else {
        print_slot(slot);
      }
    }
  }
  return 0;
}

}  // namespace

void add_parts_command(CLI::App& app, Session& session) {
  auto slot = std::make_shared<std::string>();
  CLI::App* parts =
      app.add_subcommand("parts", "Which parts exist for which slot, with settings and defaults");
  parts->add_option("slot", *slot, "Only this slot")->type_name("SLOT");
  auto wants_spaces = std::make_shared<bool>(false);
  parts->add_flag("--space", *wants_spaces, "What a star there searches: grammars, sizes, named members");
  add_face_options(*parts, session.face);
  parts->callback([slot, wants_spaces, &session] {
    session.action = [slot, wants_spaces, &session] {
      return print_parts(*slot, *wants_spaces, session.face);
    };
  });
}

}  // namespace astrolabe
