// SPDX-License-Identifier: Apache-2.0
// What `astrolabe run` was asked to do. Filled by the faces (CLI, later Python and HTTP); plain data.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "astrolabe/data/reader.h"
#include "astrolabe/data/split.h"
#include "astrolabe/stats/metric.h"
#include "astrolabe/system/learner_choice.h"
#include "astrolabe/workflow/drawn_rows.h"

namespace astrolabe {

inline constexpr bool kWarmStartDefault = false;
inline constexpr bool kStackDefault = false;

struct RunOptions {
  std::filesystem::path data;
  std::string target;
  std::optional<TaskKind> task = {};
  std::optional<std::string> metric = {};
  std::optional<std::string> positive = {};
  std::optional<std::string> weight = {};
  std::optional<std::string> group = {};  // column: a ranking within its groups
  SplitRule split = {};
  std::optional<std::filesystem::path> test = {};
  ReadOptions reading = {};
  std::vector<LearnerChoice> learners = {};  // empty: all, with variants when time is left
  std::filesystem::path from = {};           // a model, or a run's folder, to go on from; empty: none
  bool grow = false;                         // nets grow with the data; rows are kept for the next time
  std::filesystem::path teacher = {};        // a model, or a run's folder, whose answers are learned too
  bool refit = false;
  bool stack = kStackDefault;  // a second level over the systems, where it surely helps

  // The search.
  std::string proposer = {};                  // as parse_proposer reads it; empty: the default
  std::string pruner = {};                    // as parse_pruner reads it; empty: the default
  std::optional<std::size_t> max_nodes = {};  // of found expressions
  bool warm_start = kWarmStartDefault;        // nets of a trial grow from those of an earlier one
  std::string grammars = {};                  // TOML of the user's own grammars
  std::string study = {};                     // postgresql://...; empty: study.db in the folder
  std::string study_name = {};                // there; empty: the folder's name

  double seconds = std::numeric_limits<double>::infinity();
  std::uint64_t memory_bytes = std::numeric_limits<std::uint64_t>::max();
  std::optional<std::size_t> trials = {};  // systems to try at most, beside the baseline
  std::size_t threads = 0;                 // 0: all cores
  std::uint64_t seed = 1;
  std::filesystem::path out = {};        // empty: runs/<data name>, then -2, -3
  bool resume = false;                   // goes on in the folder `out`, which exists
  std::vector<std::string> replay = {};  // points that another study tried: these and no others
  std::optional<DrawnRows> drawn = {};   // of a study that was begun: these rows and no others
  std::string command = {};              // as it can be typed again
};

// The memory limit that decides which rows of a table are read: of a study that was begun, the one that it
// was begun with, as far as there is as much.
[[nodiscard]] std::uint64_t limit_of_rows(const RunOptions& options);

// "trees", "trees(learning_rate=0.05, max_leaves=15),linear", "trees(loss=quantile(0.9))", "mlp(dropout=*)":
// commas and equal signs inside a value's own parentheses are its own. "*": none, which stands for all.
// Throws usage_error that offers the nearest name.
[[nodiscard]] std::vector<LearnerChoice> parse_learners(const std::string& text);

}  // namespace astrolabe
