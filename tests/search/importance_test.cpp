// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/importance.h"

#include <chrono>
#include <cmath>
#include <fstream>
#include <limits>

#include "tests/support/patience.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "astrolabe/search/ranked_trials.h"
#include "astrolabe/search/space_text.h"

namespace astrolabe {
namespace {

const Key kKey = Key::from_seed(3);

Space two_reals() {
  Space space;
  (void)space.add({.name = "a", .domain = RealRange{.low = 0, .high = 1}});
  (void)space.add({.name = "b", .domain = RealRange{.low = 0, .high = 1}});
  return space;
}

// Trials of which dimension `what` alone decides the cost.
std::vector<Observation> decided_by(const Space& space, std::size_t what, std::size_t trials) {
  std::vector<Observation> seen(trials);
  for (std::size_t i = 0; i < trials; ++i) {
    seen[i].point = random_point(space, kKey.split(i));
    seen[i].cost = std::abs(seen[i].point.values[what] - 0.3);
  }
  return seen;
}

TEST(Importance, equals_that_of_optuna) {
  std::ifstream file(ASTROLABE_SEARCH_FIXTURES "/ped_anova.json");
  const nlohmann::ordered_json fixture = nlohmann::ordered_json::parse(file);
  for (const auto& study : fixture["studies"]) {
    SCOPED_TRACE(study["name"].get<std::string>());
    const Space space = parse_space(study["space"].dump());
    std::vector<Observation> seen;
    for (const auto& trial : study["trials"]) {
      seen.push_back({.point = parse_point(space, trial["point"].dump()), .by = "", .cost = trial["cost"]});
    }
    const auto found =
        dimension_importance(space, seen, kKey, {.quantile = study["quantile"], .resamples = 0});
    ASSERT_EQ(found.size(), study["importance"].size());
    for (const DimensionImportance& d : found) {
      const std::string& name = space.dimensions()[d.dimension].name;
      const double expected = study["importance"][name];
      EXPECT_NEAR(d.value, expected, 1e-9 * std::max(1.0, std::abs(expected))) << name;
    }
  }
}

TEST(Importance, goes_to_the_dimension_that_decides) {
  const Space space = two_reals();
  for (const std::size_t what : {0U, 1U}) {
    const auto found = dimension_importance(space, decided_by(space, what, 200), kKey);
    EXPECT_EQ(found[0].dimension, what);
    EXPECT_GT(found[0].share, 0.9);
    EXPECT_NEAR(found[0].share + found[1].share, 1, 1e-12);
    EXPECT_LE(found[0].low, found[0].share);
    EXPECT_GE(found[0].high, found[0].share);
    EXPECT_GT(found[0].low, found[1].high);
  }
}

TEST(Importance, of_a_conditional_dimension_is_judged_where_it_exists) {
  Space space;
  (void)space.add({.name = "kind", .domain = Choices{{"plain", "fine"}}});
  (void)space.add({.name = "depth", .domain = RealRange{.low = 0, .high = 1}, .when = Condition{0, {1}}});
  std::vector<Observation> seen(300);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    seen[i].point = random_point(space, kKey.split(i));
    const double depth = seen[i].point.values[1];
    seen[i].cost = std::isnan(depth) ? 0.4 + 0.001 * static_cast<double>(i % 7) : std::abs(depth - 0.8);
  }
  const auto found = dimension_importance(space, seen, kKey);
  EXPECT_EQ(found[0].dimension, 1U);
  EXPECT_GT(found[0].share, 0.5);
  EXPECT_GT(found[1].share, 0.01);  // the best all are of the fine kind
}

TEST(Importance, counts_pruned_trials_among_all_and_failed_ones_never_among_the_best) {
  const Space space = two_reals();
  std::vector<Observation> seen = decided_by(space, 0, 200);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i].cost > 0.1) seen[i].state = i % 2 == 0 ? TrialState::pruned : TrialState::failed;
    if (seen[i].state == TrialState::failed) seen[i].cost = std::numeric_limits<double>::infinity();
  }
  EXPECT_EQ(dimension_importance(space, seen, kKey)[0].dimension, 0U);
  for (Observation& trial : seen) trial.state = TrialState::failed;
  for (const DimensionImportance& d : dimension_importance(space, seen, kKey)) EXPECT_EQ(d.share, 0);
}

