// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/system/star_pattern.h"

#include <algorithm>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/system/named_spaces.h"
#include "astrolabe/system/setting_ranges.h"

namespace astrolabe {
namespace {

// One setting in a part's parentheses.
struct Given {
  std::string_view name;   // empty: by place
  std::string_view value;  // a number, a range or "*"
};

bool is_star(std::string_view value) {
  return value == "*" || find_range(value.substr(value.starts_with('*') ? 1 : 0)).has_value();
}

// The settings when the item is a part with numbers, ranges and stars in parentheses; nothing otherwise.
std::optional<std::vector<Given>> settings_in(std::string_view text, const PartRow*& row, Vocabulary slot) {
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos || !text.ends_with(')')) return std::nullopt;
  row = find_part(slot, trim(text.substr(0, open)));
  if (row == nullptr || row->settings.empty()) return std::nullopt;
  std::vector<Given> given;
  std::string_view rest = text.substr(open + 1, text.size() - open - 2);
  while (true) {
    const std::size_t comma = rest.find(',');
    const std::string_view piece = rest.substr(0, comma);
    const std::size_t equals = piece.find('=');
    const bool is_named = equals != std::string_view::npos;
    given.push_back({is_named ? trim(piece.substr(0, equals)) : std::string_view{},
                     trim(is_named ? piece.substr(equals + 1) : piece)});
    if (!is_star(given.back().value) && !parse_number(given.back().value)) return std::nullopt;
    if (comma == std::string_view::npos) return given;
    rest = rest.substr(comma + 1);
  }
}

const PartSetting& setting_of(const Star& star, const StarItem& item, const PartRow& row, const Given& given,
                              std::size_t place) {
  for (std::size_t i = 0; i < row.settings.size(); ++i)
    if (given.name.empty() ? i == place : row.settings[i].name == given.name) return row.settings[i];
  std::vector<std::string> names;
  for (const PartSetting& setting : row.settings) names.emplace_back(setting.name);
  refuse_star(
      star, item.at,
      {.attempted = {},
       .expected = fmt::format("settings of {}: {}", row.name, join(names, ", ")),
       .found = given.name.empty() ? fmt::format("{} of them", place + 1) : fmt::format("'{}'", given.name),
       .remedy = "Take out what is too much."});
}

PointText write_given(const SpaceWriter& writer, const Star& star, const StarItem& item, const PartRow& row,
                      const PartSetting& setting, std::string_view value) {
  if (!is_star(value)) return [fixed = std::string(value)](const Point&) { return fixed; };
  if (value != "*") {
    const StarRange range = *find_range(value.substr(value.starts_with('*') ? 1 : 0));
    if (range.low >= range.high)
      refuse_star(star, item.at,
                  {.attempted = {},
                   .expected = "a range from low to high",
                   .found = fmt::format("'{}'", value),
                   .remedy = "Exchange its ends, or write the number alone."});
    // Whole numbers only where the part asks for them: focal(1..3) takes 1.5 too.
    const auto usual = range_of_part_setting(row, setting.name);
    const std::size_t d = writer.add(setting.name, range.domain(usual && usual->is_whole),
                                     std::clamp(setting.default_value, range.low, range.high));
    return [d](const Point& point) { return fmt::format("{}", point.values[d]); };
  }
  if (!range_of_part_setting(row, setting.name))
    refuse_star(star, item.at,
                {.attempted = {},
                 .expected = fmt::format("a number or a range for {} of {}", setting.name, row.name),
                 .found = "a star",
                 .remedy = "Nobody but you knows what belongs there."});
  return write_part_setting(writer, setting.name, row, setting);
}

WrittenSpace write_settings(const SpaceWriter& writer, const Star& star, const StarItem& item,
                            const PartRow& row, std::span<const Given> given) {
  const SpaceWriter inner = writer.under(row.name);
  std::vector<PointText> values;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const PartSetting& setting = setting_of(star, item, row, given[i], i);
    values.push_back(write_given(inner, star, item, row, setting, given[i].value));
    names.emplace_back(setting.name);
  }
  return {.text = [part = std::string(row.name), names, values](const Point& point) {
    std::vector<std::string> settings;
    for (std::size_t i = 0; i < names.size(); ++i) settings.push_back(names[i] + "=" + values[i](point));
    return fmt::format("{}({})", part, join(settings, ","));
  }};
}

// One character that is an operand, so that carets stay where they are.
char operand_of(Vocabulary slot, const SpaceContext& context) {
  switch (slot) {
    case Vocabulary::activation:
      return 'x';
    case Vocabulary::loss:
      return context.kind == TaskKind::regression ? 'z' : 'p';
    case Vocabulary::optimizer:
      return 'g';
    case Vocabulary::schedule:
      return 't';
  }
  return 'x';
}

// With an operand in every hole it must be a formula; whether that one can train does not matter.
void require_formula(Vocabulary slot, const StarItem& item, const SpaceContext& context) {
  std::string text = item.text;
  for (const std::size_t hole : item.holes) text[hole] = operand_of(slot, context);
  try {
    static_cast<void>(resolve_part(slot, text));
  } catch (const Error& error) {
    if (!std::string_view(error.what()).starts_with("checking")) throw;
  }
}

PointText write_hole(const SpaceWriter& hole, Vocabulary slot, const SpaceContext& context) {
  switch (slot) {
    case Vocabulary::activation:
      return hole.choice("", ramachandran_unaries()).text;
    case Vocabulary::loss:
      return hole.choice("", glo_leaves(context.kind), 1).text;
    case Vocabulary::optimizer:
      return write_bello_hole(hole);
    case Vocabulary::schedule:
      return write_decays(hole, context, 0).text;
  }
  return {};
}

WrittenSpace write_holes(const SpaceWriter& writer, Vocabulary slot, const StarItem& item,
                         const SpaceContext& context) {
  std::vector<std::string> pieces = {""};
  std::vector<PointText> holes;
  for (std::size_t i = 0; i < item.text.size(); ++i) {
    if (std::ranges::find(item.holes, i) == item.holes.end()) {
      pieces.back() += item.text[i];
      continue;
    }
    const std::string name = item.holes.size() == 1 ? "hole" : fmt::format("hole{}", holes.size() + 1);
    holes.push_back(write_hole(writer.under(name), slot, context));
    pieces.emplace_back();
  }
  return {.text = [pieces, holes](const Point& point) {
    std::string text = pieces[0];
    for (std::size_t i = 0; i < holes.size(); ++i) text += in_parentheses(holes[i](point)) + pieces[i + 1];
    return text;
  }};
}

}  // namespace

WrittenSpace write_pattern(const SpaceWriter& writer, Vocabulary slot, const Star& star, const StarItem& item,
                           const SpaceContext& context) {
  const PartRow* row = nullptr;
  if (const auto given = settings_in(item.text, row, slot))
    return write_settings(writer, star, item, *row, *given);
  if (item.text.find("..") != std::string::npos)
    refuse_star(star, item.at + item.text.find(".."),
                {.attempted = {},
                 .expected = "a range alone, or as the setting of a part",
                 .found = fmt::format("'{}'", item.text),
                 .remedy = "Write leaky_relu(0.01..0.3), say; inside formulas a star is a hole."});
  require_formula(slot, item, context);
  return write_holes(writer, slot, item, context);
}

}  // namespace astrolabe
