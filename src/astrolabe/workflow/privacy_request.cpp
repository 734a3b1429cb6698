// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/privacy_request.h"

#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/features/hashed_category.h"
#include "astrolabe/pipeline/private_catalog.h"
#include "astrolabe/search/proposer.h"
#include "astrolabe/search/pruner.h"

namespace astrolabe {
namespace {

const std::vector<std::string> kNames = {"epsilon", "delta",      "clip",        "low",
                                         "high",    "target_low", "target_high", "batch",
                                         "epochs",  "buckets",    "held_out",    "noise_seed"};

[[noreturn]] void refuse(const std::string& expected, const std::string& found, const std::string& remedy) {
  throw usage_error(
      {.attempted = "reading --privacy", .expected = expected, .found = found, .remedy = remedy});
}

using Numbers = std::map<std::string, double, std::less<>>;

Numbers read_numbers(std::string_view text) {
  Numbers numbers;
  for (const std::string& part : split(text, ',')) {
    if (trim(part).empty()) continue;
    const std::size_t equals = part.find('=');
    const std::string name(trim(part.substr(0, equals)));
    if (equals == std::string::npos)
      refuse("name=value", "'" + part + "'", "Write it as --privacy 'epsilon=3,delta=1e-5'.");
    if (std::ranges::find(kNames, name) == kNames.end()) {
      const auto nearest = nearest_name(name, kNames);
      refuse("one of " + join(kNames, ", "), "'" + name + "'",
             nearest ? "Did you mean " + *nearest + "?" : "docs/privacy.md says what they are.");
    }
    const std::optional<double> value = parse_number(trim(part.substr(equals + 1)));
    if (!value || !std::isfinite(*value))
      refuse("a number for " + name, "'" + std::string(trim(part.substr(equals + 1))) + "'", "");
    if (!numbers.emplace(name, *value).second) refuse(name + " once", "twice", "Leave one of them out.");
  }
  return numbers;
}

std::optional<double> find(const Numbers& numbers, std::string_view name) {
  const auto found = numbers.find(name);
  return found == numbers.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::uint64_t> whole(const Numbers& numbers, std::string_view name, double least, double most) {
  const std::optional<double> value = find(numbers, name);
  if (!value) return std::nullopt;
  if (*value != std::floor(*value) || *value < least || *value > most)
    refuse(fmt::format("a whole number from {:g} to {:g} for {}", least, most, name),
           fmt::format("{:g}", *value), "");
  return static_cast<std::uint64_t>(*value);
}

double require(const Numbers& numbers, std::string_view name) {
  const std::optional<double> value = find(numbers, name);
  if (!value)
    refuse("epsilon and delta", fmt::format("no {}", name), "Write it as --privacy 'epsilon=3,delta=1e-5'.");
  return *value;
}

void require_bounds(const Numbers& numbers, std::string_view low, std::string_view high) {
  const std::optional<double> least = find(numbers, low), most = find(numbers, high);
  if (least.has_value() != most.has_value())
    refuse(fmt::format("{} and {}", low, high), fmt::format("only {}", least ? low : high), "Give both.");
  if (least && !(*least < *most))
    refuse(fmt::format("{} below {}", low, high), fmt::format("{:g} and {:g}", *least, *most), "");
}

[[noreturn]] void refuse_option(const std::string& option, const std::string& why) {
  throw usage_error({.attempted = "reading --privacy",
                     .expected = "options that a private run can keep to",
                     .found = option,
                     .remedy = why});
}

std::string family_names() {
  std::vector<std::string> names;
  for (const PrivateFamily& family : private_families()) names.emplace_back(family.learner);
  return join(names, " or ");
}

void require_one_system(const RunOptions& options) {
  if (options.learners.size() != 1)
    refuse_option(
        options.learners.empty() ? "no --learner" : fmt::format("{} learners", options.learners.size()),
        fmt::format("Comparing systems reads rows, and each comparison would have to be paid for: choose "
                    "--learner {}.",
                    family_names()));
  const LearnerChoice& choice = options.learners.front();
  const PrivateFamily* const family = find_private_family(choice.name);
  if (family == nullptr)
    refuse_option("--learner " + choice.name,
                  fmt::format("It has no private form: choose --learner {}.", family_names()));
  if (!choice.stars.empty())
    refuse_option(
        fmt::format("a star or a list for {}", choice.stars.begin()->first),
        "A search tries many systems on the same rows, and every try would have to be paid for: write "
        "one value.");
  family->require(choice.settings);
  if (options.trials.value_or(1) > 1)
    refuse_option(fmt::format("--trials {}", *options.trials),
                  "A private run fits one system once: every further trial would have to be paid for.");
}

// What says who searches and where is known by its default alone; told as that, it changes nothing.
void refuse_options_of_a_search(const RunOptions& options) {
  const std::string why = "Nothing is searched: leave it out.";
  if (!options.proposer.empty() && options.proposer != default_proposer().name)
    refuse_option("--proposer " + options.proposer, why);
  if (!options.pruner.empty() && options.pruner != default_pruner().name)
    refuse_option("--pruner " + options.pruner, why);
  if (!options.study_name.empty()) refuse_option("--name " + options.study_name, why);
  if (!options.grammars.empty()) refuse_option("--grammar", why);
  if (options.max_nodes) refuse_option("--max-nodes", why);
}

}  // namespace

PrivacyRequest parse_privacy(std::string_view text) {
  const Numbers numbers = read_numbers(text);
  PrivacyRequest request{
      .budget = {.epsilon = require(numbers, "epsilon"), .delta = require(numbers, "delta")}};
  if (!(request.budget.epsilon > 0))
    refuse("an epsilon above 0", fmt::format("{:g}", request.budget.epsilon),
           "1 is strong, 3 is common, above 10 promises next to nothing.");
  if (!(request.budget.delta > 0 && request.budget.delta < 1))
    refuse("a delta between 0 and 1", fmt::format("{:g}", request.budget.delta),
           "Take one well below 1 / rows, 1e-5 say: Gaussian noise cannot promise a delta of 0, and a delta "
           "of 1 "
           "promises nothing.");
  require_bounds(numbers, "low", "high");
  require_bounds(numbers, "target_low", "target_high");
  request.clip = find(numbers, "clip");
  if (request.clip && !(*request.clip > 0))
    refuse("a clip above 0", fmt::format("{:g}", *request.clip), "Leave it out for automatic clipping.");
  request.low = find(numbers, "low");
  request.high = find(numbers, "high");
  request.target_low = find(numbers, "target_low");
  request.target_high = find(numbers, "target_high");
  request.batch = whole(numbers, "batch", 1, 1e9);
  request.epochs = whole(numbers, "epochs", 1, 1e6);
  request.held_out = find(numbers, "held_out");
  if (request.held_out && !(*request.held_out >= 0 && *request.held_out <= 0.5))
    refuse("held_out from 0 to 0.5", fmt::format("{:g}", *request.held_out), "0 trains on all rows.");
  request.noise_seed = whole(numbers, "noise_seed", 0, 9007199254740992.0);
  if (const auto buckets = whole(numbers, "buckets", 1, kMaxBuckets))
    request.buckets = static_cast<std::uint32_t>(*buckets);
  return request;
}

void require_private_options(const RunOptions& options) {
  require_one_system(options);
  if (options.stack) refuse_option("--stack on", "It fits many systems on the same rows: leave it out.");
  if (options.refit) refuse_option("--refit", "It would read every row a second time: leave it out.");
  if (options.warm_start) refuse_option("--warm-start on", "There is nothing to grow from: leave it out.");
  if (!options.study.empty()) refuse_option("--study", "A private run keeps no study: leave it out.");
  if (!options.from.empty())
    refuse_option("--from", "What the old model knows of its rows is not in this ledger: leave it out.");
  if (options.grow) refuse_option("--grow", "It would keep rows as they are: leave it out.");
  if (!options.teacher.empty())
    refuse_option("--loss distill(...)",
                  "What a teacher knows of its rows is not in this ledger: leave it out.");
  refuse_options_of_a_search(options);
  if (options.test)
    refuse_option("--test", "Score that file by `astrolabe score` afterwards: nothing protects its rows.");
  if (options.weight)
    refuse_option("--weight " + *options.weight,
                  "A heavy row would count for more than the noise hides: leave it out.");
  if (options.group)
    refuse_option("--group " + *options.group,
                  "The guarantee is for rows, not for groups of them: leave it out.");
  if (options.split.kind != SplitKind::random)
    refuse_option("--split by " + options.split.column,
                  "A coin for each row decides whether it is held out: leave it out.");
}

std::string without_noise_seed(std::string command) {
  const std::size_t at = command.find("noise_seed=");
  if (at == std::string::npos) return command;
  const std::size_t begin = at + std::string_view("noise_seed=").size();
  const std::size_t end = command.find_first_not_of("0123456789.+-eE", begin);
  return command.replace(begin, (end == std::string::npos ? command.size() : end) - begin, "SECRET");
}

}  // namespace astrolabe
