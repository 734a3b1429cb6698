// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/system/star_dimensions.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/system/setting_ranges.h"
#include "astrolabe/system/slots.h"
#include "astrolabe/system/star_pattern.h"

namespace astrolabe {
namespace {

// One of the things that a star may become.
struct Alternative {
  std::string label;
  std::function<WrittenSpace(const SpaceWriter&)> write = {};  // empty: the label is the value
  std::string under = {};  // what its dimensions stand under when there are others beside it
};

bool is_text(const SettingField& field) {
  return std::holds_alternative<std::string>(field.default_value);
}

class StarReader {
 public:
  StarReader(const StarField& field, const SpaceContext& context, std::span<const Grammar> grammars)
      : field_(field), context_(context), grammars_(grammars) {}

  void read(const Star& star) {
    for (const StarItem& item : star.items) {
      switch (item.kind) {
        case StarItem::Kind::open:
          read_open(star, item);
          break;
        case StarItem::Kind::space:
          read_space(star, item);
          break;
        case StarItem::Kind::range:
          read_range(star, item);
          break;
        case StarItem::Kind::pattern:
          read_pattern(star, item);
          break;
        case StarItem::Kind::value:
          read_value(item.text);
          break;
      }
    }
  }

  [[nodiscard]] WrittenStar write(const SpaceWriter& at) const;

 private:
  void add(Alternative alternative) {
    const bool is_known = std::ranges::any_of(
        alternatives_, [&](const Alternative& known) { return known.label == alternative.label; });
    if (!is_known) alternatives_.push_back(std::move(alternative));
  }

  void read_open(const Star& star, const StarItem& item) {
    const std::string_view name = field_.field.name;
    std::vector<const SpaceRow*> spaces = spaces_of(name);
    std::erase_if(spaces, [this](const SpaceRow* row) { return !is_for(*row); });
    for (const SpaceRow* row : spaces)
      if (row->is_open) add_space(*row, row->preferred);
    if (!spaces.empty()) return;
    if (const auto known = star_of_setting(field_.learner, name)) return read(parse_star(name, *known));
    if (!field_.field.choices.empty()) {
      for (const std::string_view word : field_.field.choices) add({.label = std::string(word)});
      return;
    }
    if (std::holds_alternative<bool>(field_.field.default_value)) {
      add({.label = "false"});
      return add({.label = "true"});
    }
    refuse_star(star, item.at,
                {.attempted = {},
                 .expected = fmt::format("{} for {}.{}", describe_domain(field_.field), field_.learner, name),
                 .found = "a star where none may stand: nobody knows what belongs there",
                 .remedy = "Write a list, or a range such as 1e-4..1e-1."});
  }

  void add_space(const SpaceRow& row, int setting) {
    const std::string call =
        row.setting.empty() ? std::string(row.name) : fmt::format("{}({})", row.name, setting);
    add({.label = call,
         .write = [&row, setting, this](const SpaceWriter& at) { return row.write(at, context_, setting); }});
  }

  void read_space(const Star& star, const StarItem& item) {
    for (const Grammar& grammar : grammars_) {
      if (grammar.name != item.space || field_.parts != grammar.slot || item.setting) continue;
      return add({.label = grammar.name, .write = [&grammar](const SpaceWriter& at) {
                    return WrittenSpace{.text = write_grammar(at, grammar)};
                  }});
    }
    const SpaceRow* row = find_space(field_.field.name, item.space);
    if (row == nullptr && star.items.size() > 1) return read_value(item.text);  // a star in front of a list
    if (row == nullptr) refuse_unknown(star, item);
    if (!is_for(*row)) refuse_foreign(star, item, *row);
    const int setting = item.setting.value_or(row->preferred);
    if (item.setting && (setting < row->low || setting > row->high))
      refuse_star(star, item.at,
                  {.attempted = {},
                   .expected = row->setting.empty() ? fmt::format("{} alone", row->name)
                                                    : fmt::format("{} from {} to {} in {}", row->setting,
                                                                  row->low, row->high, row->name),
                   .found = fmt::format("{}", setting),
                   .remedy = fmt::format("`astrolabe parts {} --space` lists what there is.", row->slot)});
    add_space(*row, setting);
  }

