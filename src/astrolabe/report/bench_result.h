// SPDX-License-Identifier: Apache-2.0
// What `astrolabe bench` found out, as plain data: for the terminal, bench.json and the page.
//
// Shares: a score becomes the share of a gain, 0 for a constant prediction (or worse), 1 for the mean of the
// best system in that host on that task; so that tasks with other metrics can be averaged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "astrolabe/evidence/verdict.h"
#include "astrolabe/stats/contestants.h"
#include "astrolabe/stats/profile.h"
#include "astrolabe/stats/strength.h"

namespace astrolabe {

struct BenchSkip {
  std::string what, why;
};

struct BenchTaskLine {
  std::string name, kind, metric, source;
  std::uint64_t hash = 0;
  std::size_t train_rows = 0, judged_rows = 0;
  bool is_resampled = false;  // one table, held out again and again; else drawn anew for each seed
};

// A comparison on one task, over the hosts.
struct BenchTaskEffect {
  std::string task = {}, metric = {};
  std::vector<double> differences = {};  // [seeds] shares, above 0: a is better
  double in_metric = 0;                  // the mean, in the metric's unit, above 0: a is better
  Estimate effect = {};                  // of shares, 95 %
  double p_value = 1, adjusted = 1;      // Benjamini and Hochberg's, over the tasks of all comparisons
  Verdict verdict = Verdict::undecided;
};

struct BenchComparison {
  std::string slot = {}, a = {}, b = {};
  bool is_interaction = false;
  std::vector<BenchTaskEffect> tasks = {};
  Estimate effect = {};  // mean over tasks, at the corrected level
  double p_value = 1;
  Verdict verdict = Verdict::undecided;
  std::string why = {};                       // of an undecided one, in words
  double seconds_ratio = 1, bytes_ratio = 1;  // a over b, geometric mean over tasks; NaN: not known
};

struct BenchPart {
  std::string part = {};
  bool is_baseline = false;
  double share = 0;               // mean over tasks
  double seconds = 0, bytes = 0;  // of a fit (processor) and of its model: medians, then mean over tasks
  double mean_rank = 0;
  Strength strength = {};
};

// The parts of a slot beside one another, over tasks on which all of them were tried.
struct BenchSlot {
  std::string slot = {};
  std::vector<BenchPart> parts = {};
  std::size_t tasks = 0;  // that all parts have; ranks need two
  Friedman friedman = {};
  double critical_difference = 0;
  std::vector<RankedPair> pairs = {};
  std::vector<std::vector<std::size_t>> runs = {};  // of parts that no pair tells apart
  std::vector<std::vector<double>> ratios = {};  // Profiles::ratios: time over the least, of those who arrive
};

struct BenchRows {
  std::uint64_t total = 0, complete = 0, failed = 0;
  std::uint64_t from_cache = 0;
};

struct BenchResult {
  std::string suite, mode, command, version, hardware, folder, page_path;
  std::vector<std::string> hosts = {};
  std::size_t seeds = 0, tries = 1;
  bool own_draws = false;
  std::uint64_t seed = 1;
  double alpha = 0.05, confidence = 0.95, rope = 0.01;
  std::vector<BenchTaskLine> tasks = {};
  std::vector<BenchComparison> comparisons = {};  // interactions too
  std::vector<BenchSlot> slots = {};
  std::vector<BenchSkip> skipped, failed;
  std::vector<std::string> notes = {};
  BenchRows rows = {};
  std::string claim, claim_verdict;  // "holds here", "does not hold here", "is not settled here"; empty
  double seconds = 0;
};

}  // namespace astrolabe
