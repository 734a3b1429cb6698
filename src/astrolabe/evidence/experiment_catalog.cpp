// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/evidence/experiments.h"

namespace astrolabe {

std::span<const Experiment> experiments() {
  static const std::array kExperiments = {
      Experiment{
          .name = "two-layer-linear",
          .question = "Does a first-order method fit two linear layers when the target is badly conditioned?",
          .source = "Rahimi and Recht, NIPS 2017 test-of-time talk; the notebook's two errors are corrected",
          .options = {{"optimizer", "sgd,adam,gauss-newton", "Parts or expressions; gauss-newton is damped"},
                      {"kappa", "1e5", "Condition number of the target matrix"},
                      {"steps", "3000", "Of first-order methods; gauss-newton gets a tenth"},
                      {"rates", "1e-5,1e-4,1e-3,1e-2", "Learning rates; the best is taken"},
                      {"seeds", "3", "Targets and starts; medians are reported"}},
          .run_checked = run_two_layer_linear},
      Experiment{.name = "rounding",
                 .question = "What does the rounding of stored weights do to training?",
                 .source = "Rahimi, NIPS 2017; Gupta and others, ICML 2015",
                 .options = {{"mode", "nearest,toward-zero,stochastic",
                              "How weights are rounded when they are stored"},
                             {"storage", "bf16", "bf16 or f16; f32 is always there to compare"},
                             {"rate", "0.01", "Learning rate"},
                             {"steps", "4000", "Of gradient descent"}},
                 .run_checked = run_rounding},
      Experiment{.name = "signal-propagation",
                 .question = "Does a signal, and its gradient, survive fifty layers?",
                 .source = "Poole and others, NIPS 2016; Schoenholz and others, ICLR 2017",
                 .options = {{"activation", "relu,tanh,silu,x", "Parts or expressions"},
                             {"depth", "50", "Layers"},
                             {"width", "128", "Neurons of a layer"}},
                 .run_checked = run_signal_propagation},
      Experiment{.name = "output-histogram",
                 .question = "What does an activation make of a standard normal?",
                 .source = "Klambauer and others, NIPS 2017",
                 .options = {{"activation", "relu,tanh,silu,selu", "Parts or expressions"},
                             {"samples", "20000", "Numbers drawn"}},
                 .run_checked = run_output_histogram},
      Experiment{.name = "loss-shape",
                 .question = "How hard does a loss pull at a prediction, by how sure and how wrong it is?",
                 .source = "Lin and others, ICCV 2017; Gonzalez and Miikkulainen 2020",
                 .options = {{"loss", "cross_entropy,focal", "Parts or expressions, of classes"}},
                 .run_checked = run_loss_shape}};
  return kExperiments;
}

const Experiment* find_experiment(std::string_view name) {
  const auto found = std::ranges::find(experiments(), name, &Experiment::name);
  return found == experiments().end() ? nullptr : &*found;
}

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
  const std::optional<double> value = parse_number(text(name));
  if (value && *value >= low && *value <= high) return *value;
  throw usage_error({.attempted = fmt::format("reading --{}", name),
                     .expected = fmt::format("a number from {:g} to {:g}", low, high),
                     .found = text(name),
                     .remedy = fmt::format("Write --{} {:g}.", name, low)});
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
