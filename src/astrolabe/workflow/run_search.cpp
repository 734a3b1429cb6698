// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/run_search.h"

#include <fmt/format.h>

#include "astrolabe/search/space_text.h"
#include "astrolabe/search/study_facts.h"
#include "astrolabe/workflow/out_of_core.h"
#include "astrolabe/workflow/preflight.h"
#include "astrolabe/workflow/run_shipping.h"
#include "astrolabe/workflow/run_study.h"
#include "astrolabe/workflow/study_reading.h"
#include "astrolabe/workflow/system_search.h"
#include "astrolabe/workflow/teaching.h"

namespace astrolabe {
namespace {

constexpr double kStackShare = 0.2;  // of the time, for the rehearsal of a stack

}  // namespace

Selection search_for_run(Run& run, const Prepared& prepared, StudyStore& store,
                         const std::filesystem::path& folder, bool must_resample) {
  // A resampled score repeats the whole search: it gets the larger part of the time. A stack is rehearsed.
  const Budget budget = budget_of_fits(
      run, budget_before_finish(run.budget,
                                search_share(run, prepared) *
                                    (must_resample ? 1.0 / 3 : 1 - (run.options.stack ? kStackShare : 0))));
  const auto say_preflight = [&](const CrossValidation& first) {
    const Preflight preflight =
        look_ahead(prepared.space, first, budget, run.options.trials, !run.options.learners.empty(),
                   prepared.data.labels, run.result.task);
    store.set_note(kPreflightNote, preflight.json);
    for (const std::string& line : preflight.lines) run.progress.say(line);
    if (must_resample && !preflight.lines.empty())
      run.progress.say(
          "then the whole search is repeated on parts of the rows, which judges it: below 1,000 rows none "
          "are sealed");
    if (!preflight.warning.empty()) {
      run.progress.warn(preflight.warning);
      run.result.warnings.push_back(preflight.warning);
    }
  };
  std::vector<Point> replay;
  for (const std::string& point : run.options.replay)
    replay.push_back(parse_point(prepared.space.space(), point));
  return search_systems(
      {.table = prepared.data.features,
       .labels = prepared.data.labels,
       .task = run.result.task,
       .folds = prepared.folds,
       .space = prepared.space,
       .store = store,
       .is_shared = !run.options.study.empty(),
       .proposer = run.options.proposer,
       .pruner = run.options.pruner,
       .trials = run.options.trials,
       .max_nodes = run.options.max_nodes,
       .warm_start = run.options.warm_start,
       .from = run.start ? run.start->fits : nullptr,
       .keeps_one = run.options.grow,
       .taught = prepared.taught,
       .key = run.key.split("candidates"),
       .pool = run.pool,
       .budget = budget,
       .progress = run.progress,
       .first = std::move(replay),
       .on_better =
           [&](const Selection& better) { save_model(model_so_far(run, better), folder / "model.astro"); },
       .on_first = say_preflight});
}

void record_search(Run& run, const Prepared& prepared, const std::filesystem::path& folder) {
  const auto learners = static_cast<double>(prepared.space.learner_count());
  if (prepared.space.space().count() <= learners) return;
  SearchResult search = StudyReading(study_address(run.options, folder)).result();
  search.is_running = false;
  run.result.search = std::move(search);
}

Selection search_again(Run& run, const SystemSpace& space, const InnerSelection& inner) {
  StudyStore store = StudyStore::open({.url = ":memory:"});
  store.create({.space = space_text(space.space()), .data_hash = {}, .options = {}});
  return search_systems({.table = inner.table,
                         .labels = inner.labels,
                         .task = run.result.task,
                         .folds = inner.folds,
                         .space = space,
                         .store = store,
                         .proposer = run.options.proposer,
                         .pruner = run.options.pruner,
                         .trials = run.options.trials,
                         .max_nodes = run.options.max_nodes,
                         .warm_start = run.options.warm_start,
                         .from = run.start ? run.start->fits : nullptr,
                         .keeps_one = run.options.grow,
                         .taught = taught_rows(run, inner.table),
                         .key = inner.key,
                         .pool = run.pool,
                         .budget = inner.budget,
                         .progress = inner.progress});
}

}  // namespace astrolabe
