// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/doctor.h"

#include <numeric>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"
#include "astrolabe/base/file_lock.h"
#include "astrolabe/base/text.h"
#include "astrolabe/model/fit_curve.h"
#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/report/doctor_text.h"
#include "astrolabe/report/evidence_words.h"
#include "astrolabe/workflow/ask_again.h"
#include "astrolabe/workflow/explain_system.h"
#include "astrolabe/workflow/net_look.h"
#include "astrolabe/workflow/ranking_setup.h"
#include "astrolabe/workflow/system_difference.h"
#include "astrolabe/workflow/treatments.h"

namespace astrolabe {
namespace {

constexpr std::size_t kSeedsOfCurve = 2;

// The best trial, or, where all failed, the first that ended.
FilledSystem system_of(StudyStore& store, const SystemSpace& space, const DoctorOptions& options) {
  std::vector<TrialRecord> records = store.best(1);
  if (records.empty()) records = store.finished_after(0, 1);
  if (records.empty()) {
    throw nothing_fitted({.attempted = "looking for what is wrong with " + options.folder.string(),
                          .expected = "a trial that ended",
                          .found = "none",
                          .remedy = "Go on with the run: astrolabe run --resume DIR --time +10m."});
  }
  FilledSystem system = space.fill(parse_point(space.space(), records[0].what.point));
  const FilledSystem bare{.learner = system.learner, .settings = {}, .label = {}};
  system.label = label_of(system, differing_settings(system, bare));
  return system;
}

// A training is judged by a loss: a score of ranks may be fine where nothing has been learned but a
// direction.
Task judged_by_loss(Task task) {
  if (!task.is_ranking()) task.metric = task.kind == TaskKind::regression ? "rmse" : "log_loss";
  return task;
}

// One fit of it on three quarters of the open rows: how it goes. Returns epochs or rounds; 0: unknown.
std::size_t watch_a_fit(const FilledSystem& system, const OpenData& data, const Task& task, Key key, Run& run,
                        DoctorResult& result) {
  std::vector<RowIndex> all(data.features.rows());
  std::iota(all.begin(), all.end(), RowIndex{0});
  Candidate candidate{
      .learner = find_learner(system.learner), .settings = system.settings, .name = system.label};
  candidate.settings.merge(settings_for_metric(*candidate.learner, task.metric));
  try {
    const FittedCandidate fitted = fit_candidate(
        candidate, {.table = data.features,
                    .labels = data.labels,
                    .train = draw_rows(all, data.labels.groups, all.size() * 3 / 4, key.split("rows")),
                    .key = key.split("fit"),
                    .pool = run.pool,
                    .budget = run.budget});
    result.symptoms.diverged = fitted.model->has_diverged();
    result.symptoms.cut_short = fitted.model->was_cut_short();
    result.summary = fitted.model->summary();
    const auto* recorded = dynamic_cast<const RecordedFit*>(fitted.model.get());
    if (recorded == nullptr || recorded->curve().steps.empty()) return 0;
    return recorded->curve().steps.back().step;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled) return 0;
    result.summary = "its fit fails";
    result.symptoms.diverged = true;  // the first loss is no number
    return 0;
  }
}

void try_fixes(TrainedChanges& trained, const FilledSystem& system, const FilledSystem& constant,
               std::size_t steps, DoctorResult& result) {
  const std::vector<Treatment> treatments = treatments_of(system, steps);
  std::size_t left = 0;
  for (const Treatment& treatment : treatments) {
    std::optional<TrainedChange> change;
    try {
      change = trained.compare(system, treatment.system, true);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
      result.left_out.push_back(fmt::format("{}: it cannot be trained", treatment.what));
      continue;
    }
    if (!change) {
      ++left;
      continue;
    }
    change->what = treatment.what;
    result.symptoms.fixes.push_back(
        {.against = treatment.against, .what = treatment.what, .gain = change->gain});
    result.tried.push_back(std::move(*change));
    if (treatment.against != Cause::weak_model) continue;
    if (const auto other = trained.compare(constant, treatment.system, true))
      result.symptoms.others.push_back(other->gain);
  }
  if (left > 0)
    result.left_out.push_back(fmt::format("{} of {} fixes, for lack of time", left, treatments.size()));
}

std::string decide(const DoctorResult& result) {
  const Diagnosis& diagnosis = result.diagnosis;
  if (diagnosis.cause == Cause::none)
    return fmt::format("{}. Use it; more rows or another question, not other settings, would change it.",
                       diagnosis.words);
  if (diagnosis.cause == Cause::data_fault)
    return fmt::format("{}. Do not use it: look at the target and at how rows and labels were put together.",
                       diagnosis.words);
  if (!diagnosis.fix)
    return fmt::format("{}. None of {} fixes that were tried helped; do not use it.", diagnosis.words,
                       result.tried.size());
  const TriedFix& fix = result.symptoms.fixes[*diagnosis.fix];
  const TrainedChange& change = result.tried[*diagnosis.fix];
  const std::string_view aside = fix.against == diagnosis.cause || diagnosis.cause == Cause::exploding_signal
                                     ? ""
                                     : " What was tried against that did not surely help.";
  return fmt::format(
      "{}.{} With {} the {} goes from {} to {}, gain {} over {} pairs: run it again with that.",
      diagnosis.words, aside, fix.what, find_metric(result.metric)->title, format_score(change.before),
      format_score(change.after), difference_words(change.gain), change.pairs);
}

DoctorResult describe(const DoctorOptions& options, const Run& run, const FilledSystem& system,
                      const OpenData& data) {
  DoctorResult result;
  result.folder = options.folder.string();
  result.command = options.command;
  result.version = run.result.version;
  result.data_path = run.options.data.string();
  result.open_rows = data.features.rows();
  result.system = system.label;
  return result;
}

}  // namespace

