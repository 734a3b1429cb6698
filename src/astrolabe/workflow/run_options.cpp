// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/run_options.h"

#include <algorithm>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/system/star.h"
#include "astrolabe/workflow/slot_choices.h"

namespace astrolabe {
namespace {

[[noreturn]] void refuse(const std::string& text, const std::string& expected, const std::string& remedy) {
  throw usage_error(
      {.attempted = "reading --learner", .expected = expected, .found = "'" + text + "'", .remedy = remedy});
}

const Learner& require_learner(const std::string& name) {
  if (const Learner* learner = find_learner(name)) return *learner;
  const std::vector<std::string> names = learner_names();
  const std::optional<std::string> nearest = nearest_name(name, names);
  refuse(name, "one of " + join(names, ", "),
         nearest ? "Did you mean " + *nearest + "?" : "`astrolabe parts learner` lists them.");
}

void take_arguments(LearnerChoice& choice, const Learner& learner, std::string_view inside) {
  for (const std::string_view argument : split_outside_parentheses(inside, ',')) {
    const std::size_t equals = argument.find('=');
    if (equals == std::string_view::npos)
      refuse(std::string(argument), "name=value", "Write it as trees(max_leaves=15).");
    const std::string name(trim(argument.substr(0, equals)));
    const std::string_view text = trim(argument.substr(equals + 1));
    const SettingField& field = require_field(learner.name(), learner.fields(), name);
    if (is_star(field, text)) {
      static_cast<void>(parse_star(name, text));
      choice.stars[name] = text;
    } else {
      choice.settings[name] = parse_setting(learner.name(), field, text);
    }
  }
}

}  // namespace

std::uint64_t limit_of_rows(const RunOptions& options) {
  return options.drawn ? std::min(options.memory_bytes, options.drawn->limit) : options.memory_bytes;
}

std::vector<LearnerChoice> parse_learners(const std::string& text) {
  std::vector<LearnerChoice> choices;
  for (const std::string_view part : split_outside_parentheses(text, ',')) {
    const std::string_view trimmed = trim(part);
    if (trimmed == "*") return {};  // whatever belongs there: all of them
    const std::size_t open = trimmed.find('(');
    const Learner& learner = require_learner(std::string(trim(trimmed.substr(0, open))));
    LearnerChoice choice{.name = std::string(learner.name())};
    if (open != std::string_view::npos) {
      if (trimmed.back() != ')')
        refuse(std::string(part), "a closing parenthesis", "Write it as trees(max_leaves=15).");
      const std::string_view inside = trim(trimmed.substr(open + 1, trimmed.size() - open - 2));
      if (!inside.empty()) take_arguments(choice, learner, inside);
    }
    choices.push_back(std::move(choice));
  }
  return choices;
}

}  // namespace astrolabe
