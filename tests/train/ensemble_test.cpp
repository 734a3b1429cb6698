// SPDX-License-Identifier: Apache-2.0
// Children side by side are, to the byte, what each would be alone.
#include "astrolabe/train/ensemble.h"

#include <array>

#include "tests/train/small_training.h"
#include <gtest/gtest.h>

namespace astrolabe {
namespace {

using testing::SmallShape;
using testing::SmallTraining;

constexpr int kSteps = 30;

// The training of one child alone.
TrainingState train_alone(const SmallTraining& training, const ChildNumbers& child, Tier tier,
                          std::span<const float> w, int steps = kSteps) {
  StepSpec spec = training.spec;
  if (!child.activation.empty()) spec.net.activation.constants = child.activation;
  if (!child.optimizer.empty()) spec.optimizer.constants = child.optimizer;
  TrainerSetup common = training.setup({.tier = tier});
  Trainer trainer({.spec = spec,
                   .layout = common.layout,
                   .rows = common.rows,
                   .bins = common.bins,
                   .numbers = child.numbers,
                   .total_steps = common.total_steps,
                   .key = common.key,
                   .options = common.options});
  trainer.start(w);
  for (int i = 0; i < steps; ++i) (void)trainer.step();
  return trainer.state();
}

struct Case {
  SmallShape shape;
  std::vector<ChildNumbers> children;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  all.push_back(
      {.shape = {.head = Head::number, .weighted = true},
       .children = {{{.learning_rate = 1e-4}}, {{.learning_rate = 0.01}}, {{.learning_rate = 0.3}}}});
  all.push_back(
      {.shape = {.head = Head::classes,
                 .architecture = "9-res",
                 .activation = "x*sigmoid(1.5*x)+0.1*sin(beta*x)",
                 .optimizer = "lr*ema(g,0.9)/(sqrt(ema(g*g,0.99))+1e-6)",
                 .schedule = "cosine",
                 .normalization = Normalization::layer,
                 .embedding = NumericEmbedding::piecewise_linear,
                 .categories = true,
                 .batch = 13,
                 .numbers = {.dropout = 0.2, .smoothing = 0.1, .clip = 1, .weight_decay = 0.02}},
       .children = {
           {.numbers = {.learning_rate = 0.01, .dropout = 0.1, .smoothing = 0.1, .clip = 1},
            .activation = {1.5, 0.1},
            .optimizer = {0.9, 0.99, 1e-6}},
           {.numbers =
                {.learning_rate = 0.02, .dropout = 0.4, .smoothing = 0.05, .clip = 0.1, .weight_decay = 0.3},
            .activation = {1, -0.3},
            .optimizer = {0.8, 0.9, 1e-3}}}});
  all.push_back({.shape = {.head = Head::binary,
                           .activation = "gelu",
                           .normalization = Normalization::batch,
                           .embedding = NumericEmbedding::periodic},
                 .children = {{{.learning_rate = 0.02}},
                              {{.learning_rate = 0.03}},
                              {{.learning_rate = 0.04}},
                              {{.learning_rate = 0.05}}}});
  return all;
}

TEST(TrainingEnsemble, gives_every_child_the_bytes_that_it_has_alone) {
  for (const Case& one : cases()) {
    const SmallTraining training(one.shape);
    const std::vector<float> w = training.weights();
    for (const Tier tier : {Tier::reference, Tier::tiles, Tier::compiled}) {
      Ensemble all(training.setup({.tier = tier}), one.children);
      all.start(w);
      for (int i = 0; i < kSteps; ++i) (void)all.step();
      for (std::size_t child = 0; child < one.children.size(); ++child)
        EXPECT_EQ(all.state(child), train_alone(training, one.children[child], tier, w))
            << one.shape.activation << ", child " << child << ", tier " << static_cast<int>(tier);
    }
  }
}

TEST(TrainingEnsemble, goes_on_with_the_children_that_are_kept) {
  const Case one = cases()[2];
  const SmallTraining training(one.shape);
  Ensemble all(training.setup(), one.children);
  all.start(training.weights());
  for (int i = 0; i < 10; ++i) (void)all.step();
  all.keep(std::array<std::size_t, 2>{3, 1});
  for (int i = 10; i < kSteps; ++i) (void)all.step();
  ASSERT_EQ(all.children(), 2u);
  for (const std::size_t child : {0, 1})
    EXPECT_EQ(all.state(child),
              train_alone(training, one.children[child == 0 ? 3 : 1], Tier::automatic, training.weights()));
  all.keep(std::array<std::size_t, 1>{0});
  (void)all.step();
  EXPECT_EQ(all.state(0),
            train_alone(training, one.children[3], Tier::automatic, training.weights(), kSteps + 1));
}

TEST(TrainingEnsemble, may_begin_with_weights_of_each_child) {
  const SmallTraining training({});
  const std::vector<ChildNumbers> children(3, {.numbers = {.learning_rate = 0.01}});
  std::vector<float> w, own[3];
  for (int child = 0; child < 3; ++child) {
    own[child] = training.weights();
    for (float& value : own[child]) value *= static_cast<float>(1 + child);
    w.insert(w.end(), own[child].begin(), own[child].end());
  }
  Ensemble all(training.setup(), children);
  all.start_each(w);
  for (int i = 0; i < kSteps; ++i) (void)all.step();
  for (std::size_t child = 0; child < 3; ++child)
    EXPECT_EQ(all.state(child), train_alone(training, children[child], Tier::automatic, own[child]));
}

TEST(TrainingEnsemble, tells_the_loss_of_every_child) {
  const SmallTraining training({});
  Ensemble all(training.setup(),
               std::array{ChildNumbers{{.learning_rate = 1e-3}}, ChildNumbers{{.learning_rate = 0.1}}});
  all.start(training.weights());
  Trainer alone(training.setup());
  alone.start(training.weights());
  alone.set_learning_rate(0.1);
  const std::span<const float> first = all.step();
  EXPECT_EQ(first[0], first[1]) << "before they part";
  EXPECT_EQ(first[1], alone.step());
  for (int i = 0; i < 5; ++i) {
    const std::span<const float> losses = all.step();
    EXPECT_NE(losses[0], losses[1]);
    EXPECT_EQ(losses[1], alone.step());
  }
}

}  // namespace
}  // namespace astrolabe
