// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/bench.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"
#include "astrolabe/base/instruction_set.h"
#include "astrolabe/base/text.h"
#include "astrolabe/base/version.h"
#include "astrolabe/report/bench_page.h"
#include "astrolabe/workflow/bench_plan.h"
#include "astrolabe/workflow/bench_study.h"
#include "astrolabe/workflow/bench_suites.h"
#include "astrolabe/workflow/bench_verdicts.h"
#include "astrolabe/workflow/bench_workers.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMostFailures = 20;  // that are listed one by one

BenchResult describe(const BenchOptions& options, const BenchPlan& plan, std::size_t threads) {
  const BenchQuestion& question = options.question;
  BenchResult result;
  result.suite = options.suite;
  result.mode = bench_mode_name(question.mode);
  result.command = options.command;
  result.version = version();
  result.hardware = hardware_text(threads);
  result.hosts = question.hosts;
  result.seeds = question.seeds;
  for (const BenchSystem& system : plan.systems) result.tries = std::max(result.tries, system.tries);
  result.own_draws = question.own_draws;
  result.seed = options.seed;
  result.skipped = plan.skipped;
  for (const BenchTask& task : plan.tasks) {
    result.tasks.push_back({.name = task.name,
                            .kind = std::string(task.task.kind_name()),
                            .metric = task.task.metric,
                            .source = task.source,
                            .hash = task.hash,
                            .train_rows = task.train_rows,
                            .judged_rows = task.judged_rows,
                            .is_resampled = task.test_to_train > 0});
    for (const std::string& note : task.notes) result.notes.push_back(task.name + ": " + note);
  }
  return result;
}

void list_failure(const BenchPlan& plan, const BenchRow& row, const std::string& reason,
                  BenchResult& result) {
  ++result.rows.failed;
  if (result.failed.size() < kMostFailures)
    result.failed.push_back({.what = fmt::format("{} on {}, seed {}", plan.systems[row.system].text,
                                                 plan.tasks[row.task].name, row.seed + 1),
                             .why = reason});
}

// All rows that have ended, whoever did them.
BenchScores read_scores(StudyStore& store, const BenchPlan& plan, std::span<const BenchRow> rows,
                        std::size_t seeds, BenchResult& result) {
  constexpr std::size_t kAtOnce = 1'000;
  BenchScores scores(plan, seeds);
  std::map<std::string_view, const BenchRow*> by_identity;
  for (const BenchRow& row : rows) by_identity[row.identity] = &row;
  result.rows.total = rows.size();
  std::uint64_t last = 0;
  for (;;) {
    const std::vector<TrialRecord> records = store.finished_after(last, kAtOnce);
    if (records.empty()) return scores;
    for (const TrialRecord& record : records) {
      last = record.finished;
      const auto found = by_identity.find(record.what.key);
      if (found == by_identity.end()) continue;
      std::optional<BenchOutcome> outcome = parse_outcome(record.end.outcome);
      if (record.end.state != TrialState::complete || !outcome) {
        list_failure(plan, *found->second, record.end.reason, result);
        continue;
      }
      ++result.rows.complete;
      if (outcome->was_cached) ++result.rows.from_cache;
      scores.set(*found->second, std::move(*outcome));
    }
  }
}

void add_notes(const BenchOptions& options, BenchResult& result) {
  const std::uint64_t missing = result.rows.total - result.rows.complete - result.rows.failed;
  if (missing > 0)
    result.notes.push_back(fmt::format(
        "{} of {} rows are missing: what is said rests on whole seeds only. Go on with the same words and "
        "--resume --out {}",
        format_count(missing), format_count(result.rows.total), result.folder));
  if (options.question.seeds < 5)
    result.notes.emplace_back("fewer than five seeds: intervals are wide, and few differences can be told");
}

// Whoever is the last to leave folds the log into the file.
void hand_over(StudyStore& store) try { store.checkpoint(); } catch (const Error& error) {
  if (error.kind() != ErrorKind::try_again) throw;
}

}  // namespace

BenchResult run_bench(const BenchOptions& options, Progress& progress) {
  const Budget budget({.seconds = options.seconds});
  const Key key = Key::from_seed(options.seed).split("bench");

  // 1. What is asked: all mistakes are told before anything is written.
  ThreadPool pool(options.threads);
  const BenchPlan plan = plan_bench(options.question, key, pool);
  const std::vector<BenchRow> rows = rows_of(plan, options.question.seeds, options.seed);
  BenchResult result = describe(options, plan, pool.size());

  // 2. The study, and its rows.
  const BenchFolder where = folder_of_bench(options);
  StudyStore store = begin_bench(where.study, options, plan, rows);
  result.folder = where.folder.string();
  work_on_bench({.plan = plan, .rows = rows, .where = where, .key = key, .threads = pool.size()}, budget,
                progress);

  // 3. From scores to verdicts.
  const BenchScores scores = read_scores(store, plan, rows, options.question.seeds, result);
  judge_bench(plan, options.question, scores, key.split("strengths"), result);
  add_notes(options, result);
  hand_over(store);

  // 4. What stays.
  result.seconds = budget.seconds_used();
  result.page_path = (where.folder / "bench.html").string();
  write_file_atomically(where.folder / "bench.json", bench_json(result));
  write_file_atomically(where.folder / "bench.html", bench_html(result));
  return result;
}

}  // namespace astrolabe
