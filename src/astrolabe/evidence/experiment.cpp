// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evidence/experiment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"

namespace astrolabe {
namespace {

double number_in(const std::string& text, std::string_view option, double low, double high) {
  const std::optional<double> value = parse_number(text);
  if (value && *value >= low && *value <= high) return *value;
  throw usage_error({.attempted = fmt::format("reading --{}", option),
                     .expected = fmt::format("a number from {:g} to {:g}", low, high),
                     .found = text,
                     .remedy = fmt::format("Write --{} {:g}.", option, low)});
}

}  // namespace

std::string_view experiment_verdict_name(ExperimentVerdict verdict) {
  constexpr std::array<std::string_view, 3> kNames = {"confirmed", "refuted", "undecided"};
  return kNames.at(static_cast<std::size_t>(verdict));
}

const std::string& ExperimentRequest::text(std::string_view name) const {
  const auto found = options.find(name);
  ASTROLABE_CHECK(found != options.end(), "an experiment asks for options of its own table");
  return found->second;
}

double ExperimentRequest::number(std::string_view name, double low, double high) const {
  return number_in(text(name), name, low, high);
}

std::size_t ExperimentRequest::count(std::string_view name, std::size_t low, std::size_t high) const {
  const double value = number(name, static_cast<double>(low), static_cast<double>(high));
  return static_cast<std::size_t>(std::llround(value));
}

std::vector<std::string> ExperimentRequest::list(std::string_view name) const {
  std::vector<std::string> parts;
  for (const std::string_view part : split_outside_parentheses(text(name), ','))
    if (!trim(part).empty()) parts.emplace_back(trim(part));
  if (!parts.empty()) return parts;
  throw usage_error({.attempted = fmt::format("reading --{}", name),
                     .expected = "at least one part",
                     .found = "none",
                     .remedy = "Leave the option out for its default."});
}

std::vector<double> ExperimentRequest::numbers(std::string_view name, double low, double high) const {
  std::vector<double> numbers;
  for (const std::string& one : list(name)) numbers.push_back(number_in(one, name, low, high));
  return numbers;
}

std::vector<std::size_t> ExperimentRequest::counts(std::string_view name, std::size_t low,
                                                   std::size_t high) const {
  std::vector<std::size_t> counts;
  for (const double one : numbers(name, static_cast<double>(low), static_cast<double>(high)))
    counts.push_back(static_cast<std::size_t>(std::llround(one)));
  return counts;
}

ExperimentResult Experiment::run(ExperimentRequest request) const {
  std::vector<std::string> names;
  for (const ExperimentOption& option : options) names.emplace_back(option.name);
  for (const auto& [given, value] : request.options) {
    if (std::ranges::find(names, given) != names.end()) continue;
    const std::optional<std::string> nearest = nearest_name(given, names);
    throw usage_error({.attempted = fmt::format("running the experiment {}", name),
                       .expected = "one of its options: --" + join(names, ", --"),
                       .found = "--" + given,
                       .remedy = nearest ? fmt::format("Did you mean --{}?", *nearest)
                                         : "`astrolabe experiment list` shows them."});
  }
  for (const ExperimentOption& option : options) request.options.emplace(option.name, option.default_value);
  return run_checked(request);
}

}  // namespace astrolabe
