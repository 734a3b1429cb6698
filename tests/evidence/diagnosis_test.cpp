// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evidence/diagnosis.h"

#include <gtest/gtest.h>

namespace astrolabe {
namespace {

const Estimate kNothing{.value = 0, .low = -0.1, .high = 0.1, .method = ""};
const Estimate kMuch{.value = 0.4, .low = 0.3, .high = 0.5, .method = ""};

NetLook sound() {
  return {.rows = 100,
          .parameters = 50,
          .steps = 200,
          .start_loss = 1,
          .own_rate = 0.01,
          .own_loss = 0.9,
          .best_rate = 0.1,
          .best_loss = 0.01,
          .newton_steps = 20,
          .newton_loss = 0.01,
          .nudged_loss = 0.9,
          .standing_loss = 0.9,
          .layers = 6};
}

Symptoms sick(const NetLook& net, std::vector<TriedFix> fixes = {}) {
  return {.over_constant = kNothing, .others = {kMuch}, .net = net, .fixes = std::move(fixes)};
}

TEST(Diagnosis, blames_the_data_where_nothing_beats_a_constant) {
  Symptoms symptoms = sick(sound());
  symptoms.others = {kNothing};
  EXPECT_EQ(diagnose(symptoms).cause, Cause::data_fault);
}

TEST(Diagnosis, finds_nothing_where_it_learns_and_no_change_helps) {
  Symptoms symptoms{.over_constant = kMuch, .fixes = {{Cause::too_slow, "learning_rate=1", kNothing}}};
  const Diagnosis diagnosis = diagnose(symptoms);
  EXPECT_EQ(diagnosis.cause, Cause::none);
  EXPECT_FALSE(diagnosis.fix);
  EXPECT_NE(diagnosis.words.find("+0.4"), std::string::npos);
}

TEST(Diagnosis, tells_causes_inside_of_a_net_apart) {
  NetLook net = sound();
  net.unmoved = 0.9;
  EXPECT_EQ(diagnose(sick(net)).cause, Cause::rounding);
  net = sound();
  net.signal_ratio = 1e-9;
  EXPECT_EQ(diagnose(sick(net)).cause, Cause::vanishing_signal);
  net = sound();
  net.signal_ratio = 1e9;
  EXPECT_EQ(diagnose(sick(net)).cause, Cause::exploding_signal);
  net = sound();
  net.dead_at_start = 1;
  EXPECT_EQ(diagnose(sick(net)).cause, Cause::dead_units);
  net = sound();
  net.own_loss = 50;
  EXPECT_EQ(diagnose(sick(net)).cause, Cause::exploding);
  net = sound();
  net.best_loss = 0.5;
  net.newton_loss = 1e-6;
  EXPECT_EQ(diagnose(sick(net)).cause, Cause::conditioning);
  net.standing_loss = 0.5;
  net.nudged_loss = 0.1;
  EXPECT_EQ(diagnose(sick(net)).cause, Cause::saddle);
}

TEST(Diagnosis, names_the_fix_that_helped_most_against_the_cause) {
  const Estimate more{.value = 0.6, .low = 0.5, .high = 0.7, .method = ""};
  NetLook net = sound();
  net.dead_at_start = 1;
  const Diagnosis diagnosis = diagnose(sick(net, {{Cause::dead_units, "activation=relu", kNothing},
                                                  {Cause::dead_units, "activation=silu", kMuch},
                                                  {Cause::too_slow, "learning_rate=1", more}}));
  EXPECT_EQ(diagnosis.fix, std::optional<std::size_t>(1));
}

TEST(Diagnosis, goes_by_the_fix_where_nothing_is_seen_inside) {
  Symptoms symptoms{.over_constant = kNothing, .fixes = {{Cause::too_slow, "learning_rate=0.1", kMuch}}};
  EXPECT_EQ(diagnose(symptoms).cause, Cause::too_slow);
  symptoms.fixes[0].against = Cause::too_little_time;
  EXPECT_EQ(diagnose(symptoms).cause, Cause::too_little_time);
  symptoms.fixes[0].against = Cause::weak_model;
  EXPECT_EQ(diagnose(symptoms).cause, Cause::weak_model);
}

}  // namespace
}  // namespace astrolabe
