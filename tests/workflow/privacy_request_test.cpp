// SPDX-License-Identifier: Apache-2.0
// What --privacy takes, and what a private run refuses before it reads a row.
#include "astrolabe/workflow/privacy_request.h"

#include <cmath>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/search/proposer.h"
#include "astrolabe/search/pruner.h"
#include "astrolabe/workflow/private_score.h"

namespace astrolabe::testing {
namespace {

template <class Action>
std::string complaint_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    return error.what();
  }
  return "";
}

std::string refusal(const std::string& text) {
  return complaint_of([&] { static_cast<void>(parse_privacy(text)); });
}

RunOptions private_options(const std::string& learners = "mlp") {
  RunOptions options;
  options.learners = parse_learners(learners);
  return options;
}

std::string refusal_of(const RunOptions& options) {
  return complaint_of([&] { require_private_options(options); });
}

void expect_says(const std::string& message, const std::string& piece) {
  EXPECT_NE(message.find(piece), std::string::npos) << piece << "\n" << message;
}

TEST(PrivacyRequest, is_read_as_it_is_written) {
  const PrivacyRequest request =
      parse_privacy("epsilon=3, delta=1e-5,low=0,high=255,batch=2048,epochs=40,clip=0.5,noise_seed=7");
  EXPECT_EQ(request.budget.epsilon, 3);
  EXPECT_EQ(request.budget.delta, 1e-5);
  EXPECT_EQ(request.high, 255);
  EXPECT_EQ(request.batch, 2048U);
  EXPECT_EQ(request.epochs, 40U);
  EXPECT_EQ(request.clip, 0.5);
  EXPECT_EQ(request.noise_seed, 7U);
  EXPECT_FALSE(parse_privacy("epsilon=3,delta=1e-5").clip);
}

TEST(PrivacyRequest, that_means_nothing_is_refused) {
  expect_says(refusal(""), "no epsilon");
  expect_says(refusal("epsilon=3"), "no delta");
  expect_says(refusal("epsilon=3,delta=0"), "between 0 and 1");
  expect_says(refusal("epsilon=3,delta=1"), "between 0 and 1");
  expect_says(refusal("epsilon=0,delta=1e-5"), "above 0");
  expect_says(refusal("epsilon=nan,delta=1e-5"), "a number for epsilon");
  expect_says(refusal("epsilon=inf,delta=1e-5"), "a number for epsilon");
  expect_says(refusal("epsilon=3,delta=1e-5,epsilon=4"), "twice");
  expect_says(refusal("epsilon=3,delta=1e-5,epoch=4"), "Did you mean epochs?");
  expect_says(refusal("epsilon=3,delta=1e-5,clip"), "name=value");
  expect_says(refusal("epsilon=3,delta=1e-5,clip=0"), "a clip above 0");
  expect_says(refusal("epsilon=3,delta=1e-5,low=1"), "Give both");
  expect_says(refusal("epsilon=3,delta=1e-5,target_low=2,target_high=2"), "below");
  expect_says(refusal("epsilon=3,delta=1e-5,batch=1.5"), "a whole number");
  expect_says(refusal("epsilon=3,delta=1e-5,buckets=0"), "a whole number");
}

TEST(PrivateOptions, allow_one_system_once) {
  EXPECT_EQ(refusal_of(private_options()), "");
  EXPECT_EQ(refusal_of(private_options("linear")), "");
  expect_says(refusal_of(RunOptions()), "mlp");
  expect_says(refusal_of(private_options("mlp,linear")), "2 learners");
  expect_says(refusal_of(private_options("trees")), "no private form");
  expect_says(refusal_of(private_options("mlp(activation=*)")), "every try would have to be paid for");
  RunOptions several = private_options();
  several.trials = 2;
  expect_says(refusal_of(several), "--trials 2");
}

