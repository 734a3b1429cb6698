// SPDX-License-Identifier: Apache-2.0
// The flags of `astrolabe run`, and what they leave behind: texts and numbers as typed.
//
//   auto arguments = std::make_shared<RunArguments>();
//   add_run_flags(*command, *arguments);      // and when the command runs:
//   arguments->time                           // "60s"; empty: --time was not given
//
// Texts become RunOptions when the command runs (run.cpp), so that errors name the option.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "astrolabe/workflow/slot_choices.h"

namespace astrolabe {

// Empty, 0 or false: not given, unless it begins as something else.
struct RunArguments {
  std::string data, target, task, metric, positive, weight, group,
      split = "random", test, drop, types, learner, time, memory, out, resume, from, replay, proposer, pruner,
      study, name, grammar, warm_start, stack;
  std::optional<std::string> privacy;
  bool header = false, no_header = false, refit = false, grow = false;
  std::size_t trials = 0, threads = 0, max_nodes = 0;
  std::uint64_t seed = 1;
  std::map<std::string, std::map<std::string, std::string>> settings;  // learner -> setting -> text
  SlotTexts slots;
};

// In the order of the help. `arguments` must outlive the command.
void add_run_flags(CLI::App& command, RunArguments& arguments);

}  // namespace astrolabe
