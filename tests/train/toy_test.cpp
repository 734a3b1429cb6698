// SPDX-License-Identifier: Apache-2.0
// What a toy training tells apart: parts that train, and expressions that never will.
#include "astrolabe/train/toy.h"

#include <cmath>

#include <gtest/gtest.h>

#include "astrolabe/parts/catalog.h"

namespace astrolabe {
namespace {

ToyAnswer ask(Head head, const char* activation, const char* loss, const char* optimizer) {
  const auto part = [](Vocabulary slot, const char* text) { return resolve_part(slot, text).expression; };
  const Expression a = part(Vocabulary::activation, activation), l = part(Vocabulary::loss, loss),
                   o = part(Vocabulary::optimizer, optimizer);
  return train_toy({.head = head, .activation = a, .loss = l, .optimizer = o});
}

TEST(Toy, is_learned_with_every_named_optimizer) {
  for (const PartRow& row : parts_of(Vocabulary::optimizer)) {
    if (!row.settings.empty() && std::isnan(row.settings.front().default_value)) continue;
    const std::string name(row.name);
    EXPECT_GT(ask(Head::number, "relu", "mse", name.c_str()).learned, 0.3) << name;
    EXPECT_GT(ask(Head::binary, "silu", "cross_entropy", name.c_str()).learned, 0.3) << name;
  }
}

TEST(Toy, is_learned_with_familiar_activations) {
  for (const char* activation : {"relu", "silu", "gelu", "tanh", "elu", "x*sigmoid(beta*x)"})
    EXPECT_GT(ask(Head::binary, activation, "cross_entropy", "adam").learned, 0.5) << activation;
}

TEST(Toy, is_learned_with_losses_that_differ_from_the_measure) {
  for (const char* loss : {"huber", "log_cosh", "abs(y-z)"})
    EXPECT_GT(ask(Head::number, "relu", loss, "adam").learned, 0.4) << loss;
  EXPECT_GT(ask(Head::binary, "relu", "focal(2)", "adam").learned, 0.5);
}

TEST(Toy, is_not_learned_by_what_climbs_or_stands_still) {
  EXPECT_LT(ask(Head::number, "relu", "mse", "0*g").learned, 0.01);
  EXPECT_LT(ask(Head::number, "relu", "mse", "-lr*g").learned, 0.01);
  EXPECT_LT(ask(Head::binary, "relu", "cross_entropy", "-lr*sign(g)").learned, 0.05);
  EXPECT_LT(ask(Head::number, "relu", "-square(y-z)", "adam").learned, 0.01);
}

TEST(Toy, of_a_loss_that_falls_for_ever_teaches_nothing) {
  EXPECT_LT(ask(Head::number, "relu", "z", "adam").learned, 0.05);
}

TEST(Toy, says_when_nothing_stays_finite) {
  const ToyAnswer answer = ask(Head::number, "relu", "mse", "1e30*k*g");
  EXPECT_FALSE(answer.is_finite);
  EXPECT_EQ(answer.learned, 0);
  EXPECT_EQ(answer.learning_rate, 0);
}

TEST(Toy, finds_the_rate_that_suits_an_optimizer) {
  EXPECT_GT(ask(Head::number, "relu", "mse", "0.01*lr*g").learning_rate,
            ask(Head::number, "relu", "mse", "lr*sign(g)").learning_rate);
}

TEST(Toy, has_the_same_answer_every_time) {
  const ToyAnswer first = ask(Head::binary, "x*tanh(softplus(x))", "cross_entropy", "lion"),
                  second = ask(Head::binary, "x*tanh(softplus(x))", "cross_entropy", "lion");
  EXPECT_EQ(first.learned, second.learned);
  EXPECT_EQ(first.learning_rate, second.learning_rate);
}

}  // namespace
}  // namespace astrolabe
