// SPDX-License-Identifier: Apache-2.0
// What the controller is made of: rewards, codes of points, the recurrent policy and its programs.
#include "astrolabe/search/controller_policy.h"

#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "astrolabe/runtime/compile.h"
#include "astrolabe/search/controller_codes.h"
#include "astrolabe/search/controller_rewards.h"

namespace astrolabe {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

Observation cost_of(double cost) {
  return {.point = {}, .by = "x", .state = TrialState::complete, .cost = cost, .steps = 1};
}
const Observation kFailed{.point = {}, .by = "x", .state = TrialState::failed};

// ---- Rewards.

TEST(RankAdvantages, go_evenly_from_one_to_minus_one) {
  const std::vector<Observation> seen = {cost_of(3), cost_of(1), cost_of(100), kFailed, cost_of(2)};
  EXPECT_EQ(rank_advantages(seen), (std::vector<double>{0, 1, -0.5, -1, 0.5}));
}

TEST(RankAdvantages, of_equals_are_equal) {
  const std::vector<Observation> seen = {cost_of(2), cost_of(1), cost_of(2)};
  EXPECT_EQ(rank_advantages(seen), (std::vector<double>{-0.5, 1, -0.5}));
  const std::vector<Observation> bad = {kFailed, kFailed, kFailed};
  EXPECT_EQ(rank_advantages(bad), (std::vector<double>{0, 0, 0}));
  EXPECT_EQ(rank_advantages(std::vector{cost_of(7)}), std::vector<double>{0});
}

TEST(RewardWindow, says_the_share_that_was_worse) {
  RewardWindow window;
  EXPECT_EQ(window.add(cost_of(5)), 0.5);
  EXPECT_EQ(window.add(cost_of(4)), 1);
  EXPECT_EQ(window.add(cost_of(5)), 0.25);  // worse than one, equal to one
  EXPECT_EQ(window.add(kFailed), 0);
}

TEST(RewardWindow, forgets_what_is_old) {
  RewardWindow window;
  window.add(cost_of(-1));
  for (std::size_t i = 0; i < RewardWindow::kWindow; ++i) window.add(cost_of(1));
  EXPECT_EQ(window.add(cost_of(0)), 1);
}

// ---- Codes.

Space mixed_space() {
  Space space;
  const std::size_t kind = space.add({.name = "kind", .domain = Choices{{"a", "b", "c"}}});
  space.add({.name = "layers", .domain = WholeRange{.low = 2, .high = 5}});
  space.add({.name = "width", .domain = WholeRange{.low = 8, .high = 4096, .log_scale = true}});
  space.add({.name = "rate",
             .domain = RealRange{.low = 1e-5, .high = 1, .log_scale = true},
             .when = Condition{.dimension = kind, .options = {1}}});
  return space;
}

TEST(ControllerCodes, of_every_option_come_back) {
  const Space space = mixed_space();
  const ControllerCodes codes(space, 12);
  EXPECT_EQ(codes.options(), (std::vector<std::size_t>{3, 4, 12, 12}));
  for (std::size_t d = 0; d < space.size(); ++d) {
    for (std::int32_t option = 0; option < static_cast<std::int32_t>(codes.options()[d]); ++option) {
      for (const double within : {0.1, 0.5, 0.9}) {
        Point point{{1, 2, 8, 1e-3}};
        point.values[d] = codes.value(space, d, option, within);
        EXPECT_EQ(repaired(space, point, {}).values[d], point.values[d]);
        // Whole numbers may be so few in a share that one falls on its edge.
        if (d == 2) continue;
        EXPECT_EQ(codes.encode(space, point)[d], option) << d << " " << within;
      }
    }
  }
}

TEST(ControllerCodes, say_where_in_its_share_a_number_lies) {
  Space space;
  space.add({.name = "rate", .domain = RealRange{.low = 0, .high = 2}});
  space.add({.name = "kind", .domain = Choices{{"a", "b"}}});
  const ControllerCodes codes(space, 8);
  for (std::int32_t option = 0; option < 8; ++option)
    for (const double within : {0.125, 0.5, 0.875})
      EXPECT_NEAR(codes.within(space, 0, codes.value(space, 0, option, within)), within, 1e-4);
  EXPECT_EQ(codes.within(space, 0, 2), 1);  // the upper end is of the last share
  EXPECT_EQ(codes.encode(space, {{2, 0}})[0], 7);
  EXPECT_EQ(codes.within(space, 1, 1), 0.5);
}

TEST(ControllerCodes, say_what_does_not_exist) {
  const ControllerCodes codes(mixed_space(), 12);
  EXPECT_EQ(codes.encode(mixed_space(), {{2, 5, 8, kNothing}}),
            (std::vector<std::int32_t>{2, 3, 0, kNotDecided}));
}

// ---- The policy.

const PolicyShape kShape{.options = {3, 1, 5}, .hidden = 8};

// Teaches it something, so that nothing in it is zero any more.
void teach_a_little(ControllerPolicy& policy) {
  const std::vector<std::int32_t> good = {2, 0, 4}, bad = {0, kNotDecided, 1};
  const std::vector<Lesson> lessons = {{.choices = good, .advantage = 1}, {.choices = bad, .advantage = -1}};
  policy.learn(lessons, {.learning_rate = 0.02, .epochs = 10, .clip = 0.5});
}

// The chance of each decision of a sequence.
std::vector<double> chances_of(ControllerPolicy& policy, const std::vector<std::int32_t>& choices) {
  std::vector<double> chances;
  policy.begin();
  for (const std::int32_t choice : choices) {
    const std::span<const float> next = policy.chances();
    chances.push_back(choice == kNotDecided ? 1.0
                                            : static_cast<double>(next[static_cast<std::size_t>(choice)]));
    policy.decide(std::vector{choice, choice});
  }
  return chances;
}

TEST(ControllerPolicy, begins_with_even_chances) {
  ControllerPolicy policy(kShape, 2, 2, Key::from_seed(1));
  policy.begin();
  const std::span<const float> chances = policy.chances();
  ASSERT_EQ(chances.size(), 2U * 5U);
  for (const std::size_t row : {0, 1}) {
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(chances[row * 5 + i], 1.0 / 3, 1e-6);
    for (std::size_t i = 3; i < 5; ++i) EXPECT_EQ(chances[row * 5 + i], 0);  // there is no such option
  }
}

TEST(ControllerPolicy, learns_what_is_rewarded) {
  ControllerPolicy policy(kShape, 2, 2, Key::from_seed(1));
  teach_a_little(policy);
  const std::vector<double> good = chances_of(policy, {2, 0, 4}), bad = chances_of(policy, {0, 0, 1});
  EXPECT_GT(good[0], 0.36);
  EXPECT_GT(good[2], 0.22);
  EXPECT_LT(bad[0], 0.30);
  EXPECT_LT(bad[2], 0.19);
  EXPECT_NEAR(good[1], 1, 1e-6);  // the only option
}

TEST(ControllerPolicy, decisions_depend_on_those_before) {
  ControllerPolicy policy(kShape, 2, 2, Key::from_seed(1));
  const std::vector<std::int32_t> a = {0, 0, 0}, b = {2, 0, 4};
  const std::vector<std::int32_t> c = {0, 0, 4}, d = {2, 0, 0};
  for (int i = 0; i < 200; ++i) {
    policy.learn(std::vector<Lesson>{{a, 1}, {b, 1}}, {.learning_rate = 0.02});
    policy.learn(std::vector<Lesson>{{c, -1}, {d, -1}}, {.learning_rate = 0.02});
  }
  EXPECT_GT(chances_of(policy, a)[2], 0.6);
  EXPECT_LT(chances_of(policy, d)[2], 0.2);
}

TEST(ControllerPolicy, clipped_moves_less) {
  ControllerPolicy narrow(kShape, 2, 2, Key::from_seed(1)), wide(kShape, 2, 2, Key::from_seed(1));
  const std::vector<std::int32_t> good = {2, 0, 4};
  narrow.learn(std::vector<Lesson>{{good, 1}}, {.learning_rate = 0.02, .epochs = 30, .clip = 0.1});
  wide.learn(std::vector<Lesson>{{good, 1}}, {.learning_rate = 0.02, .epochs = 30, .clip = 10});
  EXPECT_LT(chances_of(narrow, good)[0], 0.6);
  EXPECT_GT(chances_of(wide, good)[0], 0.8);
}

TEST(ControllerPolicy, with_an_entropy_bonus_stays_undecided) {
  ControllerPolicy sure(kShape, 2, 2, Key::from_seed(1)), unsure(kShape, 2, 2, Key::from_seed(1));
  const std::vector<std::int32_t> good = {2, 0, 4};
  for (int i = 0; i < 50; ++i) {
    sure.learn(std::vector<Lesson>{{good, 0.1}}, {.learning_rate = 0.02, .epochs = 4});
    unsure.learn(std::vector<Lesson>{{good, 0.1}}, {.learning_rate = 0.02, .epochs = 4, .entropy = 0.5});
  }
  EXPECT_LT(sure.entropy(), 0.5);
  EXPECT_GT(unsure.entropy(), 2.0);
  EXPECT_LT(unsure.entropy(), std::log(3.0) + std::log(5.0));
}

TEST(ControllerPolicy, restarted_is_as_new) {
  ControllerPolicy old(kShape, 2, 2, Key::from_seed(1)), fresh(kShape, 2, 2, Key::from_seed(2));
  teach_a_little(old);
  old.restart(Key::from_seed(2));
  teach_a_little(old);
  teach_a_little(fresh);
  EXPECT_EQ(chances_of(old, {2, 0, 4}), chances_of(fresh, {2, 0, 4}));
}

// What the cell says step by step and what whole sequences are judged by is one function.
TEST(ControllerPrograms, agree_on_the_chance_of_a_sequence) {
  constexpr std::size_t kRows = 2, kMost = 5;
  std::vector<float> w = initial_policy(kShape, Key::from_seed(1));
  RandomStream random(Key::from_seed(2));
  for (float& value : w) value = static_cast<float>(random.normal() * 0.5);
  const std::vector<float> mask = option_mask(kShape);
  const std::vector<std::vector<std::int32_t>> sequences = {{2, 0, 4}, {1, kNotDecided, 0}};
  std::vector<std::int32_t> tokens(3 * kRows);
  std::vector<float> chosen(3 * kRows * kMost, 0.0F);
  for (std::size_t row = 0; row < kRows; ++row) {
    for (std::size_t d = 0; d < 3; ++d) {
      const std::int32_t choice = sequences[row][d];
      tokens[d * kRows + row] = token_before(kShape, d, d == 0 ? 0 : sequences[row][d - 1]);
      if (choice != kNotDecided) chosen[(d * kRows + row) * kMost + static_cast<std::size_t>(choice)] = 1;
    }
  }
  Execution whole(compile(policy_likelihood_program(kShape, kRows)));
  whole.bind_state("w", w.data());
  whole.bind_input("mask", mask.data());
  whole.bind_input("tokens", tokens.data());
  whole.bind_input("chosen", chosen.data());
  whole.run();

  Execution cell(compile(policy_cell_program(kShape, kRows)));
  std::vector<std::int32_t> read(kRows);
  std::int32_t decision = 0;
  cell.bind_state("w", w.data());
  cell.bind_input("mask", mask.data());
  cell.bind_input("tokens", read.data());
  cell.bind_input("decision", &decision);
  for (; decision < 3; ++decision) {
    const auto d = static_cast<std::size_t>(decision);
    for (std::size_t row = 0; row < kRows; ++row)
      read[row] = static_cast<std::int32_t>(first_token(kShape, d)) + tokens[d * kRows + row];
    cell.run();
    for (std::size_t row = 0; row < kRows; ++row) {
      const std::int32_t choice = sequences[row][d];
      const double told = static_cast<double>(whole.output<float>(0)[d * kRows + row]);
      if (choice == kNotDecided) {
        EXPECT_EQ(told, 0);
        continue;
      }
      const auto chance =
          static_cast<double>(cell.output<float>(0)[row * kMost + static_cast<std::size_t>(choice)]);
      EXPECT_NEAR(told, std::log(chance), 1e-4);
    }
  }
}

}  // namespace
}  // namespace astrolabe
