// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/search_loop.h"

#include <cmath>
#include <filesystem>
#include <functional>

#include <gtest/gtest.h>

#include "astrolabe/search/space_text.h"

namespace astrolabe {
namespace {

Space small_space() {
  Space space;
  for (const char* name : {"a", "b", "c"})
    space.add({.name = name, .domain = Choices{{"0", "1", "2", "3", "4", "5"}}});
  return space;
}

double cost_of(const Point& point) {
  return std::abs(point.values[0] - 3) + 2 * std::abs(point.values[1] - 1) + 0.5 * point.values[2];
}

class SearchLoop : public ::testing::TestWithParam<std::string> {
 protected:
  SearchLoop() : file_(std::filesystem::temp_directory_path() / ("loop-" + worker_hash() + ".db")) {
    std::filesystem::remove(file_);
  }
  ~SearchLoop() override {
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(file_.string() + end);
  }
  static std::string worker_hash() { return std::to_string(std::hash<std::string>()(worker_identity())); }

  StudyStore open(const std::string& name) {
    const std::string path = name.empty() ? ":memory:" : file_.string();
    StudyStore store = StudyStore::open({.url = path});
    store.create({.space = space_text(space_), .data_hash = {}, .options = {}});
    return store;
  }

  // Runs until the budget of trials, or until `crash_at` ends in the evaluation begin to be refused.
  SearchEnd run(StudyStore& store, std::uint64_t trials, std::uint64_t crash_at = 0,
                const std::function<bool(const Point&)>& is_affordable = {}) {
    const auto proposer = find_proposer(GetParam())->make(space_, {}, Key::from_seed(4).split("proposer"));
    const auto pruner = find_pruner("none")->make({});
    const Budget budget;
    return search({.space = space_,
                   .store = store,
                   .proposer = *proposer,
                   .pruner = *pruner,
                   .evaluate = [&](RunningTrial& trial) -> std::optional<TrialEnd> {
                     if (crash_at != 0 && trial.id() == crash_at) return std::nullopt;
                     const double cost = cost_of(trial.point());
                     EXPECT_TRUE(trial.report({.step = 0, .cost = cost, .low = cost, .high = cost}));
                     return TrialEnd{.state = TrialState::complete, .cost = cost, .low = cost, .high = cost};
                   },
                   // Of c only whether it is even counts.
                   .equivalence =
                       [&](const Point& point) {
                         Point same = point;
                         same.values[2] = std::fmod(point.values[2], 2);
                         return point_text(space_, same);
                       },
                   .refuse = [](const Point& point) -> std::optional<std::string> {
                     if (point.values[0] == 0) return "never";
                     return std::nullopt;
                   },
                   .is_affordable = is_affordable,
                   .budget = budget,
                   .trials = trials,
                   .key = Key::from_seed(4).split("search")});
  }

  static std::vector<std::string> points_of(StudyStore& store) {
    std::vector<std::string> points;
    for (const TrialRecord& record : store.finished_after(0, 1000)) points.push_back(record.what.point);
    return points;
  }

