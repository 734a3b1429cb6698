// SPDX-License-Identifier: Apache-2.0
// What only the mlp family promises; the rest is in tests/contracts.
#include <algorithm>
#include <cmath>

#include "tests/learners/neural/tables.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

using testing::accuracy;
using testing::explained;
using testing::fit;
using testing::make_numbers;
using testing::predict;
using testing::texts;

TrainingData checkerboard(std::size_t rows, std::uint64_t seed = 1) {
  return make_numbers(
      TaskKind::binary, rows, 2, [](std::span<const double> x) { return x[0] * x[1] > 0 ? 1.0 : 0.0; }, seed);
}

TrainingData waves(std::size_t rows, std::uint64_t seed = 1) {
  return make_numbers(
      TaskKind::regression, rows, 3,
      [](std::span<const double> x) { return 100 + 10 * std::sin(2 * x[0]) + 5 * x[1]; }, seed);
}

// A fit that is quick: the suite makes many.
SettingValues quick(SettingValues settings = {}) {
  settings.emplace("epochs", std::int64_t{40});
  settings.emplace("architecture", std::string("32-32"));
  return settings;
}

std::string message_of(const TrainingData& data, const SettingValues& settings) {
  try {
    (void)fit(data, settings);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage) << error.what();
    return error.what();
  }
  return "no error";
}

TEST(Mlp, learns_what_no_line_can_tell) {
  EXPECT_GT(accuracy(*fit(checkerboard(1000), quick()), checkerboard(500, 2)), 0.95);
}

TEST(Mlp, learns_with_every_embedding_and_normalization) {
  for (const char* embedding : {"none", "periodic", "piecewise_linear"})
    for (const char* normalization : {"none", "layer", "batch"}) {
      const auto model =
          fit(waves(800), quick(texts({{"numeric_embedding", embedding}, {"normalization", normalization}})));
      EXPECT_GT(explained(*model, waves(400, 2)), 0.75) << embedding << " " << normalization;
    }
}

TEST(Mlp, learns_with_every_named_optimizer_and_with_free_ones) {
  for (const char* optimizer :
       {"adamw", "adam", "nadam", "sgd", "momentum", "nesterov", "rmsprop", "adagrad", "lion", "addsign",
        "powersign", "lr*sign(ema(g,0.9))", "lr*g/(0.1+abs(ema(g,0.9)))"}) {
    const auto model = fit(waves(800), quick(texts({{"optimizer", optimizer}})));
    EXPECT_GT(explained(*model, waves(400, 2)), 0.6) << optimizer << ": " << model->summary();
  }
}

TEST(Mlp, takes_expressions_in_every_slot) {
  const auto model = fit(waves(800), quick(texts({{"activation", "x*sigmoid(beta*x)"},
                                                  {"loss", "log(cosh(y-z))"},
                                                  {"optimizer", "lr*ema(g,0.9)/(sqrt(ema(g*g,0.99))+1e-6)"},
                                                  {"schedule", "cos(pi/2*t)"},
                                                  {"architecture", "32-res"}})));
  EXPECT_GT(explained(*model, waves(400, 2)), 0.9);
  EXPECT_NE(model->summary().find("x*sigmoid(beta*x)"), std::string::npos);
  EXPECT_NE(model->summary().find("learning rate"), std::string::npos) << "a race was needed";
  EXPECT_TRUE(model->settings_found().contains("learning_rate"));
}

TEST(Mlp, without_hidden_layers_is_linear) {
  const auto model =
      fit(checkerboard(1000), quick(texts({{"architecture", "none"}, {"numeric_embedding", "none"}})));
  EXPECT_LT(accuracy(*model, checkerboard(500, 2)), 0.6);
}

TEST(Mlp, with_a_poisson_loss_predicts_positive_means) {
  const auto make = [](std::uint64_t seed) {
    return make_numbers(
        TaskKind::regression, 1000, 2,
        [](std::span<const double> x) { return std::floor(std::exp(1 + 0.8 * x[0])); }, seed);
  };
  const auto model = fit(make(1), quick(texts({{"loss", "poisson"}})));
  const std::vector<double> found = predict(*model, make(2).features);
  EXPECT_TRUE(std::ranges::all_of(found, [](double value) { return value > 0; }));
  EXPECT_GT(explained(*model, make(2)), 0.9);
}

