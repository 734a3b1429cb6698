// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/program_trial.h"

#include <fstream>
#include <sstream>

#include "tests/support/patience.h"
#include "tests/workflow/temporary_folder.h"
#include <gtest/gtest.h>
#include <signal.h>

#include "astrolabe/base/error.h"

namespace astrolabe::testing {
namespace {

namespace fs = std::filesystem;

// A trial that the loop would hand out; remembers what it was told, and stops at a step if asked to.
class FakeTrial final : public RunningTrial {
 public:
  [[nodiscard]] std::uint64_t id() const override { return number; }
  [[nodiscard]] const Point& point() const override { return where; }
  [[nodiscard]] std::string_view by() const override { return "random"; }
  [[nodiscard]] bool report(const StepCost& step) override {
    steps.push_back(step);
    return steps.size() < stop_after;
  }
  [[nodiscard]] const std::string& why_stopped() const override { return why; }
  bool keep_alive() override { return true; }

  std::uint64_t number = 7;
  Point where{{0}};
  std::vector<StepCost> steps;
  std::size_t stop_after = 1'000'000;
  std::string why = "others were better";
};

class ProgramTrial : public ::testing::Test {
 public:
  ~ProgramTrial() override { clear_cancel(); }

 protected:
  // A shell script with `$0` for the value at the star.
  std::optional<TrialEnd> run(const std::string& script, double seconds = 20) {
    return run_words({"sh", "-c", script, "*a,b"}, seconds);
  }
  std::optional<TrialEnd> run_words(const std::vector<std::string>& words, double seconds = 20) {
    const ProgramTemplate program(words, {});
    return run_program_trial({.program = program,
                              .goal = goal_,
                              .seconds = seconds,
                              .seed = 5,
                              .logs = folder_,
                              .may_go_on = [this] { return may_go_on_; }},
                             trial_, Budget({.seconds = budget_seconds_}));
  }
  [[nodiscard]] std::string log() const {
    std::ifstream file(folder_ / "7.log");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  void expect_failed(const std::string& script, const std::string& reason, double seconds = 20) {
    const std::optional<TrialEnd> end = run(script, seconds);
    ASSERT_TRUE(end.has_value()) << script;
    EXPECT_EQ(end->state, TrialState::failed) << script;
    EXPECT_EQ(end->reason, reason) << script;
  }

  const testing::TemporaryFolder temporary_{"program-trial"};
  const fs::path& folder_ = temporary_.path;
  ProgramGoal goal_{.name = "loss"};
  FakeTrial trial_;
  double budget_seconds_ = std::numeric_limits<double>::infinity();
  bool may_go_on_ = true;
};

TEST_F(ProgramTrial, that_prints_its_score_is_complete) {
  const std::optional<TrialEnd> end = run("echo \"start $0\"; echo loss=0.25 acc=0.5; echo note=1");
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->state, TrialState::complete);
  EXPECT_EQ(end->cost, 0.25);
  EXPECT_EQ(end->low, 0.25);
  EXPECT_EQ(end->outcome, R"({"values":{"acc":0.5,"loss":0.25,"note":1.0}})");
  EXPECT_TRUE(trial_.steps.empty()) << "one score is no curve";
  const std::string text = log();
  EXPECT_TRUE(text.starts_with("$ sh -c ")) << text;
  EXPECT_NE(text.find("start a\nloss=0.25 acc=0.5\nnote=1\n[complete, "), std::string::npos) << text;
}

TEST_F(ProgramTrial, of_what_is_maximised_costs_its_negative) {
  goal_ = {.name = "acc", .higher_is_better = true};
  EXPECT_EQ(run("echo acc=0.9")->cost, -0.9);
}

TEST_F(ProgramTrial, knows_its_number_and_the_seed_of_the_study) {
  EXPECT_EQ(run("echo loss=$ASTROLABE_TRIAL.$ASTROLABE_SEED")->cost, 7.5);
  EXPECT_EQ(run("test \"$PYTHONUNBUFFERED\" = 1 && echo loss=1")->cost, 1);
}

TEST_F(ProgramTrial, tells_every_score_but_the_last_as_a_step) {
  const std::optional<TrialEnd> end = run("for i in 5 4 inf 2 1; do echo loss=$i; done");
  EXPECT_EQ(end->cost, 1);
  EXPECT_EQ(trial_.steps, (std::vector<StepCost>{{.step = 0, .cost = 5, .low = 5, .high = 5},
                                                 {.step = 1, .cost = 4, .low = 4, .high = 4},
                                                 {.step = 3, .cost = 2, .low = 2, .high = 2}}));
}

TEST_F(ProgramTrial, is_pruned_between_two_scores) {
  trial_.stop_after = 2;
  const std::optional<TrialEnd> end = run("echo loss=3; echo loss=2; echo loss=1; sleep 60");
  EXPECT_EQ(end->state, TrialState::pruned);
  EXPECT_EQ(end->cost, 2);
  EXPECT_EQ(end->reason, "others were better");
}

TEST_F(ProgramTrial, is_pruned_while_a_slow_one_works_on) {
  trial_.stop_after = 1;
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(run("echo loss=3; sleep 60")->state, TrialState::pruned);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10 * kPatience));
}

