// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/constraints.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <string>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"

namespace astrolabe::trees {
namespace {

constexpr std::size_t kShownFeatures = 5;

// Blanks, and the parentheses that keep commas together in trees(monotone=(age:+,price:-)).
std::string_view bare(std::string_view text) {
  text = trim(text);
  if (text.starts_with('(') && text.ends_with(')')) text = trim(text.substr(1, text.size() - 2));
  return text;
}

std::string attempt(std::string_view setting, std::string_view text) {
  return fmt::format("setting trees.{} to {}", setting, text);
}

[[noreturn]] void refuse_name(std::string_view attempted, std::string_view name,
                              std::span<const Feature> features) {
  std::vector<std::string> names;
  for (const Feature& feature : features) {
    names.push_back(feature.name);
    names.push_back(feature.source);
  }
  const auto nearest = nearest_name(name, names);
  throw bad_input({.attempted = std::string(attempted),
                   .expected = "names of columns that trees are fitted on",
                   .found = fmt::format("'{}'", name),
                   .remedy = nearest ? fmt::format("Did you mean {}?", *nearest)
                                     : "Names are those of the table's header."});
}

// ---- Monotone.

// The feature of that name, which must be a number.
std::size_t monotone_feature(std::string_view attempted, std::string_view name,
                             std::span<const Feature> features) {
  const auto named = std::ranges::find(features, name, &Feature::name);
  if (named != features.end() && named->kind == FeatureKind::numeric)
    return static_cast<std::size_t>(named - features.begin());
  if (named != features.end()) {
    throw bad_input({.attempted = std::string(attempted),
                     .expected = "numbers, which can grow",
                     .found = fmt::format("the category {}", name),
                     .remedy = "Leave it out: categories have no order."});
  }
  std::vector<std::string> made;
  for (const Feature& feature : features)
    if (feature.source == name) made.push_back(feature.name);
  if (made.empty()) refuse_name(attempted, name, features);
  if (made.size() > kShownFeatures) {
    made.resize(kShownFeatures);
    made.emplace_back("...");
  }
  throw bad_input({.attempted = std::string(attempted),
                   .expected = "a column of numbers",
                   .found = fmt::format("{}, of which trees see {}", name, join(made, ", ")),
                   .remedy = "Name one of these."});
}

std::vector<std::int8_t> read_monotone(std::string_view text, std::span<const Feature> features,
                                       TaskKind kind) {
  if (bare(text).empty()) return {};
  const std::string attempted = attempt("monotone", text);
  if (kind == TaskKind::multiclass) {
    throw bad_input(
        {.attempted = attempted,
         .expected = "a task of numbers or of two classes",
         .found = "a multiclass task",
         .remedy = "Leave it out: the probability of one of many classes depends on all scores."});
  }
  std::vector<std::int8_t> directions(features.size(), 0);
  for (const std::string& piece : split(bare(text), ',')) {
    const std::string_view item = trim(piece);
    const std::size_t colon = item.rfind(':');
    const std::string_view sign = colon == std::string_view::npos ? "" : trim(item.substr(colon + 1));
    if (sign != "+" && sign != "-") {
      throw bad_input({.attempted = attempted,
                       .expected = "NAME:+ or NAME:- with commas between them",
                       .found = fmt::format("'{}'", item),
                       .remedy = "+ : predictions must not fall as the column grows; - : must not rise."});
    }
    const std::string_view name = trim(item.substr(0, colon));
    std::int8_t& direction = directions[monotone_feature(attempted, name, features)];
    const std::int8_t wanted = sign == "+" ? 1 : -1;
    if (direction == -wanted) {
      throw bad_input({.attempted = attempted,
                       .expected = "one direction for each column",
                       .found = fmt::format("{}:+ and {}:-", name, name),
                       .remedy = "Keep one of them."});
    }
    direction = wanted;
  }
  return directions;
}

// ---- Interactions.

struct GroupTable {
  std::vector<TreeConstraints::Groups> groups;  // [features]
  std::uint32_t count = 0;
};

GroupTable read_interactions(std::string_view text, std::span<const Feature> features) {
  GroupTable table;
  if (bare(text).empty()) return table;
  const std::string attempted = attempt("interactions", text);
  table.groups.resize(features.size());
  for (const std::string& group : split(bare(text), ';')) {
    for (const std::string& piece : split(bare(group), ',')) {
      const std::string_view name = trim(piece);
      bool is_known = false;
      for (std::size_t i = 0; i < features.size(); ++i) {
        if (features[i].name != name && features[i].source != name) continue;
        is_known = true;
        auto& groups = table.groups[i];
        if (groups.empty() || groups.back() != table.count) groups.push_back(table.count);
      }
      if (name.empty()) {
        throw bad_input({.attempted = attempted,
                         .expected = "groups of names, as in a,b;c,d",
                         .found = "an empty name",
                         .remedy = "Names of a group have commas between them, groups a semicolon."});
      }
      if (!is_known) refuse_name(attempted, name, features);
    }
    ++table.count;
  }
  bool has_others = false;
  for (auto& groups : table.groups) {
    if (!groups.empty()) continue;
    groups.push_back(table.count);
    has_others = true;
  }
  if (has_others) ++table.count;
  return table;
}

}  // namespace

TreeConstraints::TreeConstraints(std::vector<std::int8_t> directions, std::vector<Groups> groups,
                                 std::uint32_t group_count)
    : directions_(std::move(directions)), groups_(std::move(groups)), all_groups_(group_count) {
  std::iota(all_groups_.begin(), all_groups_.end(), 0U);
}

TreeConstraints::Groups TreeConstraints::narrowed(std::span<const std::uint32_t> groups,
                                                  std::uint32_t feature) const {
  Groups left;
  if (has_interactions()) std::ranges::set_intersection(groups, groups_[feature], std::back_inserter(left));
  return left;
}

bool TreeConstraints::allows(std::span<const std::uint32_t> groups, std::uint32_t feature) const {
  return !has_interactions() || std::ranges::find_first_of(groups, groups_[feature]) != groups.end();
}

TreeConstraints read_constraints(const ConstraintTexts& texts, std::span<const Feature> features,
                                 TaskKind kind) {
  GroupTable table = read_interactions(texts.interactions, features);
  return {read_monotone(texts.monotone, features, kind), std::move(table.groups), table.count};
}

}  // namespace astrolabe::trees
