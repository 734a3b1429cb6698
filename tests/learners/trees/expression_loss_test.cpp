// SPDX-License-Identifier: Apache-2.0
// Losses from expressions: derivatives against hand-written ones and differences, the constant that they
// begin with, leaves that are searched for, and trees that they grow.
#include "astrolabe/learners/trees/expression_loss.h"

#include <cmath>
#include <numeric>

#include "tests/learners/trees/tables.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/learners/trees/trees.h"

namespace astrolabe::trees {
namespace {

using namespace testing;  // NOLINT: the tables of these tests

Labels numbers(std::vector<double> values, std::vector<double> weights = {}) {
  return {
      .kind = TaskKind::regression, .classes = 0, .values = std::move(values), .weights = std::move(weights)};
}

Labels random_classes(std::size_t classes, std::size_t rows) {
  Labels labels{.kind = classes == 2 ? TaskKind::binary : TaskKind::multiclass,
                .classes = classes,
                .values = {},
                .weights = {}};
  RandomStream random(Key::from_seed(5));
  for (std::size_t i = 0; i < rows; ++i) {
    labels.values.push_back(static_cast<double>(random.below(classes)));
    labels.weights.push_back(0.5 + random.uniform());
  }
  return labels;
}

std::vector<double> random_scores(std::size_t count) {
  std::vector<double> scores(count);
  RandomStream random(Key::from_seed(6));
  for (double& score : scores) score = random.normal();
  return scores;
}

std::vector<GradientPair> pairs_of(const ExpressionLoss& loss, const Labels& labels,
                                   const std::vector<double>& scores) {
  ThreadPool pool(2);
  std::vector<GradientPair> pairs(scores.size());
  loss.find_pairs(loss.targets(labels), labels.weights, scores, pairs, pool);
  return pairs;
}

// Every pair is what `expected` says, times one number, that of the loss's scale.
template <class Expected>
void expect_pairs(std::string_view text, const Labels& labels, const Expected& expected) {
  ThreadPool pool(2);
  const ExpressionLoss loss(text, labels, pool);
  const std::vector<double> scores = random_scores(labels.rows()), y = loss.targets(labels);
  const std::vector<GradientPair> pairs = pairs_of(loss, labels, scores);
  const double scale = pairs[0].gradient / expected(y[0], scores[0]).gradient;
  EXPECT_GT(scale, 0) << text;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const GradientPair plain = expected(y[i], scores[i]);
    const double weight = labels.weight(i) / labels.weight(0);
    EXPECT_NEAR(pairs[i].gradient, weight * scale * plain.gradient, 1e-9 * scale) << text << " " << i;
    EXPECT_NEAR(pairs[i].hessian, std::max(weight * scale * plain.hessian, 0.1 * labels.weight(i)),
                1e-9 * scale)
        << text << " " << i;
  }
}

TEST(ExpressionLoss, has_the_derivatives_that_are_written_by_hand) {
  const Labels labels = numbers(random_scores(300));
  expect_pairs("log(cosh(y-z))", labels, [](double y, double z) {
    return GradientPair{std::tanh(z - y), 1 / std::pow(std::cosh(z - y), 2)};
  });
  expect_pairs("(y-z)^2", labels, [](double y, double z) { return GradientPair{2 * (z - y), 2}; });
  expect_pairs("huber(0.9)", labels, [](double y, double z) {
    const double r = z - y;
    return std::abs(r) < 0.9 ? GradientPair{r, 1} : GradientPair{std::copysign(0.9, r), 0};
  });
  expect_pairs("cosh(y-z)", labels,
               [](double y, double z) { return GradientPair{std::sinh(z - y), std::cosh(z - y)}; });
}

// The derivatives of classes against differences of the loss itself, up to the scale.
void expect_differences(std::string_view text, std::size_t classes) {
  ThreadPool pool(1);
  const Labels labels = random_classes(classes, 25);
  const ExpressionLoss loss(text, labels, pool);
  const std::size_t rows = labels.rows(), outputs = labels.outputs();
  const std::vector<double> scores = random_scores(rows * outputs), targets = loss.targets(labels);
  const std::vector<GradientPair> pairs = pairs_of(loss, labels, scores);
  const auto loss_at = [&](std::size_t i, double step) {
    const std::size_t row = i % rows;
    std::vector<double> one, target = {targets[row]};
    for (std::size_t k = 0; k < outputs; ++k) one.push_back(scores[k * rows + row]);
    one[i / rows] += step;
    return labels.weight(row) * loss.mean_loss(target, {}, one, pool);
  };
  constexpr double kStep = 1e-4;
  double scale = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const double slope = (loss_at(i, kStep) - loss_at(i, -kStep)) / (2 * kStep);
    const double curvature = (loss_at(i, kStep) - 2 * loss_at(i, 0) + loss_at(i, -kStep)) / (kStep * kStep);
    if (i == 0) scale = pairs[0].gradient / slope;
    EXPECT_NEAR(pairs[i].gradient, scale * slope, 1e-6 * scale) << text << " " << i;
    if (std::abs(curvature) < 0.05) continue;  // where the least curvature may count
    EXPECT_NEAR(pairs[i].hessian, scale * std::abs(curvature), 2e-5 * scale) << text << " " << i;
  }
}