TEST(PrivateOptions, refuse_what_reads_rows_unpaid) {
  expect_says(refusal_of(private_options("mlp(normalization=batch)")), "mixes the rows");
  EXPECT_EQ(refusal_of(private_options("mlp(normalization=layer)")), "");
  expect_says(refusal_of(private_options("mlp(numeric_embedding=piecewise_linear)")), "quantiles");
  expect_says(refusal_of(private_options("mlp(numeric_embedding=periodic)")), "gradients");
  expect_says(refusal_of(private_options("mlp(patience=3)")), "Early stopping");
  expect_says(refusal_of(private_options("mlp(clip=1)")), "one by one");
  expect_says(refusal_of(private_options("mlp(optimizer=lr*g+lr*0.1*prev(g))")), "--mlp-learning-rate");
  expect_says(refusal_of(private_options("linear(l1_ratio=0.5)")), "l1_ratio");
  expect_says(refusal_of(private_options("linear(path_length=5)")), "penalties");
  RunOptions options = private_options();
  options.weight = "w";
  expect_says(refusal_of(options), "heavy row");
  options = private_options();
  options.refit = true;
  expect_says(refusal_of(options), "--refit");
  options = private_options();
  options.from = "runs/old";
  expect_says(refusal_of(options), "old model");
  options = private_options();
  options.max_nodes = 5;
  expect_says(refusal_of(options), "Nothing is searched");
  options = private_options();
  options.proposer = "random";
  expect_says(refusal_of(options), "--proposer random");
  options.proposer = default_proposer().name;  // as the command line fills it in
  options.pruner = default_pruner().name;
  EXPECT_EQ(refusal_of(options), "");
  options.pruner = "none";
  expect_says(refusal_of(options), "--pruner none");
  options = private_options();
  options.study_name = "mine";
  expect_says(refusal_of(options), "--name mine");
  options = private_options();
  options.group = "q";
  expect_says(refusal_of(options), "groups");
  options = private_options();
  options.test = "t.csv";
  expect_says(refusal_of(options), "astrolabe score");
}

TEST(PrivateOptions, keep_a_noise_seed_out_of_the_command) {
  EXPECT_EQ(without_noise_seed("run t.csv --privacy 'epsilon=3,noise_seed=123,delta=1e-5'"),
            "run t.csv --privacy 'epsilon=3,noise_seed=SECRET,delta=1e-5'");
  EXPECT_EQ(without_noise_seed("run t.csv"), "run t.csv");
}

TEST(PrivateScore, is_near_the_real_one_and_knows_how_near) {
  const Task task{.kind = TaskKind::binary, .target = "y", .classes = {"a", "b"}, .metric = "accuracy"};
  Labels labels{.kind = TaskKind::binary, .classes = 2, .values = {}, .weights = {}};
  std::vector<double> predicted;
  for (int i = 0; i < 2000; ++i) {
    labels.values.push_back(i % 2);
    predicted.push_back(i % 10 == 0 ? 0.9 : i % 2 == 0 ? 0.1 : 0.9);  // wrong in a tenth
  }
  int held = 0;
  double last = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const PrivateScore scored = score_privately({.task = task,
                                                 .labels = labels,
                                                 .predicted = predicted,
                                                 .bounds = {},
                                                 .budget = {.epsilon = 0.1, .delta = 1e-5},
                                                 .secret = Key::from_seed(seed)});
    EXPECT_LE(guaranteed_epsilon({&scored.steps, 1}, 1e-5), 0.1);
    EXPECT_NE(scored.estimate.value, last);  // there is noise
    last = scored.estimate.value;
    held += scored.estimate.low <= 0.9 && scored.estimate.high >= 0.9 ? 1 : 0;
  }
  EXPECT_GE(held, 45);
}

TEST(PrivateScore, of_numbers_counts_no_row_for_more_than_its_bounds) {
  const Task task{.kind = TaskKind::regression, .target = "y", .classes = {}, .metric = "rmse"};
  const Labels labels{.kind = TaskKind::regression, .values = {0, 10, 1e9}, .weights = {}};
  const std::vector<double> predicted{0, 0, std::nan("")};
  const PrivateScore scored = score_privately({.task = task,
                                               .labels = labels,
                                               .predicted = predicted,
                                               .bounds = {.low = 0, .high = 10},
                                               .budget = {.epsilon = 1000, .delta = 1e-5},
                                               .secret = Key::from_seed(1)});
  EXPECT_NEAR(scored.estimate.value, 10 * std::sqrt(2.0 / 3), 0.5);
}

}  // namespace
}  // namespace astrolabe::testing
