// SPDX-License-Identifier: Apache-2.0
// A run as a file: the same as the command line, one table for each kind of option.
//
//   [task]                      # data, target, metric, split, ...
//   data = "digits.csv"         # beside this file unless it begins with /
//   target = "target"
//   [system]                    # slots, stars too
//   learner = "mlp"
//   activation = "relu,gelu,*"
//   mlp.dropout = 0.1           # a setting: --mlp-dropout
//   [budget]                    # time, trials, memory, threads
//   time = "10m"
//   [search]                    # proposer, pruner, max_nodes, seed, out, study, ...
//   proposer = "auto"
//   [grammar.waves]             # grammars of one's own (system/user_spaces.h)
//
//   words_of_run_file("system.toml")   // {"/data/digits.csv", "--target", "target", "--learner", "mlp", ...}
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace astrolabe {

// The words that mean the same behind `astrolabe run`. Throws bad_input with the line: text that is no TOML,
// a table or a value of another kind, no data.
[[nodiscard]] std::vector<std::string> words_of_run_file(const std::filesystem::path& path);

}  // namespace astrolabe
