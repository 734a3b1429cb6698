// SPDX-License-Identifier: Apache-2.0
// What the experiments are expected to show, and how they refuse what has no meaning there.
#include "astrolabe/evidence/experiment.h"

#include <cmath>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/evidence/elementwise.h"
#include "astrolabe/parts/catalog.h"

namespace astrolabe {
namespace {

using Options = std::map<std::string, std::string, std::less<>>;

ExperimentResult run(const char* name, Options options = {}) {
  return find_experiment(name)->run({.options = std::move(options), .key = Key::from_seed(1)});
}

double number(const ExperimentResult& result, const std::string& part, const std::string& name) {
  for (const ExperimentRow& row : result.rows)
    for (const auto& [known, value] : row.numbers)
      if (row.part == part && known == name) return value;
  return std::nan("");
}

TEST(TwoLayerLinear, is_solved_by_gauss_newton_and_not_by_gradient_descent) {
  const ExperimentResult result =
      run("two-layer-linear", {{"optimizer", "sgd,gauss-newton"}, {"rates", "1e-3,1e-2"}, {"seeds", "1"}});
  EXPECT_EQ(result.verdict, ExperimentVerdict::confirmed) << result.words;
  EXPECT_GT(number(result, "gauss-newton", "steps"), 100);
  EXPECT_LT(number(result, "gauss-newton", "steps"), 250);
  EXPECT_GT(number(result, "sgd", "final_loss"), 1e-5);
  EXPECT_TRUE(std::isinf(number(result, "sgd", "steps")));
}

TEST(TwoLayerLinear, takes_any_optimizer_that_can_be_written) {
  const ExperimentResult result =
      run("two-layer-linear",
          {{"optimizer", "lr*sign(g),adam"}, {"seeds", "1"}, {"steps", "200"}, {"rates", "1e-2"}});
  EXPECT_EQ(result.rows.size(), 2U);
  EXPECT_LT(number(result, "adam", "final_loss"), 1);
  EXPECT_EQ(result.verdict, ExperimentVerdict::undecided);  // nothing to compare with
}

TEST(Rounding, to_the_nearest_loses_what_stochastic_rounding_keeps) {
  const ExperimentResult result = run("rounding", {{"steps", "1500"}});
  EXPECT_EQ(result.verdict, ExperimentVerdict::confirmed) << result.words;
  EXPECT_GT(number(result, "nearest", "final_loss"), 5 * number(result, "f32", "final_loss"));
  EXPECT_LT(number(result, "stochastic", "final_loss"), 2 * number(result, "f32", "final_loss"));
}

TEST(SignalPropagation, of_the_identity_is_kept) {
  const ExperimentResult result =
      run("signal-propagation", {{"activation", "x,tanh"}, {"depth", "20"}, {"width", "64"}});
  EXPECT_NEAR(std::log(number(result, "x", "size")), 0, 2);
  EXPECT_NEAR(std::log(number(result, "x", "gradient")), 0, 2);
  EXPECT_GT(number(result, "tanh", "gradient"), 1);
}

TEST(OutputHistogram, of_selu_has_mean_zero_and_variance_one) {
  const ExperimentResult result = run("output-histogram");
  EXPECT_EQ(result.verdict, ExperimentVerdict::confirmed) << result.words;
  EXPECT_NEAR(number(result, "relu", "mean"), 1 / std::sqrt(2 * std::acos(-1.0)), 0.01);
  EXPECT_NEAR(number(result, "relu", "no_slope"), 0.5, 0.02);
}

TEST(LossShape, of_cross_entropy_is_how_wrong_it_is) {
  const ExperimentResult result = run("loss-shape");
  EXPECT_EQ(result.verdict, ExperimentVerdict::confirmed) << result.words;
  EXPECT_NEAR(number(result, "cross_entropy", "pull_at_0.9"), 0.1, 1e-12);
  EXPECT_NEAR(number(result, "cross_entropy", "pull_at_0.1"), 0.9, 1e-12);
}

TEST(Experiments, of_one_key_give_the_same_numbers) {
  const ExperimentResult first = run("rounding", {{"steps", "100"}}),
                         second = run("rounding", {{"steps", "100"}});
  for (std::size_t i = 0; i < first.rows.size(); ++i)
    EXPECT_EQ(first.rows[i].numbers, second.rows[i].numbers);
}

TEST(Experiments, refuse_what_has_no_meaning_there) {
  EXPECT_THROW(static_cast<void>(run("rounding", {{"mod", "nearest"}})), Error);
  EXPECT_THROW(static_cast<void>(run("rounding", {{"mode", "up"}})), Error);
  EXPECT_THROW(static_cast<void>(run("rounding", {{"storage", "f32"}})), Error);
  EXPECT_THROW(static_cast<void>(run("two-layer-linear", {{"kappa", "many"}})), Error);
  EXPECT_THROW(static_cast<void>(run("loss-shape", {{"loss", "mse"}})), Error);
  EXPECT_THROW(static_cast<void>(run("output-histogram", {{"activation", ","}})), Error);
  EXPECT_EQ(find_experiment("nothing"), nullptr);
}

TEST(ElementwiseStep, keeps_the_memories_of_an_optimizer) {
  ElementwiseStep momentum(resolve_part(Vocabulary::optimizer, "momentum").expression, 1);
  std::vector<double> w = {1};
  momentum.step(w, std::vector{1.0}, 0.1, 1, 10);
  EXPECT_DOUBLE_EQ(w[0], 0.9);
  momentum.step(w, std::vector{1.0}, 0.1, 2, 10);
  EXPECT_DOUBLE_EQ(w[0], 0.9 - 0.19);
}

}  // namespace
}  // namespace astrolabe
