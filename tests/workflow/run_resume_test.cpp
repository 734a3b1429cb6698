// SPDX-License-Identifier: Apache-2.0
// Runs that ended early, by a kill, a signal or their own limit, and go on.
#include <algorithm>
#include <csignal>
#include <string>
#include <utility>

#include "tests/workflow/small_runs.h"
#include <gtest/gtest.h>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/error.h"
#include "astrolabe/search/study_store.h"
#include "astrolabe/workflow/resume.h"
#include "astrolabe/workflow/run.h"
#include "astrolabe/workflow/run_study.h"

namespace astrolabe {
namespace {

using testing::Run;

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

TEST_F(Run, with_a_stack_that_was_killed_and_goes_on_gives_the_bytes_of_one_that_was_not) {
  RunOptions options = this->options(write_sums(1'500), "whole");
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

}  // namespace
}  // namespace astrolabe
