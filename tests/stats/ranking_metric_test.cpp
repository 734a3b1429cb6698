// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/stats/ranking_metric.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "astrolabe/stats/interval.h"

namespace astrolabe {
namespace {

using Numbers = std::vector<double>;
using Groups = std::vector<std::uint32_t>;

TEST(Ndcg, of_one_group_is_the_discounted_gain_over_that_of_the_best_order) {
  // Order by prediction: relevance 3, 0, 2. Best: 3, 2, 0.
  const Numbers truth{0, 3, 2}, prediction{0.5, 0.9, 0.1};
  const Groups groups{7, 7, 7};
  const double expected = (7 + 3 / 2.0) / (7 + 3 / std::log2(3.0));
  EXPECT_NEAR(ndcg<10>({.truth = truth, .prediction = prediction, .groups = groups}), expected, 1e-15);
  EXPECT_DOUBLE_EQ(ndcg<1>({.truth = truth, .prediction = prediction, .groups = groups}), 1);
}

TEST(Ndcg, is_the_mean_over_groups_wherever_their_rows_stand) {
  const Numbers truth{1, 0, 0, 1}, prediction{1, 5, 2, 3};
  const Groups mixed{0, 1, 0, 1};  // each group has its relevant row second
  const Scored scored{.truth = truth, .prediction = prediction, .groups = mixed};
  EXPECT_EQ(group_ndcg<10>(scored).values, (Numbers{1 / std::log2(3.0), 1 / std::log2(3.0)}));
  const Numbers better{3, 5, 2, 3};
  EXPECT_NEAR(ndcg<10>({.truth = truth, .prediction = better, .groups = mixed}), (1 + 1 / std::log2(3.0)) / 2,
              1e-15);
}

TEST(Ndcg, of_equal_predictions_is_the_mean_over_their_orders) {
  Numbers truth{2, 1, 0, 0}, order{0, 1, 2, 3}, constant(4, 0.5);
  const Groups groups(4, 0);
  double sum = 0;
  int orders = 0;
  do {
    sum += ndcg<3>({.truth = truth, .prediction = order, .groups = groups});
    ++orders;
  } while (std::ranges::next_permutation(order).found);
  EXPECT_NEAR(ndcg<3>({.truth = truth, .prediction = constant, .groups = groups}), sum / orders, 1e-14);
}

TEST(Ndcg, of_a_group_without_a_relevant_row_is_one) {
  const Numbers truth{0, 0, 1}, prediction{1, 2, 3};
  EXPECT_EQ(group_ndcg<10>({.truth = truth, .prediction = prediction, .groups = Groups{0, 0, 1}}).values,
            (Numbers{1, 1}));
}

TEST(Ndcg, weighs_a_group_with_the_mean_of_its_rows) {
  const Numbers truth{1, 0, 0, 1, 4}, prediction{1, 0, 1, 0, 9}, weight{1, 1, 2, 4, 0};
  const Groups groups{0, 0, 1, 1, 2};
  const Scored scored{.truth = truth, .prediction = prediction, .weight = weight, .groups = groups};
  EXPECT_EQ(group_ndcg<10>(scored).weights, (Numbers{1, 3}));
  EXPECT_NEAR(ndcg<10>(scored), (1 + 3 / std::log2(3.0)) / 4, 1e-15);
}

TEST(Ndcg, is_undefined_without_groups_or_with_a_truth_that_is_no_relevance) {
  const Numbers prediction{1, 2};
  const auto of = [&](Numbers truth, Groups groups) {
    return ndcg<10>({.truth = truth, .prediction = prediction, .groups = groups});
  };
  EXPECT_FALSE(std::isnan(of({0, 30}, {0, 0})));
  EXPECT_TRUE(std::isnan(of({0, 1}, {})));
  EXPECT_TRUE(std::isnan(of({0, -1}, {0, 0})));
  EXPECT_TRUE(std::isnan(of({0, 0.5}, {0, 0})));
  EXPECT_TRUE(std::isnan(of({0, 31}, {0, 0})));
}

TEST(PositionDiscounts, are_those_of_the_binary_logarithm) {
  const Numbers discounts = position_discounts(5000);
  for (std::size_t i = 0; i < discounts.size(); ++i)
    ASSERT_NEAR(discounts[i] * std::log2(static_cast<double>(i) + 2), 1, 1e-15) << i;
}

// Two rankers of `groups` groups of five; the second is the better one.
struct Rankers {
  Numbers truth, worse, better;
  Groups groups;

  explicit Rankers(std::uint32_t count) {
    RandomStream random(Key::from_seed(4));
    for (std::uint32_t group = 0; group < count; ++group) {
      for (int i = 0; i < 5; ++i) {
        truth.push_back(static_cast<double>(random.below(4)));
        worse.push_back(truth.back() + 4 * random.uniform());
        better.push_back(truth.back() + 1.5 * random.uniform());
        groups.push_back(group);
      }
    }
  }
  [[nodiscard]] Scored of(const Numbers& prediction) const {
    return {.truth = truth, .prediction = prediction, .groups = groups};
  }
};

TEST(Ndcg, has_an_interval_over_groups_that_narrows_with_their_number) {
  const Metric& metric = *find_metric("ndcg@10");
  const Rankers few(50), many(800);
  const Estimate wide = estimate(metric, few.of(few.worse), Key::from_seed(1));
  const Estimate narrow = estimate(metric, many.of(many.worse), Key::from_seed(1));
  EXPECT_EQ(wide.method, "bootstrap");
  EXPECT_LT(wide.low, wide.value);
  EXPECT_GT(wide.high, wide.value);
  EXPECT_NEAR((wide.high - wide.low) / (narrow.high - narrow.low), 4, 1);
  // Of a mean of groups the bootstrap is nearly the normal interval.
  const Numbers values = group_ndcg<10>(many.of(many.worse)).values;
  double squares = 0;
  for (const double value : values) squares += (value - narrow.value) * (value - narrow.value);
  const auto count = static_cast<double>(values.size());
  EXPECT_NEAR(narrow.high - narrow.low, 2 * 1.96 * std::sqrt(squares / count / count), 0.002);
}

TEST(Ndcg, of_two_rankers_differs_by_a_paired_interval) {
  const Metric& metric = *find_metric("ndcg@10");
  const Rankers rankers(100);
  const Difference difference =
      paired_difference(metric, rankers.of(rankers.better), rankers.of(rankers.worse), Key::from_seed(1));
  EXPECT_GT(difference.effect.low, 0);
  EXPECT_LT(difference.p_value, 0.05);
  const Difference none =
      paired_difference(metric, rankers.of(rankers.better), rankers.of(rankers.better), Key::from_seed(1));
  EXPECT_EQ(none.effect.low, 0);
  EXPECT_EQ(none.p_value, 1);
}

TEST(Ndcg, of_one_group_has_no_interval) {
  const Rankers one(1);
  EXPECT_EQ(estimate(*find_metric("ndcg@10"), one.of(one.worse), Key::from_seed(1)).method, "undefined");
}

TEST(MetricCatalogue, keeps_rankings_and_regressions_apart) {
  const Metric& ranking = *find_metric("ndcg@10");
  EXPECT_TRUE(ranking.supports(TaskKind::regression, true));
  EXPECT_FALSE(ranking.supports(TaskKind::regression));
  EXPECT_FALSE(find_metric("rmse")->supports(TaskKind::regression, true));
  EXPECT_EQ(default_metric(TaskKind::regression, true).name, "ndcg@10");
}

}  // namespace
}  // namespace astrolabe
