// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/pair_importance.h"

#include <chrono>
#include <cmath>

#include "tests/support/patience.h"
#include <gtest/gtest.h>

namespace astrolabe {
namespace {

const Key kKey = Key::from_seed(7);

Space reals(std::size_t dimensions) {
  Space space;
  for (std::size_t d = 0; d < dimensions; ++d)
    (void)space.add({.name = "d" + std::to_string(d), .domain = RealRange{.low = -1, .high = 1}});
  return space;
}

template <class Cost>
std::vector<Observation> seen_of(const Space& space, std::size_t trials, const Cost& cost) {
  std::vector<Observation> seen(trials);
  for (std::size_t i = 0; i < trials; ++i) {
    seen[i].point = random_point(space, kKey.split(i));
    seen[i].cost = cost(seen[i].point.values);
  }
  return seen;
}

TEST(PairImportance, sees_a_product_that_neither_factor_decides_alone) {
  const Space space = reals(3);
  const auto seen = seen_of(space, 2000, [](const auto& v) { return v[0] * v[2]; });
  const auto pairs = pair_importance(space, seen, kKey);
  ASSERT_EQ(pairs.size(), 3U);
  EXPECT_EQ(pairs[0].first, 0U);
  EXPECT_EQ(pairs[0].second, 2U);
  EXPECT_GT(pairs[0].low, 0.3);
  EXPECT_GT(pairs[0].low, pairs[1].high);
}

TEST(PairImportance, has_zero_in_its_interval_where_nothing_decides) {
  const Space space = reals(4);
  std::size_t claimed = 0;
  for (std::uint64_t study = 0; study < 20; ++study) {
    RandomStream random(kKey.split("noise").split(study));
    const auto seen = seen_of(space, 400, [&](const auto&) { return random.uniform(); });
    for (const PairImportance& pair : pair_importance(space, seen, kKey)) claimed += pair.low > 0 ? 1 : 0;
  }
  EXPECT_LE(claimed, 12U);  // of 120; each is allowed 5 %
}

TEST(PairImportance, does_not_blame_two_dimensions_that_the_search_has_moved_together) {
  const Space space = reals(2);
  std::vector<Observation> seen(3000);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    RandomStream random(kKey.split(i));
    const double a = 2 * random.uniform() - 1;
    seen[i].point.values = {a, std::clamp(a + 0.3 * random.normal(), -1.0, 1.0)};
    seen[i].cost = random.uniform() < 0.3 + 0.2 * a ? random.uniform() : 1 + random.uniform();
  }
  const auto pairs = pair_importance(space, seen, kKey);
  ASSERT_EQ(pairs.size(), 1U);
  EXPECT_LT(pairs[0].share, 0.2);
}

TEST(PairImportance, of_a_conditional_pair_is_judged_where_both_exist) {
  Space space;
  (void)space.add({.name = "kind", .domain = Choices{{"plain", "fine"}}});
  (void)space.add({.name = "a", .domain = RealRange{.low = -1, .high = 1}, .when = Condition{0, {1}}});
  (void)space.add({.name = "b", .domain = RealRange{.low = -1, .high = 1}, .when = Condition{0, {1}}});
  const auto seen = seen_of(space, 2000, [](const auto& v) { return std::isnan(v[1]) ? 0.5 : v[1] * v[2]; });
  const auto pairs = pair_importance(space, seen, kKey);
  ASSERT_FALSE(pairs.empty());
  EXPECT_EQ(pairs[0].first, 1U);
  EXPECT_EQ(pairs[0].second, 2U);
  EXPECT_GT(pairs[0].low, 0);
}

TEST(PairImportance, of_too_little_is_nothing_and_of_the_same_key_the_same) {
  const Space space = reals(2);
  EXPECT_TRUE(pair_importance(space, {}, kKey).empty());
  const auto seen = seen_of(space, 200, [](const auto& v) { return v[0] + v[1]; });
  const auto once = pair_importance(space, seen, kKey), again = pair_importance(space, seen, kKey);
  ASSERT_EQ(once.size(), again.size());
  EXPECT_EQ(once[0].low, again[0].low);
  EXPECT_EQ(once[0].high, again[0].high);
}

TEST(PairImportance, of_10000_trials_takes_a_moment) {
  const Space space = reals(10);
  const auto seen = seen_of(space, 10'000, [](const auto& v) { return v[0] * v[1] + v[2]; });
  const auto start = std::chrono::steady_clock::now();
  const auto pairs = pair_importance(space, seen, kKey);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(pairs.size(), 45U);
  RecordProperty("milliseconds", static_cast<int>(1000 * taken.count()));
  EXPECT_LT(taken.count(), 3 * kPatience);  // a machine that does much else
}

}  // namespace
}  // namespace astrolabe
