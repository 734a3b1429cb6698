// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/run.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"
#include "astrolabe/base/text.h"
#include "astrolabe/base/version.h"
#include "astrolabe/data/concatenate.h"
#include "astrolabe/evaluate/residual_range.h"
#include "astrolabe/report/run_report.h"
#include "astrolabe/workflow/final_fit.h"
#include "astrolabe/workflow/honest_score.h"
#include "astrolabe/workflow/memory_cap.h"
#include "astrolabe/workflow/run_journal.h"
#include "astrolabe/workflow/sealing.h"
#include "astrolabe/workflow/selection.h"
#include "astrolabe/workflow/task_setup.h"

namespace astrolabe {
namespace {

constexpr double kRangeCoverage = 0.9;
constexpr std::size_t kManyRows = 100'000;
constexpr std::size_t kImportanceRows = 2'000;
constexpr std::size_t kImportanceColumns = 60;

// Everything the steps of one run share.
struct Run {
  const RunOptions& options;
  Progress& progress;
  ThreadPool pool;
  Budget budget;
  Key key;
  RunResult result = {};
};

std::string name_of(const std::filesystem::path& data) {
  std::string name = data.filename().string();
  name = name.substr(0, name.find('.', 1));
  return name.empty() ? "data" : name;
}

void say_all(Run& run, const std::vector<std::string>& notes) {
  run.result.notes.insert(run.result.notes.end(), notes.begin(), notes.end());
}

// Selection ends early enough for scoring, importance and the report.
double seconds_to_finish(const Budget& budget) {
  return budget.has_deadline() ? std::clamp(0.08 * budget.seconds_limit(), 0.2, 10.0) : 0;
}

Budget selection_budget(const Run& run, bool must_resample) {
  if (!run.budget.has_deadline()) return run.budget;
  const double left = std::max(0.0, run.budget.seconds_left() - seconds_to_finish(run.budget));
  return run.budget.slice(must_resample ? left / 3 : left);
}

std::vector<Fold> fold_rows(const Run& run, const OpenData& data) {
  std::vector<RowIndex> rows(data.features.rows());
  std::iota(rows.begin(), rows.end(), RowIndex{0});
  const std::size_t wanted = rows.size() >= kManyRows ? 3 : 5;
  const Table& split_table = run.options.split.column.empty() ? data.features : data.split_column;
  // Where not even two folds fit, make_folds says why.
  const std::size_t folds =
      std::max<std::size_t>(2, fold_count(split_table, rows, run.options.split, wanted));
  return make_folds(split_table, rows, run.options.split, data.strata, folds, run.key.split("folds"));
}

std::vector<int> take_strata(const std::vector<int>& strata, std::span<const RowIndex> rows) {
  std::vector<int> taken;
  for (const RowIndex row : rows) {
    if (!strata.empty()) taken.push_back(strata[row]);
  }
  return taken;
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
    if (leak.drop) dropped.push_back(leak.column);
    if (leak.kind != LeakKind::constant && leak.kind != LeakKind::identifier) {
      run.result.warnings.push_back(leak.message);
    }
  }
  if (!dropped.empty()) data.features = data.features.without_columns(dropped);
}

// Fewer rows when the rest does not fit under the memory cap.
void keep_within_memory(Run& run, OpenData& data) {
  const auto rows =
      rows_within_memory(data.features, run.options.memory_bytes, resident_memory(), run.key.split("memory"));
  if (!rows) return;
  run.result.warnings.push_back(
      fmt::format("--memory: the search works with {} of {} open rows, chosen at random",
                  format_count(rows->size()), format_count(data.features.rows())));
  data = {.features = data.features.take_rows(*rows),
          .labels = take_labels(data.labels, *rows),
          .strata = take_strata(data.strata, *rows),
          .split_column = data.split_column.columns().empty() ? Table() : data.split_column.take_rows(*rows)};
}

std::map<std::string, DateOrder> date_orders_of(const std::vector<ColumnReading>& readings) {
  std::map<std::string, DateOrder> orders;
  for (const ColumnReading& reading : readings) {
    if (reading.date_order != DateOrder::any) orders[reading.name] = reading.date_order;
  }
  return orders;
}

ShippedModel make_model(const Run& run, const Selection& selection, std::vector<Member> members) {
  ModelCard card;
  card.version = version();
  card.task = run.result.task;
  card.system = selection.system;
  card.data_name = run.options.data.filename().string();
  card.data_hash = run.result.data_hash;
  card.rows = run.result.rows_used - run.result.rows_sealed;
  card.seed = run.options.seed;
  card.fitted_on = run.result.fitted_on;
  card.date_orders = date_orders_of(run.result.readings);
  if (!run.result.leaderboard.empty()) card.validation = run.result.validation;
  return {std::move(card), std::move(members)};
}

std::optional<PredictionRange> range_of(const Selection& selection, const Labels& labels) {
  if (labels.kind != TaskKind::regression) return std::nullopt;
  std::vector<double> residuals;
  for (std::size_t i = 0; i < selection.rows.size(); ++i) {
    residuals.push_back(labels.values[selection.rows[i]] - selection.out_of_fold[i]);
  }
  const ResidualRange range = residual_range(residuals, kRangeCoverage);
  if (!std::isfinite(range.low) || !std::isfinite(range.high)) return std::nullopt;
  return PredictionRange{.low = range.low, .high = range.high, .coverage = kRangeCoverage};
}

HonestScore score_sealed(Run& run, const SealedTable& sealed, const std::string& label,
                         const std::string& file, const ShippedModel& model, RunJournal& journal) {
  const Opening opening = journal.record(sealed.slice(), "the run's score");
  const Table& rows = sealed.open(opening);
  const Labels labels = labels_of(rows, run.result.task, file);
  std::vector<RowIndex> all(rows.rows());
  std::iota(all.begin(), all.end(), RowIndex{0});
  const std::vector<double> predicted = model.predict(rows, run.pool);
  HonestScore score =
      score_honestly(run.result.task, judge(all, predicted, labels), label, run.key.split("sealed score"));
  score.opening = opening.number();
  return score;
}

// Importance by shuffling, on rows that the models of the first fold did not train on.
std::vector<ColumnImportance> importance_by_shuffling(Run& run, const OpenData& data,
                                                      const Selection& selection,
                                                      const std::vector<Fold>& folds) {
  if (run.budget.should_stop()) return {};
  if (data.features.columns().size() > kImportanceColumns) {
    say_all(run, {fmt::format("importance by shuffling is left out above {} columns", kImportanceColumns)});
    return {};
  }
  std::vector<RowIndex> rows = folds[0].valid;
  if (rows.size() > kImportanceRows) {
    RandomStream(run.key.split("importance rows")).shuffle(rows);
    rows.resize(kImportanceRows);
    std::sort(rows.begin(), rows.end());
  }
  const Labels labels = take_labels(data.labels, rows);
  const auto predict = [&](const Table& table) {
    std::vector<RowIndex> all(table.rows());
    std::iota(all.begin(), all.end(), RowIndex{0});
    std::vector<double> mean(all.size() * labels.outputs(), 0.0);
    for (const std::size_t index : selection.chosen) {
      const std::vector<double> one = selection.tried[index].fitted[0].predict(table, all, run.pool);
      for (std::size_t i = 0; i < mean.size(); ++i)
        mean[i] += one[i] / static_cast<double>(selection.chosen.size());
    }
    return mean;
  };
  const Budget budget =
      run.budget.has_deadline() ? run.budget.slice(0.5 * run.budget.seconds_left()) : run.budget;
  return permutation_importance({.table = data.features.take_rows(rows),
                                 .labels = labels,
                                 .task = run.result.task,
                                 .predict = predict,
                                 .repeats = 5,
                                 .key = run.key.split("importance"),
                                 .budget = budget});
}

// Fold models, or a refit where that is better or asked for.
std::vector<Member> members_to_ship(Run& run, const OpenData& data, const Selection& selection) {
  run.result.fitted_on = "rows outside the seal, as the folds' models together";
  if (run.options.split.kind != SplitKind::time) return members_of(selection);
  auto members = refit_members(selection, {.table = data.features,
                                           .labels = data.labels,
                                           .key = run.key.split("refit"),
                                           .pool = run.pool,
                                           .budget = run.budget,
                                           .progress = run.progress});
  if (!members) {
    run.result.warnings.emplace_back("no time for a refit on the newest rows: the folds' models ship");
    return members_of(selection);
  }
  run.result.fitted_on = "rows outside the seal";
  return std::move(*members);
}

// --refit: everything, the sealed rows too. The score stays that of the fit before.
std::optional<std::vector<Member>> refit_on_all(Run& run, const Sealing& sealing, const Selection& selection,
                                                const std::vector<std::string>& columns,
                                                RunJournal& journal) {
  Table all = sealing.open_rows;
  std::string fitted_on = "all rows";
  if (sealing.score && sealing.label == "sealed") {
    const Opening opening = journal.record(sealing.score->slice(), "--refit");
    all = concatenate(all, sealing.score->open(opening));
    fitted_on = "all rows, the sealed ones too; the score belongs to the fit before it";
  }
  OpenData data = separate(all, run.result.task, run.options.split, run.options.data.string());
  std::vector<std::string> unused;
  for (const std::string& name : data.features.names()) {
    if (std::find(columns.begin(), columns.end(), name) == columns.end()) unused.push_back(name);
  }
  auto members = refit_members(selection, {.table = data.features.without_columns(unused),
                                           .labels = data.labels,
                                           .key = run.key.split("refit"),
                                           .pool = run.pool,
                                           .budget = run.budget,
                                           .progress = run.progress});
  if (members) {
    run.result.fitted_on = fitted_on;
  } else {
    run.result.warnings.emplace_back("no time for --refit: the model fitted without the sealed rows ships");
  }
  return members;
}

void write_results(const Run& run, const ShippedModel& model, const std::filesystem::path& folder) {
  save_model(model, folder / "model.astro");
  write_file_atomically(folder / "leaderboard.csv", leaderboard_csv(run.result));
  write_file_atomically(folder / "report.html", run_report_html(run.result));
  write_file_atomically(folder / "result.json", run_result_json(run.result));
}

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

void record_request(const Run& run, RunJournal& journal) {
  journal.record_option("command", run.result.command);
  journal.record_option("version", run.result.version);
  journal.record_option("data", run.result.data_path);
  journal.record_option("data_hash", fmt::format("{:016x}", run.result.data_hash));
  journal.record_option("target", run.result.task.target);
  journal.record_option("metric", run.result.task.metric);
  journal.record_option("split", run.result.split);
  journal.record_option("seed", std::to_string(run.result.seed));
}

void name_paths(RunResult& result, const std::filesystem::path& folder) {
  result.folder = folder.string();
  result.model_path = (folder / "model.astro").string();
  result.report_path = (folder / "report.html").string();
}

// What the folds chose, said in the result.
void record_selection(Run& run, const Selection& selection, const OpenData& data, std::size_t folds,
                      RunJournal& journal) {
  RunResult& result = run.result;
  result.leaderboard =
      make_leaderboard(selection, data.labels, result.task, folds, run.key.split("leaderboard"));
  result.system = selection.system;
  result.system_summary = result.leaderboard.front().note;
  result.validation = result.leaderboard.front().validation;
  for (const LeaderboardRow& row : result.leaderboard) journal.record_trial(row, result.task.metric);
}

std::optional<HonestScore> score_resampled(Run& run, const OpenData& data, const CandidateList& list) {
  if (run.budget.should_stop()) {
    run.result.warnings.emplace_back("no time for a resampled score: the validation score is optimistic");
    return std::nullopt;
  }
  const double left = std::max(0.0, run.budget.seconds_left() - seconds_to_finish(run.budget));
  const Budget budget = run.budget.has_deadline() ? run.budget.slice(left) : run.budget;
  std::optional<HonestScore> score = score_by_resampling({.table = data.features,
                                                          .labels = data.labels,
                                                          .task = run.result.task,
                                                          .split_table = data.split_column,
                                                          .rule = run.options.split,
                                                          .strata = data.strata,
                                                          .candidates = list.candidates,
                                                          .variants_from = list.variants_from,
                                                          .key = run.key.split("resampling"),
                                                          .pool = run.pool,
                                                          .budget = budget,
                                                          .progress = run.progress});
  if (!score)
    run.result.warnings.emplace_back(
        "no part of the rows is enough to repeat the selection on: no resampled score, and the validation "
        "score is "
        "optimistic");
  return score;
}

// A score that does not exist on its rows (AUC of one class) is said, not shown as a gap.
void warn_of_undefined_score(Run& run) {
  if (!run.result.honest || !std::isnan(run.result.honest->primary.value)) return;
  run.result.warnings.push_back(
      fmt::format("{} is undefined on the {} {} rows{}", find_metric(run.result.task.metric)->title,
                  format_count(run.result.honest->rows), run.result.honest->label,
                  run.result.task.kind == TaskKind::binary ? ": they hold one class only" : ""));
}

}  // namespace

