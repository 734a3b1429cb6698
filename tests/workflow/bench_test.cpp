// SPDX-License-Identifier: Apache-2.0
// The benchmark: what it plans and skips, how rows are named, and that numbers are the same however they came
// about.
#include "astrolabe/workflow/bench.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>
#include <thread>

#include "tests/workflow/temporary_folder.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/workflow/bench_plan.h"
#include "astrolabe/workflow/bench_rows.h"
#include "astrolabe/workflow/bench_study.h"
#include "astrolabe/workflow/bench_suites.h"
#include "astrolabe/workflow/bench_tables.h"
#include "astrolabe/workflow/bench_verdicts.h"

namespace astrolabe {
namespace {

namespace fs = std::filesystem;

BenchTaskRequest drawn(const std::string& name, std::size_t rows = 60) {
  return {.name = name, .table = name, .rows = rows};
}

// A linear learner needs no compiler, so that rows take milliseconds.
BenchQuestion question() {
  return {.slots = {{"learner", {"baseline", "linear", "trees(rounds=5)"}}},
          .tasks = {drawn("linear"), drawn("moons")},
          .hosts = {},
          .mode = BenchMode::drop_in,
          .seeds = 3};
}

class Bench : public ::testing::Test {
 protected:
  [[nodiscard]] BenchOptions options(const std::string& out) const {
    BenchOptions made{.suite = "test", .question = question()};
    made.threads = 1;
    made.out = folder_ / out;
    return made;
  }
  static BenchResult run(const BenchOptions& options) {
    const std::unique_ptr<Progress> silent = silent_progress();
    return run_bench(options, *silent);
  }
  BenchPlan plan(const BenchQuestion& asked) { return plan_bench(asked, key_, pool_); }
  static std::vector<double> numbers_of(const BenchResult& result) {
    std::vector<double> numbers;
    for (const BenchComparison& comparison : result.comparisons) {
      for (const BenchTaskEffect& task : comparison.tasks)
        numbers.insert(numbers.end(), task.differences.begin(), task.differences.end());
      numbers.insert(numbers.end(), {comparison.effect.value, comparison.effect.low, comparison.effect.high});
    }
    return numbers;
  }