TEST(ExpressionLoss, of_classes_has_the_derivatives_of_its_differences) {
  for (const std::string_view text :
       {"focal(2)", "label_smoothing", "brier", "-y*log(p)-(1-y)*log(1-p)", "(y-p)^2+0.1*z^2"}) {
    expect_differences(text, 2);
    expect_differences(text, 4);
  }
}

TEST(ExpressionLoss, cross_entropy_written_out_is_the_native_softmax) {
  ThreadPool pool(1);
  const Labels labels = random_classes(3, 50);
  const ExpressionLoss loss("-y*log(p)", labels, pool);
  const std::vector<double> scores = random_scores(150);
  const std::vector<GradientPair> pairs = pairs_of(loss, labels, scores);
  std::vector<double> predictions(150);
  apply_link(Loss::softmax, 50, scores, predictions);
  std::vector<GradientPair> native(50);
  find_gradients(Loss::softmax, labels, 1, std::span<const double>(predictions).subspan(50, 50), native,
                 pool);
  const double scale = pairs[50].gradient / native[0].gradient;
  EXPECT_NEAR(scale, 1.5, 0.05) << "so that l2 means what it means there: K / (K - 1)";
  for (std::size_t i = 0; i < 50; ++i) EXPECT_NEAR(pairs[50 + i].gradient, scale * native[i].gradient, 1e-9);
}

TEST(ExpressionLoss, begins_with_the_constant_that_is_best) {
  ThreadPool pool(2);
  std::vector<double> values(1001);
  std::iota(values.begin(), values.end(), 100.0);
  values.back() = 1e6;  // means nothing to a median
  const Labels labels = numbers(values);
  const auto start = [&](std::string_view text) {
    Forest forest;
    const ExpressionLoss loss(text, labels, pool);
    forest.initial = loss.initial_scores();
    loss.to_units(forest);
    return forest.initial[0];
  };
  EXPECT_NEAR(start("mae"), 600, 1);
  EXPECT_NEAR(start("quantile(0.9)"), 1000, 1);
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / 1001;
  EXPECT_NEAR(start("(y-z)^2"), mean, 1e-2);
  const Labels weighted = numbers({1, 2, 10}, {1, 1, 5});
  Forest forest;
  const ExpressionLoss median("abs(y-z)", weighted, pool);
  forest.initial = median.initial_scores();
  median.to_units(forest);
  EXPECT_NEAR(forest.initial[0], 10, 1e-6);
}

TEST(ExpressionLoss, of_straight_losses_counts_every_row_alike) {
  ThreadPool pool(1);
  const Labels labels = numbers(random_scores(100));
  const ExpressionLoss loss("quantile(0.9)", labels, pool);
  EXPECT_TRUE(loss.refits_leaves());
  for (const GradientPair& pair : pairs_of(loss, labels, random_scores(100))) EXPECT_EQ(pair.hessian, 1);
}

TEST(ExpressionLoss, leaves_are_where_the_loss_of_their_rows_is_least) {
  ThreadPool pool(2);
  const std::vector<double> residuals = {5, 1, 2, 3, -7, -1, -2, 40, 0.5, 4};
  const Labels labels = numbers(residuals);
  const auto leaves = [&](std::string_view text, double l2) {
    const ExpressionLoss loss(text, labels, pool);
    GrownTree grown;
    grown.tree.nodes.resize(1);
    grown.tree.leaves = {0.1, -0.1};
    grown.rows = {0, 1, 2, 3, 8, 4, 5, 6, 7, 9};
    grown.leaf_starts = {0, 5, 10};
    GrowthRules rules;
    rules.learning_rate = 0.5;
    rules.split.l2 = l2;
    const std::vector<double> targets = loss.targets(labels);
    const double zero = targets[8] - 0.5 * (targets[1] - targets[8]) / 0.5;  // the target of a residual of 0
    const std::vector<double> scores(10, zero);
    loss.refit_leaves(targets, {}, scores, rules, grown, pool);
    Forest forest;
    forest.trees.resize(1);
    forest.trees[0].leaves = grown.tree.leaves;
    loss.to_units(forest);
    return forest.trees[0].leaves;
  };
  EXPECT_NEAR(leaves("mae", 0)[0], 0.5 * 2, 0.02);
  EXPECT_NEAR(leaves("mae", 0)[1], 0.5 * -1, 0.02);
  EXPECT_NEAR(leaves("(y-z)^2", 0)[0], 0.5 * 2.3, 0.02);
  EXPECT_LT(leaves("(y-z)^2", 5)[0], 0.5 * 2) << "l2 pulls to 0";
}

