// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/sealing.h"

#include <algorithm>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/evaluate/candidate.h"
#include "astrolabe/workflow/ranking_setup.h"

namespace astrolabe {
namespace {

std::vector<int> strata_of(const Labels& labels) {
  if (labels.kind == TaskKind::regression) return {};
  return {labels.values.begin(), labels.values.end()};
}

// A test file, or the test part of a set of pictures.
Table read_test_rows(const TaskSetup& setup, const std::filesystem::path& path, const RunOptions& options,
                     ThreadPool& pool, Sealing& sealing) {
  std::vector<WantedColumn> wanted;
  for (const Column& column : setup.table.columns()) {
    const auto order = setup.date_orders.find(column.name);
    wanted.push_back({.name = column.name,
                      .type = column.type,
                      .date_order = order == setup.date_orders.end() ? DateOrder::any : order->second,
                      .picture = column.pixels.shape});
  }
  ReadOptions reading;
  reading.header = options.reading.header;
  reading.part = SetPart::test;
  ReadResult read = read_table_as(path, wanted, {}, reading, pool);
  sealing.notes.insert(sealing.notes.end(), read.notes.begin(), read.notes.end());
  const std::vector<RowIndex> usable = usable_rows(read.table, setup.task);
  if (usable.empty()) {
    throw bad_input({.attempted = "reading the test rows of " + path.string(),
                     .expected = "rows with a target",
                     .found = "none",
                     .remedy = "Check the file, or leave --test out."});
  }
  if (usable.size() == read.table.rows()) return std::move(read.table);
  sealing.notes.push_back(fmt::format("{} of {} test rows have no usable target: dropped",
                                      format_count(read.table.rows() - usable.size()),
                                      format_count(read.table.rows())));
  return read.table.take_rows(usable);
}

Sealing seal_score(TaskSetup& setup, const RunOptions& options, Key key, ThreadPool& pool) {
  Sealing sealing;
  sealing.sealed_file = options.data.string();
  const bool is_given = options.split.kind == SplitKind::given;
  if (options.test || (!setup.test_part.empty() && !is_given)) {
    const std::filesystem::path path = options.test.value_or(options.data);
    Table test = read_test_rows(setup, path, options, pool, sealing);
    sealing.sealed_file = options.test ? path.string() : (path / setup.test_part).string();
    // Labels that cannot be matched are told now, not after the search; nothing else of these rows is looked
    // at.
    static_cast<void>(labels_of(test, setup.task, sealing.sealed_file));
    sealing.open_rows = std::move(setup.table);
    sealing.score.emplace("score", std::move(test));
    sealing.label = options.test ? "test file" : "test part";
    return sealing;
  }
  const double share = sealed_share(setup.table.rows());
  if (share == 0 && !is_given) {
    sealing.open_rows = std::move(setup.table);
    sealing.label = "resampled";
    return sealing;
  }
  const std::vector<int> strata = strata_of(labels_of(setup.table, setup.task, sealing.sealed_file));
  const Holdout parts = hold_out(setup.table, options.split, strata, share, key);
  sealing.score.emplace("score", setup.table.take_rows(parts.held_out));
  sealing.open_rows = setup.table.take_rows(parts.rest);
  sealing.label = "sealed";
  setup.table = Table();
  return sealing;
}

// A tenth of all rows, from those that are open.
void seal_proof(Sealing& sealing, const Task& task, const RunOptions& options, std::size_t rows, Key key) {
  constexpr double kShare = 0.1;
  const Table& open = sealing.open_rows;
  const double share = std::min(0.5, kShare * static_cast<double>(rows) / static_cast<double>(open.rows()));
  const SplitRule rule = rule_of_open_rows(options.split, task);
  const std::vector<int> strata = strata_of(labels_of(open, task, sealing.sealed_file));
  const Holdout parts = hold_out(open, rule, strata, share, key);
  sealing.proof.emplace("proof", open.take_rows(parts.held_out));
  sealing.open_rows = open.take_rows(parts.rest);
  sealing.notes.push_back(fmt::format("{} rows are sealed for `astrolabe prove`, beside those of the score",
                                      format_count(parts.held_out.size())));
}

}  // namespace

Sealing seal_rows(TaskSetup& setup, const RunOptions& options, Key key, ThreadPool& pool) {
  const std::size_t rows = setup.table.rows();
  Sealing sealing = seal_score(setup, options, key, pool);
  const bool has_star = std::ranges::any_of(
      options.learners, [](const LearnerChoice& choice) { return !choice.stars.empty(); });
  if (has_star && sealed_share(rows) > 0) seal_proof(sealing, setup.task, options, rows, key.split("proof"));
  return sealing;
}

OpenData separate(const Table& rows, const Task& task, const SplitRule& rule, const std::string& file) {
  OpenData data{.features = {}, .labels = labels_of(rows, task, file), .strata = {}, .split_column = {}};
  data.strata = strata_of(data.labels);
  std::vector<std::string> apart = {task.target};
  if (!task.weight.empty()) apart.push_back(task.weight);
  if (task.is_ranking()) apart.push_back(task.group);
  if (rule.kind == SplitKind::group || rule.kind == SplitKind::given) apart.push_back(rule.column);
  data.features = rows.without_columns(apart);
  const std::string split_column = rule_of_open_rows(rule, task).column;
  if (!split_column.empty()) data.split_column = Table({rows.require(split_column, "split")});
  return data;
}

OpenData take_open_rows(const OpenData& data, std::span<const RowIndex> rows) {
  OpenData taken{
      .features = data.features.take_rows(rows),
      .labels = take_labels(data.labels, rows),
      .strata = {},
      .split_column = data.split_column.columns().empty() ? Table() : data.split_column.take_rows(rows)};
  if (!data.strata.empty())
    for (const RowIndex row : rows) taken.strata.push_back(data.strata[row]);
  return taken;
}

}  // namespace astrolabe
