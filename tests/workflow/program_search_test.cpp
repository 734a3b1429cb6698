// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/program_search.h"

#include "tests/workflow/temporary_folder.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe::testing {
namespace {

namespace fs = std::filesystem;

class ProgramSearch : public ::testing::Test {
 protected:
  // A grid whose best point is ("1", "4"), score 14.
  [[nodiscard]] ProgramSearchOptions options(const std::string& out) const {
    ProgramSearchOptions made{.words = {"sh", "-c", "echo loss=$0$1", "*2,1", "*5,4,6"},
                              .goal = {.name = "loss"}};
    made.proposer = "enumeration";
    made.out = folder_ / out;
    return made;
  }
  static ProgramSearchResult run(const ProgramSearchOptions& options) {
    const std::unique_ptr<Progress> silent = silent_progress();
    return search_program(options, *silent);
  }
  static std::string complaint_of(const ProgramSearchOptions& options, ErrorKind kind) {
    try {
      (void)run(options);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), kind) << error.what();
      return error.what();
    }
    return "";
  }

  const testing::TemporaryFolder temporary_{"program-search"};
  const fs::path& folder_ = temporary_.path;
};

TEST_F(ProgramSearch, finds_the_best_words) {
  const ProgramSearchResult result = run(options("a"));
  ASSERT_TRUE(result.best.has_value());
  EXPECT_EQ(result.best->end.cost, 14);
  EXPECT_EQ(result.best_words, (std::vector<std::string>{"sh", "-c", "echo loss=$0$1", "1", "4"}));
  EXPECT_EQ(result.why, SearchStop::exhausted);
  EXPECT_EQ(result.counts.complete, 6U);
  EXPECT_EQ(result.trials_here, 6U);
  EXPECT_TRUE(fs::exists(folder_ / "a" / "trials" / "6.log"));
}

TEST_F(ProgramSearch, goes_on_with_the_question_and_the_limits_of_its_folder) {
  ProgramSearchOptions asked = options("a");
  asked.goal = {.name = "acc", .higher_is_better = true};
  asked.words[2] = "echo acc=$0$1";
  asked.trials = 2;
  asked.seconds = 100;
  asked.trial_seconds = 50;
  asked.seed = 3;
  EXPECT_EQ(run(asked).counts.total, 2U);
  ProgramSearchOptions resumed = program_search_of(folder_ / "a");
  EXPECT_EQ(resumed.words, asked.words);
  EXPECT_EQ(resumed.goal.name, "acc");
  EXPECT_TRUE(resumed.goal.higher_is_better);
  EXPECT_EQ(resumed.proposer, "enumeration");
  EXPECT_EQ(resumed.trial_seconds, 50);
  EXPECT_EQ(resumed.seed, 3U);
  EXPECT_EQ(resumed.trials, 2U);
  EXPECT_LT(resumed.seconds, 100);
  EXPECT_GT(resumed.seconds, 90);
  EXPECT_EQ(run(resumed).trials_here, 0U) << "it is finished";
  resumed.trials = 6;
  const ProgramSearchResult result = run(resumed);
  EXPECT_EQ(result.trials_here, 4U);
  EXPECT_EQ(result.best->end.cost, -26);
}

TEST_F(ProgramSearch, with_several_jobs_finds_the_same) {
  ProgramSearchOptions asked = options("a");
  asked.jobs = 3;
  const ProgramSearchResult result = run(asked);
  EXPECT_EQ(result.best->end.cost, 14);
  EXPECT_EQ(result.counts.complete, 6U);
}

TEST_F(ProgramSearch, elsewhere_is_found_by_its_folder) {
  ProgramSearchOptions asked = options("a");
  asked.study = (folder_ / "s.db").string();
  EXPECT_EQ(run(asked).counts.complete, 6U);
  EXPECT_FALSE(fs::exists(folder_ / "a" / "study.db"));
  EXPECT_EQ(program_search_of(folder_ / "a").words, asked.words);
  EXPECT_EQ(program_search_of(StudyAddress{.url = asked.study}).words, asked.words);
}

TEST_F(ProgramSearch, of_another_question_is_refused_before_there_is_a_folder) {
  ProgramSearchOptions asked = options("a");
  asked.study = (folder_ / "s.db").string();
  (void)run(asked);
  asked.out = folder_ / "b";
  asked.goal.name = "error";
  EXPECT_NE(complaint_of(asked, ErrorKind::bad_input)
                .find("expected the metric that it was begun with: loss, found error"),
            std::string::npos);
  EXPECT_FALSE(fs::exists(asked.out));
  asked.goal.name = "loss";
  asked.seed = 8;
  const std::string complaint = complaint_of(asked, ErrorKind::bad_input);
  EXPECT_NE(complaint.find("expected the seed that it was begun with: 1, found 8"), std::string::npos)
      << complaint;
}

TEST_F(ProgramSearch, is_refused_when_its_folder_is_there) {
  fs::create_directory(folder_ / "a");
  EXPECT_NE(complaint_of(options("a"), ErrorKind::usage), "");
}

TEST_F(ProgramSearch, of_a_table_is_not_one_of_a_program) {
  StudyStore store = StudyStore::open({.url = (folder_ / "study.db").string()});
  try {
    (void)program_search_of(folder_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("Nobody has begun it yet"), std::string::npos) << error.what();
  }
  store.create({.space = "[]", .data_hash = "1", .options = {{"run", "{}"}}});
  try {
    (void)program_search_of(folder_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    EXPECT_NE(std::string(error.what()).find("expected the study of a program, found one of a table"),
              std::string::npos)
        << error.what();
  }
}

TEST_F(ProgramSearch, that_cannot_start_its_program_ends_with_the_first_trial) {
  ProgramSearchOptions asked = options("a");
  asked.words = {"*./nothing,./nowhere", "x"};
  asked.jobs = 2;
  EXPECT_NE(complaint_of(asked, ErrorKind::usage).find("No such file or directory"), std::string::npos);
}

}  // namespace
}  // namespace astrolabe::testing
