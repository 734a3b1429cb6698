// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/system/grammar.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <set>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/system/named_spaces.h"

namespace astrolabe {
namespace {

constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();

// A text between its non-terminals: pieces[0] <names[0]> pieces[1] ...
struct Template {
  std::vector<std::string> pieces;
  std::vector<std::string> names;
};

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

Template template_of(std::string_view text) {
  Template result{.pieces = {""}, .names = {}};
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::size_t end = i + 1;
    while (end < text.size() && is_word(text[end])) ++end;
    const bool is_name = text[i] == '<' && end > i + 1 && end < text.size() && text[end] == '>';
    if (!is_name) {
      result.pieces.back() += text[i];
      continue;
    }
    result.names.emplace_back(text.substr(i + 1, end - i - 1));
    result.pieces.emplace_back();
    i = end;
  }
  return result;
}

[[noreturn]] void refuse(const Grammar& grammar, const std::string& expected, const std::string& found,
                         const std::string& remedy) {
  throw usage_error({.attempted = "reading the grammar " + grammar.name,
                     .expected = expected,
                     .found = found,
                     .remedy = remedy});
}

std::string start_of(const Grammar& grammar) {
  return grammar.rules.contains(grammar.start) ? "<" + grammar.start + ">" : grammar.start;
}

// How deep the shallowest member of every rule is; kNever where there is none.
std::map<std::string, std::size_t> heights_of(const Grammar& grammar) {
  std::map<std::string, std::size_t> heights;
  for (const auto& [name, alternatives] : grammar.rules) heights[name] = kNever;
  for (bool changed = true; changed;) {
    changed = false;
    for (const auto& [name, alternatives] : grammar.rules) {
      for (const std::string& text : alternatives) {
        std::size_t deepest = 0;
        for (const std::string& inner : template_of(text).names)
          deepest = std::max(deepest, heights.at(inner));
        if (deepest == kNever || deepest + 1 >= heights[name]) continue;
        heights[name] = deepest + 1;
        changed = true;
      }
    }
  }
  return heights;
}

void require_known(const Grammar& grammar, std::string_view text, const std::string& where) {
  std::vector<std::string> known;
  for (const auto& [name, alternatives] : grammar.rules) known.push_back(name);
  for (const std::string& name : template_of(text).names) {
    if (grammar.rules.contains(name)) continue;
    const auto nearest = nearest_name(name, known);
    refuse(
        grammar, fmt::format("a rule for <{}>, which stands in {}", name, where), "none",
        nearest ? fmt::format("Did you mean <{}>?", *nearest) : "The rules are " + join(known, ", ") + ".");
  }
}

// A place where a non-terminal stands, with its choice and the places under it.
struct Place {
  std::optional<std::size_t> dimension;  // nothing: there is only one alternative
  struct Alternative {
    Template text;
    std::vector<std::shared_ptr<const Place>> inner;
  };
  std::vector<Alternative> alternatives;

  [[nodiscard]] std::string text(const Point& point) const {
    const std::size_t chosen = dimension ? static_cast<std::size_t>(point.values[*dimension]) : 0;
    return text_of(alternatives[chosen], point);
  }
  static std::string text_of(const Alternative& chosen, const Point& point) {
    std::string result = chosen.text.pieces[0];
    for (std::size_t i = 0; i < chosen.inner.size(); ++i) {
      // An alternative that is nothing but one non-terminal needs no parentheses.
      const bool is_alone = chosen.inner.size() == 1 && trim(chosen.text.pieces[0]).empty() &&
                            trim(chosen.text.pieces[1]).empty();
      const std::string inner = chosen.inner[i]->text(point);
      result += (is_alone ? inner : in_parentheses(inner)) + chosen.text.pieces[i + 1];
    }
    return result;
  }
};

class Writer {
 public:
  explicit Writer(const Grammar& grammar) : grammar_(grammar), heights_(heights_of(grammar)) {}

  PointText write(const SpaceWriter& slot) {
    Place::Alternative start{.text = template_of(start_of(grammar_)), .inner = {}};
    const std::vector<std::string>& names = start.text.names;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const bool is_only = std::ranges::count(names, names[i]) == 1;
      const std::string name = is_only ? names[i] : fmt::format("{}{}", names[i], i + 1);
      start.inner.push_back(place(slot, name, names[i], grammar_.depth));
    }
    return [start](const Point& point) { return Place::text_of(start, point); };
  }

