// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/base/process.h"

#include <cerrno>
#include <stdexcept>

#include "tests/support/patience.h"
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "astrolabe/base/text.h"

namespace astrolabe {
namespace {

using std::chrono::milliseconds;

ProcessRequest shell(const std::string& script) {
  return {.words = {"sh", "-c", script}};
}

struct Heard {
  std::vector<std::string> lines;
  ProcessResult result;
};

Heard hear(ProcessRequest request) {
  Heard heard;
  request.on_line = [&](std::string_view line) {
    heard.lines.emplace_back(line);
    return true;
  };
  heard.result = run_process(request);
  return heard;
}

bool lives(int process) {
  return ::kill(process, 0) == 0;
}

// Whoever kills is not always whoever waits: a killed orphan is there until the system has buried it.
bool is_gone_soon(int process) {
  for (int i = 0; i < 500 && lives(process); ++i) ::usleep(10'000);
  return !lives(process);
}

TEST(RunProcess, tells_the_lines_of_stdout_and_the_exit_status) {
  const Heard heard = hear(shell("echo a=1; echo talk >&2; printf 'b=2\\r\\nc=3'; exit 7"));
  EXPECT_EQ(heard.lines, (std::vector<std::string>{"a=1", "b=2", "c=3"}));
  EXPECT_EQ(heard.result.end, ProcessEnd::exited);
  EXPECT_EQ(heard.result.code, 7);
  EXPECT_NE(heard.result.printed.find("talk"), std::string::npos);
  EXPECT_FALSE(heard.result.is_cut);
}

TEST(RunProcess, passes_words_as_they_are) {
  const Heard heard = hear({.words = {"printf", "%s|", "two words", "*", "$HOME", "", "a'b\"c"}});
  ASSERT_EQ(heard.lines.size(), 1U);
  EXPECT_EQ(heard.lines[0], "two words|*|$HOME||a'b\"c|");
}

TEST(RunProcess, adds_to_the_environment_and_replaces) {
  ProcessRequest request = shell("echo \"$ASTROLABE_TRIAL $HOME\"; test -n \"$PATH\"");
  request.environment = {{"ASTROLABE_TRIAL", "12"}, {"HOME", "/nowhere"}};
  const Heard heard = hear(request);
  EXPECT_EQ(heard.lines, std::vector<std::string>{"12 /nowhere"});
  EXPECT_EQ(heard.result.code, 0) << "the rest of the environment is there";
}

TEST(RunProcess, gives_an_empty_stdin) {
  EXPECT_EQ(hear(shell("wc -c")).lines, std::vector<std::string>{"0"});
}

TEST(RunProcess, gives_none_of_our_descriptors) {
  const int careless = ::open("/dev/null", O_RDONLY);
  ASSERT_GE(::fcntl(careless, F_DUPFD, 77), 77);
  EXPECT_EQ(hear(shell("test ! -e /proc/self/fd/77")).result.code, 0);
  ::close(careless);
  ::close(77);
}

TEST(RunProcess, gives_default_signals) {
  ::signal(SIGPIPE, SIG_IGN);
  const ProcessResult result = run_process(shell("kill -PIPE $$"));
  ::signal(SIGPIPE, SIG_DFL);
  EXPECT_EQ(result.end, ProcessEnd::signalled);
  EXPECT_EQ(result.code, SIGPIPE);
}

TEST(RunProcess, names_the_signal_of_a_crash) {
  const ProcessResult result = run_process(shell("kill -SEGV $$"));
  EXPECT_EQ(result.end, ProcessEnd::signalled);
  EXPECT_EQ(signal_name(result.code), "SIGSEGV");
  EXPECT_EQ(signal_name(177), "signal 177");
}

TEST(RunProcess, that_is_not_there_is_not_started) {
  const ProcessResult absent = run_process({.words = {"no-such-program-anywhere"}});
  EXPECT_EQ(absent.end, ProcessEnd::not_started);
  EXPECT_EQ(absent.code, ENOENT);
  const ProcessResult folder = run_process({.words = {"/tmp"}});
  EXPECT_EQ(folder.end, ProcessEnd::not_started);
  EXPECT_EQ(folder.code, EACCES);
}

TEST(RunProcess, ends_what_takes_too_long) {
  ProcessRequest request = shell("echo begun; sleep 60");
  request.seconds = 0.2;
  const Heard heard = hear(request);
  EXPECT_EQ(heard.result.end, ProcessEnd::timed_out);
  EXPECT_GE(heard.result.seconds, 0.2);
  EXPECT_LT(heard.result.seconds, 2 * kPatience);
  EXPECT_EQ(heard.lines, std::vector<std::string>{"begun"});
}

TEST(RunProcess, kills_what_does_not_listen) {
  ProcessRequest request = shell("trap '' TERM; echo deaf; while :; do sleep 0.05; done");
  request.seconds = 0.2;
  request.grace = milliseconds(200);
  const ProcessResult result = run_process(request);
  EXPECT_EQ(result.end, ProcessEnd::timed_out);
  EXPECT_EQ(result.code, SIGKILL);
  EXPECT_GE(result.seconds, 0.4);
  EXPECT_LT(result.seconds, 3 * kPatience);
}

TEST(RunProcess, lets_it_tidy_up_when_it_ends_it) {
  ProcessRequest request =
      shell("trap 'echo tidy >&2; exit 0' TERM; echo ready; while :; do sleep 0.02; done");
  request.on_line = [](std::string_view) { return false; };
  const ProcessResult result = run_process(request);
  EXPECT_EQ(result.end, ProcessEnd::stopped);
  EXPECT_NE(result.printed.find("tidy"), std::string::npos);
}

TEST(RunProcess, ends_children_with_their_parent) {
  // The grandchild holds the pipe too: what counts is the end of the program.
  const Heard heard = hear(shell("sleep 60 & echo $!"));
  ASSERT_EQ(heard.lines.size(), 1U);
  EXPECT_LT(heard.result.seconds, 5 * kPatience);
  EXPECT_TRUE(is_gone_soon(std::stoi(heard.lines[0])));
}

TEST(RunProcess, stops_when_the_tick_says_so) {
  int ticks = 0;
  ProcessRequest request = shell("sleep 60");
  request.tick = milliseconds(10);
  request.on_tick = [&] { return ++ticks < 5; };
  const ProcessResult result = run_process(request);
  EXPECT_EQ(result.end, ProcessEnd::stopped);
  EXPECT_EQ(ticks, 5);
  EXPECT_LT(result.seconds, 5 * kPatience);
}

TEST(RunProcess, that_throws_leaves_nobody_behind) {
  int child = 0;
  ProcessRequest request = shell("echo $$; sleep 60");
  request.on_line = [&](std::string_view line) -> bool {
    child = std::stoi(std::string(line));
    throw std::runtime_error("the store went away");
  };
  EXPECT_THROW((void)run_process(request), std::runtime_error);
  EXPECT_GT(child, 0);
  EXPECT_FALSE(lives(child));
}

TEST(RunProcess, keeps_the_end_of_what_was_printed) {
  ProcessRequest request = shell("i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done");
  request.kept_bytes = 100;
  const ProcessResult result = run_process(request);
  EXPECT_TRUE(result.is_cut);
  EXPECT_EQ(result.printed.size(), 100U);
  EXPECT_TRUE(result.printed.ends_with("line 2999\n"));
}

TEST(RunProcess, passes_over_lines_without_end) {
  const Heard heard = hear(shell("head -c 1000000 /dev/zero | tr '\\0' x; echo; echo loss=1"));
  EXPECT_EQ(heard.lines, std::vector<std::string>{"loss=1"});
}

TEST(RunProcess, is_not_held_by_one_who_prints_without_end) {
  ProcessRequest request = {.words = {"yes"}};
  request.seconds = 0.2;
  const ProcessResult result = run_process(request);
  EXPECT_EQ(result.end, ProcessEnd::timed_out);
  EXPECT_LT(result.seconds, 3 * kPatience);
}

TEST(RunProcess, an_unfinished_line_of_an_ended_program_does_not_count) {
  ProcessRequest request = shell("printf 'loss=1\\nloss=0.0'; sleep 60");
  request.seconds = 0.3;
  EXPECT_EQ(hear(request).lines, std::vector<std::string>{"loss=1"});
}

TEST(RunProcess, hears_programs_that_close_their_stdout_early) {
  const Heard heard = hear(shell("echo a=1; exec >&- 2>&-; sleep 0.2; exit 3"));
  EXPECT_EQ(heard.lines, std::vector<std::string>{"a=1"});
  EXPECT_EQ(heard.result.code, 3);
}

TEST(RunProcess, costs_little) {
  const auto start = std::chrono::steady_clock::now();
  constexpr int kTimes = 50;
  for (int i = 0; i < kTimes; ++i) ASSERT_EQ(run_process({.words = {"true"}}).code, 0);
  const double each =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / kTimes;
  EXPECT_LT(each, 0.02 * kPatience) << "of which the program itself takes most";
  RecordProperty("milliseconds_each", std::to_string(each * 1e3));
}

}  // namespace
}  // namespace astrolabe
