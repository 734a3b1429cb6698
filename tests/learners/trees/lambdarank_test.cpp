// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/lambdarank.h"

#include <algorithm>
#include <numeric>

#include "tests/learners/trees/fits.h"

#include "astrolabe/learners/trees/exponential.h"

namespace astrolabe::trees {
namespace {

using namespace testing;  // NOLINT: the tables of these tests

constexpr std::size_t kDocuments = 15;

// Queries whose documents are more relevant the larger f0 + |f1| is within the query. How relevant its
// documents are on the whole is a query's own, and no feature tells.
TrainingData queries(std::size_t count, std::uint64_t seed) {
  RandomStream random(Key::from_seed(seed));
  const std::size_t rows = count * kDocuments;
  std::vector<std::vector<float>> columns(4, std::vector<float>(rows));
  std::vector<double> levels;
  for (std::size_t query = 0; query < count; ++query) levels.push_back(2 * random.normal());
  TrainingData data;
  data.labels.kind = TaskKind::regression;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t query = row % count;  // documents of a query stand far apart
    for (auto& column : columns) column[row] = static_cast<float>(random.normal());
    const double utility = columns[0][row] + std::abs(columns[1][row]) + 0.5 * random.normal();
    data.labels.values.push_back(std::clamp(std::floor(1 + utility + levels[query]), 0.0, 4.0));
    data.labels.groups.push_back(static_cast<std::uint32_t>(query));
  }
  TableMaker maker(rows);
  for (auto& column : columns) maker.add(std::move(column));
  data.features = maker.make();
  return data;
}

double ndcg_of(const Model& model, const TrainingData& data) {
  const std::vector<double> scores = predictions_of(model, data.features);
  return ndcg<10>({.truth = data.labels.values, .prediction = scores, .groups = data.labels.groups});
}

std::vector<GradientPair> pairs_of(const Labels& labels, const LambdaRankRules& rules,
                                   const std::vector<double>& scores, std::size_t threads = 1) {
  ThreadPool pool(threads);
  std::vector<GradientPair> pairs(labels.rows());
  LambdaRank(labels, rules).find_pairs(scores, pairs, pool);
  return pairs;
}

// The definition, pair by pair, of one group that is all rows; not scaled.
std::vector<GradientPair> by_definition(const Labels& labels, const LambdaRankRules& rules,
                                        const std::vector<double>& scores) {
  const std::size_t count = labels.rows();
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, [&](auto a, auto b) { return scores[a] > scores[b]; });
  std::vector<double> best = labels.values;
  std::ranges::sort(best, std::ranges::greater());
  const auto discount = [](std::size_t position) { return 1 / std::log2(static_cast<double>(position) + 2); };
  const auto gain = [](double relevance) { return std::exp2(relevance) - 1; };
  double ideal = 0, sum = 0;
  for (std::size_t i = 0; i < std::min(rules.truncation, count); ++i) ideal += gain(best[i]) * discount(i);
  const bool has_spread = scores[order.front()] != scores[order.back()];
  std::vector<GradientPair> pairs(count);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = i + 1; j < count; ++j) {
      const double a = labels.values[order[i]], b = labels.values[order[j]];
      if (a == b || i >= rules.truncation) continue;
      GradientPair& high = pairs[order[a > b ? i : j]];
      GradientPair& low = pairs[order[a > b ? j : i]];
      const double distance = scores[order[a > b ? i : j]] - scores[order[a > b ? j : i]];
      double weight = std::abs(gain(a) - gain(b)) * std::abs(discount(i) - discount(j)) / ideal;
      if (has_spread) weight /= 0.01 + std::abs(distance);
      const double p = 1 / (1 + std::exp(rules.sigma * distance));
      high.gradient -= rules.sigma * weight * p;
      low.gradient += rules.sigma * weight * p;
      high.hessian += rules.sigma * rules.sigma * weight * p * (1 - p);
      low.hessian += rules.sigma * rules.sigma * weight * p * (1 - p);
      sum += 2 * rules.sigma * weight * p;
    }
  }
  for (GradientPair& pair : pairs) {
    pair.gradient *= std::log2(1 + sum) / sum;
    pair.hessian *= std::log2(1 + sum) / sum;
  }
  return pairs;
}

TEST(LambdaRank, pulls_the_more_relevant_row_up_as_the_definition_says) {
  RandomStream random(Key::from_seed(3));
  Labels labels;
  std::vector<double> scores;
  for (int row = 0; row < 40; ++row) {
    labels.values.push_back(static_cast<double>(random.below(5)));
    labels.groups.push_back(0);
    scores.push_back(std::floor(6 * random.uniform()) / 3);  // with ties
  }
  for (const LambdaRankRules& rules : {LambdaRankRules{}, LambdaRankRules{.truncation = 5, .sigma = 1},
                                       LambdaRankRules{.truncation = 30, .sigma = 2.5}}) {
    const std::vector<GradientPair> found = pairs_of(labels, rules, scores);
    const std::vector<GradientPair> expected = by_definition(labels, rules, scores);
    // The scale: rows of equal scores have a mean hessian of 1.
    double mean = 0;
    for (const GradientPair& pair : by_definition(labels, rules, std::vector<double>(40, 0.0)))
      mean += pair.hessian / 40;
    for (std::size_t row = 0; row < found.size(); ++row) {
      ASSERT_NEAR(found[row].gradient, expected[row].gradient / mean, 1e-9);
      ASSERT_NEAR(found[row].hessian, expected[row].hessian / mean, 1e-9);
    }
  }
}

