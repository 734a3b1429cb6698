// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/system/system_space.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/system/equivalence.h"
#include "astrolabe/system/named_spaces.h"
#include "astrolabe/system/setting_ranges.h"
#include "astrolabe/system/slots.h"
#include "astrolabe/system/star.h"
#include "astrolabe/system/star_dimensions.h"
#include "astrolabe/system/toy_check.h"

namespace astrolabe {
namespace {

constexpr double kMostCompared = 500;  // formulas; of optimizers some 5,000 are compared in a second
constexpr double kUsualBatch = 128;    // at which the learning rates of the parts' table are right

// mlp, and mlp#2 for a second choice of it.
std::vector<std::string> names_of(std::span<const LearnerChoice> choices) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const auto before =
        std::count_if(choices.begin(), choices.begin() + static_cast<std::ptrdiff_t>(i),
                      [&](const LearnerChoice& other) { return other.name == choices[i].name; });
    names.push_back(before == 0 ? choices[i].name : fmt::format("{}#{}", choices[i].name, before + 1));
  }
  return names;
}

const Learner& require_learner(const std::string& name) {
  if (const Learner* learner = find_learner(name)) return *learner;
  const std::vector<std::string> names = learner_names();
  const auto nearest = nearest_name(name, names);
  throw usage_error(
      {.attempted = "choosing a learner",
       .expected = "one of " + join(names, ", "),
       .found = fmt::format("'{}'", name),
       .remedy = nearest ? fmt::format("Did you mean {}?", *nearest) : "`astrolabe parts` lists them."});
}

std::string text_in(const SettingValues& settings, std::string_view name, const Learner& learner) {
  const auto set = settings.find(name);
  if (set != settings.end()) return format_setting(set->second);
  const auto field = std::ranges::find(learner.fields(), name, &SettingField::name);
  return field == learner.fields().end() ? std::string() : format_setting(field->default_value);
}

double number_in(const SettingValues& settings, std::string_view name, const Learner& learner) {
  return parse_number(text_in(settings, name, learner)).value_or(0);
}

// A learner's own word for what fills a slot, "auto" say, is no formula.
bool is_own_word(const SettingField& field, const std::string& text) {
  return std::ranges::find(field.choices, text) != field.choices.end() || text == "auto";
}

// Of a named optimizer; null of a formula, and of one that cannot be read, which refuse() says.
const PartRow* optimizer_row(const std::string& text) {
  try {
    return resolve_part(Vocabulary::optimizer, text).row;
  } catch (const Error&) {
    return nullptr;
  }
}

double number_of(const SettingValue& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  const auto* real = std::get_if<double>(&value);
  ASTROLABE_CHECK(real != nullptr, "variants differ by numbers");
  return *real;
}

std::size_t nodes_in(Vocabulary slot, const std::string& text) {
  try {
    const Expression expression = resolve_part(slot, text).expression;
    std::vector<NodeId> roots = {expression.value};
    for (const Expression::Memory& memory : expression.memories) roots.push_back(memory.next);
    return reachable(expression.graph, roots).size();
  } catch (const Error&) {
    return 0;  // refuse() says why
  }
}

}  // namespace

SystemSpace::SystemSpace(const SystemSpaceRequest& request)
    : context_(request.context), tunes_settings_(request.tunes_settings) {
  ASTROLABE_CHECK(!request.choices.empty(), "a system has at least one learner");
  const std::vector<std::string> names = names_of(request.choices);
  const SpaceWriter root(draft_);
  if (names.size() > 1) learner_ = root.choice("learner", names).dimension;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const SpaceWriter at = learner_ ? root.while_option(*learner_, {i}).under(names[i]) : root;
    learners_.push_back({.choice = request.choices[i],
                         .learner = &require_learner(request.choices[i].name),
                         .settings = {},
                         .scaling = {}});
    write_learner(at, request, learners_.back());
  }
}

void SystemSpace::write_learner(const SpaceWriter& at, const SystemSpaceRequest& request,
                                SearchedLearner& searched) {
  for (const auto& [name, text] : searched.choice.stars) write_setting(at, request, name, text, searched);
  if (!request.tunes_settings) return;
  for (const std::string_view tuned : tuned_settings(searched.choice.name)) {
    const std::string name(tuned);
    if (searched.choice.settings.contains(name) || searched.choice.stars.contains(name)) continue;
    if (!has_effect(searched.choice.name, name, context_)) continue;
    // The table's own list, not the open star of a slot: a tuned net does not search for new functions.
    write_setting(at, request, name, std::string(*star_of_setting(searched.choice.name, tuned)), searched);
  }
}

