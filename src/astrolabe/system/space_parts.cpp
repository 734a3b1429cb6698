// SPDX-License-Identifier: Apache-2.0
// The named parts of a slot (parts/catalog.h), each with its settings under it. What is another name of an
// earlier part is left out, and so are parts that change what is asked for: quantile and poisson mean other
// predictions.
#include <algorithm>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/system/named_spaces.h"
#include "astrolabe/system/setting_ranges.h"

namespace astrolabe {
namespace {

bool changes_the_question(const PartRow& row) {
  return row.slot == Vocabulary::loss && (row.name == "quantile" || row.link != Link::identity);
}

std::vector<const PartRow*> parts_for(Vocabulary slot, TaskKind kind) {
  std::vector<const PartRow*> parts;
  for (const PartRow& row : parts_of(slot)) {
    const bool suits =
        slot != Vocabulary::loss || (kind == TaskKind::regression ? row.for_regression : row.for_classes);
    const bool is_new =
        std::ranges::none_of(parts, [&](const PartRow* known) { return known->body == row.body; });
    if (suits && is_new && !changes_the_question(row)) parts.push_back(&row);
  }
  return parts;
}

// What learners take when nobody says anything.
std::size_t usual_part(Vocabulary slot, std::span<const PartRow* const> parts) {
  constexpr std::array<std::string_view, 5> kUsual{"silu", "cross_entropy", "mse", "adam", "cosine"};
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (std::ranges::find(kUsual, parts[i]->name) != kUsual.end() && parts[i]->slot == slot) return i;
  return 0;
}

}  // namespace

WrittenSpace write_parts(Vocabulary slot, const SpaceWriter& writer, const SpaceContext& context) {
  const std::vector<const PartRow*> parts = parts_for(slot, context.kind);
  std::vector<std::string> names;
  for (const PartRow* part : parts) names.emplace_back(part->name);
  const WrittenChoice part = writer.choice("part", names, usual_part(slot, parts));
  std::vector<std::vector<PointText>> settings(parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const SpaceWriter inner = writer.while_option(part.dimension, {i}).under(parts[i]->name);
    for (const PartSetting& setting : parts[i]->settings)
      settings[i].push_back(write_part_setting(inner, setting.name, *parts[i], setting));
  }
  WrittenSpace space;
  space.text = [d = part.dimension, parts, settings](const Point& point) {
    const auto chosen = static_cast<std::size_t>(point.values[d]);
    std::vector<std::string> values, usual;
    for (const PointText& setting : settings[chosen]) values.push_back(setting(point));
    for (const PartSetting& setting : parts[chosen]->settings)
      usual.push_back(fmt::format("{}", setting.default_value));
    const std::string name(parts[chosen]->name);
    return values == usual ? name : fmt::format("{}({})", name, join(values, ","));
  };
  for (std::size_t i = 0; i < names.size(); ++i)
    space.members.push_back({names[i], {{part.dimension, static_cast<double>(i)}}});
  return space;
}

std::string grammar_of_parts(Vocabulary slot) {
  std::vector<std::string> names;
  for (const PartRow& row : parts_of(slot))
    if (!changes_the_question(row)) names.emplace_back(row.name);
  return fmt::format("one of {}, with its settings\n", join(names, ", "));
}

}  // namespace astrolabe
