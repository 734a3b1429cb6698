// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/search_summary.h"

#include "tests/report/search_samples.h"
#include <gtest/gtest.h>

namespace astrolabe {
namespace {

SearchResult small_study(bool higher_is_better = false) {
  SearchResult result;
  result.metric = "loss";
  result.higher_is_better = higher_is_better;
  (void)result.space.add({.name = "x", .domain = RealRange{.low = 0, .high = 1}});
  const auto add = [&](const std::string& by, TrialState state, double score, std::size_t nodes,
                       double seconds, const std::string& reason = "") {
    SearchTrial trial;
    trial.id = result.trials.size() + 1;
    trial.by = by;
    trial.state = state;
    trial.score = score;
    trial.nodes = nodes;
    trial.seconds = seconds;
    trial.at = 10.0 * static_cast<double>(trial.id);
    trial.point.values = {0.5};
    trial.reason = reason;
    result.trials.push_back(trial);
  };
  add("random", TrialState::complete, 3, 9, 4);
  add("rl", TrialState::pruned, 5, 2, 1, "step 0: 3 of 4 others were better");
  add("rl", TrialState::complete, 2, 5, 4);
  add("random", TrialState::complete, 2, 7, 4);
  add("rl", TrialState::pruned, 5, 2, 3, "step 1: 17 of 20 others were better");
  add("rl", TrialState::failed, kUnknown, 3, 1, "crashed");
  add("random", TrialState::complete, 4, 2, 4);
  result.seconds = 70;
  return result;
}

TEST(SearchSummary, puts_the_lower_score_first_and_the_earlier_among_equals) {
  EXPECT_EQ(best_trials(small_study(), 10), (std::vector<std::size_t>{2, 3, 0, 6}));
  EXPECT_EQ(best_trials(small_study(), 1), (std::vector<std::size_t>{2}));
  EXPECT_EQ(best_trials(small_study(true), 1), (std::vector<std::size_t>{6}));
}

TEST(SearchSummary, an_improvement_is_better_than_all_before_it) {
  EXPECT_EQ(improvements(small_study()), (std::vector<std::size_t>{0, 2}));
  EXPECT_EQ(improvements(small_study(true)), (std::vector<std::size_t>{0, 6}));
}

TEST(SearchSummary, nothing_beats_a_trial_of_the_front_in_both) {
  EXPECT_EQ(front(small_study(), Measure::nodes), (std::vector<std::size_t>{6, 2}));
  EXPECT_TRUE(front(small_study(), Measure::latency).empty());
  const SearchResult study = made_up_study(300, "");
  const std::vector<std::size_t> best = front(study, Measure::nodes);
  for (const std::size_t i : best) {
    for (const SearchTrial& other : study.trials) {
      if (other.state != TrialState::complete) continue;
      const bool is_beaten = other.nodes <= study.trials[i].nodes && other.score > study.trials[i].score;
      EXPECT_FALSE(is_beaten) << other.id;
    }
  }
}

TEST(SearchSummary, a_pruned_trial_saves_what_a_complete_one_takes_more) {
  SearchResult study = small_study();
  study.counters = {{"duplicates", 5},
                    {"proposed", 90},
                    {"warm_starts", 2},
                    {"warm_starts.milliseconds", 1500},
                    {"mysteries", 1}};
  const std::vector<Saving> saved = savings(study);
  ASSERT_EQ(saved.size(), 4U);
  EXPECT_EQ(saved[0].trials, 5U);
  EXPECT_DOUBLE_EQ(saved[0].seconds, 20);
  EXPECT_EQ(saved[1].trials, 2U);
  EXPECT_DOUBLE_EQ(saved[1].seconds, 3 + 1);  // two pruned ones
  EXPECT_EQ(saved[2].trick, "warm starts");
  EXPECT_DOUBLE_EQ(saved[2].seconds, 1.5);
  EXPECT_TRUE(std::isnan(saved[3].seconds));
}

TEST(SearchSummary, counts_what_complete_trials_spared_that_grew_from_another) {
  SearchResult study = small_study();
  study.trials[1].grown_from = 1;  // pruned
  study.trials[1].seconds_spared = 100;
  study.trials[2].grown_from = 1;
  study.trials[2].seconds_spared = 6;
  study.trials[3].grown_from = 3;
  study.trials[3].seconds_spared = 7.5;
  const std::vector<Saving> saved = savings(study);
  ASSERT_EQ(saved.size(), 2U);
  EXPECT_EQ(saved[0].trick, "grown from a smaller net, not from nothing");
  EXPECT_EQ(saved[0].trials, 2U);
  EXPECT_DOUBLE_EQ(saved[0].seconds, 13.5);
  EXPECT_EQ(trial_words(study, study.trials[3]), "x=0.5, grown from #3");
  EXPECT_EQ(trial_words(study, study.trials[0]), "x=0.5");
}

TEST(SearchSummary, credits_a_proposer_with_the_improvements_it_proposed) {
  const std::vector<ProposerRecord> records = proposer_records(small_study());
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].name, "rl");
  EXPECT_EQ(records[0].trials, 4U);
  EXPECT_EQ(records[0].improvements, 1U);
  EXPECT_EQ(records[0].best, 2);
  EXPECT_EQ(records[1].improvements, 1U);
}

TEST(SearchSummary, reasons_that_differ_in_numbers_are_one) {
  const std::vector<ReasonCount> counts = reason_counts(small_study());
  ASSERT_EQ(counts.size(), 2U);
  EXPECT_EQ(counts[0].trials, 2U);
  EXPECT_EQ(counts[0].reason, "step 0: 3 of 4 others were better");
  EXPECT_EQ(counts[1].state, TrialState::failed);
}

TEST(SearchSummary, counts_trials_of_the_last_minutes) {
  EXPECT_DOUBLE_EQ(trials_per_minute(small_study()), 6);
  EXPECT_TRUE(std::isnan(trials_per_minute(SearchResult{})));
}

TEST(SearchSummary, says_large_numbers_as_people_do) {
  EXPECT_EQ(point_count_text(6250), "6,250");
  EXPECT_EQ(point_count_text(1.23e12), "1.2e+12");
  EXPECT_EQ(point_count_text(INFINITY), "no end of");
}

TEST(SearchSummary, says_long_times_as_people_do) {
  constexpr double kHour = 3600, kYear = 365.25 * 24 * kHour;
  EXPECT_EQ(long_duration(0.5 * kHour), "30 min 00 s");
  EXPECT_EQ(long_duration(30 * kHour), "1 d 6 h");
  EXPECT_EQ(long_duration(240 * kHour), "10 days");
  EXPECT_EQ(long_duration(2.5 * kYear), "2.5 years");
  EXPECT_EQ(long_duration(333'000 * kHour), "38 years");
  EXPECT_EQ(long_duration(12'345 * kYear), "12,345 years");
  EXPECT_EQ(long_duration(3e9 * kYear), "10^9 years");
  EXPECT_EQ(long_duration(INFINITY), "no limit");
}

TEST(SearchSummary, of_no_trials_is_nothing) {
  const SearchResult none;
  EXPECT_TRUE(best_trials(none, 10).empty());
  EXPECT_TRUE(improvements(none).empty());
  EXPECT_TRUE(front(none, Measure::nodes).empty());
  EXPECT_TRUE(savings(none).empty());
  EXPECT_TRUE(proposer_records(none).empty());
  EXPECT_TRUE(reason_counts(none).empty());
}

}  // namespace
}  // namespace astrolabe
