// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/task_setup.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/workflow/ranking_setup.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMaxClassesFromNumbers = 20;
constexpr std::size_t kMaxClasses = 1000;

// Distinct cells of the target as a person writes them, in the order classes will have, with their counts.
using ClassCounts = std::vector<std::pair<std::string, std::size_t>>;

ClassCounts count_classes(const Column& target) {
  ClassCounts counts;
  if (target.is_numeric()) {
    std::map<double, std::size_t> by_value;  // numeric order: 3 before 10
    std::map<double, std::string> names;
    for (std::size_t row = 0; row < target.rows(); ++row) {
      if (by_value[target.numbers[row]]++ == 0) names[target.numbers[row]] = target.cell(row);
      if (by_value.size() > kMaxClasses) break;
    }
    for (const auto& [value, count] : by_value) counts.emplace_back(names[value], count);
    return counts;
  }
  std::map<std::string, std::size_t> by_name;
  for (std::size_t row = 0; row < target.rows() && by_name.size() <= kMaxClasses; ++row)
    ++by_name[target.cell(row)];
  return {by_name.begin(), by_name.end()};
}

bool has_fraction(const Column& target) {
  return std::any_of(target.numbers.begin(), target.numbers.end(),
                     [](double v) { return v != std::floor(v); });
}

TaskKind kind_of(const Column& target, const ClassCounts& counts, std::string& reason) {
  const std::string n = counts.size() > kMaxClasses ? "many" : std::to_string(counts.size());
  TaskKind kind = counts.size() <= 2 ? TaskKind::binary : TaskKind::multiclass;
  if (target.type == ColumnType::datetime) {
    throw bad_input({.attempted = "setting up the task",
                     .expected = "a target that is a number or has classes",
                     .found = "dates in column " + target.name,
                     .remedy = "Choose another --target, or turn the date into a number."});
  }
  if (target.is_image()) {
    throw bad_input({.attempted = "setting up the task",
                     .expected = "a target that is a number or has classes",
                     .found = "pictures in column " + target.name,
                     .remedy = "Choose another --target."});
  }
  if (target.is_numeric() && has_fraction(target)) {
    kind = TaskKind::regression;
    reason = fmt::format("{} has numbers with a fraction: regression; --task changes it", target.name);
  } else if (target.is_numeric() && counts.size() > kMaxClassesFromNumbers) {
    kind = TaskKind::regression;
    reason = fmt::format("{} has {} distinct numbers: regression; --task changes it", target.name, n);
  } else {
    reason =
        fmt::format("{} has {} distinct values: {}; --task changes it", target.name, n, task_kind_name(kind));
  }
  return kind;
}

// A metric of numbers says that the numbers of the target are meant as such: no flag is asked for.
void follow_metric(const Column& target, const RunOptions& options, TaskSetup& setup) {
  const Metric* metric = options.metric ? find_metric(*options.metric) : nullptr;
  if (metric == nullptr || metric->supports(setup.task.kind)) return;
  if (!metric->supports(TaskKind::regression) || !target.is_numeric()) return;
  setup.task.kind = TaskKind::regression;
  setup.reason = fmt::format("{} has numbers, and {} is for regression", target.name, metric->title);
}

void require_learnable(const Column& target, const ClassCounts& counts, TaskKind kind) {
  const auto refuse = [&](std::string expected, std::string found, std::string remedy) {
    throw bad_input({.attempted = "setting up the task",
                     .expected = std::move(expected),
                     .found = std::move(found),
                     .remedy = std::move(remedy)});
  };
  if (counts.size() < 2) {
    refuse(kind == TaskKind::regression ? "a target that varies" : "at least two classes",
           fmt::format("only '{}' in every row of {}", counts.empty() ? "" : counts[0].first, target.name),
           target.name == kPictureLabel ? "Give each class a folder of its own, or choose another --target."
                                        : "Choose another --target.");
  }
  if (kind == TaskKind::regression && !target.is_numeric()) {
    refuse("numbers in a regression target",
           fmt::format("{} values in {}", column_type_name(target.type), target.name),
           "Leave --task out, or choose another --target.");
  }
  if (kind == TaskKind::binary && counts.size() > 2) {
    refuse("two classes for --task binary", fmt::format("{} in {}", counts.size(), target.name),
           "Use --task multiclass.");
  }
  if (kind != TaskKind::regression && counts.size() > kMaxClasses) {
    refuse(fmt::format("at most {} classes", kMaxClasses), fmt::format("more in {}", target.name),
           target.is_numeric() ? "Use --task regression."
                               : "Choose another --target: this one looks like a name or a text.");
  }
}

