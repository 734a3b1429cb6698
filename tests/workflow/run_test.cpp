// SPDX-License-Identifier: Apache-2.0
// The whole recipe as a library call: determinism, deadline, the record of the seal.
#include "astrolabe/workflow/run.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/support/patience.h"
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"
#include "astrolabe/pipeline/shipped_model.h"
#include "astrolabe/search/study_store.h"
#include "astrolabe/store/sqlite.h"
#include "astrolabe/workflow/apply_model.h"
#include "astrolabe/workflow/resume.h"
#include "astrolabe/workflow/run_options_json.h"
#include "astrolabe/workflow/run_study.h"

namespace astrolabe {
namespace {

class Run : public testing::Test {
 protected:
  Run() {
    static int count = 0;
    folder_ = std::filesystem::temp_directory_path() / fmt::format("astrolabe-run-{}-{}", getpid(), count++);
    std::filesystem::create_directories(folder_);
  }
  ~Run() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return folder_ / name;
  }

  // Numbers, a category with missing cells, a weight; the class follows from them, with noise.
  std::filesystem::path write_table(std::size_t rows, const std::string& weight = "1") {
    RandomStream random(Key::from_seed(4));
    std::string text = "x1,x2,city,w,y\n";
    for (std::size_t row = 0; row < rows; ++row) {
      const double x1 = random.normal(), x2 = random.uniform();
      const std::uint64_t city = random.below(4);
      const bool is_yes = x1 + (city == 1 ? 1 : 0) + 0.5 * random.normal() > 0.3;
      text += fmt::format("{:.4f},{:.4f},{},{},{}\n", x1, x2,
                          city == 0   ? ""
                          : city == 1 ? "Oslo"
                                      : "Rome",
                          weight, is_yes ? "yes" : "no");
    }
    return write("t.csv", text);
  }

  RunOptions options(const std::filesystem::path& data, const std::string& out) {
    RunOptions options;
    options.data = data;
    options.target = "y";
    options.trials = 4;
    options.out = folder_ / out;
    options.reading.drop = {"w"};
    return options;
  }

  RunResult run_quietly(const RunOptions& options) {
    const auto progress = silent_progress();
    return run(options, *progress, {});
  }

  std::string model_bytes(const std::string& out) {
    return read_file(folder_ / out / "model.astro", "model");
  }

  std::string complaint(const RunOptions& options, ErrorKind kind) {
    try {
      static_cast<void>(run_quietly(options));
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), kind) << error.what();
      EXPECT_FALSE(std::filesystem::exists(options.out)) << "bad input leaves no folder";
      return error.what();
    }
    ADD_FAILURE() << "it ran";
    return "";
  }

  std::filesystem::path folder_;
};

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

// What a kill leaves behind: the trial that was running, and nothing of what comes after the search.
TEST_F(Run, that_was_killed_and_goes_on_gives_the_bytes_of_one_that_was_not) {
  const auto data = write_table(1100);
  RunOptions options = this->options(data, "whole");
  options.trials = 9;
  static_cast<void>(run_quietly(options));

  options.out = folder_ / "killed";
  options.trials = 4;
  static_cast<void>(run_quietly(options));
  const ResumePlan plan = plan_resume({.folder = folder_ / "killed", .trials = 9});
  ASSERT_TRUE(plan.has_work);
  const RunResult resumed = run_quietly(plan.options);
  EXPECT_EQ(resumed.honest->opening, 2U) << "the first results had opened the seal";
  EXPECT_EQ(model_bytes("killed"), model_bytes("whole"));
}

// Presses ^C when the run begins to do what `stage` says.
class Interrupter : public Progress {
 public:
  explicit Interrupter(std::string stage) : stage_(std::move(stage)) {}
  void update(const ProgressEvent& event) override {
    if (event.stage.find(stage_) != std::string::npos) request_cancel(SIGINT);
  }
  void say(std::string_view /*line*/) override {}
  void warn(std::string_view /*line*/) override {}
  void finish() override {}

 private:
  std::string stage_;
};