std::filesystem::path choose_folder(const RunOptions& options) {
  if (!options.out.empty()) {
    if (!std::filesystem::exists(options.out)) return options.out;
    throw usage_error({.attempted = "choosing the run's folder",
                       .expected = "a folder that does not exist yet",
                       .found = options.out.string() + ", which does",
                       .remedy = "Give another --out, or move the old folder away."});
  }
  const std::filesystem::path base = std::filesystem::path("runs") / name_of(options.data);
  std::filesystem::path folder = base;
  for (int n = 2; std::filesystem::exists(folder); ++n) folder = base.string() + "-" + std::to_string(n);
  return folder;
}

RunResult run(const RunOptions& options, Progress& progress, const RunHooks& hooks) {
  Run run{.options = options,
          .progress = progress,
          .pool = ThreadPool(options.threads),
          .budget = Budget({.seconds = options.seconds, .memory_bytes = options.memory_bytes}),
          .key = Key::from_seed(options.seed)};
  RunResult& result = run.result;
  const std::filesystem::path folder = choose_folder(options);
  name_paths(result, folder);

  // 1. Understand the table and the question.
  progress.update(
      {.stage = "reading " + options.data.string(), .fraction = -1, .seconds_left = -1, .best = ""});
  ReadResult read = read_table(options.data, options.reading, run.pool);
  describe_request(run, read);
  TaskSetup setup = set_up_task(std::move(read.table), options);
  setup.date_orders = date_orders_of(result.readings);
  say_all(run, setup.notes);
  result.task = setup.task;
  result.task_reason = setup.reason;
  result.rows_used = setup.table.rows();

  // 2. Seal, before anything is fitted or even profiled.
  const Sealing sealing = seal_rows(setup, options, run.key.split("seal"), run.pool);
  say_all(run, sealing.notes);
  result.rows_sealed = sealing.score && sealing.label == "sealed" ? sealing.score->rows() : 0;
  OpenData data = separate(sealing.open_rows, result.task, options.split, options.data.string());
  result.profiles = profile_table(sealing.open_rows, run.pool);
  scan_and_drop(run, data);
  keep_within_memory(run, data);
  const std::vector<Fold> folds = fold_rows(run, data);
  const CandidateList list = list_candidates(options, result.task.metric);
  progress.finish();
  if (hooks.on_data) hooks.on_data(result);

  // 3. A model within the first seconds, then the time that is left on better ones.
  create_new_folder(folder);
  RunJournal journal(folder);
  record_request(run, journal);
  result.fitted_on = "rows outside the seal, as the folds' models together";
  const Selection selection =
      select_system({.table = data.features,
                     .labels = data.labels,
                     .task = result.task,
                     .folds = folds,
                     .candidates = list.candidates,
                     .variants_from = list.variants_from,
                     .key = run.key.split("candidates"),
                     .pool = run.pool,
                     .budget = selection_budget(run, sealing.label == "resampled"),
                     .progress = progress,
                     .on_better = [&](const Selection& better) {
                       save_model(make_model(run, better, members_of(better)), folder / "model.astro");
                     }});
  record_selection(run, selection, data, folds.size(), journal);

  // 4. The score that counts, by the model that was selected.
  ShippedModel model = make_model(run, selection, members_to_ship(run, data, selection));
  result.honest = sealing.score
                      ? score_sealed(run, *sealing.score, sealing.label, sealing.sealed_file, model, journal)
                      : score_resampled(run, data, list);
  warn_of_undefined_score(run);

  // 5. What it relies on, and the files.
  result.permutation = importance_by_shuffling(run, data, selection, folds);
  std::optional<std::vector<Member>> refitted;
  if (options.refit) refitted = refit_on_all(run, sealing, selection, data.features.names(), journal);
  ModelCard card = model.card();
  card.fitted_on = result.fitted_on;
  card.rows = refitted ? result.rows_used : card.rows;
  card.range = range_of(selection, data.labels);
  if (result.honest) card.sealed = result.honest->primary;
  card.sealed_label = sealing.label;
  model = ShippedModel(std::move(card), refitted ? std::move(*refitted) : model.members());
  for (const ColumnShare& share : model.importance())
    result.importance.emplace_back(share.column, share.share);
  result.seconds = run.budget.seconds_used();
  result.was_interrupted = cancel_requested();
  if (result.was_interrupted)
    result.warnings.emplace_back("interrupted: this is the best that was found until then");
  write_results(run, model, folder);
  journal.finish();
  progress.finish();
  return std::move(run.result);
}

}  // namespace astrolabe