// classes[1] is the positive one: told, or the rarer.
std::vector<std::string> ordered_classes(const ClassCounts& counts, TaskKind kind,
                                         const RunOptions& options) {
  std::vector<std::string> classes;
  for (const auto& [name, count] : counts) classes.push_back(name);
  if (kind != TaskKind::binary) {
    if (options.positive) {
      throw usage_error({.attempted = "reading --positive",
                         .expected = "a binary task",
                         .found = fmt::format("{} classes", classes.size()),
                         .remedy = "Leave --positive out."});
    }
    return classes;
  }
  bool swap_them = counts[0].second < counts[1].second;
  if (options.positive) {
    const auto at = std::find(classes.begin(), classes.end(), *options.positive);
    if (at == classes.end()) {
      throw usage_error({.attempted = "reading --positive",
                         .expected = join(classes, " or "),
                         .found = "'" + *options.positive + "'",
                         .remedy = "Give one of the classes."});
    }
    swap_them = at == classes.begin();
  }
  if (swap_them) std::swap(classes[0], classes[1]);
  return classes;
}

std::string metric_for(const Task& task, const RunOptions& options) {
  if (!options.metric) return std::string(default_metric(task.kind, task.is_ranking()).name);
  const Metric* metric = find_metric(*options.metric);
  if (metric != nullptr && task.suits(*metric)) return *options.metric;
  std::vector<std::string> fitting;
  for (const Metric& m : metrics()) {
    if (task.suits(m)) fitting.emplace_back(m.name);
  }
  const bool wants_groups = metric != nullptr && metric->is_of_ranking();
  throw usage_error(
      {.attempted = "reading --metric",
       .expected = fmt::format("a metric for a {} task: {}", task.kind_name(), join(fitting, ", ")),
       .found = "'" + *options.metric + "'",
       .remedy = wants_groups        ? "Name the column with the groups to rank within: --group COLUMN."
                 : task.is_ranking() ? "Choose one of these, or leave --group out."
                                     : "Choose one of these, or change --task."});
}

// Classes by their spelling. Classes that are numbers also match other spellings of the same number ("1.0" is
// "1").
class ClassLookup {
 public:
  explicit ClassLookup(const std::vector<std::string>& classes) {
    are_numbers_ =
        std::all_of(classes.begin(), classes.end(), [](const auto& name) { return parse_number(name); });
    for (std::size_t i = 0; i < classes.size(); ++i) index_of_[canonical(classes[i])] = i;
  }
  [[nodiscard]] std::optional<std::size_t> find(const std::string& cell) const {
    const auto at = index_of_.find(canonical(cell));
    return at == index_of_.end() ? std::nullopt : std::optional(at->second);
  }

 private:
  [[nodiscard]] std::string canonical(const std::string& cell) const {
    const std::optional<double> number = are_numbers_ ? parse_number(cell) : std::nullopt;
    return number ? fmt::format("{}", *number) : cell;
  }
  bool are_numbers_ = false;
  std::map<std::string, std::size_t> index_of_;
};

Error unknown_label(const Column& target, std::size_t row, const Task& task, const std::string& file) {
  constexpr std::size_t kShown = 20;
  std::vector<std::string> classes = task.classes;
  if (classes.size() > kShown) {
    classes.resize(kShown);
    classes.emplace_back("...");
  }
  return bad_input(
      {.attempted = "reading the labels of " + file,
       .expected = "a class of the training data: " + join(classes, ", "),
       .found = fmt::format("'{}' in data row {} of column {}", target.cell(row), row + 1, target.name),
       .remedy = "Spell the labels of both files alike."});
}

void require_weight(const Table& table, const RunOptions& options) {
  if (!options.weight) return;
  const Column& weight = table.require(*options.weight, "weight");
  if (!weight.is_numeric() || weight.type == ColumnType::datetime) {
    throw bad_input({.attempted = "reading the weights",
                     .expected = "numbers in column " + weight.name,
                     .found = std::string(column_type_name(weight.type)),
                     .remedy = "Choose another --weight."});
  }
}

void set_up_ranking(const RunOptions& options, TaskSetup& setup) {
  setup.task.kind = TaskKind::regression;
  setup.task.group = *options.group;
  const Labels labels = labels_of(setup.table, setup.task, options.data.string());
  const std::size_t groups = require_rankable(setup.table, labels, setup.task, options.split);
  setup.reason = fmt::format("{} within each {}: ranking of {} groups", setup.task.target, setup.task.group,
                             format_count(groups));
}

// Poisson deviance of a negative target has no value, and no learner could be judged by it.
void require_domain(const Column& target, const Metric& metric) {
  if (!metric.regression || metric.row_loss == nullptr) return;
  const double any = 1;
  for (std::size_t row = 0; row < target.rows(); ++row) {
    if (!std::isnan(metric.row_loss(target.numbers[row], {&any, 1}))) continue;
    throw bad_input(
        {.attempted = "setting up the task",
         .expected = fmt::format("a target for which the {} is defined", metric.title),
         .found = fmt::format("{} in data row {} of column {}", target.cell(row), row + 1, target.name),
         .remedy = "Choose another --metric, or leave these rows out."});
  }
}

// Variances multiply weights: those of an odd scale would overflow or vanish.
void require_summable_weights(const Table& table, const Task& task) {
  if (task.weight.empty()) return;
  const Column& weight = table.require(task.weight, "weight");
  const double sum = std::accumulate(weight.numbers.begin(), weight.numbers.end(), 0.0);
  if (sum > 1e-100 && sum < 1e100) return;
  throw bad_input({.attempted = "reading the weights",
                   .expected = "weights whose sum is between 1e-100 and 1e100",
                   .found = fmt::format("{:.3g} in {}", sum, weight.name),
                   .remedy = "Scale them: only their ratios count."});
}

