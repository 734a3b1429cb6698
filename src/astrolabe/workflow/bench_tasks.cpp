// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/bench_tasks.h"

#include <memory>
#include <numeric>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/hash.h"
#include "astrolabe/base/text.h"
#include "astrolabe/evaluate/candidate.h"
#include "astrolabe/workflow/bench_tables.h"
#include "astrolabe/workflow/ranking_setup.h"
#include "astrolabe/workflow/task_setup.h"

namespace astrolabe {
namespace {

constexpr std::size_t kJudgedRows = 2'000;  // of a drawn table: predicting costs little
constexpr double kJudgedShare = 0.25;       // of a table by path
constexpr double kFittedShare = 0.8;        // of the training rows: the rest says when to stop
constexpr std::size_t kLeastRows = 40;

std::vector<RowIndex> rows_between(std::size_t first, std::size_t last) {
  std::vector<RowIndex> rows(last - first);
  std::iota(rows.begin(), rows.end(), static_cast<RowIndex>(first));
  return rows;
}

BenchDraw cut(const OpenData& all, std::span<const RowIndex> train, std::span<const RowIndex> judged) {
  return {.train = take_open_rows(all, train),
          .judged = all.features.take_rows(judged),
          .truth = take_labels(all.labels, judged)};
}

std::uint64_t hash_of(const Table& table, const Task& task, const BenchTaskRequest& request,
                      std::size_t rows) {
  return hash_text(fmt::format("{:016x} {} {} {} {} {}", hash_table(table), task.target, task.metric,
                               join(task.classes, ","), request.split, rows));
}

RunOptions options_of(const BenchTaskRequest& request) {
  RunOptions options;
  options.target = request.target;
  if (!request.metric.empty()) options.metric = request.metric;
  if (!request.positive.empty()) options.positive = request.positive;
  options.split = parse_split_rule(request.split);
  return options;
}

// ---- Drawn.

BenchTask open_drawn(const BenchTaskRequest& request, Key key) {
  const BenchTable* table = find_bench_table(request.table);
  if (table == nullptr) {
    std::vector<std::string> names;
    for (const BenchTable& row : bench_tables()) names.emplace_back(row.name);
    const std::optional<std::string> nearest = nearest_name(request.table, names);
    throw bad_input({.attempted = "opening the task " + request.name,
                     .expected = "one of " + join(names, ", "),
                     .found = "'" + request.table + "'",
                     .remedy = nearest ? fmt::format("Did you mean {}?", *nearest) : ""});
  }
  BenchTaskRequest asked = request;
  asked.target = kBenchTarget;
  if (asked.metric.empty()) asked.metric = table->metric;
  asked.positive = table->kind == TaskKind::binary ? kBenchPositive : "";
  const std::size_t rows = request.rows > 0 ? request.rows : table->rows;
  RunOptions options = options_of(asked);
  options.task = table->kind;
  const TaskSetup first = set_up_task(table->draw(rows, key), options);
  BenchTask task{.name = request.name, .task = first.task};
  task.hash = hash_of(first.table, task.task, asked, rows);
  task.train_rows = rows;
  task.judged_rows = kJudgedRows;
  task.source = "drawn";
  task.draw = [table, rows, key, is = task.task, rule = task.rule](std::size_t seed) {
    const Table drawn = table->draw(rows + kJudgedRows, key.split("draw").split(seed));
    const OpenData all = separate(drawn, is, rule, std::string(table->name));
    return cut(all, rows_between(0, rows), rows_between(rows, rows + kJudgedRows));
  };
  return task;
}

// ---- By path.

void require_random_parts(const BenchTaskRequest& request, const SplitRule& rule) {
  if (rule.kind == SplitKind::random || rule.kind == SplitKind::group) return;
  throw bad_input({.attempted = "opening the task " + request.name,
                   .expected = "split = \"random\" or \"group:COLUMN\"",
                   .found = request.split,
                   .remedy = "Every seed judges by other rows, which such a split does not have."});
}

std::vector<std::string> identifiers_of(const Table& table, const std::string& target) {
  std::vector<std::string> names;
  for (const Column& column : table.columns())
    if (column.type == ColumnType::identifier && column.name != target) names.push_back(column.name);
  return names;
}

BenchTask open_file(const BenchTaskRequest& request, Key key, ThreadPool& pool) {
  const RunOptions options = options_of(request);
  require_random_parts(request, options.split);
  ReadResult read = read_table(request.data, {.drop = request.drop}, pool);
  const std::vector<std::string> identifiers = identifiers_of(read.table, request.target);
  if (!identifiers.empty()) read.table = read.table.without_columns(identifiers);
  TaskSetup setup = set_up_task(std::move(read.table), options);
  const std::size_t rows = setup.table.rows();
  if (rows < kLeastRows) {
    throw bad_input({.attempted = "opening the task " + request.name,
                     .expected = fmt::format("{} rows or more", kLeastRows),
                     .found = fmt::format("{}", rows),
                     .remedy = "So few cannot be held out again and again."});
  }
  if (request.rows > 0 && request.rows < rows)
    setup.table =
        setup.table.take_rows(draw_rows(rows_between(0, rows), {}, request.rows, key.split("sample")));
  BenchTask task{.name = request.name, .task = setup.task};
  task.rule = rule_of_open_rows(options.split, setup.task);
  task.hash = hash_of(setup.table, task.task, request, setup.table.rows());
  task.source = request.data.string();
  if (!identifiers.empty()) task.notes.push_back("left out as identifiers: " + join(identifiers, ", "));
  const auto all = std::make_shared<const OpenData>(
      separate(setup.table, setup.task, options.split, request.data.string()));
  const auto parts = [all, rule = task.rule, key](std::size_t seed) {
    const Table& table = all->split_column.columns().empty() ? all->features : all->split_column;
    return hold_out(table, rule, all->strata, kJudgedShare, key.split("draw").split(seed));
  };
  const Holdout example = parts(0);
  task.train_rows = example.rest.size();
  task.judged_rows = example.held_out.size();
  task.test_to_train =
      static_cast<double>(task.judged_rows) / (kFittedShare * static_cast<double>(task.train_rows));
  task.draw = [all, parts](std::size_t seed) {
    const Holdout held = parts(seed);
    return cut(*all, held.rest, held.held_out);
  };
  return task;
}

}  // namespace

BenchTask open_bench_task(const BenchTaskRequest& request, Key key, ThreadPool& pool) {
  const Key own = key.split("task").split(request.name);
  return request.table.empty() ? open_file(request, own, pool) : open_drawn(request, own);
}

}  // namespace astrolabe
