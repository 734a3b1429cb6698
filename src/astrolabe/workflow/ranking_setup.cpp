// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/ranking_setup.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/data/cell_hash.h"
#include "astrolabe/stats/ranking_metric.h"

namespace astrolabe {
namespace {

void require_relevance(const Table& table, const Task& task, const std::string& file) {
  const Column& target = table.require(task.target, "target");
  const std::string expected =
      fmt::format("relevance in {}: whole numbers from 0 to {}", target.name, kMostRelevance);
  const std::string remedy = "Choose another --target, grade it, or leave --group out.";
  if (!target.is_numeric() || target.type == ColumnType::datetime) {
    throw bad_input({.attempted = "reading the relevance of " + file,
                     .expected = expected,
                     .found = fmt::format("{} values", column_type_name(target.type)),
                     .remedy = remedy});
  }
  const auto bad = std::ranges::find_if_not(target.numbers, [](double value) { return is_relevance(value); });
  if (bad == target.numbers.end()) return;
  const auto row = static_cast<std::size_t>(bad - target.numbers.begin());
  throw bad_input({.attempted = "reading the relevance of " + file,
                   .expected = expected,
                   .found = fmt::format("{} in data row {}", target.cell(row), row + 1),
                   .remedy = remedy});
}

}  // namespace

void require_ranking_options(const RunOptions& options) {
  if (!options.group) return;
  const auto refuse = [](std::string expected, std::string found, std::string remedy) {
    throw usage_error({.attempted = "reading --group",
                       .expected = std::move(expected),
                       .found = std::move(found),
                       .remedy = std::move(remedy)});
  };
  const std::string apart =
      fmt::format("Leave it out; --split group:{} keeps rows together and ranks nothing.", *options.group);
  if (options.task)
    refuse("a ranking, which --group makes of a task",
           fmt::format("--task {}", task_kind_name(*options.task)), apart);
  if (options.positive) refuse("a ranking, which has no classes", "--positive " + *options.positive, apart);
  if (*options.group == options.target || options.group == options.weight)
    refuse("a column that says which rows belong together", "the column of the target or the weight",
           "Name the column with the query of each row.");
}

std::vector<std::uint32_t> group_numbers(const Table& table, const Task& task, const std::string& file) {
  require_relevance(table, task, file);
  const Column& column = table.require(task.group, "group");
  std::vector<std::uint32_t> numbers;
  numbers.reserve(table.rows());
  std::unordered_map<std::uint64_t, std::uint32_t> known;
  for (const std::uint64_t word : cell_hashes(column)) {
    const std::size_t row = numbers.size();
    if (column.is_missing(row)) {
      throw bad_input({.attempted = "reading the groups of " + file,
                       .expected = "a group in every row",
                       .found = fmt::format("none in data row {} of column {}", row + 1, column.name),
                       .remedy = "Fill it in, or leave these rows out."});
    }
    numbers.push_back(known.try_emplace(word, static_cast<std::uint32_t>(known.size())).first->second);
  }
  return numbers;
}

std::size_t require_rankable(const Table& table, const Labels& labels, const Task& task,
                             const SplitRule& rule) {
  const std::size_t groups = *std::ranges::max_element(labels.groups) + std::size_t{1};
  if (groups < 2) {
    throw bad_input({.attempted = "setting up the ranking",
                     .expected = "at least two groups: some to learn from, others to judge by",
                     .found = fmt::format("one: all rows have the same {}", task.group),
                     .remedy = "Choose another --group, or give more data."});
  }
  if (rule.column == task.group) return groups;
  ASTROLABE_CHECK(!rule.column.empty(), "a ranking is split by whole groups");
  const Column& column = table.require(rule.column, "split");
  const std::vector<std::uint64_t> words = cell_hashes(column);
  std::vector<std::size_t> first(groups, std::numeric_limits<std::size_t>::max());
  for (std::size_t row = 0; row < labels.rows(); ++row) {
    std::size_t& of_group = first[labels.groups[row]];
    of_group = std::min(of_group, row);
    if (words[of_group] == words[row]) continue;
    throw bad_input({.attempted = "splitting by " + column.name,
                     .expected = fmt::format("one {} in all rows of a {}", column.name, task.group),
                     .found = fmt::format("'{}' in data row {} and '{}' in data row {}, of one group",
                                          column.cell(of_group), of_group + 1, column.cell(row), row + 1),
                     .remedy = "Leave --split out: groups then stay whole."});
  }
  return groups;
}

SplitRule rule_of_open_rows(const SplitRule& rule, const Task& task) {
  if (rule.kind != SplitKind::given) return rule;
  return task.is_ranking() ? SplitRule{.kind = SplitKind::group, .column = task.group} : SplitRule{};
}

}  // namespace astrolabe
