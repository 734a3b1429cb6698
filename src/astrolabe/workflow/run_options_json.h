// SPDX-License-Identifier: Apache-2.0
// What a run was asked, as text: what a study keeps of it, so that somebody else can go on.
//
//   store.create({.options = {{"run", run_options_json(options)}}});
//   RunOptions same = parse_run_options(head.options.at("run"));   // on another machine, after a reboot
//
// Holds what the outcome depends on: data (absolute path), task, split, reading, learners, seed, how to
// search. Not what may differ from one session to the next: limits of time, memory and threads, number of
// trials, folder, command.
#pragma once

#include <string>
#include <string_view>

#include "astrolabe/workflow/run_options.h"

namespace astrolabe {

// One line of JSON; equal options give equal text.
[[nodiscard]] std::string run_options_json(const RunOptions& options);
// Throws bad_input for what it did not write.
[[nodiscard]] RunOptions parse_run_options(std::string_view text);

}  // namespace astrolabe