  Space space_ = small_space();
  std::filesystem::path file_;
};

TEST_P(SearchLoop, that_was_ended_and_goes_on_is_as_if_it_had_never_stopped) {
  StudyStore whole = open("");
  static_cast<void>(run(whole, 40));
  const std::vector<std::string> expected = points_of(whole);
  ASSERT_EQ(expected.size(), 40U);
  for (const std::uint64_t crash_at : {1ULL, 17ULL, 39ULL}) {
    std::filesystem::remove(file_);
    {
      StudyStore store = open("file");
      EXPECT_EQ(run(store, 40, crash_at).trials_here, crash_at - 1);
    }
    StudyStore store = open("file");
    static_cast<void>(
        run(store, 25));  // a smaller limit than before ends at once, or after the one that waits
    static_cast<void>(run(store, 40));
    EXPECT_EQ(points_of(store), expected) << "ended at " << crash_at;
  }
}

TEST_P(SearchLoop, tries_every_function_of_a_small_space_once_and_then_ends) {
  StudyStore store = open("");
  const SearchEnd end = run(store, 1000);
  EXPECT_EQ(end.why, SearchStop::exhausted);
  EXPECT_EQ(store.counts().complete, 5U * 6U * 2U);
  EXPECT_GT(store.counters()["equivalents"], 0);
  EXPECT_GT(store.counters()["refused"], 0);
}

TEST_P(SearchLoop, goes_on_with_what_fits_and_comes_back_to_the_rest_with_more_time) {
  const auto is_cheap = [](const Point& point) { return point.values[1] >= 3; };
  StudyStore store = open("");
  const SearchEnd hurried = run(store, 1000, 0, is_cheap);
  EXPECT_EQ(hurried.why, SearchStop::time);
  EXPECT_EQ(store.counts().total, store.counts().complete);  // what does not fit is no trial
  EXPECT_GT(hurried.trials_here, 5U);
  for (const std::string& point : points_of(store)) EXPECT_TRUE(is_cheap(parse_point(space_, point)));
  const SearchEnd end = run(store, 1000, 0, [](const Point&) { return true; });
  EXPECT_EQ(end.why, SearchStop::exhausted);
  EXPECT_EQ(store.counts().complete, 5U * 6U * 2U);
}

TEST_P(SearchLoop, that_set_points_aside_and_goes_on_is_as_if_it_had_never_stopped) {
  const auto is_cheap = [](const Point& point) { return point.values[1] != 1 && point.values[1] != 4; };
  StudyStore whole = open("");
  static_cast<void>(run(whole, 25, 0, is_cheap));
  ASSERT_GT(whole.counters()["set_aside"], 0);
  StudyStore store = open("");
  for (const std::uint64_t trials : {9ULL, 16ULL, 25ULL}) static_cast<void>(run(store, trials, 0, is_cheap));
  EXPECT_EQ(points_of(store), points_of(whole));
}

INSTANTIATE_TEST_SUITE_P(Proposers, SearchLoop,
                         ::testing::Values("random", "evolution", "enumeration", "bayes", "rl", "auto"),
                         [](const auto& tested) { return tested.param; });

class SearchLoopAlone : public ::testing::Test {
 protected:
  SearchLoopAlone() { store_.create({.space = space_text(space_), .data_hash = {}, .options = {}}); }

  SearchEnd run(const std::string& proposer, std::span<const Point> first, std::uint64_t trials,
                std::uint64_t without_end = 0) {
    const auto proposes = find_proposer(proposer)->make(space_, {}, Key::from_seed(1));
    const auto pruner = find_pruner("none")->make({});
    const Budget budget;
    return search({.space = space_,
                   .store = store_,
                   .proposer = *proposes,
                   .pruner = *pruner,
                   .evaluate = [&](RunningTrial& trial) -> std::optional<TrialEnd> {
                     if (trial.id() == without_end) return std::nullopt;
                     return TrialEnd{.state = TrialState::complete, .cost = cost_of(trial.point())};
                   },
                   .first = first,
                   .is_affordable = [](const Point&) { return true; },
                   .budget = budget,
                   .trials = trials,
                   .key = Key::from_seed(1)});
  }

  const Space space_ = small_space();
  const std::vector<Point> first_ = {parse_point(space_, R"({"a":"3","b":"1","c":"0"})"),
                                     parse_point(space_, R"({"a":"3","b":"1","c":"5"})")};
  StudyStore store_ = StudyStore::open({.url = ":memory:"});
};

TEST_F(SearchLoopAlone, tries_the_first_points_first) {
  static_cast<void>(run("random", first_, 5));
  EXPECT_EQ(store_.trial(1)->what.point, point_text(space_, first_[0]));
  EXPECT_EQ(store_.trial(2)->what.point, point_text(space_, first_[1]));
  EXPECT_EQ(store_.trial(2)->what.by, "first");
  EXPECT_EQ(store_.counts().total, 5U);
  EXPECT_EQ(store_.best(1)[0].id, 1U);
}

TEST_F(SearchLoopAlone, counts_first_points_once_though_the_enumeration_comes_to_them_too) {
  for (const char* proposer : {"enumeration", "auto"}) {
    store_ = StudyStore::open({.url = ":memory:"});
    store_.create({.space = space_text(space_), .data_hash = {}, .options = {}});
    EXPECT_EQ(run(proposer, first_, 1000).why, SearchStop::exhausted);
    EXPECT_EQ(store_.counts().complete, 216U);
    if (std::string(proposer) == "auto") continue;  // its other arms may repeat themselves
    EXPECT_EQ(store_.counters()["proposed"], 216);
    EXPECT_EQ(store_.counters()["duplicates"], 0);
  }
}

TEST_F(SearchLoopAlone, goes_on_when_a_trial_could_not_be_ended_in_its_share_of_the_time) {
  static_cast<void>(run("random", first_, 5, 1));
  EXPECT_EQ(store_.counts().complete, 4U);
  EXPECT_EQ(store_.counts().waiting, 1U);
  EXPECT_EQ(store_.trial(1)->end.state, TrialState::waiting);
  static_cast<void>(run("random", first_, 5));
  EXPECT_EQ(store_.counts().complete, 5U);
}

}  // namespace
}  // namespace astrolabe