TEST_F(Run, that_was_interrupted_after_its_last_trial_is_not_finished) {
  RunOptions options = this->options(write_table(1100), "whole");
  options.trials = 2;
  options.refit = true;
  static_cast<void>(run_quietly(options));
  options.out = folder_ / "interrupted";
  Interrupter progress("refit of");
  const RunResult result = run(options, progress, {});
  clear_cancel();
  EXPECT_TRUE(result.was_interrupted);

  const ResumePlan plan = plan_resume({.folder = folder_ / "interrupted"});
  ASSERT_TRUE(plan.has_work) << plan.finding;
  EXPECT_FALSE(run_quietly(plan.options).was_interrupted);
  EXPECT_TRUE(model_bytes("interrupted") == model_bytes("whole"));
  EXPECT_FALSE(plan_resume({.folder = folder_ / "interrupted"}).has_work);
}

TEST_F(Run, that_was_interrupted_when_its_time_was_used_up_still_ships_its_best) {
  RunOptions options = this->options(write_table(3'000), "r");
  options.seconds = 30;
  options.trials = 1;
  options.refit = true;
  Interrupter progress("refit of");
  static_cast<void>(run(options, progress, {}));
  clear_cancel();
  StudyStore::open({.url = (folder_ / "r" / "study.db").string()}).set_note(kSecondsNote, "31");
  const ResumePlan plan = plan_resume({.folder = folder_ / "r"});
  ASSERT_TRUE(plan.has_work) << plan.finding;
  EXPECT_LT(plan.options.seconds, 30);
  const RunResult result = run_quietly(plan.options);
  EXPECT_NE(result.system, "baseline");
}

TEST_F(Run, that_goes_on_for_a_while_keeps_the_limit_of_all_its_sessions) {
  RunOptions options = this->options(write_table(1100), "r");
  options.seconds = 100;
  options.trials = 1;
  static_cast<void>(run_quietly(options));
  RunOptions second = plan_resume({.folder = folder_ / "r", .trials = 2}).options;
  EXPECT_GT(second.seconds, 80);
  static_cast<void>(run_quietly(second));
  EXPECT_GT(plan_resume({.folder = folder_ / "r", .trials = 3}).options.seconds, 80);
}

TEST_F(Run, that_goes_on_under_another_memory_limit_works_with_the_same_rows) {
  RunOptions options = this->options(write_table(3'000), "whole");
  options.learners = {{.name = "linear"}, {.name = "linear", .settings = {{"l1_ratio", 0.0}}}};
  options.memory_bytes = 1;  // so 500 rows are worked with
  options.trials = 2;
  static_cast<void>(run_quietly(options));
  options.out = folder_ / "r";
  options.trials = 1;
  static_cast<void>(run_quietly(options));
  RunOptions more = plan_resume({.folder = folder_ / "r", .trials = 2}).options;
  ASSERT_EQ(more.memory_bytes, DrawnRows::kNoLimit);
  const RunResult result = run_quietly(more);
  const auto about_rows = [](const std::string& text) {
    return text.find("works with 500 of") != std::string::npos;
  };
  EXPECT_EQ(std::ranges::count_if(result.warnings, about_rows), 1);
  EXPECT_TRUE(model_bytes("r") == model_bytes("whole"));
}

TEST_F(Run, that_goes_on_under_a_limit_too_small_for_its_rows_is_refused) {
  RunOptions options = this->options(write_table(3'000), "r");
  options.learners = {{.name = "linear"}};
  options.trials = 1;
  static_cast<void>(run_quietly(options));
  RunOptions less = plan_resume({.folder = folder_ / "r", .time = "+10s", .trials = 2}).options;
  less.memory_bytes = 1;
  try {
    static_cast<void>(run_quietly(less));
    FAIL() << "it ran";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_NE(std::string(error.what()).find("3,000 rows"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("more --memory"), std::string::npos) << error.what();
  }
}

// The target is a sum of a smooth and a rough part, with noise that grows with x1.
std::string sums_csv(std::size_t rows) {
  RandomStream random(Key::from_seed(5));
  std::string text = "x1,x2,x3,y\n";
  for (std::size_t row = 0; row < rows; ++row) {
    const double x1 = random.uniform(), x2 = random.normal(), x3 = random.normal();
    const double y = 3 * x2 + (x3 > 0 ? 2 : 0) + (0.1 + x1) * random.normal();
    text += fmt::format("{:.4f},{:.4f},{:.4f},{:.4f}\n", x1, x2, x3, y);
  }
  return text;
}

TEST_F(Run, with_a_stack_that_was_killed_and_goes_on_gives_the_bytes_of_one_that_was_not) {
  RunOptions options = this->options(write("sums.csv", sums_csv(1'500)), "whole");
  options.stack = true;
  options.learners = {{.name = "trees", .settings = {{"rounds", std::int64_t{30}}}}, {.name = "linear"}};
  options.reading.drop = {};
  options.trials = 2;
  const RunResult whole = run_quietly(options);
  const auto about_stack = [](const std::string& note) { return note.find("stack") != std::string::npos; };
  EXPECT_EQ(std::ranges::count_if(whole.notes, about_stack), 1);
  options.out = folder_ / "killed";
  options.trials = 1;
  static_cast<void>(run_quietly(options));
  const ResumePlan plan = plan_resume({.folder = folder_ / "killed", .trials = 2});
  ASSERT_TRUE(plan.has_work);
  EXPECT_TRUE(plan.options.stack);
  static_cast<void>(run_quietly(plan.options));
  EXPECT_EQ(model_bytes("killed"), model_bytes("whole"));
}

TEST_F(Run, of_noise_that_grows_predicts_ranges_that_grow) {
  RunOptions options = this->options(write("sums.csv", sums_csv(3'000)), "r");
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

TEST_F(Run, that_is_finished_has_nothing_left_to_do) {
  RunOptions options = this->options(write_table(300), "r");
  options.trials = 2;
  static_cast<void>(run_quietly(options));
  const ResumePlan plan = plan_resume({.folder = folder_ / "r"});
  EXPECT_FALSE(plan.has_work);
  EXPECT_NE(plan.finding.find("its 2 trials are done"), std::string::npos) << plan.finding;
  EXPECT_TRUE(plan_resume({.folder = folder_ / "r", .time = "+1m"}).has_work);
}

TEST_F(Run, on_other_data_than_its_study_is_bad_input) {
  RunOptions options = this->options(write_table(300), "r");
  options.trials = 2;
  static_cast<void>(run_quietly(options));
  static_cast<void>(write_table(301));
  const ResumePlan plan = plan_resume({.folder = folder_ / "r", .trials = 5});
  try {
    static_cast<void>(run_quietly(plan.options));
    FAIL() << "it ran";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    EXPECT_NE(std::string(error.what()).find("expected the data that it was begun on"), std::string::npos)
        << error.what();
  }
}

TEST(RunOptionsText, comes_back_as_it_was) {
  RunOptions options{.data = "/d/t.csv", .target = "y"};
  options.task = TaskKind::binary;
  options.metric = "auc";
  options.test = "/d/test.csv";
  options.reading = {.header = Header::absent, .types = {{"a", ColumnType::category}}, .drop = {"b"}};
  options.learners = {
      {.name = "mlp",
       .settings = {{"epochs", std::int64_t{3}}, {"dropout", 0.1}, {"loss", std::string("focal(2)")}},
       .stars = {{"activation", "relu,*"}}}};
  options.max_nodes = 6;
  options.seed = 7;
  options.stack = true;
  options.split = {.kind = SplitKind::group, .column = "g"};
  const std::string text = run_options_json(options);
  EXPECT_EQ(run_options_json(parse_run_options(text)), text);
  EXPECT_EQ(parse_run_options(text).learners, options.learners);
}

TEST(RunOptionsText, of_others_is_refused) {
  for (const char* text : {"", "{}", "[]", R"({"data":"t.csv"})"})
    EXPECT_THROW(static_cast<void>(parse_run_options(text)), Error) << text;
}

}  // namespace
}  // namespace astrolabe