  [[nodiscard]] bool is_for(const SpaceRow& row) const {
    return row.only_for.empty() || row.only_for == field_.learner;
  }

  [[noreturn]] void refuse_foreign(const Star& star, const StarItem& item, const SpaceRow& row) const {
    std::vector<std::string> names;
    for (const SpaceRow* own : spaces_of(row.slot))
      if (is_for(*own)) names.emplace_back(own->name);
    refuse_star(star, item.at,
                {.attempted = {},
                 .expected = fmt::format("a space of {}: {}", field_.learner, join(names, ", ")),
                 .found = fmt::format("{}, a space of {}", row.name, row.only_for),
                 .remedy = fmt::format("Add --learner {}, or take another space.", row.only_for)});
  }

  [[noreturn]] void refuse_unknown(const Star& star, const StarItem& item) const {
    std::vector<std::string> names;
    for (const SpaceRow* row : spaces_of(field_.field.name)) names.emplace_back(row->name);
    for (const Grammar& grammar : grammars_)
      if (field_.parts == grammar.slot) names.push_back(grammar.name);
    const auto nearest = nearest_name(item.space, names);
    refuse_star(star, item.at + 1,
                {.attempted = {},
                 .expected = names.empty() ? std::string("a list or a range: this slot has no named spaces")
                                           : "one of the spaces " + join(names, ", "),
                 .found = fmt::format("'{}'", item.space),
                 .remedy = nearest ? fmt::format("Did you mean *{}?", *nearest)
                                   : "A value alone is written without a star."});
  }

  void read_range(const Star& star, const StarItem& item) {
    const SettingField& field = field_.field;
    const StarRange& range = *item.range;
    const bool is_whole = std::holds_alternative<std::int64_t>(field.default_value);
    const bool fits = (is_whole || std::holds_alternative<double>(field.default_value)) &&
                      (!is_whole || range.is_whole) && range.low >= field.low && range.high <= field.high;
    if (!fits)
      refuse_star(star, item.at,
                  {.attempted = {},
                   .expected = is_text(field) ? fmt::format("a list for {}.{}, which is a text",
                                                            field_.learner, field.name)
                                              : "a range within " + describe_domain(field),
                   .found = fmt::format("'{}'", item.text),
                   .remedy = "Write what shall be tried, as in a,b,c."});
    // People think of some settings in factors even where a range is short.
    Domain domain = range.domain(is_whole);
    if (field.log_scale && range.low > 0) std::visit([](auto& held) { make_log(held); }, domain);
    add({.label = item.text,
         .write =
             [domain, preferred = preferred_of(range)](const SpaceWriter& at) {
               const std::size_t d = at.add("", domain, preferred);
               return WrittenSpace{
                   .text = [d](const Point& point) { return fmt::format("{}", point.values[d]); }};
             },
         .under = "value"});
  }
  static void make_log(Choices& /*choices*/) {}
  template <class Range>
  static void make_log(Range& range) {
    range.log_scale = true;
  }
  // The field's default, or the middle where that lies outside: 0 often means "by the data".
  [[nodiscard]] double preferred_of(const StarRange& range) const {
    const auto& value = field_.field.default_value;
    const double usual = std::holds_alternative<std::int64_t>(value)
                             ? static_cast<double>(std::get<std::int64_t>(value))
                             : std::get<double>(value);
    if (usual >= range.low && usual <= range.high) return usual;
    const bool is_log = (field_.field.log_scale || range.is_log_scale()) && range.low > 0;
    const double middle = is_log ? std::sqrt(range.low) * std::sqrt(range.high)  // exact enough, and no libm
                                 : range.low + (range.high - range.low) / 2;
    return range.is_whole ? std::floor(middle) : middle;
  }

