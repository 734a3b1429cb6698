// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/run_preparation.h"

#include <algorithm>
#include <iterator>
#include <numeric>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/base/version.h"
#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/system/user_spaces.h"
#include "astrolabe/workflow/honest_score.h"
#include "astrolabe/workflow/keep_within_memory.h"
#include "astrolabe/workflow/memory_cap.h"
#include "astrolabe/workflow/old_rows.h"
#include "astrolabe/workflow/out_of_core.h"
#include "astrolabe/workflow/ranking_setup.h"
#include "astrolabe/workflow/shown_pictures.h"
#include "astrolabe/workflow/teaching.h"

namespace astrolabe {
namespace {

constexpr std::size_t kManyRows = 100'000;

void describe_request(Run& run, const ReadResult& read) {
  RunResult& result = run.result;
  result.command = run.options.command;
  result.version = version();
  result.data_path = run.options.data.string();
  result.data_format = read.format;
  result.data_hash = read.file_hash;
  result.seed = run.options.seed;
  result.threads = run.pool.size();
  result.time_limit = run.options.seconds;
  constexpr std::string_view kinds[] = {"random", "group", "time", "given"};
  result.split = kinds[static_cast<std::size_t>(run.options.split.kind)];
  if (!run.options.split.column.empty()) result.split += ":" + run.options.split.column;
  result.rows = read.table.rows();
  result.readings = read.columns;
  say_all(run, read.notes);
}

std::vector<Fold> fold_rows(const Run& run, const OpenData& data) {
  std::vector<RowIndex> rows(data.features.rows());
  std::iota(rows.begin(), rows.end(), RowIndex{0});
  const std::size_t wanted = rows.size() >= kManyRows ? 3 : 5;
  const SplitRule rule = rule_of_open_rows(run.options.split, run.result.task);
  const Table& split_table = rule.column.empty() ? data.features : data.split_column;
  // Where not even two folds fit, make_folds says why.
  const std::size_t folds = std::max<std::size_t>(2, fold_count(split_table, rows, rule, wanted));
  return make_folds(split_table, rows, rule, data.strata, folds, run.key.split("folds"));
}

// Of a run that goes on from a model: columns that the model does not know.
void leave_out_unknown(Run& run, const Table& features, std::vector<std::string>& dropped) {
  if (!run.start || run.start->extends) return;
  std::vector<std::string> unknown;
  for (const std::string& name : features.names())
    if (!run.start->wants(name) && std::ranges::find(dropped, name) == dropped.end()) unknown.push_back(name);
  if (unknown.empty()) return;
  say_all(run, {"the model that this goes on from does not know, and so leaves out: " + join(unknown, ", ")});
  dropped.insert(dropped.end(), unknown.begin(), unknown.end());
}

// Leaves out what cannot generalise and warns of what is too good to be true.
void scan_and_drop(Run& run, OpenData& data) {
  run.result.leaks = scan_for_leaks({.table = data.features,
                                     .labels = data.labels,
                                     .task = run.result.task,
                                     .rule = run.options.split,
                                     .key = run.key.split("leaks"),
                                     .pool = run.pool});
  std::vector<std::string> dropped;
  for (const Leak& leak : run.result.leaks) {
    if (leak.drop && !(run.start && run.start->wants(leak.column))) dropped.push_back(leak.column);
    if (leak.kind != LeakKind::constant && leak.kind != LeakKind::identifier) {
      run.result.warnings.push_back(leak.message);
    }
  }
  leave_out_unknown(run, data.features, dropped);
  if (!dropped.empty()) data.features = data.features.without_columns(dropped);
  if (data.features.columns().empty())
    run.result.warnings.emplace_back(
        "no column is left to learn from, so the baseline, which looks at none, is all there is");
}

SpaceContext context_of(const Task& task, const Table& features) {
  const auto is_category = [](const Column& column) { return column.type == ColumnType::category; };
  const auto is_one_feature = [](const Column& column) {
    return column.type == ColumnType::number || column.type == ColumnType::whole_number ||
           column.type == ColumnType::boolean;
  };
  const std::span<const Column> columns = features.columns();
  return {.kind = task.kind,
          .rows = features.rows(),
          .has_categories = std::ranges::any_of(columns, is_category),
          .has_several_features = columns.size() > 1 || !std::ranges::all_of(columns, is_one_feature)};
}

bool has_pictures(const Table& features) {
  return std::ranges::any_of(features.columns(), &Column::is_image);
}

// The learners that an open run tries: those of tables, and where there are pictures those of pictures first.
std::vector<const Learner*> learners_for(const Table& features) {
  const auto is_of_pictures = [](const Learner* learner) { return learner->needs().images; };
  std::vector<const Learner*> chosen;
  if (has_pictures(features)) std::ranges::copy_if(learners(), std::back_inserter(chosen), is_of_pictures);
  for (const Learner* learner : learners_of_open_run())
    if (!is_of_pictures(learner)) chosen.push_back(learner);
  return chosen;
}

bool has_nets(const RunOptions& options, const Table& features) {
  const auto is_net = [](const Learner* learner) {
    return std::ranges::any_of(learner->fields(),
                               [](const SettingField& field) { return field.name == "architecture"; });
  };
  if (options.learners.empty()) return std::ranges::any_of(learners_for(features), is_net);
  return std::ranges::any_of(options.learners,
                             [&](const LearnerChoice& choice) { return is_net(find_learner(choice.name)); });
}

// A list of learners without a star is tried once each, beside the baseline.
std::size_t systems_kept(const RunOptions& options) {
  constexpr std::size_t kMost = 12;
  const bool is_list =
      !options.learners.empty() &&
      std::ranges::all_of(options.learners, [](const auto& choice) { return choice.stars.empty(); });
  return is_list ? std::min(kMost, options.learners.size() + 1) : kMost;
}

bool takes_pictures_as_bytes(const RunOptions& options) {
  return !options.learners.empty() && std::ranges::all_of(options.learners, [](const LearnerChoice& choice) {
    return find_learner(choice.name)->needs().images;
  });
}

// The names of a folder's files say which picture is which, and nothing of the next one: nobody gave them as
// a column, so nobody needs to hear that they are left out.
void leave_out_file_names(const RunOptions& options, ReadResult& read) {
  const std::string file(kPictureFile);
  if (!is_picture_set(options.data) || options.reading.types.contains(file) || !read.table.find(file)) return;
  read.table = read.table.without_columns(std::vector<std::string>{file});
  std::erase_if(read.columns, [&](const ColumnReading& column) { return column.name == file; });
}

// A folder of pictures without class folders is there to be predicted.
void require_classes_of_pictures(const RunOptions& options, const Table& table) {
  if (options.target != kPictureLabel || !has_pictures(table) || table.find(kPictureLabel)) return;
  throw bad_input({.attempted = "looking for the classes of " + options.data.string(),
                   .expected = "class folders (cats/1.png, dogs/2.png), a file of labels, or a table with a "
                               "column of file names and a --target",
                   .found = "pictures without classes",
                   .remedy = "Put the pictures of each class into a folder of its name."});
}

}  // namespace

std::map<std::string, DateOrder> date_orders_of(const std::vector<ColumnReading>& readings) {
  std::map<std::string, DateOrder> orders;
  for (const ColumnReading& reading : readings) {
    if (reading.date_order != DateOrder::any) orders[reading.name] = reading.date_order;
  }
  return orders;
}

TaskSetup understand(Run& run) {
  const RunOptions& options = run.options;
  run.progress.update(
      {.stage = "reading " + options.data.string(), .fraction = -1, .seconds_left = -1, .best = ""});
  ReadOptions reading = options.reading;
  // Queries of a ranking stay whole, and workers of a shared study read the same rows.
  if (!options.group && options.study.empty()) {
    reading.memory_bytes = memory_for_table(limit_of_rows(options));
    reading.sample_key = run.key.split("reading");
  }
  ReadResult read = read_table(options.data, reading, run.pool);
  if (const auto again = reading_with_room(run, read, reading))
    read = read_table(options.data, *again, run.pool);
  if (options.drawn && options.memory_bytes < options.drawn->limit &&
      read.table.rows() != options.drawn->read)
    refuse_rows(*options.drawn, options.memory_bytes);
  run.drawn = {.limit = options.memory_bytes, .read = read.table.rows()};
  leave_out_file_names(options, read);
  describe_request(run, read);
  require_classes_of_pictures(options, read.table);
  TaskSetup setup = set_up_task(std::move(read.table), options);
  setup.date_orders = date_orders_of(run.result.readings);
  setup.test_part = read.test_part;
  say_all(run, setup.notes);
  run.result.task = setup.task;
  run.result.task_reason = setup.reason;
  run.result.rows_used = setup.table.rows();
  return setup;
}

Sealing seal(Run& run, TaskSetup& setup) {
  Sealing sealing = seal_rows(setup, run.options, run.key.split("seal"), run.pool);
  say_all(run, sealing.notes);
  if (sealing.label == "test part") run.result.rows_of_test_part = sealing.score->rows();
  run.result.rows_sealed = sealing.score && sealing.label == "sealed" ? sealing.score->rows() : 0;
  run.result.rows_for_proof = sealing.proof ? sealing.proof->rows() : 0;
  return sealing;
}

SystemSpace space_of_run(const RunOptions& options, const Task& task, const Table& features) {
  std::vector<LearnerChoice> choices = options.learners;
  const bool is_open = choices.empty();
  if (is_open)
    for (const Learner* learner : learners_for(features))
      choices.push_back({.name = std::string(learner->name())});
  const std::vector<Grammar> grammars =
      options.grammars.empty() ? std::vector<Grammar>{} : read_user_grammars(options.grammars, "--grammar");
  return SystemSpace({.choices = choices,
                      .tunes_settings = is_open,
                      .context = context_of(task, features),
                      .grammars = grammars});
}

Prepared prepare(Run& run, Sealing& sealing) {
  OpenData data = separate(sealing.open_rows, run.result.task, run.options.split, run.options.data.string());
  run.result.profiles = profile_table(sealing.open_rows, run.pool);
  run.result.pictures = examples_of(sealing.open_rows, run.result.task);
  scan_and_drop(run, data);
  const bool are_wanted_later =
      run.options.refit || run.options.grow || may_fit_on_all_rows(run.options) || !run.options.from.empty();
  if (!are_wanted_later) sealing.open_rows = Table();  // the search has its own
  keep_within_memory(run, data,
                     {.has_nets = has_nets(run.options, data.features),
                      .pictures_as_bytes = takes_pictures_as_bytes(run.options),
                      .systems = systems_kept(run.options)});
  std::vector<Fold> folds = fold_rows(run, data);
  const std::size_t old_rows = add_old_rows(run, sealing.open_rows, data, folds);
  SystemSpace space = space_of_run(run.options, run.result.task, data.features);
  Prepared prepared{
      .data = std::move(data), .folds = std::move(folds), .space = std::move(space), .old_rows = old_rows};
  prepared.taught = taught_rows(run, prepared.data.features);
  return prepared;
}

}  // namespace astrolabe