TEST(Importance, of_one_trial_or_of_a_dimension_of_one_value_is_nothing) {
  Space space = two_reals();
  (void)space.add({.name = "fixed", .domain = Choices{{"only"}}});
  EXPECT_EQ(dimension_importance(space, {}, kKey).size(), 3U);
  EXPECT_EQ(dimension_importance(space, decided_by(space, 0, 1), kKey)[0].share, 0);
  const auto found = dimension_importance(space, decided_by(space, 0, 50), kKey);
  EXPECT_EQ(found[2].dimension, 2U);
  EXPECT_EQ(found[2].share, 0);
}

TEST(Importance, does_not_depend_on_the_order_of_distinct_trials) {
  const Space space = two_reals();
  std::vector<Observation> seen = decided_by(space, 1, 100);
  const auto forth = dimension_importance(space, seen, kKey);
  std::ranges::reverse(seen);
  const auto back = dimension_importance(space, seen, kKey);
  for (std::size_t d = 0; d < 2; ++d) {
    EXPECT_EQ(forth[d].share, back[d].share);
    EXPECT_EQ(forth[d].low, back[d].low);
    EXPECT_EQ(forth[d].high, back[d].high);
  }
}

TEST(RankedTrials, are_drawn_each_as_often_as_any_other) {
  const Space space = two_reals();
  const std::vector<Observation> seen = decided_by(space, 0, 1001);
  const RankedTrials trials(seen);
  std::vector<double> times(seen.size(), 0);
  for (std::uint64_t r = 0; r < 400; ++r) {
    const TrialSample sample = trials.drawn(0.1, kKey.split(r));
    EXPECT_EQ(sample.all, 1001);
    EXPECT_GE(sample.best, 101);  // the last of them may have come several times
    double best = 0;
    for (std::size_t i = 0; i < sample.end; ++i) best += sample.times[i];
    EXPECT_EQ(sample.best, best);
    EXPECT_LT(best - sample.times[sample.end - 1], 101);
    for (std::size_t i = 0; i < times.size(); ++i) times[i] += sample.times[i];
  }
  double chi = 0;
  for (const double count : times) chi += (count - 400) * (count - 400) / 400;
  EXPECT_NEAR(chi, 1000, 5 * std::sqrt(2000.0));
}

TEST(RankedTrials, take_what_equals_the_last_of_the_best_and_no_failed_one) {
  std::vector<Observation> seen(20);
  for (std::size_t i = 0; i < seen.size(); ++i) seen[i].cost = i < 6 ? 1 : 2;
  const RankedTrials trials(seen);
  EXPECT_EQ(trials.once(0.1).end, 6U);
  for (std::size_t i = 3; i < seen.size(); ++i) {
    seen[i].state = TrialState::failed;
    seen[i].cost = std::numeric_limits<double>::infinity();
  }
  EXPECT_EQ(RankedTrials(seen).once(0.5).end, 3U);
}

TEST(Importance, of_ten_thousand_trials_takes_a_moment) {
  Space space;
  for (int d = 0; d < 10; ++d)
    (void)space.add({.name = std::to_string(d), .domain = RealRange{.low = 0, .high = 1}});
  const std::vector<Observation> seen = decided_by(space, 4, 10'000);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(dimension_importance(space, seen, kKey)[0].dimension, 4U);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  RecordProperty("milliseconds", static_cast<int>(1000 * took.count()));
  EXPECT_LT(took.count(), 1.0 * kPatience);  // 0.1 s alone; other tests run beside it
}

}  // namespace
}  // namespace astrolabe