TEST(Mlp, embeds_categories_of_many_codes) {
  const auto make = [](std::uint64_t seed) {
    TrainingData data = make_numbers(TaskKind::regression, 2000, 1, [](auto) { return 0.0; }, seed);
    RandomStream random(Key::from_seed(seed + 50));
    FeatureColumn codes;
    for (std::size_t row = 0; row < 2000; ++row) {
      const std::uint64_t code = random.below(40);
      codes.dense.push_back(static_cast<float>(code));
      data.labels.values[row] = static_cast<double>(code * 7919 % 40);
    }
    data.features.columns.push_back(codes);
    auto info = *data.features.info;
    info.push_back({.name = "c", .source = "c", .kind = FeatureKind::categorical, .categories = 40});
    data.features.info = std::make_shared<const std::vector<Feature>>(info);
    return data;
  };
  const auto model = fit(make(1), quick());
  EXPECT_GT(explained(*model, make(2)), 0.95);
  EXPECT_GT(model->importance()[1], 0.9);
}

TEST(Mlp, that_diverges_stops_early_and_says_so) {
  SettingValues settings = texts({{"optimizer", "-lr*g"}});
  settings["learning_rate"] = 3.0;
  const auto model = fit(waves(400), settings);
  EXPECT_NE(model->summary().find("diverged"), std::string::npos) << model->summary();
  for (const double value : predict(*model, waves(50, 2).features)) EXPECT_TRUE(std::isfinite(value));
}

TEST(Mlp, takes_batches_no_larger_than_the_data) {
  const auto whole = fit(waves(200), {{"batch_size", std::int64_t{100'000}}, {"epochs", std::int64_t{5}}});
  const auto exact = fit(waves(200), {{"batch_size", std::int64_t{200}}, {"epochs", std::int64_t{5}}});
  EXPECT_EQ(predict(*whole, waves(50, 2).features), predict(*exact, waves(50, 2).features));
}

TEST(Mlp, stops_when_watched_rows_get_no_better) {
  const TrainingData train =
      make_numbers(TaskKind::binary, 200, 5, [](std::span<const double> x) { return x[0] > 0 ? 1.0 : 0.0; });
  TrainingData watch = train;
  for (double& label : watch.labels.values) label = 1 - label;
  const auto model = fit(train, {{"patience", std::int64_t{3}}}, &watch);
  EXPECT_LE(std::get<std::int64_t>(model->settings_found().at("stop_after")), 2);
}

TEST(Mlp, tells_epochs_and_losses) {
  const TrainingData train = waves(400), watch = waves(100, 2);
  ThreadPool pool(1);
  const Budget budget;
  std::vector<std::string> told;
  (void)mlp_learner().fit({.train = train,
                           .watch = &watch,
                           .settings = quick({{"epochs", std::int64_t{8}}}),
                           .key = Key::from_seed(1),
                           .pool = pool,
                           .budget = budget,
                           .tell = [&](std::string_view words) { told.emplace_back(words); }});
  ASSERT_EQ(told.size(), 8u);
  for (std::size_t i = 0; i < told.size(); ++i) {
    const std::string begin = "epoch " + std::to_string(i + 1) + ", loss ";
    ASSERT_TRUE(told[i].starts_with(begin)) << told[i];
    EXPECT_TRUE(std::isfinite(std::stod(told[i].substr(begin.size())))) << told[i];
  }
}

TEST(MlpError, points_into_texts) {
  const TrainingData data = waves(50);
  EXPECT_NE(message_of(data, texts({{"activation", "x*sigmod(x)"}})).find("sigmoid"), std::string::npos);
  EXPECT_NE(message_of(data, texts({{"architecture", "64-sixty"}})).find("at character 4"),
            std::string::npos);
  EXPECT_NE(message_of(data, texts({{"optimizer", "lr*y"}})), "no error");
  EXPECT_NE(message_of(data, texts({{"schedule", "cos(pi*t"}})), "no error");
}

TEST(MlpError, refuses_losses_that_do_not_fit_the_task) {
  EXPECT_NE(message_of(waves(50), texts({{"loss", "cross_entropy"}})).find("a loss of numbers"),
            std::string::npos);
  EXPECT_NE(message_of(waves(50), texts({{"loss", "-y*log(p)"}})).find("y and z only"), std::string::npos);
  EXPECT_NE(message_of(checkerboard(50), texts({{"loss", "huber"}})).find("a loss of classes"),
            std::string::npos);
  TrainingData negative = waves(50);
  negative.labels.values[3] = -1;
  EXPECT_NE(message_of(negative, texts({{"loss", "poisson"}})).find("never negative"), std::string::npos);
}

TEST(MlpError, refuses_an_activation_that_is_never_finite) {
  EXPECT_NE(message_of(waves(50), texts({{"activation", "log(-1-x*x)"}})), "no error");
}

}  // namespace
}  // namespace astrolabe