void SystemSpace::write_setting(const SpaceWriter& at, const SystemSpaceRequest& request,
                                const std::string& name, const std::string& star_text,
                                SearchedLearner& searched) {
  const SettingField& field = require_field(searched.choice.name, searched.learner->fields(), name);
  const SlotRow* row = find_slot(name);
  const StarField about{
      .learner = searched.choice.name, .field = field, .parts = row != nullptr ? row->parts : std::nullopt};
  const Star star = parse_star(name, star_text);
  WrittenStar written = write_star(at.under(name), about, star, context_, request.grammars);

  SpaceDraft alone;
  const WrittenStar lone =
      write_star(SpaceWriter(alone).under(name), about, star, context_, request.grammars);
  StarSummary summary{.learner = searched.choice.name,
                      .slot = name,
                      .text = star_text,
                      .spaces = written.spaces,
                      .count = alone.space.count(),
                      .members = {}};
  SearchedSetting setting{.field = &field,
                          .parts = about.parts,
                          .text = written.text,
                          .alone = alone.space,
                          .text_alone = lone.text};
  for (WrittenSpace::Member& member : written.members) {
    summary.members.push_back(member.name);
    setting.members.push_back(std::move(member.values));
  }
  stars_.push_back(std::move(summary));
  searched.settings.push_back(std::move(setting));

  // How the rate follows the batch is a question only where the rate is free.
  const bool has_batches =
      name == "batch_size" && std::ranges::find(written.spaces, "batches") != written.spaces.end();
  const auto& fixed = searched.choice;
  const bool is_free = !fixed.settings.contains("learning_rate") && !fixed.stars.contains("learning_rate") &&
                       !request.tunes_settings;
  if (has_batches && is_free)
    searched.scaling = at.under(name).choice("scaling", {"none", "linear", "sqrt"}).dimension;
}

const SystemSpace::SearchedLearner& SystemSpace::learner_at(const Point& point) const {
  return learners_[learner_ ? static_cast<std::size_t>(point.values[*learner_]) : 0];
}

// From the optimizer's own rate, which is right at kUsualBatch rows. Source of the two laws: Goyal and others
// 2017 (linear), Krizhevsky 2014 (square root). Free formulas have no rate of their own: theirs is raced.
void SystemSpace::scale_learning_rate(const SearchedLearner& searched, const Point& point,
                                      SettingValues& settings) const {
  if (!searched.scaling || point.values[*searched.scaling] == 0) return;
  const std::string text = text_in(settings, "optimizer", *searched.learner);
  const PartRow* optimizer = optimizer_row(text);
  if (optimizer == nullptr) return;
  const double factor = number_in(settings, "batch_size", *searched.learner) / kUsualBatch;
  const bool is_linear = point.values[*searched.scaling] == 1;
  settings["learning_rate"] = optimizer->learning_rate * (is_linear ? factor : std::sqrt(factor));
}

FilledSystem SystemSpace::fill(const Point& point) const {
  const SearchedLearner& searched = learner_at(point);
  FilledSystem filled{.learner = searched.choice.name, .settings = searched.choice.settings, .label = {}};
  std::vector<std::string> shown;
  for (const SearchedSetting& setting : searched.settings) {
    std::string text = setting.text(point);
    if (setting.parts && !is_own_word(*setting.field, text)) text = tidy_formula(*setting.parts, text);
    filled.settings[std::string(setting.field->name)] = parse_setting(filled.learner, *setting.field, text);
    shown.push_back(fmt::format("{}={}", setting.field->name, text));
    if (setting.parts && !is_own_word(*setting.field, text)) filled.nodes += nodes_in(*setting.parts, text);
  }
  scale_learning_rate(searched, point, filled.settings);
  filled.label = shown.empty() ? filled.learner : fmt::format("{}({})", filled.learner, join(shown, ", "));
  return filled;
}

std::optional<double> SystemSpace::functions_of(const SearchedSetting& setting,
                                                const StarSummary& star) const {
  if (!setting.parts) return star.count;
  for (const SpaceRow* row : spaces_of(star.slot)) {
    if (row->functions == 0 || star.spaces.size() != 1) continue;
    const SpaceSummary counted = summary_of(*row, context_, row->preferred);
    if (star.spaces[0] == counted.call && star.count == counted.count) return row->functions;
  }
  if (star.count > kMostCompared) return std::nullopt;
  std::vector<std::string> texts;
  for (std::optional<Point> point = first_point(setting.alone); point;
       point = next_point(setting.alone, *point))
    texts.push_back(setting.text_alone(*point));
  std::set<std::string> functions;
  for (const FunctionKey& key : function_keys(*setting.parts, texts)) functions.insert(key.key);
  return static_cast<double>(functions.size());
}

