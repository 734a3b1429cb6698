// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/work.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/error.h"
#include "astrolabe/search/space_text.h"
#include "astrolabe/search/study_facts.h"
#include "astrolabe/workflow/program_search.h"
#include "astrolabe/workflow/run_options_json.h"
#include "astrolabe/workflow/run_preparation.h"
#include "astrolabe/workflow/run_study.h"
#include "astrolabe/workflow/system_search.h"

namespace astrolabe {
namespace {

StudyHead head_of(StudyStore& store, const StudyAddress& address) {
  if (std::optional<StudyHead> head = store.head()) return std::move(*head);
  throw usage_error({.attempted = fmt::format("working on the study {}", address.name),
                     .expected = "one that `astrolabe run --study` or `astrolabe search --study` began",
                     .found = "none of that name",
                     .remedy = "Start the run first; --name says which study it is."});
}

std::optional<std::uint64_t> trial_limit(const std::map<std::string, std::string>& notes) {
  const auto limits = notes.find(std::string(kLimitsNote));
  if (limits == notes.end()) return std::nullopt;
  const auto json = nlohmann::json::parse(limits->second, nullptr, false);
  if (!json.is_object() || !json.contains("trials")) return std::nullopt;
  return json["trials"].get<std::uint64_t>();
}

// Programs leave the last of what they say in a folder of this worker's own.
WorkResult work_on_program(const WorkOptions& options, Progress& progress) {
  ProgramSearchOptions search = program_search_of(options.study);
  search.study = options.study.url;
  search.study_name = options.study.name;
  search.seconds = options.seconds;
  search.trials = trial_limit(StudyStore::open(options.study).notes());
  return {.trials = search_program(search, progress).trials_here, .study = options.study.name};
}

void require_same_data(const StudyHead& head, const Run& run, const SystemSpace& space) {
  const std::string hash = fmt::format("{:016x}", run.result.data_hash);
  if (head.data_hash != hash) {
    throw bad_input({.attempted = "working on a study with " + run.options.data.string(),
                     .expected = "the data that it was begun on, of hash " + head.data_hash,
                     .found = "data of hash " + hash,
                     .remedy = "Give the same file with --data."});
  }
  if (head.space != space_text(space.space())) {
    throw bad_input({.attempted = "working on a study",
                     .expected = "the space of stars that it was begun with",
                     .found = "another one",
                     .remedy = "Use the same version of Astrolabe on every machine."});
  }
}

bool has_ended(StudyStore& store) {
  const std::map<std::string, std::string> notes = store.notes();
  const auto state = notes.find(std::string(kStateNote));
  return state != notes.end() && state->second == "ended";
}

}  // namespace

WorkResult work(const WorkOptions& options, Progress& progress) {
  StudyStore store = StudyStore::open(options.study);
  const StudyHead head = head_of(store, options.study);
  WorkResult result{.trials = 0, .study = options.study.name};
  if (has_ended(store)) return result;
  if (!head.options.contains("run")) return work_on_program(options, progress);
  RunOptions asked = parse_run_options(head.options.at("run"));
  asked.drawn = drawn_rows_of(store);
  if (options.data) asked.data = *options.data;

  Run run{.options = asked,
          .progress = progress,
          .pool = ThreadPool(options.threads),
          .budget = Budget({.seconds = options.seconds}),
          .key = Key::from_seed(asked.seed)};
  TaskSetup setup = understand(run);
  Sealing sealing = seal(run, setup);
  const Prepared prepared = prepare(run, sealing);
  require_same_data(head, run, prepared.space);
  const std::string me = worker_identity();
  result.trials = work_on_systems({.table = prepared.data.features,
                                   .labels = prepared.data.labels,
                                   .task = run.result.task,
                                   .folds = prepared.folds,
                                   .space = prepared.space,
                                   .store = store,
                                   .is_shared = true,
                                   .proposer = asked.proposer,
                                   .pruner = asked.pruner,
                                   .trials = trial_limit(store.notes()),
                                   .max_nodes = asked.max_nodes,
                                   .warm_start = asked.warm_start,
                                   .key = run.key.split("candidates"),
                                   .asks_as = me,
                                   .pool = run.pool,
                                   .budget = run.budget,
                                   .progress = progress,
                                   .is_over = [&] { return has_ended(store); }});
  progress.finish();
  return result;
}

}  // namespace astrolabe