TEST_F(ProgramTrial, fails_with_its_reason) {
  expect_failed("echo hello; echo", "printed no loss=NUMBER: hello");
  expect_failed("true", "printed no loss=NUMBER");
  expect_failed("echo loss=1; echo Oh dear >&2; exit 3", "exit code 3: Oh dear");
  expect_failed("echo loss=1; kill -SEGV $$", "killed by SIGSEGV: loss=1");
  expect_failed("echo loss=1; echo loss=inf", "printed loss=inf");
  expect_failed("echo loss=1; sleep 60", "ran longer than 300 ms", 0.3);
}

TEST_F(ProgramTrial, ends_at_once_with_a_nan) {
  expect_failed("echo loss=1; echo loss=nan; sleep 60", "printed loss=nan");
}

TEST_F(ProgramTrial, that_cannot_be_started_fails_or_says_so_when_it_is_the_first) {
  EXPECT_EQ(run_words({"no-such-program", "*a,b"})->reason,
            "could not be started: No such file or directory");
  trial_.number = 1;
  try {
    (void)run_words({"no-such-program", "*a,b"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_EQ(
        std::string(error.what()),
        "starting no-such-program: expected a program in PATH, or the path of one that may be executed, "
        "found No such file or directory. No shell is involved: of a script that is not executable, "
        "name the interpreter too.");
  }
}

TEST_F(ProgramTrial, is_not_ended_when_the_search_is) {
  budget_seconds_ = 0.2;
  EXPECT_FALSE(run("echo loss=1; sleep 60").has_value());
  EXPECT_NE(log().find("[not ended, "), std::string::npos);
  budget_seconds_ = std::numeric_limits<double>::infinity();
  request_cancel(SIGINT);
  EXPECT_FALSE(run("sleep 60").has_value());
  clear_cancel();
  may_go_on_ = false;
  EXPECT_FALSE(run("sleep 60").has_value());
}

TEST_F(ProgramTrial, of_last_words_that_are_long_or_broken_keeps_a_line) {
  const std::optional<TrialEnd> end =
      run("printf 'a\\377\\001b'; head -c 500 /dev/zero | tr '\\0' c; exit 1");
  EXPECT_TRUE(end->reason.starts_with("exit code 1: a? bccc")) << end->reason;
  EXPECT_EQ(end->reason.size(), std::string("exit code 1: ").size() + 163);
}

TEST(ToldSteps, are_thinned_when_they_are_many) {
  std::size_t told = 0;
  for (std::size_t step = 0; step < 1'000'000; ++step) told += is_told_step(step) ? 1 : 0;
  EXPECT_TRUE(is_told_step(127));
  EXPECT_FALSE(is_told_step(129));
  EXPECT_TRUE(is_told_step(1U << 20U));
  EXPECT_LT(told, 1'000U);
}

}  // namespace
}  // namespace astrolabe::testing