 private:
  [[nodiscard]] bool fits(const Template& text, std::size_t depth) const {
    return std::ranges::all_of(text.names,
                               [&](const std::string& name) { return heights_.at(name) < depth; });
  }

  std::shared_ptr<const Place> place(const SpaceWriter& at, const std::string& path, const std::string& rule,
                                     std::size_t depth) {
    auto made = std::make_shared<Place>();
    std::vector<std::string> options;
    for (const std::string& text : grammar_.rules.at(rule)) {
      Template alternative = template_of(text);
      if (!fits(alternative, depth)) continue;
      options.push_back(text);
      made->alternatives.push_back({.text = std::move(alternative), .inner = {}});
    }
    if (options.size() > 1) {
      if (++dimensions_ > kMaxGrammarDimensions)
        refuse(grammar_, fmt::format("at most {} choices", kMaxGrammarDimensions), "more",
               "Write a smaller depth, or alternatives with fewer non-terminals.");
      made->dimension = at.choice(path, options).dimension;
    }
    write_inner(at, path, depth, *made);
    return made;
  }

  // The places under one, shared by the alternatives that have the same non-terminal there.
  void write_inner(const SpaceWriter& at, const std::string& path, std::size_t depth, Place& made) {
    std::size_t most = 0;
    for (const auto& alternative : made.alternatives) most = std::max(most, alternative.text.names.size());
    for (std::size_t hole = 0; hole < most; ++hole) {
      std::map<std::string, std::vector<std::size_t>> users;
      for (std::size_t i = 0; i < made.alternatives.size(); ++i)
        if (hole < made.alternatives[i].text.names.size())
          users[made.alternatives[i].text.names[hole]].push_back(i);
      for (const auto& [rule, options] : users) {
        const std::string name = fmt::format("{}.{}{}", path, hole + 1, users.size() > 1 ? "." + rule : "");
        const SpaceWriter under = made.dimension ? at.while_option(*made.dimension, options) : at;
        const auto inner = place(under, name, rule, depth - 1);
        for (const std::size_t i : options) made.alternatives[i].inner.push_back(inner);
      }
    }
  }

  const Grammar& grammar_;
  std::map<std::string, std::size_t> heights_;
  std::size_t dimensions_ = 0;
};

}  // namespace

void require_sound(const Grammar& grammar) {
  if (grammar.rules.empty())
    refuse(grammar, "at least one rule", "none", "Write rules, as in u = [\"x\", \"sin(<u>)\"].");
  if (grammar.depth < 1 || grammar.depth > kMaxGrammarDepth)
    refuse(grammar, fmt::format("a depth from 1 to {}", kMaxGrammarDepth), fmt::format("{}", grammar.depth),
           "Leave it out for 4.");
  for (const auto& [name, alternatives] : grammar.rules) {
    if (alternatives.empty())
      refuse(grammar, "alternatives for <" + name + ">", "none", "Write texts, as in [\"x\", \"sin(<u>)\"].");
    std::set<std::string> seen;
    for (const std::string& text : alternatives) {
      if (!seen.insert(text).second)
        refuse(grammar, fmt::format("every alternative of <{}> once", name), text + " twice",
               "Take one of them out.");
      require_known(grammar, text, fmt::format("\"{}\"", text));
    }
  }
  require_known(grammar, start_of(grammar), "the start");
  const std::map<std::string, std::size_t> heights = heights_of(grammar);
  for (const std::string& name : template_of(start_of(grammar)).names) {
    if (heights.at(name) == kNever)
      refuse(grammar, fmt::format("an alternative of <{}> that comes to an end", name),
             "none: there is no finite member", "Add one without non-terminals, such as \"x\".");
    if (heights.at(name) > grammar.depth)
      refuse(grammar, fmt::format("members at most {} deep", grammar.depth),
             fmt::format("none: the shallowest <{}> is {} deep", name, heights.at(name)),
             fmt::format("Write depth = {}.", heights.at(name)));
  }
}

PointText write_grammar(const SpaceWriter& slot, const Grammar& grammar) {
  require_sound(grammar);
  return Writer(grammar).write(slot);
}

std::string grammar_text(const Grammar& grammar) {
  std::string text = start_of(grammar) + "\n";
  for (const auto& [name, alternatives] : grammar.rules)
    text += fmt::format("  {}  one of {}\n", name, join(alternatives, ", "));
  return text + fmt::format("  at most {} deep\n", grammar.depth);
}

}  // namespace astrolabe
