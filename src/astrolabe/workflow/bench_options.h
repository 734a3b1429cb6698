// SPDX-License-Identifier: Apache-2.0
// What `astrolabe bench` was asked to compare: plain data, filled by the command line and by suites.
//
//   BenchOptions options{.suite = "small"};
//   options.question.slots = {{"activation", {"relu", "silu"}}};
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace astrolabe {

enum class BenchMode : std::uint8_t {
  drop_in,      // the host's settings as they are
  tuned,        // the same tries of learning rates for either side
  interaction,  // all pairs of the parts of two slots
};

// Parts of a slot, or values of any setting of the hosts; the first is what the others are compared with.
struct BenchSlotParts {
  std::string slot;  // "activation", "batch_size"; "learner": whole learners
  std::vector<std::string> parts;
};

// A table by path, or one of bench_tables().
struct BenchTaskRequest {
  std::string name;
  std::string table = {};  // of bench_tables(); empty: `data`
  std::filesystem::path data = {};
  std::string target = {};
  std::string metric = {};       // empty: the table's own, or the default of its kind
  std::string split = "random";  // or group:COL
  std::string positive = {};     // class
  std::vector<std::string> drop = {};
  std::size_t rows = 0;  // at most; 0: all of a file, the table's own number of a drawn one
};

// What somebody says; the benchmark answers whether it holds here.
struct BenchClaim {
  std::string text;                       // empty: none
  std::string slot = {}, a = {}, b = {};  // which comparison; empty: the first
  std::vector<std::string> expects = {};  // verdicts under which it holds: "better"
};

// All that decides what comes out, but for the seed.
struct BenchQuestion {
  std::vector<BenchSlotParts> slots = {};
  std::vector<BenchTaskRequest> tasks = {};
  std::vector<std::string> hosts = {};  // learners with settings: "mlp(architecture=32-32)"
  BenchMode mode = BenchMode::tuned;
  std::size_t seeds = 5;
  std::size_t tries = 0;   // learning rates for either side; 0: three where tuned, else the one that is
  bool own_draws = false;  // each part draws weights and batches of its own; else they share them
  double alpha = 0.05;     // wrong claims allowed, over all comparisons together
  double rope = 0.01;      // differences up to this make none, as a share of the best part's gain
  BenchClaim claim = {};
  // Whether somebody typed them: then a mistake there ends it. What a suite names and is not there is
  // skipped.
  bool slots_are_typed = false, hosts_are_typed = false, tasks_are_typed = false;
};

struct BenchOptions {
  std::string suite;  // its name, or the path of a TOML
  BenchQuestion question;
  std::uint64_t seed = 1;
  double seconds = std::numeric_limits<double>::infinity();
  std::size_t threads = 0;           // 0: all cores
  std::filesystem::path out = {};    // empty: runs/bench-<suite>, then -2, -3
  std::filesystem::path cache = {};  // of predictions; empty: in the folder
  std::string study = {};            // postgresql://...; empty: bench.db in the folder
  std::string study_name = {};       // there; empty: the folder's name
  bool resume = false;               // goes on with the newest of its folders, or begins
  std::string command = {};
};

}  // namespace astrolabe
