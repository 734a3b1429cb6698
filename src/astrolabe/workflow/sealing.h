// SPDX-License-Identifier: Apache-2.0
// Which rows a run may work with, and which it seals.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/base/thread_pool.h"
#include "astrolabe/data/seal.h"
#include "astrolabe/evaluate/leakage.h"
#include "astrolabe/workflow/task_setup.h"

namespace astrolabe {

struct Sealing {
  Table open_rows;                   // all columns
  std::optional<SealedTable> score;  // absent below 1,000 rows without a test file
  std::optional<SealedTable> proof;  // of a run with a star; opened by `astrolabe prove` alone
  std::string label;                 // "sealed", "test file", "test part", "resampled"
  std::string sealed_file;           // for messages about its labels
  std::vector<std::string> notes;
};

// 20 % of the rows by the split rule (10 % above 100,000); a test file, the test part of a set of pictures or
// a `given` split takes its place. A run with a star seals a further 10 %, as the proof of what it finds;
// below 1,000 rows it cannot. Throws bad_input when the test file lacks a column or has labels that training
// never saw.
[[nodiscard]] Sealing seal_rows(TaskSetup& setup, const RunOptions& options, Key key, ThreadPool& pool);

// What learners work on: feature columns, labels, and what splitting needs.
struct OpenData {
  Table features;
  Labels labels;
  std::vector<int> strata;  // class per row; empty for regression
  Table split_column;       // of rule_of_open_rows, or no column
};
// Takes target, weight, group and given columns out of the features. A time column stays: seasons matter.
[[nodiscard]] OpenData separate(const Table& rows, const Task& task, const SplitRule& rule,
                                const std::string& file);
// Some of its rows, in the given order.
[[nodiscard]] OpenData take_open_rows(const OpenData& data, std::span<const RowIndex> rows);

}  // namespace astrolabe
