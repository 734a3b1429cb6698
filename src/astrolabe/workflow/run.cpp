// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/run.h"

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"
#include "astrolabe/base/file_lock.h"
#include "astrolabe/base/text.h"
#include "astrolabe/report/run_report.h"
#include "astrolabe/search/space_text.h"
#include "astrolabe/workflow/find_effects.h"
#include "astrolabe/workflow/grow_nets.h"
#include "astrolabe/workflow/old_rows.h"
#include "astrolabe/workflow/out_of_core.h"
#include "astrolabe/workflow/run_judging.h"
#include "astrolabe/workflow/run_preparation.h"
#include "astrolabe/workflow/run_search.h"
#include "astrolabe/workflow/run_shipping.h"
#include "astrolabe/workflow/run_study.h"
#include "astrolabe/workflow/slot_choices.h"
#include "astrolabe/workflow/start_gain.h"
#include "astrolabe/workflow/teaching.h"

namespace astrolabe {
namespace {

std::string name_of(const std::filesystem::path& data) {
  std::string name = data.filename().string();
  if (name == "." || name == "..") return "data";
  name = name.substr(0, name.find('.', 1));
  return name.empty() ? "data" : name;
}

void name_paths(RunResult& result, const std::filesystem::path& folder) {
  result.folder = folder.string();
  result.model_path = (folder / "model.astro").string();
  result.report_path = (folder / "report.html").string();
}

StudyQuestion question_of(const Run& run, const Prepared& prepared) {
  return {.space = space_text(prepared.space.space()),
          .data_hash = run.result.data_hash,
          .metric = run.result.task.metric,
          .higher_is_better = find_metric(run.result.task.metric)->higher_is_better,
          .rows = run.drawn};
}

void write_results(const Run& run, const ShippedModel& model, const std::filesystem::path& folder) {
  save_model(model, folder / "model.astro");
  write_file_atomically(folder / "leaderboard.csv", leaderboard_csv(run.result));
  write_file_atomically(folder / "report.html", run_report_html(run.result));
  write_file_atomically(folder / "result.json", run_result_json(run.result));
}

void go_on_from(Run& run, RunOptions& options, TaskSetup& setup) {
  adapt_task(*run.start, options, run.result, setup);
  run.result.task = setup.task;
  run.result.task_reason =
      fmt::format("{}, as the model answers that this goes on from", setup.task.kind_name());
  say_all(run, run.start->notes);
  say_all(run,
          {fmt::format("goes on from {}, fitted on {} rows of {}; scores are honest where it has not seen "
                       "these rows",
                       run.start->path, format_count(run.start->card.rows), run.start->card.data_name)});
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

RunResult run(const RunOptions& typed, Progress& progress, const RunHooks& hooks) {
  RunOptions options = typed;
  std::optional<RunStart> start = start_of(options);
  Run run{.options = options,
          .progress = progress,
          .pool = ThreadPool(options.threads),
          .budget = Budget({.seconds = options.seconds, .memory_bytes = options.memory_bytes}),
          .key = Key::from_seed(options.seed),
          .start = std::move(start)};
  run.teacher = teacher_of(options);
  require_sound_texts(options.learners);
  const std::filesystem::path folder = options.resume ? options.out : choose_folder(options);
  name_paths(run.result, folder);

  // 1. Understand the table and the question; seal, before anything is fitted or even profiled.
  TaskSetup setup = understand(run);
  if (run.start) go_on_from(run, options, setup);
  if (options.grow) offer_grown_nets(run, options, setup.table);
  if (run.teacher) require_teacher(run);
  require_fitting_losses(options.learners, run.result.task.kind);
  Sealing sealing = seal(run, setup);
  require_fitting_batches(options.learners, sealing.open_rows.rows());
  const Prepared prepared = prepare(run, sealing);
  progress.finish();
  if (hooks.on_data) hooks.on_data(run.result);

  // 2. A model within the first seconds, then the time that is left on better ones. Every trial is in the
  // study before anything depends on it, so that a run that was killed can go on.
  if (!options.resume) create_new_folder(folder);
  const FolderLock lock(folder);
  RunStudy study = RunStudy::begin(options, folder, question_of(run, prepared));
  Selection selection = search_for_run(run, prepared, study.store(), folder, sealing.label == "resampled");
  stack_where_better(run, sealing, prepared, selection);
  record_selection(run, selection, prepared);
  record_search(run, prepared, folder);
  record_start(run, prepared, selection);

  // 3. The score that counts, by the model that was selected, and what that model relies on.
  const ShippedModel scored =
      fit_on_all_rows(run, sealing, prepared, selection, model_to_score(run, prepared, selection));
  const std::vector<double> unseen = judge_honestly(run, sealing, prepared, scored, study);
  run.result.permutation = importance_by_shuffling(run, prepared, selection);
  run.result.effects = find_effects(run, prepared.data.features, scored);

  // 4. What ships, and the files.
  const ShippedModel model = model_to_ship(run, sealing, prepared, selection, scored, unseen, study);
  if (options.grow) {
    measure_old_rows(run, model);
    keep_rows(run, sealing, folder, study);
  }
  finish(run, model);
  write_results(run, model, folder);
  study.finish(run.result.seconds, run.result.was_interrupted);
  progress.finish();
  return std::move(run.result);
}

}  // namespace astrolabe
