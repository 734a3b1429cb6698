// SPDX-License-Identifier: Apache-2.0
// The whole recipe as a library call: determinism, deadline, the record of the seal.
#include "astrolabe/workflow/run.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <string>

#include "tests/support/patience.h"
#include "tests/workflow/small_runs.h"
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/pipeline/shipped_model.h"
#include "astrolabe/search/study_store.h"
#include "astrolabe/store/sqlite.h"
#include "astrolabe/workflow/apply_model.h"
#include "astrolabe/workflow/run_options_json.h"

namespace astrolabe {
namespace {

using testing::Run;

TEST_F(Run, without_a_clock_gives_the_same_bytes_on_any_thread_count) {
  const auto data = write_table(1100);
  for (const std::size_t threads : {1U, 2U, 5U}) {
    RunOptions options = this->options(data, std::to_string(threads));
    options.threads = threads;
    static_cast<void>(run_quietly(options));
  }
  EXPECT_EQ(model_bytes("1"), model_bytes("2"));
  EXPECT_EQ(model_bytes("1"), model_bytes("5"));
}

TEST_F(Run, gives_other_bytes_for_another_seed) {
  const auto data = write_table(1100);
  RunOptions options = this->options(data, "a");
  static_cast<void>(run_quietly(options));
  options.seed = 2;
  options.out = folder_ / "b";
  static_cast<void>(run_quietly(options));
  EXPECT_NE(model_bytes("a"), model_bytes("b"));
}

TEST_F(Run, ends_within_its_second_and_has_a_model) {
  RunOptions options = this->options(write_table(20'000), "r");
  options.trials = {};
  options.seconds = kPatience;
  const auto begin = std::chrono::steady_clock::now();
  const RunResult result = run_quietly(options);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  // What is asked between two looks at the clock may take as long again on a busy machine.
  EXPECT_LT(seconds, 3 * kPatience);
  EXPECT_TRUE(result.honest);
  EXPECT_EQ(load_model(folder_ / "r" / "model.astro").card().system, result.system);
}

TEST_F(Run, opens_the_seal_once_and_records_it) {
  RunOptions options = this->options(write_table(1100), "r");
  options.trials = 2;
  const RunResult result = run_quietly(options);
  ASSERT_TRUE(result.honest);
  EXPECT_EQ(result.honest->opening, 1U);
  EXPECT_EQ(result.rows_sealed, 220U);
  Database study = Database::open(folder_ / "r" / "study.db");
  const std::vector<SqlRow> openings = study.run("SELECT slice, purpose FROM openings");
  ASSERT_EQ(openings.size(), 1U);
  EXPECT_EQ(std::get<std::string>(openings[0][0]), "score");
  StudyStore store = StudyStore::open({.url = (folder_ / "r" / "study.db").string()});
  EXPECT_EQ(store.counts().complete, 2U);
  EXPECT_EQ(parse_run_options(store.head()->options.at("run")).seed, 1U);
}

TEST_F(Run, with_refit_opens_the_seal_twice) {
  RunOptions options = this->options(write_table(1100), "r");
  options.trials = 2;
  options.refit = true;
  const RunResult result = run_quietly(options);
  EXPECT_EQ(result.honest->opening, 1U) << "the score comes first";
  Database study = Database::open(folder_ / "r" / "study.db");
  const std::vector<SqlRow> openings = study.run("SELECT purpose FROM openings ORDER BY number");
  ASSERT_EQ(openings.size(), 2U);
  EXPECT_EQ(std::get<std::string>(openings[1][0]), "--refit");
  EXPECT_EQ(load_model(folder_ / "r" / "model.astro").card().rows, 1100U);
}

TEST_F(Run, on_a_small_table_opens_no_seal) {
  RunOptions options = this->options(write_table(120), "r");
  options.trials = 2;
  EXPECT_EQ(run_quietly(options).honest->label, "resampled");
  Database study = Database::open(folder_ / "r" / "study.db");
  EXPECT_TRUE(study.run("SELECT * FROM openings").empty());
}

TEST_F(Run, with_weights_that_are_all_zero_is_bad_input) {
  RunOptions options = this->options(write_table(50, "0"), "r");
  options.reading.drop = {};
  options.weight = "w";
  EXPECT_EQ(
      complaint(options, ErrorKind::bad_input),
      "setting up the task: expected rows with a target and a weight above 0, found none in 50 rows. Choose "
      "another --target or --weight.");
}

TEST_F(Run, with_weights_that_cannot_be_multiplied_is_bad_input) {
  for (const char* weight : {"1e300", "1e-300"}) {
    RunOptions options = this->options(write_table(50, weight), "r");
    options.reading.drop = {};
    options.weight = "w";
    EXPECT_NE(complaint(options, ErrorKind::bad_input)
                  .find("expected weights whose sum is between 1e-100 and 1e100"),
              std::string::npos);
  }
}

TEST_F(Run, with_weights_that_are_text_is_bad_input) {
  RunOptions options = this->options(write_table(50), "r");
  options.weight = "city";
  EXPECT_NE(complaint(options, ErrorKind::bad_input).find("expected numbers in column city, found category"),
            std::string::npos);
}

TEST_F(Run, with_a_weight_column_that_is_not_there_is_bad_input) {
  RunOptions options = this->options(write_table(50), "r");
  options.weight = "weight";
  EXPECT_NE(complaint(options, ErrorKind::bad_input).find("weight"), std::string::npos);
}

TEST_F(Run, drops_rows_of_no_weight_and_says_so) {
  const auto data = write("t.csv", "x,w,y\n1,1,a\n2,0,b\n3,-1,c\n4,2,b\n5,,a\n6,1,a\n7,1,b\n");
  RunOptions options = this->options(data, "r");
  options.reading.drop = {};
  options.weight = "w";
  options.trials = 1;
  const RunResult result = run_quietly(options);
  EXPECT_EQ(result.rows_used, 4U);
  EXPECT_EQ(result.task.classes.size(), 2U);
  EXPECT_NE(std::find(result.notes.begin(), result.notes.end(),
                      "3 of 7 rows have no usable target or weight: dropped"),
            result.notes.end());
}

TEST_F(Run, of_two_rows_has_a_model_and_says_that_it_has_no_score) {
  RunOptions options = this->options(write("t.csv", "x,y\n1,a\n2,b\n"), "r");
  options.reading.drop = {};
  const RunResult result = run_quietly(options);
  EXPECT_FALSE(result.honest);
  ASSERT_EQ(result.warnings.size(), 1U);
  EXPECT_NE(result.warnings[0].find("no resampled score"), std::string::npos) << result.warnings[0];
  EXPECT_FALSE(model_bytes("r").empty());
}

TEST_F(Run, of_columns_that_tell_nothing_has_a_model_that_predicts) {
  const auto data = write("t.csv", "x,z,y\n1,,a\n1,,b\n1,,a\n1,,b\n1,,a\n1,,b\n");
  RunOptions options = this->options(data, "r");
  options.reading.drop = {};
  static_cast<void>(run_quietly(options));
  ThreadPool pool(1);
  const Predictions predictions =
      predict_file(load_model(folder_ / "r" / "model.astro"), data, Header::detect, pool);
  EXPECT_EQ(predictions.rows, 6U);
  EXPECT_DOUBLE_EQ(predictions.probability(0, 0), 0.5);
}

TEST_F(Run, says_when_its_score_is_undefined_on_the_sealed_rows) {
  std::string text = "x,y\n";
  for (int row = 0; row < 1000; ++row) text += fmt::format("{},{}\n", row * 7 % 13, row == 500 ? "b" : "a");
  RunOptions options = this->options(write("t.csv", text), "r");
  options.reading.drop = {};
  options.trials = 1;
  const RunResult result = run_quietly(options);
  ASSERT_FALSE(result.warnings.empty());
  EXPECT_EQ(result.warnings.back(), "AUC is undefined on the 200 sealed rows: one class only");
}

TEST_F(Run, remembers_how_its_dates_were_read) {
  std::string text = "when,y\n";
  for (int row = 0; row < 60; ++row)
    text += fmt::format("{:02d}/{:02d}/2024,{}\n", 1 + row % 28, 1 + row % 12, row % 28 < 14 ? "a" : "b");
  RunOptions options = this->options(write("t.csv", text), "r");
  options.reading.drop = {};
  options.trials = 3;
  static_cast<void>(run_quietly(options));
  const ShippedModel model = load_model(folder_ / "r" / "model.astro");
  ASSERT_EQ(model.wanted_columns().size(), 1U);
  EXPECT_EQ(model.wanted_columns()[0].date_order, DateOrder::day_first);
}

TEST_F(Run, minimises_what_the_metric_asks_for_unless_told_otherwise) {
  std::string text = "x,y\n";
  for (int row = 0; row < 120; ++row) text += fmt::format("{},{}\n", row * 7 % 13, 1 + row % 25);
  const auto data = write("t.csv", text);
  for (const auto& [learner, metric, loss] : {std::array{"trees", "poisson_deviance", "poisson"},
                                              {"trees(loss=squared)", "poisson_deviance", "squared"},
                                              {"trees", "gamma_deviance", "gamma"}}) {
    RunOptions options = this->options(data, std::string(learner) + metric);
    options.reading.drop = {};
    options.metric = metric;
    options.learners = parse_learners(learner);
    const RunResult result = run_quietly(options);
    const auto trees = std::ranges::find(result.leaderboard, "trees", &LeaderboardRow::learner);
    ASSERT_NE(trees, result.leaderboard.end());
    EXPECT_EQ(std::get<std::string>(trees->settings.at("loss")), loss);
  }
}

TEST_F(Run, of_a_star_seals_a_tenth_for_its_proof) {
  RunOptions options = this->options(write_table(1100), "r");
  options.learners = {{.name = "linear", .settings = {}, .stars = {{"l1_ratio", "0..1"}}}};
  options.trials = 3;
  const RunResult result = run_quietly(options);
  EXPECT_EQ(result.rows_sealed, 220U);
  EXPECT_EQ(result.rows_for_proof, 110U);
  EXPECT_EQ(load_model(folder_ / "r" / "model.astro").card().rows, 1100U - 330U);
  Database study = Database::open(folder_ / "r" / "study.db");
  EXPECT_EQ(study.run("SELECT * FROM openings WHERE slice = 'proof'").size(), 0U);
}

TEST_F(Run, of_noise_that_grows_predicts_ranges_that_grow) {
  RunOptions options = this->options(write_sums(3'000), "r");
  options.learners = {{.name = "linear"}};
  options.reading.drop = {};
  options.trials = 1;
  static_cast<void>(run_quietly(options));
  ThreadPool pool(1);
  const ShippedModel model = load_model(folder_ / "r" / "model.astro");
  ASSERT_FALSE(model.spread_members().empty());
  const std::filesystem::path rows = write("rows.csv", "x1,x2,x3\n0.05,0,1\n0.95,0,1\n");
  const Predictions predictions = predict_file(model, rows, Header::present, pool);
  ASSERT_EQ(predictions.spread.size(), 2U);
  EXPECT_GT(predictions.spread[1], 1.3 * predictions.spread[0]);
}

}  // namespace
}  // namespace astrolabe
