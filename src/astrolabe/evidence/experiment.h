// SPDX-License-Identifier: Apache-2.0
// Simple experiments: each asks one question, says before it runs what it expects, runs for seconds, and says
// whether that came true.
//
//   const Experiment& rounding = *find_experiment("rounding");
//   const ExperimentResult result = rounding.run({.options = {{"storage", "bf16"}}, .key =
//   Key::from_seed(1)}); result.verdict                                    // confirmed, refuted or undecided
//
// One file each, experiment_NAME.cpp, and a row in experiment_catalog.cpp. Same options, same key: same
// numbers.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrolabe/base/random.h"

namespace astrolabe {

struct ExperimentOption {
  std::string_view name;           // "kappa"
  std::string_view default_value;  // "1e5"
  std::string_view doc;            // one sentence
};

// A line of the plot.
struct ExperimentCurve {
  std::string name;  // the part
  std::vector<double> x, y;
};

struct ExperimentPlot {
  std::string x_title, y_title;
  bool log_y = false;
  std::vector<ExperimentCurve> curves;
};

// What was measured of one of the parts that are compared.
struct ExperimentRow {
  std::string part;
  std::vector<std::pair<std::string, double>> numbers;  // name, value: the same names in every row
};

enum class ExperimentVerdict : std::uint8_t { confirmed, refuted, undecided };
[[nodiscard]] std::string_view experiment_verdict_name(ExperimentVerdict verdict);

struct ExperimentResult {
  std::string key;  // what rows are keyed by: "optimizer"
  std::vector<ExperimentRow> rows;
  ExperimentPlot plot;
  std::vector<ExperimentPlot> more_plots = {};
  std::string prediction;  // that could have come out false
  ExperimentVerdict verdict = ExperimentVerdict::undecided;
  std::string words;  // why, with its numbers
};

// Options by name, those that were not given at their defaults.
struct ExperimentRequest {
  std::map<std::string, std::string, std::less<>> options;
  Key key;

  [[nodiscard]] const std::string& text(std::string_view name) const;
  // Throws usage_error that names the option: no number, or outside [low, high].
  [[nodiscard]] double number(std::string_view name, double low, double high) const;
  [[nodiscard]] std::size_t count(std::string_view name, std::size_t low, std::size_t high) const;
  // At commas outside of parentheses; at least one.
  [[nodiscard]] std::vector<std::string> list(std::string_view name) const;
  // The same of numbers, each as above.
  [[nodiscard]] std::vector<double> numbers(std::string_view name, double low, double high) const;
  [[nodiscard]] std::vector<std::size_t> counts(std::string_view name, std::size_t low,
                                                std::size_t high) const;
};

struct Experiment {
  std::string_view name;      // "two-layer-linear"
  std::string_view question;  // one sentence
  std::string_view source;    // who asked it first
  std::vector<ExperimentOption> options;
  ExperimentResult (*run_checked)(const ExperimentRequest& request);

  // Fills in defaults. Throws usage_error for an option that it does not have, offering the nearest, and for
  // parts that have no meaning here.
  [[nodiscard]] ExperimentResult run(ExperimentRequest request) const;
};

[[nodiscard]] std::span<const Experiment> experiments();
[[nodiscard]] const Experiment* find_experiment(std::string_view name);  // null when there is none

}  // namespace astrolabe
