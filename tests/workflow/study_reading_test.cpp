// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/study_reading.h"

#include <cmath>
#include <filesystem>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/report/search_summary.h"
#include "astrolabe/search/space_text.h"
#include "astrolabe/search/study_facts.h"

namespace astrolabe {
namespace {

class StudyReadingTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("study_reading_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    (void)space_.add({.name = "x", .domain = RealRange{.low = 0, .high = 1}});
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] StudyAddress address() const { return {.url = (folder_ / "study.db").string()}; }
  [[nodiscard]] StudyStore begin() const {
    StudyStore store = StudyStore::open(address());
    store.create({.space = space_text(space_),
                  .data_hash = {},
                  .options = {{std::string(kMetricOption), "auc"},
                              {std::string(kDirectionOption), "maximise"},
                              {std::string(kProposerOption), "evolution"}}});
    return store;
  }
  void run_trial(StudyStore& store, double x, const TrialEnd& end) const {
    const std::string point = point_text(space_, {{x}});
    const std::optional<Claim> claim =
        store.start({.point = point, .key = point, .by = "evolution"}, worker_identity());
    ASSERT_TRUE(claim);
    if (end.state == TrialState::pruned) {
      ASSERT_TRUE(store.report(*claim, {.step = 0, .cost = end.cost, .low = end.low, .high = end.high}));
    }
    ASSERT_TRUE(store.finish(*claim, end));
  }

  std::filesystem::path folder_;
  Space space_;
};

TEST_F(StudyReadingTest, sees_what_ends_while_it_reads) {
  StudyStore store = begin();
  StudyReading reading(address());
  EXPECT_TRUE(reading.result().trials.empty());
  run_trial(store, 0.5, {.cost = -0.9, .low = -0.92, .high = -0.88, .seconds = 2});
  run_trial(
      store, 0.25,
      {.state = TrialState::pruned, .cost = -0.7, .low = -0.7, .high = -0.7, .reason = "others were better"});
  run_trial(store, 0.75, {.state = TrialState::failed, .reason = "crashed"});
  reading.refresh();
  const SearchResult result = reading.result();
  ASSERT_EQ(result.trials.size(), 3U);
  EXPECT_EQ(result.counts.complete, 1U);
  EXPECT_TRUE(result.higher_is_better);
  EXPECT_DOUBLE_EQ(result.trials[0].score, 0.9);
  EXPECT_DOUBLE_EQ(result.trials[0].low, 0.88);
  EXPECT_DOUBLE_EQ(result.trials[0].high, 0.92);
  EXPECT_EQ(point_words(result.space, result.trials[0].point), "x=0.5");
  EXPECT_EQ(result.trials[1].steps, 1U);
  EXPECT_EQ(result.trials[1].reason, "others were better");
  EXPECT_TRUE(std::isnan(result.trials[2].score));
  reading.refresh();
  EXPECT_EQ(reading.result().trials.size(), 3U);
}

TEST_F(StudyReadingTest, takes_facts_of_runs_and_of_programs) {
  StudyStore store = begin();
  const std::string formulas = R"j({"activation":"x*sigmoid(x)","optimizer":"lr*g"})j";
  run_trial(store, 0.1, {.cost = -0.9, .outcome = R"({"nodes":5,"formulas":)" + formulas + "}"});
  run_trial(store, 0.2, {.cost = -0.8, .outcome = R"({"values":{"latency_us":12.5,"loss":1}})"});
  run_trial(store, 0.3, {.cost = -0.7, .outcome = "no JSON"});
  store.set_note(kPreflightNote,
                 R"({"count":null,"hours_in_full":2,"budget":"race 400","smallest_difference":0.01})");
  store.set_note(kProposerNote, "evolution 100 %");
  store.add_to_counter(kDuplicatesCounter, 7);
  const SearchResult result = StudyReading(address()).result();
  EXPECT_EQ(result.trials[0].nodes, 5U);
  EXPECT_EQ(result.trials[1].latency_us, 12.5);
  ASSERT_EQ(result.formulas.size(), 2U);
  EXPECT_EQ(result.formulas[0].text, "x*sigmoid(x)");
  EXPECT_NE(result.formulas[0].derivative.find("sigmoid(x)"), std::string::npos);
  EXPECT_TRUE(result.formulas[1].derivative.empty());
  ASSERT_TRUE(result.preflight);
  EXPECT_TRUE(std::isinf(result.preflight->count));
  EXPECT_EQ(result.preflight->budget, "race 400");
  EXPECT_EQ(result.proposer_summary, "evolution 100 %");
  EXPECT_EQ(result.counters.at("duplicates"), 7);
}

TEST_F(StudyReadingTest, runs_while_somebody_says_so_or_holds_a_trial) {
  StudyStore store = begin();
  StudyReading reading(address());
  EXPECT_FALSE(reading.is_running());
  store.set_note(kStateNote, "running");
  reading.refresh();
  EXPECT_TRUE(reading.is_running());
  store.set_note(kStateNote, "ended");
  reading.refresh();
  EXPECT_FALSE(reading.is_running());
  const std::optional<Claim> claim = store.start({.point = R"({"x":0.5})", .key = "k", .by = "r"}, "me");
  ASSERT_TRUE(claim);
  reading.refresh();
  EXPECT_TRUE(reading.is_running());
  EXPECT_EQ(reading.result().counts.running, 1U);
}

TEST_F(StudyReadingTest, time_is_that_of_search_in_order) {
  StudyStore store = begin();
  for (int i = 0; i < 20; ++i) run_trial(store, i / 20.0, {.cost = 1.0 * i, .seconds = 0});
  const SearchResult result = StudyReading(address()).result();
  for (std::size_t i = 1; i < result.trials.size(); ++i)
    EXPECT_GE(result.trials[i].at, result.trials[i - 1].at);
  EXPECT_GE(result.seconds, result.trials.back().at);
  EXPECT_LT(result.seconds, 60);
}

TEST_F(StudyReadingTest, refuses_a_path_without_a_study_and_makes_none) {
  try {
    StudyReading reading(address());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    EXPECT_NE(std::string(error.what()).find("no such file"), std::string::npos);
  }
  EXPECT_FALSE(std::filesystem::exists(folder_ / "study.db"));
}

TEST_F(StudyReadingTest, refuses_a_study_that_has_not_begun) {
  {
    const StudyStore store = StudyStore::open(address());
  }
  try {
    StudyReading reading(address());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    EXPECT_NE(std::string(error.what()).find("has not begun yet"), std::string::npos);
  }
}

}  // namespace
}  // namespace astrolabe
