// SPDX-License-Identifier: Apache-2.0
// An experiment for people and programs: the terminal, JSON, a page with its plot.
#pragma once

#include <string>

#include "astrolabe/evidence/experiment.h"
#include "astrolabe/report/terminal_text.h"

namespace astrolabe {

struct ExperimentReport {
  const Experiment& experiment;
  ExperimentResult result;
  std::string command;
  double seconds = 0;
};

[[nodiscard]] std::string experiment_text(const ExperimentReport& report, const TextStyle& style);
// JSON: experiment, question, source, results[].{<key>, numbers...}, prediction, verdict, words,
// plots[].{x_title, y_title, log_y, curves[].{name, x[], y[]}}, time_s. A number that is not finite is null.
[[nodiscard]] std::string experiment_json(const ExperimentReport& report);
[[nodiscard]] std::string experiment_html(const ExperimentReport& report);
// What was measured, as parts of a page: the plots, and the table of numbers.
[[nodiscard]] std::string experiment_plot(const ExperimentResult& result);
[[nodiscard]] std::string experiment_table(const ExperimentResult& result);
// All of them, with the defaults of their options; and one, with what its options mean.
[[nodiscard]] std::string experiment_list(const TextStyle& style);
[[nodiscard]] std::string experiment_details(const Experiment& experiment, const TextStyle& style);

}  // namespace astrolabe
