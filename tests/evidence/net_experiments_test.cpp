// SPDX-License-Identifier: Apache-2.0
// The experiments that train nets: what each is expected to show, a setting in which it shows the opposite,
// and how it refuses what has no meaning there.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/evidence/experiment.h"
#include "astrolabe/evidence/small_net.h"

namespace astrolabe {
namespace {

using Options = std::map<std::string, std::string, std::less<>>;
using enum ExperimentVerdict;

ExperimentResult run(const char* name, Options options = {}) {
  return find_experiment(name)->run({.options = std::move(options), .key = Key::from_seed(1)});
}

double number(const ExperimentResult& result, const std::string& part, const std::string& name) {
  for (const ExperimentRow& row : result.rows)
    for (const auto& [known, value] : row.numbers)
      if (row.part == part && known == name) return value;
  return std::nan("");
}

std::string complaint(const char* name, Options options) {
  try {
    run(name, std::move(options));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Sharpness, rises_to_the_edge_of_stability) {
  const ExperimentResult result = run("sharpness", {{"rates", "0.2"}, {"steps", "1500"}});
  EXPECT_EQ(result.verdict, confirmed) << result.words;
  EXPECT_LT(number(result, "0.2", "at_first"), 0.8 * number(result, "0.2", "edge"));
  EXPECT_NEAR(number(result, "0.2", "of_edge"), 1, 0.05);
  EXPECT_GT(number(result, "0.2", "trace"), number(result, "0.2", "at_last"));
}

TEST(Sharpness, does_not_get_there_at_a_rate_that_fits_the_rows_first) {
  const ExperimentResult result = run("sharpness", {{"rates", "0.01"}, {"steps", "300"}});
  EXPECT_EQ(result.verdict, refuted) << result.words;
  EXPECT_LT(number(result, "0.01", "of_edge"), 0.5);
}

TEST(Sharpness, of_a_linear_model_stays_where_it_was) {
  const ExperimentResult result =
      run("sharpness", {{"rates", "0.1"}, {"steps", "60"}, {"architecture", "none"}});
  EXPECT_EQ(result.verdict, refuted) << result.words;
  EXPECT_NEAR(number(result, "0.1", "at_last"), number(result, "0.1", "at_first"),
              0.005 * number(result, "0.1", "at_first"));
}

TEST(Sharpness, says_nothing_of_rates_that_are_above_the_edge_from_the_start) {
  EXPECT_EQ(run("sharpness", {{"rates", "50"}, {"steps", "60"}}).verdict, undecided);
}

TEST(BatchNorm, moves_the_inputs_of_layers_less_and_trains_better) {
  const ExperimentResult result = run("batch-norm", {{"seeds", "1"}});
  EXPECT_LT(number(result, "batch norm", "moved_moments"), number(result, "without", "moved_moments"));
  EXPECT_LT(number(result, "batch norm", "loss"), number(result, "without", "loss"));
  // At this size noise that shifts as much costs training, against the paper.
  EXPECT_EQ(result.verdict, refuted) << result.words;
  EXPECT_NE(result.words.find("with noise it did not train better"), std::string::npos) << result.words;
}

TEST(BatchNorm, without_noise_behind_it_moves_nothing_more) {
  const ExperimentResult result = run("batch-norm", {{"seeds", "1"}, {"noise", "0"}, {"steps", "80"}});
  EXPECT_EQ(result.verdict, refuted);
  EXPECT_EQ(number(result, "batch norm", "loss"), number(result, "batch norm and noise", "loss"));
  EXPECT_EQ(number(result, "batch norm", "|G-G'|"), number(result, "batch norm and noise", "|G-G'|"));
}

TEST(GradientFlow, is_lost_by_sigmoid_alone) {
  const ExperimentResult result = run("gradient-flow", {{"steps", "50"}});
  EXPECT_EQ(result.verdict, confirmed) << result.words;
  EXPECT_LT(number(result, "sigmoid", "kept_at_first"), 1e-3);
  EXPECT_GT(number(result, "relu", "dead_at_first"), 0);
  EXPECT_EQ(number(result, "tanh", "dead_at_last"), 0);
}

TEST(GradientFlow, of_an_activation_that_was_not_expected_to_lose_it_refutes) {
  const ExperimentResult result = run("gradient-flow", {{"steps", "2"}, {"activation", "0.5*sigmoid(x)"}});
  EXPECT_EQ(result.verdict, refuted) << result.words;
}

TEST(GradientFlow, sees_units_that_die) {
  const ExperimentResult result =
      run("gradient-flow", {{"steps", "20"}, {"activation", "relu"}, {"rate", "5"}, {"depth", "4"}});
  EXPECT_GT(number(result, "relu", "dead_at_last"), 0.3);
}

TEST(RandomLabels, are_learned_and_teach_nothing) {
  const ExperimentResult result = run("random-labels");
  EXPECT_EQ(result.verdict, confirmed) << result.words;
  EXPECT_EQ(number(result, "1", "training_error"), 0);
  EXPECT_GT(number(result, "1", "steps"), number(result, "0", "steps"));
  EXPECT_GT(number(result, "0.5", "test_error"), number(result, "0", "test_error"));
}

TEST(RandomLabels, are_too_many_for_a_linear_model) {
  const ExperimentResult result = run("random-labels", {{"architecture", "none"}, {"epochs", "50"}});
  EXPECT_EQ(result.verdict, refuted) << result.words;
  EXPECT_TRUE(std::isinf(number(result, "1", "steps")));
  EXPECT_EQ(run("random-labels", {{"random", "0.5"}, {"epochs", "2"}}).verdict, undecided);
}

TEST(NoiseScale, is_told_by_two_sizes_of_batch) {
  const ExperimentResult result = run("noise-scale");
  EXPECT_EQ(result.verdict, confirmed) << result.words;
  for (const char* batch : {"2", "8", "32"}) EXPECT_LT(number(result, batch, "off_by_factor"), 1.25);
  EXPECT_GT(number(result, "8", "direct_at_last"), 2 * number(result, "8", "direct_at_first"));
}

TEST(NoiseScale, does_not_grow_without_training) {
  EXPECT_EQ(run("noise-scale", {{"steps", "0"}, {"draws", "100"}}).verdict, refuted);
  EXPECT_EQ(run("noise-scale", {{"draws", "2"}, {"batch", "128"}, {"steps", "60"}}).verdict, refuted);
}

TEST(Flatness, is_larger_for_small_batches_and_another_thing_than_sharpness) {
  const ExperimentResult result = run("flatness");
  EXPECT_EQ(result.verdict, confirmed) << result.words;
  EXPECT_EQ(number(result, "16", "difference"), 0);  // a power of two: not one bit
  EXPECT_GT(number(result, "16", "rescaled_sharpness"), 2 * number(result, "16", "sharpness"));
}

TEST(Flatness, is_undecided_of_trainings_that_did_not_end_and_refuted_by_a_small_rescaling) {
  EXPECT_EQ(run("flatness", {{"steps", "20"}}).verdict, undecided);
  EXPECT_EQ(run("flatness", {{"batch", "32"}}).verdict, undecided);  // nothing to compare with
  EXPECT_EQ(run("flatness", {{"rescale", "1.01"}, {"batch", "16"}}).verdict, refuted);
}

TEST(RateSchedule, fast_rates_end_in_flat_places) {
  const ExperimentResult result =
      run("rate-schedule", {{"schedule", "constant,cosine"}, {"rates", "0.05,0.4"}});
  EXPECT_EQ(result.verdict, confirmed) << result.words;
  EXPECT_GT(number(result, "cosine", "sharpness_fastest"), number(result, "constant", "sharpness_fastest"));
}

TEST(RateSchedule, of_rates_that_are_all_slow_ends_in_places_alike) {
  EXPECT_EQ(
      run("rate-schedule", {{"schedule", "constant"}, {"rates", "0.001,0.002"}, {"steps", "100"}}).verdict,
      refuted);
  EXPECT_EQ(run("rate-schedule", {{"schedule", "constant"}, {"rates", "50"}, {"steps", "50"}}).verdict,
            undecided);
}

TEST(Sensitivity, is_to_seeds_and_never_to_threads) {
  const ExperimentResult result =
      run("sensitivity", {{"seeds", "8"}, {"steps", "60"}, {"architecture", "64-64"}});
  EXPECT_EQ(result.verdict, confirmed) << result.words;
  EXPECT_EQ(number(result, "threads", "results"), 1);
  EXPECT_EQ(number(result, "both", "results"), 8);
  EXPECT_LT(number(result, "both", "low"), number(result, "both", "error"));
}

TEST(Sensitivity, to_the_order_of_rows_is_none_when_a_step_has_all_rows) {
  const ExperimentResult result =
      run("sensitivity", {{"seeds", "3"}, {"steps", "10"}, {"architecture", "16"}, {"batch", "512"}});
  EXPECT_EQ(result.verdict, refuted) << result.words;
  EXPECT_EQ(number(result, "order of rows", "results"), 1);
}

TEST(NetExperiments, refuse_parts_that_have_no_meaning_there) {
  EXPECT_NE(complaint("sharpness", {{"loss", "cross_entropy"}}).find("a loss of numbers"), std::string::npos);
  EXPECT_NE(complaint("noise-scale", {{"loss", "mse"}}).find("a loss of classes"), std::string::npos);
  EXPECT_NE(complaint("flatness", {{"activation", "tanh"}}).find("f(2x) = 2 f(x)"), std::string::npos);
  EXPECT_NE(complaint("gradient-flow", {{"activation", "gelux"}}).find("gelu"), std::string::npos);
  EXPECT_NE(complaint("gradient-flow", {{"initialization", "hee"}}).find("orthogonal"), std::string::npos);
  EXPECT_NE(complaint("random-labels", {{"random", "2"}}).find("from 0 to 1"), std::string::npos);
  EXPECT_NE(complaint("random-labels", {{"optimizer", "lr*q"}}).find("lr*q"), std::string::npos);
  EXPECT_NE(complaint("rate-schedule", {{"schedule", "cosin"}}).find("cosine"), std::string::npos);
  EXPECT_NE(complaint("sharpness", {{"architecture", "32-rez"}}).find("rez"), std::string::npos);
  EXPECT_NE(complaint("batch-norm", {{"normalization", "layer"}}).find("--activation"), std::string::npos);
  EXPECT_NE(complaint("noise-scale", {{"batch", "300"}}).find("from 1 to 255"), std::string::npos);
}

TEST(NetExperiments, of_one_key_give_the_same_numbers) {
  const Options options = {{"seeds", "1"}, {"steps", "24"}, {"depth", "3"}};
  const ExperimentResult first = run("batch-norm", options), second = run("batch-norm", options);
  for (std::size_t i = 0; i < first.rows.size(); ++i)
    EXPECT_EQ(first.rows[i].numbers, second.rows[i].numbers);
}

TEST(SmallNet, counts_what_it_gets_wrong) {
  const SmallTask task =
      draw_classes({.rows = 30, .test_rows = 9, .numbers = 4, .classes = 3}, Key::from_seed(1));
  EXPECT_EQ(std::ranges::count(task.training.y, 2.0F), 10);
  SmallNet net(task, {.architecture = "4", .loss = "cross_entropy"});
  const std::vector<float> zeros(net.layout().size, 0.0F);
  EXPECT_NEAR(net.error(zeros, task.training), 2.0 / 3, 1e-12);  // all say class 0
  std::vector<float> broken(net.layout().size, std::nanf(""));
  EXPECT_TRUE(std::isinf(net.error(broken, task.test)));
}

}  // namespace
}  // namespace astrolabe