DoctorResult doctor(const DoctorOptions& options, Progress& progress) {
  // 1. The question of the run again; what is sealed stays sealed.
  RunOfFolder folder = open_run(options.folder, "looking for what is wrong with");
  Run run = run_again(folder, progress, options.threads, options.seconds);
  const SameQuestion question =
      ask_again(run, options.folder, folder.head, "Look at it with the version that ran it.");
  const OpenData& data = question.prepared.data;
  const Task task = judged_by_loss(run.result.task);
  const FilledSystem system = system_of(folder.study.store(), question.prepared.space, options);
  DoctorResult result = describe(options, run, system, data);
  result.metric = task.metric;
  const FolderLock lock(options.folder);
  const Key key = run.key.split("doctor");

  // 2. How a fit goes, and what is seen inside.
  const std::size_t steps = watch_a_fit(system, data, task, key.split("watched fit"), run, result);
  result.symptoms.net = look_inside(system, data, key.split("look"), run.pool, run.budget);
  if (!result.symptoms.net) result.left_out.emplace_back("a look inside: it takes a small net");

  // 3. Against a constant, and every fix against it as it is.
  const bool higher_is_better = find_metric(task.metric)->higher_is_better;
  FreshFits fits({.open = data, .rule = rule_of_open_rows(run.options.split, task), .task = task},
                 key.split("fits"), run.pool, run.budget, progress);
  TrainedChanges trained(fits, {.pairs = options.pairs, .tries = 1}, run.budget, higher_is_better);
  const std::string floor(learners()[0]->name());
  const FilledSystem constant{.learner = floor, .settings = {}, .label = floor};
  result.symptoms.over_constant = Estimate::undefined(std::nan(""));
  try {
    if (const auto over = trained.compare(constant, system, true)) result.symptoms.over_constant = over->gain;
  } catch (const Error& error) {  // its first loss is no number
    if (error.kind() == ErrorKind::cancelled) throw;
  }
  trained.until(0.85);
  try_fixes(trained, system, constant, steps, result);

  // 4. The verdict, and what more data would bring where nothing is wrong.
  result.diagnosis = diagnose(result.symptoms);
  result.decision = decide(result);
  trained.until(1);
  if (result.diagnosis.cause == Cause::none)
    result.rows = curve_over_rows(trained, system, kSeedsOfCurve, higher_is_better, key.split("rows curve"));
  result.seconds = run.budget.seconds_used();
  write_file_atomically(options.folder / "doctor.json", doctor_json(result));
  progress.finish();
  return result;
}

}  // namespace astrolabe