TEST(LambdaRank, has_the_same_pairs_on_any_threads_and_in_any_order_of_rows) {
  const TrainingData data = queries(200, 1);
  std::vector<double> scores;
  for (std::size_t row = 0; row < data.labels.rows(); ++row)
    scores.push_back(data.features.columns[3].dense[row]);
  const std::vector<GradientPair> one = pairs_of(data.labels, {}, scores);
  const auto same = [](const GradientPair& a, const GradientPair& b) {
    return a.gradient == b.gradient && a.hessian == b.hessian;
  };
  EXPECT_TRUE(std::ranges::equal(one, pairs_of(data.labels, {}, scores, 7), same));

  // But for the scale, which follows the order of rows of equal scores.
  Labels backwards = data.labels;
  std::ranges::reverse(backwards.values);
  std::ranges::reverse(backwards.groups);
  std::ranges::reverse(scores);
  std::vector<GradientPair> other = pairs_of(backwards, {}, scores);
  std::ranges::reverse(other);
  const auto bend = [](double sum, const GradientPair& pair) { return sum + pair.hessian; };
  const double scale = std::accumulate(one.begin(), one.end(), 0.0, bend) /
                       std::accumulate(other.begin(), other.end(), 0.0, bend);
  EXPECT_NEAR(scale, 1, 0.1);
  for (std::size_t row = 0; row < one.size(); ++row) {
    ASSERT_NEAR(one[row].gradient, scale * other[row].gradient, 1e-12);
    ASSERT_NEAR(one[row].hessian, scale * other[row].hessian, 1e-12);
  }
}

TEST(LambdaRank, leaves_rows_without_weight_and_groups_without_relevance_alone) {
  const Labels labels{.kind = TaskKind::regression,
                      .values = {2, 0, 4, 0, 0},
                      .weights = {1, 3, 0, 1, 1},
                      .groups = {0, 0, 0, 1, 1}};
  const std::vector<GradientPair> pairs = pairs_of(labels, {}, {0, 0, 0, 1, 2});
  EXPECT_LT(pairs[0].gradient, 0);
  EXPECT_DOUBLE_EQ(pairs[1].gradient, -3 * pairs[0].gradient);  // its own weight
  for (const std::size_t row : {2, 3, 4}) {
    EXPECT_EQ(pairs[row].gradient, 0);
    EXPECT_EQ(pairs[row].hessian, 0);
  }
}

TEST(LambdaRank, orders_documents_better_than_their_relevance_as_a_number) {
  const TrainingData train = queries(200, 1), fresh = queries(200, 2);
  const auto fit = [&](const std::string& loss) {
    return fit_trees(train, {.settings = {{"rounds", std::int64_t{60}}, {"loss", loss}}});
  };
  const double ranked = ndcg_of(*fit("auto"), fresh), squared = ndcg_of(*fit("squared"), fresh);
  EXPECT_GT(ranked, 0.85);
  EXPECT_GT(ranked, squared);
  EXPECT_EQ(bytes_of(*fit("auto")), bytes_of(*fit("lambdarank")));
}

TEST(LambdaRank, gives_the_same_bytes_on_any_threads_with_samples_and_dropouts) {
  const TrainingData data = queries(120, 1), watch = queries(40, 2);
  for (const SettingValues& settings : {SettingValues{}, SettingValues{{"sampling", "goss"}},
                                        SettingValues{{"boosting", "dart"}, {"row_sample", 0.7}}}) {
    const auto bytes = [&](std::size_t threads) {
      SettingValues short_fit = settings;
      short_fit["rounds"] = std::int64_t{25};
      return bytes_of(*fit_trees(data, {.settings = short_fit, .watch = &watch, .threads = threads}));
    };
    EXPECT_EQ(bytes(1), bytes(7));
  }
}

TEST(LambdaRank, stops_where_the_watched_order_is_best) {
  const TrainingData train = queries(100, 1), watch = queries(100, 2);
  const auto model = fit_trees(train, {.settings = {}, .watch = &watch});
  const auto rounds = std::get<std::int64_t>(model->settings_found().at("rounds"));
  EXPECT_GT(rounds, 1);
  EXPECT_LT(rounds, 1000);
  for (const std::int64_t other : {std::int64_t{1}, 2 * rounds, std::int64_t{1000}})
    EXPECT_GT(ndcg_of(*model, watch), ndcg_of(*fit_trees(train, {.settings = {{"rounds", other}}}), watch));
}

TEST(LambdaRank, without_groups_is_refused) {
  const TrainingData data = make_data(TaskKind::regression, 0, {.rows = 100}, 5);
  EXPECT_NE(
      complaint_of_fit(data, {.settings = {{"loss", "lambdarank"}}}, ErrorKind::usage).find("--group COLUMN"),
      std::string::npos);
}

}  // namespace
}  // namespace astrolabe::trees
