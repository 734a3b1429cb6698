// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <unordered_map>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/parts/catalog.h"

namespace astrolabe {
namespace {

// A row as the parser knows it: settings only, or an activation with its argument in front.
Macro as_macro(const PartRow& row, bool has_argument) {
  Macro macro{.name = std::string(row.name), .parameters = {}, .body = std::string(row.body)};
  if (has_argument) macro.parameters.push_back({.name = "x", .default_text = "x"});
  for (const PartSetting& setting : row.settings)
    macro.parameters.push_back({std::string(setting.name), fmt::format("{}", setting.default_value)});
  return macro;
}

using Macros = std::unordered_map<std::string_view, Macro>;

Macros make_macros(Vocabulary slot, bool has_argument) {
  Macros macros;
  for (const PartRow& row : parts_of(slot)) macros.emplace(row.name, as_macro(row, has_argument));
  return macros;
}

const Macros& macros_of(Vocabulary slot) {
  static const std::array<Macros, 4> all{
      make_macros(Vocabulary::activation, true), make_macros(Vocabulary::loss, false),
      make_macros(Vocabulary::optimizer, false), make_macros(Vocabulary::schedule, false)};
  return all[static_cast<std::size_t>(slot)];
}

// Whether every piece between the commas is a number, perhaps with a name: "0.2", "a=0.2, b=3".
bool are_numbers(std::string_view settings) {
  return std::ranges::all_of(split(settings, ','), [](std::string_view piece) {
    const std::size_t equal_sign = piece.find('=');
    if (equal_sign != std::string_view::npos) piece = piece.substr(equal_sign + 1);
    return parse_number(trim(piece)).has_value();
  });
}

// The row when the whole text is one part: "gelu" or "focal(2)"; otherwise null.
const PartRow* row_of(Vocabulary slot, std::string_view text) {
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos) return find_part(slot, text);
  const bool is_one_call = text.ends_with(')') && are_numbers(text.substr(open + 1, text.size() - open - 2));
  const PartRow* row = is_one_call ? find_part(slot, trim(text.substr(0, open))) : nullptr;
  return row != nullptr && !row->settings.empty() ? row : nullptr;  // tanh(2) is a number
}

}  // namespace

ResolvedPart resolve_part(Vocabulary slot, std::string_view text) {
  const PartRow* row = row_of(slot, trim(text));
  const Macros& macros = macros_of(slot);
  const Macro settings_only = row != nullptr ? as_macro(*row, false) : Macro{};
  MacroTable table;
  table.find = [&](std::string_view name) -> const Macro* {
    if (row != nullptr && name == row->name) return &settings_only;
    const auto known = macros.find(name);
    return known == macros.end() ? nullptr : &known->second;
  };
  for (const PartRow& part : parts_of(slot)) table.names.emplace_back(part.name);
  ResolvedPart resolved{.expression = parse_expression(slot, text, table), .row = row};
  if (row == nullptr) check_part(resolved.expression);
  return resolved;
}

bool suits_numbers(const ResolvedPart& loss) {
  return loss.row != nullptr ? loss.row->for_regression : !loss.expression.uses_probability();
}

bool suits_classes(const ResolvedPart& loss) {
  return loss.row == nullptr || loss.row->for_classes;
}

}  // namespace astrolabe