// A class that some folds lack can be predicted, but neither learned well nor judged.
void note_rare_classes(const ClassCounts& counts, TaskSetup& setup) {
  constexpr std::size_t kFew = 5;
  if (setup.task.kind == TaskKind::regression) return;
  const auto rare = static_cast<std::size_t>(
      std::ranges::count_if(counts, [](const auto& count) { return count.second < kFew; }));
  if (rare == 0) return;
  const auto& fewest = *std::ranges::min_element(counts, {}, [](const auto& count) { return count.second; });
  setup.notes.push_back(fmt::format(
      "{} of {} classes {} fewer than {} rows ('{}' has {}): what is said of {} rests on next to nothing",
      rare, counts.size(), rare == 1 ? "has" : "have", kFew, fewest.first, fewest.second,
      rare == 1 ? "it" : "them"));
}

}  // namespace

std::vector<RowIndex> usable_rows(const Table& table, const Task& task) {
  const Column& target = table.require(task.target, "target");
  const Column* weight = task.weight.empty() ? nullptr : &table.require(task.weight, "weight");
  std::vector<RowIndex> rows;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (target.is_missing(row) || (target.is_numeric() && !std::isfinite(target.numbers[row]))) continue;
    if (weight != nullptr && !(weight->numbers[row] > 0 && std::isfinite(weight->numbers[row]))) continue;
    rows.push_back(static_cast<RowIndex>(row));
  }
  return rows;
}

TaskSetup set_up_task(Table table, const RunOptions& options) {
  TaskSetup setup;
  setup.task.target = options.target;
  setup.task.weight = options.weight.value_or("");
  static_cast<void>(table.require(options.target, "target"));
  require_ranking_options(options);
  require_weight(table, options);

  const std::vector<RowIndex> rows = usable_rows(table, setup.task);
  const std::size_t dropped = table.rows() - rows.size();
  if (rows.empty() && options.weight) {
    throw bad_input({.attempted = "setting up the task",
                     .expected = "rows with a target and a weight above 0",
                     .found = fmt::format("none in {} rows", table.rows()),
                     .remedy = "Choose another --target or --weight."});
  }
  if (rows.empty()) {
    throw bad_input({.attempted = "setting up the task",
                     .expected = "rows with a target",
                     .found = fmt::format("none: {} is missing in all {} rows", options.target, table.rows()),
                     .remedy = "Choose another --target."});
  }
  if (dropped > 0) {
    setup.notes.push_back(fmt::format("{} of {} rows have no usable {}: dropped", format_count(dropped),
                                      format_count(table.rows()),
                                      setup.task.weight.empty() ? "target" : "target or weight"));
  }
  setup.table = dropped == 0 ? std::move(table) : table.take_rows(rows);
  require_summable_weights(setup.table, setup.task);

  const Column& target = setup.table.require(options.target, "target");
  const ClassCounts counts = count_classes(target);
  if (options.group) {
    set_up_ranking(options, setup);
  } else {
    setup.task.kind = kind_of(target, counts, setup.reason);
  }
  if (options.task) {
    setup.task.kind = *options.task;
    setup.reason = fmt::format("--task {}", task_kind_name(*options.task));
  } else if (!options.group) {
    follow_metric(target, options, setup);
  }
  require_learnable(target, counts, setup.task.kind);
  note_rare_classes(counts, setup);
  if (setup.task.kind != TaskKind::regression) {
    setup.task.classes = ordered_classes(counts, setup.task.kind, options);
  } else if (options.positive) {
    throw usage_error({.attempted = "reading --positive",
                       .expected = "a binary task",
                       .found = "a regression",
                       .remedy = "Leave --positive out, or add --task binary."});
  }
  setup.task.metric = metric_for(setup.task, options);
  require_domain(target, *find_metric(setup.task.metric));
  return setup;
}

Labels labels_of(const Table& table, const Task& task, const std::string& file) {
  const Column& target = table.require(task.target, "target");
  Labels labels{.kind = task.kind, .classes = task.classes.size(), .values = {}, .weights = {}};
  if (task.is_ranking()) labels.groups = group_numbers(table, task, file);
  if (!task.weight.empty()) labels.weights = table.require(task.weight, "weight").numbers;
  if (task.kind == TaskKind::regression) {
    labels.values = target.numbers;
    return labels;
  }
  const ClassLookup lookup(task.classes);
  labels.values.resize(table.rows());
  std::vector<std::optional<std::size_t>> class_of_level;
  for (const std::string& level : target.levels) class_of_level.push_back(lookup.find(level));
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto found = target.has_levels() ? class_of_level[static_cast<std::size_t>(target.codes[row])]
                                           : lookup.find(target.cell(row));
    if (!found) throw unknown_label(target, row, task, file);
    labels.values[row] = static_cast<double>(*found);
  }
  return labels;
}

}  // namespace astrolabe