  void read_pattern(const Star& star, const StarItem& item) {
    if (!field_.parts)
      refuse_star(star, item.at + (item.holes.empty() ? 0 : item.holes[0]),
                  {.attempted = {},
                   .expected = fmt::format("{} for {}.{}", describe_domain(field_.field), field_.learner,
                                           field_.field.name),
                   .found = "a star inside a formula, and no formula may stand there",
                   .remedy = "Write *, a list, or a range."});
    add({.label = item.text,
         .write =
             [star, item, this](const SpaceWriter& at) {
               return write_pattern(at, *field_.parts, star, item, context_);
             },
         .under = fmt::format("{}", ++patterns_)});
  }

  void read_value(const std::string& text) {
    const SettingField& field = field_.field;
    const bool is_own_word =
        is_text(field) && (SettingValue(text) == field.default_value ||
                           std::ranges::find(field.choices, text) != field.choices.end());
    if (!is_own_word) {
      if (field_.parts) static_cast<void>(resolve_part(*field_.parts, text));
      require_slot_text(field_.learner, field.name, text);
      static_cast<void>(parse_setting(field_.learner, field, text));
    }
    add({.label = text});
  }

  const StarField& field_;
  const SpaceContext& context_;
  std::span<const Grammar> grammars_;
  std::vector<Alternative> alternatives_;
  int patterns_ = 0;
};

WrittenStar StarReader::write(const SpaceWriter& at) const {
  WrittenStar written;
  for (const Alternative& alternative : alternatives_)
    if (alternative.write) written.spaces.push_back(alternative.label);
  if (alternatives_.size() == 1 && alternatives_[0].write) {
    WrittenSpace space = alternatives_[0].write(at);
    written.text = std::move(space.text);
    written.members = std::move(space.members);
    return written;
  }
  std::vector<std::string> labels;
  for (const Alternative& alternative : alternatives_) labels.push_back(alternative.label);
  const auto usual = std::ranges::find(labels, format_setting(field_.field.default_value));
  const WrittenChoice choice =
      at.choice("", labels, usual == labels.end() ? 0 : static_cast<std::size_t>(usual - labels.begin()));
  std::vector<PointText> texts;
  std::vector<std::string> stems;
  for (std::size_t i = 0; i < alternatives_.size(); ++i) {
    const Alternative& alternative = alternatives_[i];
    const Assignment chosen = {{choice.dimension, static_cast<double>(i)}};
    if (!alternative.write) {
      texts.emplace_back([label = alternative.label](const Point&) { return label; });
      written.members.push_back({.name = alternative.label, .values = chosen});
      continue;
    }
    // The same space twice, as bello(2) and bello(3): the later one stands under a name of its own.
    const std::string stem = alternative.label.substr(0, alternative.label.find('('));
    const bool is_again = std::ranges::find(stems, stem) != stems.end();
    stems.push_back(stem);
    const std::string under = !alternative.under.empty() ? alternative.under
                              : is_again                 ? alternative.label
                                                         : "";
    WrittenSpace space = alternative.write(at.while_option(choice.dimension, {i}).under(under));
    texts.push_back(std::move(space.text));
    if (space.members.empty()) written.members.push_back({alternative.label, chosen});
    for (WrittenSpace::Member& member : space.members) {
      member.values.insert(member.values.begin(), chosen.begin(), chosen.end());
      written.members.push_back(std::move(member));
    }
  }
  written.text = [d = choice.dimension, texts](const Point& point) {
    return texts[static_cast<std::size_t>(point.values[d])](point);
  };
  return written;
}

}  // namespace

WrittenStar write_star(const SpaceWriter& at, const StarField& field, const Star& star,
                       const SpaceContext& context, std::span<const Grammar> grammars) {
  StarReader reader(field, context, grammars);
  reader.read(star);
  return reader.write(at);
}

}  // namespace astrolabe
