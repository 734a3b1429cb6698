// SPDX-License-Identifier: Apache-2.0
// Fits that begin with another model: with its function where they can, with nothing where they cannot.
#include <algorithm>
#include <cmath>

#include "tests/learners/neural/tables.h"
#include <gtest/gtest.h>

namespace astrolabe {
namespace {

using testing::explained;
using testing::fit;
using testing::make_numbers;
using testing::predict;
using testing::texts;

TrainingData waves(std::size_t rows, std::uint64_t seed = 1) {
  return make_numbers(
      TaskKind::regression, rows, 3,
      [](std::span<const double> x) { return 100 + 10 * std::sin(2 * x[0]) + 5 * x[1]; }, seed);
}

TrainingData three_classes(std::size_t rows, std::uint64_t seed = 1) {
  return make_numbers(
      TaskKind::multiclass, rows, 3,
      [](std::span<const double> x) { return x[0] * x[1] > 0.2 ? 2.0
                                             : x[2] > 0        ? 1.0
                                                               : 0.0; }, seed);
}

SettingValues with(const char* architecture, std::int64_t epochs, SettingValues settings = {}) {
  settings["architecture"] = std::string(architecture);
  settings["epochs"] = epochs;
  return settings;
}

// Nothing moves: what a fit says then is what it began with.
SettingValues still(const char* architecture, SettingValues settings = {}) {
  settings["optimizer"] = std::string("0*g");
  settings["weight_decay"] = 0.0;
  return with(architecture, 1, std::move(settings));
}

void expect_equal_answers(const Model& child, const Model& parent, const TrainingData& data) {
  const std::vector<double> expected = predict(parent, data.features), found = predict(child, data.features);
  double spread = 0, difference = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    difference = std::max(difference, std::abs(found[i] - expected[i]) / (1 + std::abs(expected[i])));
    spread = std::max(spread, std::abs(expected[i] - expected[0]));
  }
  EXPECT_LT(difference, 1e-6);
  EXPECT_GT(spread, 0.1) << "the parent must know something";
}

TEST(WarmStart, gives_larger_children_what_their_parent_answers) {
  // Statistics of batches would move even where weights stand still; tests/train looks at those.
  for (const char* normalization : {"none", "layer"})
    for (const char* embedding : {"none", "periodic", "piecewise_linear"}) {
      const SettingValues same = texts({{"normalization", normalization}, {"numeric_embedding", embedding}});
      const auto numbers = fit(waves(300), with("16-res", 8, same));
      expect_equal_answers(*fit(waves(300), still("32-res-res", same), nullptr, numbers.get()), *numbers,
                           waves(50, 2));
      const auto classes = fit(three_classes(300), with("12-8", 8, same));
      expect_equal_answers(*fit(three_classes(300), still("24-res-16", same), nullptr, classes.get()),
                           *classes, three_classes(50, 2));
    }
}

TEST(WarmStart, keeps_the_parents_function_on_other_rows) {
  const auto parent = fit(waves(200, 5), with("16", 10));
  expect_equal_answers(*fit(waves(600), still("32"), nullptr, parent.get()), *parent, waves(50, 2));
}

TEST(WarmStart, saves_epochs) {
  const TrainingData train = waves(600);
  const auto parent = fit(train, with("16-16", 60));
  const auto cold = fit(train, with("32-32-res", 4)),
             warm = fit(train, with("32-32-res", 4), nullptr, parent.get());
  EXPECT_GT(explained(*warm, waves(300, 2)), 0.95);
  EXPECT_GT(explained(*warm, waves(300, 2)), explained(*cold, waves(300, 2)));
}

TEST(WarmStart, that_nothing_betters_says_what_its_parent_said) {
  const TrainingData train = waves(300), watch = waves(100, 2);
  const auto parent = fit(train, with("16", 30), &watch);
  SettingValues wild = still("16-res");
  wild["optimizer"] = std::string("-lr*g");
  wild["learning_rate"] = 3.0;
  const auto child = fit(train, wild, &watch, parent.get());
  EXPECT_EQ(child->settings_found().at("stop_after"), parent->settings_found().at("stop_after"));
  EXPECT_EQ(child->summary().find("best constant"), std::string::npos) << child->summary();
  expect_equal_answers(*child, *parent, waves(50, 3));
}

TEST(WarmStart, is_cold_where_nothing_of_the_parent_fits) {
  const TrainingData numbers = waves(200), classes = three_classes(200);
  const auto cold = fit(numbers, with("16-res", 3));
  const auto expect_cold = [&](const std::unique_ptr<const Model>& start) {
    const auto model = fit(numbers, with("16-res", 3), nullptr, start.get());
    EXPECT_EQ(predict(*model, numbers.features), predict(*cold, numbers.features));
  };
  expect_cold(fit(classes, with("16-res", 3)));  // another question
  expect_cold(fit(numbers, with("32-res", 3)));  // a larger net
  expect_cold(fit(numbers, with("16-res", 3, texts({{"normalization", "layer"}}))));
  expect_cold(fit(make_numbers(TaskKind::regression, 200, 4, [](auto x) { return x[0]; }), with("16", 3)));
}

TEST(WarmStart, ignores_models_of_other_families) {
  class Constant : public Model {
   public:
    void predict(const FeatureMatrix&, std::span<double> out) const override { std::ranges::fill(out, 1.0); }
    [[nodiscard]] std::size_t outputs() const override { return 1; }
    [[nodiscard]] std::vector<double> importance() const override { return {0, 0, 0}; }
    [[nodiscard]] SettingValues settings_found() const override { return {}; }
    [[nodiscard]] std::string summary() const override { return "one"; }
    void save(ArchiveWriter&) const override {}
  };
  const Constant other;
  const auto cold = fit(waves(100), with("8", 2)), warm = fit(waves(100), with("8", 2), nullptr, &other);
  EXPECT_EQ(predict(*warm, waves(100).features), predict(*cold, waves(100).features));
}

}  // namespace
}  // namespace astrolabe
