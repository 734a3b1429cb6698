// SPDX-License-Identifier: Apache-2.0
// What a ranking asks of its table (--group): a regression on relevance whose rows come in groups, the
// documents of a query, that stay together wherever rows are parted.
//
//   require_ranking_options(options);                                    // what contradicts --group
//   labels.groups = group_numbers(table, task, "queries.csv");
//   std::size_t groups = require_rankable(table, labels, options.split);
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "astrolabe/data/split.h"
#include "astrolabe/data/table.h"
#include "astrolabe/model/task.h"
#include "astrolabe/workflow/run_options.h"

namespace astrolabe {

// Throws usage_error for options that contradict --group; does nothing without one.
void require_ranking_options(const RunOptions& options);

// [rows] The number of each row's group, from 0 in the order of the rows. Throws bad_input for a row without
// a group and for a target that is not a whole number from 0 to 30; `file` names the table in the message.
[[nodiscard]] std::vector<std::uint32_t> group_numbers(const Table& table, const Task& task,
                                                       const std::string& file);

// How many groups there are. Throws bad_input for a single one, and where a split by another column would cut
// through a group.
[[nodiscard]] std::size_t require_rankable(const Table& table, const Labels& labels, const Task& task,
                                           const SplitRule& rule);

// How the open rows are parted further. A column that said which rows are sealed says nothing of the others:
// those are parted at random, or by whole groups.
[[nodiscard]] SplitRule rule_of_open_rows(const SplitRule& rule, const Task& task);

}  // namespace astrolabe
