// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/run.h"

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"
#include "astrolabe/report/run_report.h"
#include "astrolabe/workflow/run_judging.h"
#include "astrolabe/workflow/run_preparation.h"
#include "astrolabe/workflow/run_shipping.h"
#include "astrolabe/workflow/slot_choices.h"

namespace astrolabe {
namespace {

std::string name_of(const std::filesystem::path& data) {
  std::string name = data.filename().string();
  name = name.substr(0, name.find('.', 1));
  return name.empty() ? "data" : name;
}

void name_paths(RunResult& result, const std::filesystem::path& folder) {
  result.folder = folder.string();
  result.model_path = (folder / "model.astro").string();
  result.report_path = (folder / "report.html").string();
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

Selection search(Run& run, const Prepared& prepared, bool must_resample,
                 const std::filesystem::path& folder) {
  // A resampled score repeats the whole search: it gets the larger part of the time.
  return select_system({.table = prepared.data.features,
                        .labels = prepared.data.labels,
                        .task = run.result.task,
                        .folds = prepared.folds,
                        .candidates = prepared.list.candidates,
                        .variants_from = prepared.list.variants_from,
                        .key = run.key.split("candidates"),
                        .pool = run.pool,
                        .budget = budget_before_finish(run.budget, must_resample ? 1.0 / 3 : 1.0),
                        .progress = run.progress,
                        .on_better = [&](const Selection& better) {
                          save_model(model_so_far(run, better), folder / "model.astro");
                        }});
}

void write_results(const Run& run, const ShippedModel& model, const std::filesystem::path& folder) {
  save_model(model, folder / "model.astro");
  write_file_atomically(folder / "leaderboard.csv", leaderboard_csv(run.result));
  write_file_atomically(folder / "report.html", run_report_html(run.result));
  write_file_atomically(folder / "result.json", run_result_json(run.result));
}

void finish(Run& run, const ShippedModel& model) {
  for (const ColumnShare& share : model.importance()) {
    run.result.importance.emplace_back(share.column, share.share);
  }
  run.result.was_interrupted = cancel_requested();
  if (run.result.was_interrupted) {
    run.result.warnings.emplace_back("interrupted: this is the best that was found until then");
  }
  run.result.seconds = run.budget.seconds_used();
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
  require_sound_texts(options.learners);
  const std::filesystem::path folder = choose_folder(options);
  name_paths(run.result, folder);

  // 1. Understand the table and the question; seal, before anything is fitted or even profiled.
  TaskSetup setup = understand(run);
  require_fitting_losses(options.learners, run.result.task.kind);
  const Sealing sealing = seal(run, setup);
  require_fitting_batches(options.learners, sealing.open_rows.rows());
  const Prepared prepared = prepare(run, sealing);
  progress.finish();
  if (hooks.on_data) hooks.on_data(run.result);

  // 2. A model within the first seconds, then the time that is left on better ones.
  create_new_folder(folder);
  RunJournal journal(folder);
  record_request(run, journal);
  const Selection selection = search(run, prepared, sealing.label == "resampled", folder);
  record_selection(run, selection, prepared, journal);

  // 3. The score that counts, by the model that was selected, and what that model relies on.
  const ShippedModel scored = model_to_score(run, prepared, selection);
  judge_honestly(run, sealing, prepared, scored, journal);
  run.result.permutation = importance_by_shuffling(run, prepared, selection);

  // 4. What ships, and the files.
  const ShippedModel model = model_to_ship(run, sealing, prepared, selection, scored, journal);
  finish(run, model);
  write_results(run, model, folder);
  journal.finish();
  progress.finish();
  return std::move(run.result);
}

}  // namespace astrolabe
