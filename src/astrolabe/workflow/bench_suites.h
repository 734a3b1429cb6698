// SPDX-License-Identifier: Apache-2.0
// Suites: which tasks, in which host systems, with how many seeds. Some have names, others are TOML:
//
//   claim = { text = "SiLU beats ReLU", slot = "activation", a = "silu", b = "relu", expects = "better" }
//   mode = "tuned"                                   # drop-in, tuned or interaction
//   seeds = 10
//   hosts = ["mlp(architecture=64-64-64-64)"]
//   tasks = ["moons", "friedman1"]                   # tables that the program draws
//   [slots]
//   activation = ["relu", "silu"]
//   [[task]]                                         # a table by path, beside this file
//   data = "adult.csv"
//   target = "income"
//   [[task]]                                         # a drawn one that differs
//   table = "blobs"
//   rows = 2000
//
//   const BenchQuestion question = read_bench_suite("my-suite.toml");
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "astrolabe/workflow/bench_options.h"

namespace astrolabe {

struct BenchSuite {
  std::string_view name;
  std::string_view doc;  // one sentence
  BenchQuestion question;
};

[[nodiscard]] std::span<const BenchSuite> bench_suites();

// A named suite, or a TOML by its path (whatever ends in .toml). Throws usage_error for a name that is none,
// offering the nearest; bad_input with the line for text that is no suite. What a suite names and is not
// there (a part, a file) is found out later, and skipped.
[[nodiscard]] BenchQuestion read_bench_suite(const std::string& suite);

// "drop-in"; throws usage_error.
[[nodiscard]] std::string_view bench_mode_name(BenchMode mode);
[[nodiscard]] BenchMode parse_bench_mode(std::string_view name);

// "relu,gelu,'leaky_relu(0.2)'" as parts, at commas outside of parentheses; "mlp,mlp(dropout=0.1)" as hosts.
// Throws usage_error for a star and for nothing; `what` names it in the message.
[[nodiscard]] std::vector<std::string> parse_bench_list(std::string_view what, std::string_view text);

}  // namespace astrolabe
