// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/system/user_spaces.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/system/slots.h"
#include "astrolabe/system/star.h"

namespace astrolabe {
namespace {

// A file under its name, for messages.
struct File {
  std::string_view source;
  toml::table table;

  [[noreturn]] void refuse(const toml::node& at, const std::string& expected, const std::string& found,
                           const std::string& remedy) const {
    throw bad_input({.attempted = fmt::format("reading line {} of {}", at.source().begin.line, source),
                     .expected = expected,
                     .found = found,
                     .remedy = remedy});
  }
};

File parse_file(std::string_view text, std::string_view source) {
  try {
    return {source, toml::parse(text)};
  } catch (const toml::parse_error& error) {
    throw bad_input({.attempted = fmt::format("reading line {} of {}", error.source().begin.line, source),
                     .expected = "TOML",
                     .found = std::string(error.description()),
                     .remedy = "Texts stand in quotes, lists in brackets."});
  }
}

std::string text_at(const File& file, const toml::table& table, std::string_view key,
                    const std::string& remedy) {
  const toml::node* node = table.get(key);
  if (node == nullptr) file.refuse(table, fmt::format("{} = \"...\"", key), "nothing", remedy);
  if (!node->is_string()) file.refuse(*node, fmt::format("{} as a text", key), "something else", remedy);
  return node->as_string()->get();
}

std::vector<std::string> texts_of(const File& file, const toml::node& node, std::string_view key,
                                  bool takes_numbers) {
  std::vector<std::string> texts;
  const toml::array* array = node.as_array();
  if (array == nullptr)
    file.refuse(node, fmt::format("{} as a list", key), "something else", "Write [\"a\", \"b\"].");
  for (const toml::node& item : *array) {
    if (item.is_string()) {
      texts.push_back(item.as_string()->get());
    } else if (takes_numbers && item.is_integer()) {
      texts.push_back(fmt::format("{}", item.as_integer()->get()));
    } else if (takes_numbers && item.is_floating_point()) {
      texts.push_back(fmt::format("{}", item.as_floating_point()->get()));
    } else {
      file.refuse(item, fmt::format("texts in {}", key), "something else", "Write [\"a\", \"b\"].");
    }
  }
  return texts;
}

void require_keys(const File& file, const toml::table& table, std::span<const std::string_view> known) {
  for (const auto& [key, node] : table) {
    if (std::ranges::find(known, key.str()) != known.end()) continue;
    const std::vector<std::string> names(known.begin(), known.end());
    const auto nearest = nearest_name(key.str(), names);
    file.refuse(node, "one of " + join(names, ", "), fmt::format("\"{}\"", key.str()),
                nearest ? fmt::format("Did you mean {}?", *nearest) : "Take it out.");
  }
}

// The tables under `kind`, each a declaration.
std::vector<std::pair<std::string, const toml::table*>> declared(const File& file, std::string_view kind) {
  std::vector<std::pair<std::string, const toml::table*>> found;
  const toml::node* all = file.table.get(kind);
  if (all == nullptr) return found;
  const std::string remedy = fmt::format("Write [{}.NAME] above what it says.", kind);
  if (!all->is_table()) file.refuse(*all, fmt::format("tables [{}.NAME]", kind), "something else", remedy);
  for (const auto& [name, node] : *all->as_table()) {
    if (!node.is_table()) file.refuse(node, fmt::format("tables [{}.NAME]", kind), "something else", remedy);
    found.emplace_back(name.str(), node.as_table());
  }
  std::ranges::sort(found);
  return found;
}

Vocabulary slot_at(const File& file, const toml::table& table) {
  const std::string remedy = "Grammars are for activation, loss, optimizer or schedule.";
  const std::string name = text_at(file, table, "slot", remedy);
  const SlotRow* row = find_slot(name);
  if (row == nullptr || !row->parts)
    file.refuse(*table.get("slot"), "a slot of formulas", "\"" + name + "\"", remedy);
  return *row->parts;
}

Grammar grammar_at(const File& file, const std::string& name, const toml::table& table) {
  constexpr std::array<std::string_view, 4> kKeys{"slot", "start", "depth", "rules"};
  require_keys(file, table, kKeys);
  Grammar grammar{.name = name, .slot = slot_at(file, table), .start = {}, .rules = {}};
  grammar.start = text_at(file, table, "start", "Write start = \"<u>\", say.");
  if (const toml::node* depth = table.get("depth")) {
    const auto* whole = depth->as_integer();
    if (whole == nullptr || whole->get() < 1)
      file.refuse(*depth, "depth as a whole number of at least 1", "something else", "Leave it out for 4.");
    grammar.depth = static_cast<std::size_t>(whole->get());
  }
  const toml::node* rules = table.get("rules");
  if (rules == nullptr || !rules->is_table())
    file.refuse(table, fmt::format("[grammar.{}.rules]", name), "nothing",
                "Write rules.u = [\"x\", \"sin(<u>)\"], say.");
  for (const auto& [rule, node] : *rules->as_table())
    grammar.rules[std::string(rule.str())] = texts_of(file, node, rule.str(), true);
  require_sound(grammar);
  return grammar;
}

}  // namespace

std::vector<Grammar> read_user_grammars(std::string_view text, std::string_view source) {
  const File file = parse_file(text, source);
  std::vector<Grammar> grammars;
  for (const auto& [name, table] : declared(file, "grammar"))
    grammars.push_back(grammar_at(file, name, *table));
  return grammars;
}

std::vector<UserSlot> read_user_slots(std::string_view text, std::string_view source) {
  constexpr std::array<std::string_view, 2> kKeys{"values", "range"};
  const File file = parse_file(text, source);
  std::vector<UserSlot> slots;
  for (const auto& [name, table] : declared(file, "slot")) {
    require_keys(file, *table, kKeys);
    const toml::node* values = table->get("values");
    const toml::node* range = table->get("range");
    if ((values == nullptr) == (range == nullptr))
      file.refuse(*table, "values = [...] or range = \"low..high\"", values == nullptr ? "neither" : "both",
                  "Write one of them.");
    const std::string written = values != nullptr ? join(texts_of(file, *values, "values", true), ",")
                                                  : text_at(file, *table, "range", "Write \"1e-4..1e-1\".");
    slots.push_back({name, read_plain_star(name, written)});
  }
  return slots;
}

}  // namespace astrolabe