TEST(ExpressionLoss, is_refused_where_it_has_no_meaning) {
  ThreadPool pool(1);
  const auto complaint = [&](std::string_view text, const Labels& labels) -> std::string {
    try {
      const ExpressionLoss loss(text, labels, pool);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::usage);
      return error.what();
    }
    return "";
  };
  EXPECT_NE(complaint("focal(2)", numbers({1, 2})).find("a loss of numbers"), std::string::npos);
  EXPECT_NE(complaint("abs(y-p)", numbers({1, 2})).find("a loss of numbers"), std::string::npos);
  EXPECT_NE(complaint("huber(1)", random_classes(2, 5)).find("a loss of classes"), std::string::npos);
  EXPECT_NE(complaint("focl(2)", numbers({1, 2})).find("Did you mean focal?"), std::string::npos);
  EXPECT_NE(complaint("y^2", numbers({1, 2})).find("a slope"), std::string::npos);
}

// ---- Trees that they grow.

std::vector<double> fit_and_predict(const TrainingData& train, const FeatureMatrix& features,
                                    const std::string& loss, std::size_t threads = 2,
                                    std::int64_t rounds = 150) {
  ThreadPool pool(threads);
  const Budget budget;
  const SettingValues settings = {{"loss", loss}, {"rounds", rounds}};
  const auto model = trees_learner().fit(
      {.train = train, .settings = settings, .key = Key::from_seed(1), .pool = pool, .budget = budget});
  std::vector<double> out(features.rows * model->outputs());
  model->predict(features, out);
  return out;
}

TrainingData noisy(std::size_t rows, std::uint64_t seed) {
  TrainingData data;
  data.features = random_table({.rows = rows}, Key::from_seed(seed));
  data.labels = labels_for(data.features, TaskKind::regression, 0, Key::from_seed(seed + 1), 1.0);
  return data;
}

TEST(ExpressionTrees, of_a_quantile_cover_that_share_of_new_rows) {
  const TrainingData train = noisy(4000, 1), test = noisy(4000, 11);
  for (const auto& [text, share] :
       {std::pair{"quantile(0.9)", 0.9}, {"quantile(0.5)", 0.5}, {"quantile(0.1)", 0.1}}) {
    const std::vector<double> out = fit_and_predict(train, test.features, text, 2, 50);
    double covered = 0;
    for (std::size_t i = 0; i < out.size(); ++i) covered += test.labels.values[i] <= out[i] ? 1 : 0;
    EXPECT_NEAR(covered / 4000, share, 0.05) << text;
  }
}

TEST(ExpressionTrees, of_the_absolute_error_beat_squared_ones_where_noise_is_wild) {
  TrainingData train = noisy(2000, 1);
  const TrainingData test = noisy(2000, 11);
  RandomStream random(Key::from_seed(3));
  for (double& value : train.labels.values)
    if (random.uniform() < 0.1) value += 100 * random.normal();
  const auto error = [&](const std::string& loss) {
    const std::vector<double> out = fit_and_predict(train, test.features, loss);
    double sum = 0;
    for (std::size_t i = 0; i < out.size(); ++i) sum += std::abs(out[i] - test.labels.values[i]);
    return sum / 2000;
  };
  const double squared = error("squared");
  EXPECT_LT(error("mae"), 0.5 * squared);
  EXPECT_LT(error("0.05*log(cosh(20*(y-z)))"), 0.5 * squared);
}

TEST(ExpressionTrees, do_not_ask_for_the_unit_of_the_target) {
  const TrainingData train = noisy(1000, 1);
  TrainingData scaled = train;
  for (double& value : scaled.labels.values) value = 1024 * value + 4096;
  const std::vector<double> plain = fit_and_predict(train, train.features, "log(cosh(y-z))");
  const std::vector<double> large = fit_and_predict(scaled, train.features, "log(cosh(y-z))");
  for (std::size_t i = 0; i < plain.size(); ++i) ASSERT_NEAR(large[i], 1024 * plain[i] + 4096, 2);
}

TEST(ExpressionTrees, are_the_same_on_any_number_of_threads) {
  const TrainingData train = noisy(5000, 1);
  for (const std::string loss : {"mae", "log(cosh(y-z))"})
    EXPECT_EQ(fit_and_predict(train, train.features, loss, 1),
              fit_and_predict(train, train.features, loss, 3));
}

TEST(ExpressionTrees, save_the_text_and_load_only_one_that_can_be_read) {
  const TrainingData train = noisy(200, 1);
  ThreadPool pool(1);
  const Budget budget;
  const SettingValues settings = {{"loss", std::string("huber(0.7)")}, {"rounds", std::int64_t{5}}};
  const auto model = trees_learner().fit(
      {.train = train, .settings = settings, .key = Key::from_seed(1), .pool = pool, .budget = budget});
  ArchiveWriter archive;
  model->save(archive);
  std::string bytes = archive.bytes();
  const std::size_t at = bytes.find("huber(0.7)");
  ASSERT_NE(at, std::string::npos);
  ArchiveReader reader(bytes);
  const auto loaded = trees_learner().load(reader, train.features.features(), 1);
  reader.require_end();
  std::vector<double> before(200), after(200);
  model->predict(train.features, before);
  loaded->predict(train.features, after);
  EXPECT_EQ(before, after);
  bytes[at] = 'q';
  ArchiveReader damaged(bytes);
  EXPECT_THROW((void)trees_learner().load(damaged, train.features.features(), 1), Error);
}

}  // namespace
}  // namespace astrolabe::trees
