// SPDX-License-Identifier: Apache-2.0
// Anybody's predictions, looked at without their model: are they worth using?
//
//   const AuditResult result = audit({.file = "predictions.csv", .truth = "y", .baseline = "old"}, pool);
//   result.decision                                  // use, do_not_use or need_more
//
// The file has a column of truth and one or more of predictions; all its other columns are taken for
// features, in which repeated rows, leaks and weak slices are looked for. Pure but for reading; no search, no
// training.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "astrolabe/base/thread_pool.h"
#include "astrolabe/data/reader.h"
#include "astrolabe/report/audit_result.h"

namespace astrolabe {

struct AuditOptions {
  std::filesystem::path file;
  // Another file, whose rows are those of `file` in the same order: truth and features, if they are not in
  // it.
  std::optional<std::filesystem::path> data = {};
  std::string truth;
  // A column, or what comes before ":CLASS" in several; empty: probability:CLASS, else prediction.
  std::string prediction = {};
  std::optional<std::string> baseline = {};         // the same, of what there is to beat
  std::optional<std::filesystem::path> train = {};  // what the model was trained on: rows that it has seen
  std::size_t tries = 1;  // models that were compared on these rows before this one was picked
  std::optional<TaskKind> task = {};
  std::optional<std::string> metric = {};
  std::optional<std::string> positive = {};
  Header header = Header::detect;
};

// Throws bad_input: a column that is not there, predictions that are missing, no numbers, or no classes of
// the truth; usage_error: a metric that the predictions cannot be judged by.
[[nodiscard]] AuditResult audit(const AuditOptions& options, ThreadPool& pool);

}  // namespace astrolabe
