// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/explain.h"

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"
#include "astrolabe/base/file_lock.h"
#include "astrolabe/report/explain_page.h"
#include "astrolabe/workflow/ask_again.h"
#include "astrolabe/workflow/explain_part.h"
#include "astrolabe/workflow/explain_system.h"
#include "astrolabe/workflow/model_facts.h"
#include "astrolabe/workflow/paper.h"
#include "astrolabe/workflow/ranking_setup.h"
#include "astrolabe/workflow/study_reading.h"
#include "astrolabe/workflow/system_difference.h"

namespace astrolabe {
namespace {

// Until these shares of the time; what a step leaves over, the next may use.
constexpr double kUntilPath = 0.35, kUntilRows = 0.5, kUntilKnockOuts = 0.8, kUntilKnockIns = 1;
constexpr std::size_t kSeedsOfCurve = 3;
constexpr std::size_t kLookedAt = 1'000;  // best trials, in which a baseline is looked for

// The best system, and what it is compared with: the defaults of its learner or, where these lead, the next
// best of it.
struct Compared {
  FilledSystem found, baseline;
};
Compared compared_systems(StudyStore& store, const SystemSpace& space, const ExplainOptions& options) {
  const std::vector<TrialRecord> best = store.best(kLookedAt);
  if (best.empty()) {
    throw nothing_fitted({.attempted = "explaining " + options.folder.string(),
                          .expected = "a trial that was completed",
                          .found = "none",
                          .remedy = "Go on with the run: astrolabe run --resume DIR --time +10m."});
  }
  Compared compared;
  compared.found = space.fill(parse_point(space.space(), best[0].what.point));
  compared.baseline = defaults_of(space, compared.found.learner);
  for (std::size_t i = 1; i < best.size(); ++i) {
    if (!differing_settings(compared.found, compared.baseline).empty()) break;
    FilledSystem other = space.fill(parse_point(space.space(), best[i].what.point));
    if (other.learner == compared.found.learner) compared.baseline = std::move(other);
  }
  const std::vector<std::string> shown = differing_settings(compared.found, compared.baseline);
  compared.found.label = label_of(compared.found, shown);
  compared.baseline.label = label_of(compared.baseline, shown);
  return compared;
}

ExplainResult describe(const ExplainOptions& options, const Run& run, const SameQuestion& question) {
  ExplainResult result;
  result.folder = options.folder.string();
  result.command = options.command;
  result.version = run.result.version;
  result.data_path = run.options.data.string();
  result.data_hash = run.result.data_hash;
  result.seed = run.options.seed;
  result.target = run.result.task.target;
  result.metric = run.result.task.metric;
  result.open_rows = question.prepared.data.features.rows();
  result.pairs = options.pairs;
  result.tries = options.tries;
  return result;
}

// What needs no training: settings, formulas, theorems, experiments, the run's own numbers.
void explain_by_records(const ExplainOptions& options, const SameQuestion& question,
                        const FilledSystem& found, const Run& run, ExplainResult& result) {
  result.search = StudyReading(study_of_folder(options.folder)).result();
  std::vector<Observation> seen;
  for (const SearchTrial& trial : result.search.trials) {
    const double cost = result.search.higher_is_better ? -trial.score : trial.score;
    seen.push_back({.point = trial.point, .by = trial.by, .state = trial.state, .steps = trial.steps});
    if (trial.state != TrialState::failed) seen.back().cost = cost;
  }
  if (result.search.importance.empty()) {
    result.left_out.push_back(
        fmt::format("the importance of settings: {} trials are too few, it takes 20", seen.size()));
  } else {
    result.pairs_of_settings = pair_importance(result.search.space, seen, run.key.split("pairs of settings"));
  }
  result.trials = curve_over_trials(result.search, run.key.split("trials curve"));
  if (!result.trials)
    result.left_out.push_back(
        fmt::format("the best score against trials: {} complete trials are too few, it takes 20",
                    result.search.counts.complete));
  result.model = model_facts(options.folder);
  result.parts =
      parts_to_explain(question.prepared.space, found, defaults_of(question.prepared.space, found.learner));
  for (PartExplanation& part : result.parts)
    describe_part(part, run.key.split("experiments").split(part.formula.slot), result.left_out);
}

void explain_by_training(TrainedChanges& trained, const FilledSystem& found, const FilledSystem& baseline,
                         Key key, bool higher_is_better, ExplainResult& result) {
  trained.until(kUntilPath);
  follow_path(trained, baseline, found, result);
  trained.until(kUntilRows);
  result.rows = curve_over_rows(trained, found, kSeedsOfCurve, higher_is_better, key.split("rows curve"));
  if (!result.rows)
    result.left_out.emplace_back(
        "the score against rows, for lack of time or rows: it takes 5 fits, the "
        "smallest of at least 40 rows");
  trained.until(kUntilKnockOuts);
  for (PartExplanation& part : result.parts) knock_out_nodes(trained, found, part, result.left_out);
  trained.until(kUntilKnockIns);
  for (PartExplanation& part : result.parts) knock_in_nodes(trained, found, part, result.left_out);
}

}  // namespace

ExplainResult explain(const ExplainOptions& options, Progress& progress) {
  // 1. The question of the run again; what is sealed stays sealed.
  RunOfFolder folder = open_run(options.folder, "explaining");
  Run run = run_again(folder, progress, options.threads, options.seconds);
  const SameQuestion question =
      ask_again(run, options.folder, folder.head, "Explain it with the version that ran it.");
  ExplainResult result = describe(options, run, question);

  // 2. What was found, and what it began as.
  const SystemSpace& space = question.prepared.space;
  const auto [found, baseline] = compared_systems(folder.study.store(), space, options);
  result.system = found.label;
  result.baseline = baseline.label;
  const FolderLock lock(options.folder);

  // 3. Records first, for they cost seconds; then training, as long as there is time.
  explain_by_records(options, question, found, run, result);
  const Task& task = run.result.task;
  const bool higher_is_better = find_metric(task.metric)->higher_is_better;
  const Key key = run.key.split("explaining");
  FreshFits fits(
      {.open = question.prepared.data, .rule = rule_of_open_rows(run.options.split, task), .task = task},
      key.split("fits"), run.pool, run.budget, progress);
  TrainedChanges trained(fits, {.pairs = options.pairs, .tries = options.tries}, run.budget,
                         higher_is_better);
  explain_by_training(trained, found, baseline, key, higher_is_better, result);

  // 4. What stays.
  result.seconds = run.budget.seconds_used();
  result.page_path = (options.folder / "explain.html").string();
  write_file_atomically(options.folder / "explain.json", explain_json(result));
  write_file_atomically(options.folder / "explain.html", explain_html(result));
  add_chapter(options.folder, "explain", explain_chapter(result));
  progress.finish();
  return result;
}

}  // namespace astrolabe