std::optional<double> SystemSpace::different_share() const {
  double share = 1;
  std::size_t next = 0;
  for (const SearchedLearner& searched : learners_) {
    for (const SearchedSetting& setting : searched.settings) {
      const StarSummary& star = stars_[next++];
      const std::optional<double> functions = functions_of(setting, star);
      if (!functions) return std::nullopt;
      if (*functions < star.count) share *= *functions / star.count;
    }
  }
  if (share < 1 && learners_.size() > 1) return std::nullopt;
  return share;
}

std::string SystemSpace::key_of(const SearchedSetting& setting, const std::string& text,
                                const SettingValues& settings) const {
  if (!setting.parts || is_own_word(*setting.field, text)) return text;
  const FunctionKey key = function_key(*setting.parts, text);
  if (setting.parts != Vocabulary::optimizer) return key.key;
  // A part brings its learning rate along; that of a formula is raced when nobody set one.
  const auto set = settings.find("learning_rate");
  const bool is_set = set != settings.end() && format_setting(set->second) != "0";
  const PartRow* part = optimizer_row(text);
  if (!is_set && part == nullptr) return key.key + "*raced";
  return fmt::format("{}*{:.6g}", key.key, key.scale * (is_set ? 1 : part->learning_rate));
}

std::string SystemSpace::equivalence(const Point& point) const {
  const SearchedLearner& searched = learner_at(point);
  const FilledSystem filled = fill(point);
  std::vector<std::string> keys = {
      learner_ ? value_text(draft_.space.dimensions()[*learner_], point.values[*learner_]) : filled.learner};
  for (const auto& [name, value] : filled.settings) {
    if (!has_effect(filled.learner, name, context_)) continue;
    std::string text = format_setting(value);
    for (const SearchedSetting& setting : searched.settings)
      if (setting.field->name == name) text = key_of(setting, text, filled.settings);
    keys.push_back(name + "=" + text);
  }
  return join(keys, ";");
}

std::optional<std::string> SystemSpace::refuse(const Point& point) const {
  for (const SearchedSetting& setting : learner_at(point).settings) {
    const std::string text = setting.text(point);
    if (!setting.parts || is_own_word(*setting.field, text)) continue;
    const FunctionKey key = function_key(*setting.parts, text);
    if (key.fault) return fmt::format("the {} {}: {}", setting.field->name, text, *key.fault);
    const ResolvedPart part = resolve_part(*setting.parts, text);
    const bool is_number = context_.kind == TaskKind::regression;
    if (setting.parts == Vocabulary::loss && (is_number ? !suits_numbers(part) : !suits_classes(part)))
      return fmt::format("the loss {}: it is one of {}", text, is_number ? "classes" : "numbers");
    // Parts of the catalogue have shown what they can.
    if (part.row != nullptr) continue;
    if (const std::optional<std::string> fault = toy_fault(part.expression, context_.kind))
      return fmt::format("the {} {}: {}", setting.field->name, text, *fault);
  }
  return std::nullopt;
}

std::vector<Point> SystemSpace::first_points() const {
  std::vector<Point> points;
  const auto add = [&](const Assignment& assignment) {
    Point point = completed(draft_, assignment);
    if (std::ranges::find(points, point) == points.end()) points.push_back(std::move(point));
  };
  const auto of_learner = [&](std::size_t i) {
    return learner_ ? Assignment{{*learner_, static_cast<double>(i)}} : Assignment{};
  };
  for (std::size_t i = 0; i < learners_.size(); ++i) add(of_learner(i));
  // Members of tuned settings are no more than a grid; the variants below know better where to begin.
  for (std::size_t i = 0; !tunes_settings_ && i < learners_.size(); ++i) {
    for (const SearchedSetting& setting : learners_[i].settings) {
      for (const Assignment& member : setting.members) {
        Assignment assignment = of_learner(i);
        assignment.insert(assignment.end(), member.begin(), member.end());
        add(assignment);
      }
    }
  }
  for (std::size_t i = 0; tunes_settings_ && i < learners_.size(); ++i) {
    for (const Variant& variant : variants_of(*learners_[i].learner)) {
      Assignment assignment = of_learner(i);
      for (const auto& [name, value] : variant.settings)
        if (const auto place = dimension_of_number(i, name))
          assignment.emplace_back(*place, number_of(value));
      add(assignment);
    }
  }
  return points;
}

std::optional<std::size_t> SystemSpace::dimension_of_number(std::size_t learner,
                                                            const std::string& setting) const {
  const std::string& name = learners_[learner].choice.name;
  return draft_.space.find(learner_ ? name + "." + setting : setting);
}

}  // namespace astrolabe