  const testing::TemporaryFolder temporary_{"bench"};
  const fs::path& folder_ = temporary_.path;
  Key key_ = Key::from_seed(1).split("bench");
  ThreadPool pool_{1};
};

// ---- Tables and tasks.

TEST_F(Bench, tables_are_the_same_for_the_same_key) {
  for (const BenchTable& table : bench_tables()) {
    const Table once = table.draw(50, Key::from_seed(1));
    EXPECT_EQ(hash_table(once), hash_table(table.draw(50, Key::from_seed(1)))) << table.name;
    EXPECT_NE(hash_table(once), hash_table(table.draw(50, Key::from_seed(2)))) << table.name;
    EXPECT_EQ(once.rows(), 50U);
    EXPECT_TRUE(once.find(kBenchTarget).has_value());
  }
}

TEST_F(Bench, each_seed_of_a_drawn_task_has_other_rows_and_each_system_the_same) {
  const BenchTask task = open_bench_task(drawn("blobs"), key_, pool_);
  const BenchDraw first = task.draw(0);
  EXPECT_EQ(hash_table(first.train.features), hash_table(task.draw(0).train.features));
  EXPECT_NE(hash_table(first.train.features), hash_table(task.draw(1).train.features));
  EXPECT_EQ(first.train.features.rows(), 60U);
  EXPECT_EQ(first.judged.rows(), task.judged_rows);
  EXPECT_EQ(task.test_to_train, 0);
}

// ---- Identities.

TEST_F(Bench, rows_are_named_by_all_that_decides_what_comes_out) {
  BenchQuestion asked = question();
  const auto identities = [&](std::uint64_t seed) {
    std::set<std::string> names;
    for (const BenchRow& row : rows_of(plan(asked), asked.seeds, seed)) names.insert(row.identity);
    return names;
  };
  const std::set<std::string> before = identities(1);
  EXPECT_EQ(before.size(), 18U);  // 3 learners, 2 tasks, 3 seeds
  EXPECT_EQ(identities(1), before);
  const auto shared_with_before = [&](const std::set<std::string>& now) {
    return std::ranges::count_if(now, [&](const std::string& name) { return before.contains(name); });
  };
  EXPECT_EQ(shared_with_before(identities(2)), 0);
  asked.tasks[0].rows = 70;  // another table: its rows are others, those of the second stay
  EXPECT_EQ(shared_with_before(identities(1)), 9);
  asked = question();
  asked.tasks[1].metric = "auc";
  EXPECT_EQ(shared_with_before(identities(1)), 9);
  asked = question();
  asked.own_draws = true;  // the first part keeps its draws
  EXPECT_EQ(shared_with_before(identities(1)), 6);
  asked = question();
  asked.seeds = 5;
  EXPECT_EQ(shared_with_before(identities(1)), 18);
}

// ---- Plans.

TEST_F(Bench, the_first_part_is_the_baseline_and_the_same_part_twice_is_compared) {
  BenchQuestion asked = question();
  asked.slots = {{"learner", {"linear", "linear"}}};
  const BenchPlan made = plan(asked);
  ASSERT_EQ(made.contrasts.size(), 1U);
  EXPECT_EQ(made.contrasts[0].a, "linear");
  EXPECT_EQ(made.systems.size(), 1U);
  EXPECT_EQ(
      run({.suite = "test", .question = asked, .threads = 1, .out = folder_ / "same"}).comparisons[0].verdict,
      Verdict::tie);
}

TEST_F(Bench, one_part_alone_is_compared_with_what_the_host_has) {
  BenchQuestion asked = question();
  asked.slots = {{"activation", {"relu"}}};
  asked.hosts = {"mlp", "mlp(activation=tanh)"};
  EXPECT_EQ(plan(asked).contrasts[0].b, "silu");
  asked.hosts = {"mlp(activation=tanh)"};
  EXPECT_EQ(plan(asked).contrasts[0].b, "tanh");
}

TEST_F(Bench, what_a_suite_names_and_is_not_there_is_skipped_and_listed) {
  BenchQuestion asked = question();
  asked.slots = {{"activation", {"relu", "silu", "siluu"}}, {"loss", {"cross_entropy", "mse"}}};
  asked.hosts = {"mlp", "trees", "no_such_learner"};
  asked.tasks = {
      drawn("moons"), drawn("no_such_table"), {.name = "gone", .data = folder_ / "gone.csv", .target = "y"}};
  const BenchPlan made = plan(asked);
  EXPECT_EQ(made.tasks.size(), 1U);
  const auto has = [&](const std::string& what, const std::string& why) {
    return std::ranges::any_of(made.skipped, [&](const BenchSkip& skip) {
      return skip.what.find(what) != std::string::npos && skip.why.find(why) != std::string::npos;
    });
  };
  EXPECT_TRUE(has("no_such_learner", "trees"));
  EXPECT_TRUE(has("no_such_table", "moons"));
  EXPECT_TRUE(has("gone", "gone.csv"));
  EXPECT_TRUE(has("siluu", "Did you mean silu?"));
  EXPECT_TRUE(has("activation in trees", "no such slot"));
  EXPECT_TRUE(has("loss=mse", "binary"));
}

TEST_F(Bench, what_somebody_typed_ends_it) {
  BenchQuestion asked = question();
  asked.slots_are_typed = true;
  asked.slots = {{"learner", {"linear", "liner"}}};
  EXPECT_THROW(static_cast<void>(plan(asked)), Error);
  asked.slots = {{"no_such_setting", {"1", "2"}}};
  asked.hosts = {"trees"};
  EXPECT_THROW(static_cast<void>(plan(asked)), Error);
}

TEST_F(Bench, where_everything_is_skipped_the_first_reason_is_told) {
  BenchQuestion asked = question();
  asked.tasks = {drawn("no_such_table")};
  try {
    static_cast<void>(plan(asked));
    FAIL() << "nothing is left to compare";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    EXPECT_NE(std::string(error.what()).find("no_such_table"), std::string::npos);
  }
}

TEST_F(Bench, an_interaction_takes_all_pairs_of_two_slots) {
  BenchQuestion asked = question();
  asked.mode = BenchMode::interaction;
  asked.slots = {{"rounds", {"2", "4", "8"}}, {"learning_rate", {"0.1", "0.5"}}};
  asked.hosts = {"trees"};
  const BenchPlan made = plan(asked);
  EXPECT_EQ(made.systems.size(), 6U);
  ASSERT_EQ(made.contrasts.size(), 5U);  // two and one main effects, two interactions
  EXPECT_TRUE(made.contrasts[4].is_interaction);
  EXPECT_EQ(made.contrasts[4].a, "8 x 0.5");
  EXPECT_EQ(made.contrasts[4].b, "2 x 0.1");
  asked.slots.pop_back();
  EXPECT_THROW(static_cast<void>(plan(asked)), Error);
}

// ---- Verdicts.

// Scores of two tasks that anybody can check.
class Judged : public Bench {
 protected:
  BenchResult judge(const std::vector<std::vector<double>>& linear, const std::vector<double>& moons) {
    BenchQuestion asked = question();
    asked.slots = {{"learner", {"linear", "trees"}}};
    const BenchPlan made = plan(asked);
    BenchScores scores(made, 3);
    for (std::size_t seed = 0; seed < 3; ++seed)
      for (std::size_t system = 0; system < 2; ++system) {
        if (std::isfinite(linear[system][seed]))
          scores.set(
              {.task = 0, .system = system, .seed = seed, .identity = ""},
              {.score = linear[system][seed], .floor = 10, .seconds = 1.0 + double(system), .bytes = 1});
        scores.set({.task = 1, .system = system, .seed = seed, .identity = ""},
                   {.score = moons[system], .floor = 0.7, .seconds = 1.0 + double(system), .bytes = 1});
      }
    BenchResult result;
    judge_bench(made, asked, scores, key_, result);
    return result;
  }
};

TEST_F(Judged, scores_become_shares_of_the_best_gain) {
  // RMSE of a constant: 10. Gains of linear 8, 8, 8, of trees 6, 5, 4: shares -2/8, -3/8, -4/8 apart.
  const BenchResult result = judge({{2, 2, 2}, {4, 5, 6}}, {0.2, 0.2});
  ASSERT_EQ(result.comparisons.size(), 1U);
  const BenchComparison& trees = result.comparisons[0];
  EXPECT_EQ(trees.a, "trees");
  ASSERT_EQ(trees.tasks.size(), 2U);
  EXPECT_EQ(trees.tasks[0].differences, (std::vector<double>{-0.25, -0.375, -0.5}));
  EXPECT_DOUBLE_EQ(trees.tasks[0].in_metric, -3);
  EXPECT_EQ(trees.tasks[1].verdict, Verdict::tie);
  EXPECT_DOUBLE_EQ(trees.effect.value, -0.375 / 2);
  EXPECT_NEAR(trees.seconds_ratio, 2, 1e-12);
  EXPECT_EQ(trees.verdict, Verdict::worse);
}

TEST_F(Judged, who_does_worse_than_a_constant_counts_as_one) {
  const BenchResult result = judge({{2, 2, 2}, {1e9, 11, INFINITY}}, {0.2, 0.2});
  EXPECT_EQ(result.comparisons[0].tasks[0].differences,
            (std::vector<double>{-1, -1}));  // one seed is not whole
}

TEST_F(Judged, a_task_on_which_nothing_is_learned_is_left_out_and_listed) {
  const BenchResult result = judge({{2, 2, 2}, {4, 5, 6}}, {0.7, 0.8});
  EXPECT_EQ(result.comparisons[0].tasks.size(), 1U);
  ASSERT_EQ(result.skipped.size(), 1U);
  EXPECT_NE(result.skipped[0].what.find("moons"), std::string::npos);
}

TEST_F(Judged, a_claim_is_answered_by_its_comparison) {
  BenchQuestion asked = question();
  const BenchPlan made = plan(asked);
  BenchScores scores(made, 3);
  for (std::size_t task = 0; task < 2; ++task)
    for (std::size_t seed = 0; seed < 3; ++seed)
      for (std::size_t system = 0; system < 3; ++system)
        scores.set({.task = task, .system = system, .seed = seed, .identity = ""},
                   {.score = system == 1 ? 0.1 : 0.3, .floor = 0.7, .seconds = 1, .bytes = 1});
  asked.claim = {.text = "lines win", .a = "linear", .expects = {"better"}};
  BenchResult result;
  judge_bench(made, asked, scores, key_, result);
  EXPECT_EQ(result.claim_verdict, "holds here: linear against baseline is better");
  asked.claim.a = "trees(rounds=5)";
  BenchResult other;
  judge_bench(made, asked, scores, key_, other);
  EXPECT_EQ(other.claim_verdict, "does not hold here: trees(rounds=5) against baseline is tie");
  EXPECT_DOUBLE_EQ(other.confidence, 1 - 0.05 / 2);
}

// ---- However they came about, numbers are the same.

TEST_F(Bench, what_was_killed_and_gone_on_with_has_the_numbers_of_one_go) {
  const BenchResult whole = run(options("whole"));
  EXPECT_EQ(whole.rows.complete, 18U);

  BenchOptions halted = options("halted");
  halted.seconds = 0;  // nothing but the rows that wait
  const BenchResult none = run(halted);
  EXPECT_EQ(none.rows.complete, 0U);
  EXPECT_EQ(none.comparisons[0].verdict, Verdict::undecided);
  {  // a worker that takes three rows, ends one, and dies with the others
    const BenchPlan made = plan(halted.question);
    const std::vector<BenchRow> rows = rows_of(made, 3, 1);
    halted.resume = true;
    const BenchFolder where = folder_of_bench(halted);
    StudyStore store = begin_bench(where.study, halted, made, rows);
    const std::optional<Claim> first = store.claim("somebody");
    ASSERT_TRUE(first.has_value());
    const Budget budget;
    const auto outcome =
        evaluate(made, rows[0], {.cache = where.cache, .key = key_, .pool = pool_, .budget = budget});
    ASSERT_TRUE(outcome.has_value());
    EXPECT_TRUE(store.finish(*first, {.cost = outcome->score, .outcome = outcome_json(*outcome)}));
  }
  halted.seconds = std::numeric_limits<double>::infinity();
  const BenchResult resumed = run(halted);
  EXPECT_EQ(resumed.rows.complete, 18U);
  EXPECT_EQ(numbers_of(resumed), numbers_of(whole));
}

TEST_F(Bench, two_workers_share_the_rows_and_come_to_the_same_numbers) {
  const BenchResult alone = run(options("alone"));
  BenchOptions shared = options("shared");
  shared.resume = true;
  BenchResult one, two;
  fs::create_directories(shared.out);
  std::thread other([&] { two = run(shared); });
  one = run(shared);
  other.join();
  EXPECT_EQ(one.rows.complete, 18U);
  EXPECT_EQ(two.rows.complete, 18U);
  EXPECT_EQ(numbers_of(one), numbers_of(alone));
  EXPECT_EQ(numbers_of(two), numbers_of(alone));
  StudyStore store = StudyStore::open({.url = (shared.out / "bench.db").string()});
  EXPECT_EQ(store.counts().total, 18U);
  for (const TrialRecord& record : store.finished_after(0, 100)) EXPECT_EQ(record.attempt, 1U);
}

TEST_F(Bench, another_question_is_not_gone_on_with) {
  static_cast<void>(run(options("asked")));
  BenchOptions other = options("asked");
  EXPECT_THROW(static_cast<void>(run(other)), Error);  // it exists
  other.resume = true;
  other.question.seeds = 4;
  try {
    static_cast<void>(run(other));
    FAIL() << "more seeds are another question";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
  }
}

TEST_F(Bench, a_shared_cache_spares_fits_and_changes_no_number) {
  BenchOptions first = options("first");
  first.cache = folder_ / "cache";
  const BenchResult once = run(first);
  BenchOptions second = options("second");
  second.cache = first.cache;
  second.question.slots[0].parts.emplace_back("trees(rounds=3)");
  const BenchResult more = run(second);
  EXPECT_EQ(more.rows.from_cache, 18U);
  EXPECT_EQ(more.rows.complete, 24U);
  EXPECT_EQ(more.comparisons[0].tasks[0].differences, once.comparisons[0].tasks[0].differences);
  // A damaged file is fitted again.
  for (const auto& file : fs::directory_iterator(first.cache)) {
    std::ofstream damaged(file.path(), std::ios::binary | std::ios::in | std::ios::out);
    damaged.seekp(-9, std::ios::end);
    damaged << "x";
  }
  BenchOptions third = options("third");
  third.cache = first.cache;
  const BenchResult again = run(third);
  EXPECT_EQ(again.rows.from_cache, 0U);
  EXPECT_EQ(numbers_of(again), numbers_of(once));
}

}  // namespace
}  // namespace astrolabe
