// SPDX-License-Identifier: Apache-2.0
// What every pruner promises, whichever it is: the suite runs over the rows of the catalogue.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/random.h"
#include "astrolabe/search/pruner.h"

namespace astrolabe {
namespace {

StepCost at(double cost, double half_width = 0, std::size_t step = 0) {
  return {.step = step, .cost = cost, .low = cost - half_width, .high = cost + half_width};
}

std::vector<StepCost> random_peers(std::size_t count, Key key, double half_width) {
  std::vector<StepCost> peers;
  RandomStream random(key);
  for (std::size_t i = 0; i < count; ++i) peers.push_back(at(random.normal(), half_width * random.uniform()));
  return peers;
}

class AnyPruner : public ::testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] bool stops(const StepCost& own, std::span<const StepCost> peers) const {
    return pruner_->should_stop({&own, 1}, peers);
  }
  std::unique_ptr<const Pruner> pruner_ = find_pruner(GetParam())->make({});
};

TEST_P(AnyPruner, lets_a_trial_without_peers_go_on) {
  EXPECT_FALSE(stops(at(1e9), {}));
  EXPECT_FALSE(stops(at(1e9, 1), {}));
}

TEST_P(AnyPruner, never_stops_the_best) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Key key = Key::from_seed(seed);
    std::vector<StepCost> peers = random_peers(1 + seed % 40, key, seed % 3 == 0 ? 0.0 : 0.5);
    const double lowest = std::ranges::min_element(peers, {}, &StepCost::cost)->cost;
    for (const double half_width : {0.0, 0.01, 3.0}) {
      EXPECT_FALSE(stops(at(lowest - 0.1, half_width), peers)) << seed;
      EXPECT_FALSE(stops(at(lowest, half_width), peers)) << seed;
    }
  }
}

TEST_P(AnyPruner, does_not_care_in_which_order_the_peers_come) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    std::vector<StepCost> peers = random_peers(20, Key::from_seed(seed), 0.3);
    const StepCost own = at(0.5 * RandomStream(Key::from_seed(seed).split("own")).normal(), 0.2);
    const bool answer = stops(own, peers);
    RandomStream random(Key::from_seed(seed).split("order"));
    for (int i = 0; i < 5; ++i) {
      random.shuffle(peers);
      EXPECT_EQ(stops(own, peers), answer);
    }
  }
}

TEST_P(AnyPruner, says_the_same_when_asked_again) {
  const std::vector<StepCost> peers = random_peers(20, Key::from_seed(1), 0.3);
  for (double cost = -2; cost < 2; cost += 0.1)
    EXPECT_EQ(stops(at(cost, 0.1), peers), stops(at(cost, 0.1), peers));
}

TEST_P(AnyPruner, stops_nobody_when_all_are_equal) {
  const std::vector<StepCost> peers(30, at(1, 0.1));
  EXPECT_FALSE(stops(at(1, 0.1), peers));
}

TEST_P(AnyPruner, that_stops_a_cost_stops_every_higher_one) {
  const std::vector<StepCost> peers = random_peers(30, Key::from_seed(3), 0.2);
  bool stopped = false;
  for (double cost = -3; cost < 3; cost += 0.05) {
    const bool stops_now = stops(at(cost, 0.1), peers);
    EXPECT_GE(stops_now, stopped) << cost;
    stopped = stops_now;
  }
  EXPECT_EQ(stopped, GetParam() != "none");
}

TEST_P(AnyPruner, bears_enormous_costs) {
  const std::vector<StepCost> peers = {at(1e308), at(-1e308), at(0), at(1e-300), at(5)};
  EXPECT_FALSE(stops(at(-1e308), peers));
  EXPECT_EQ(stops(at(1.7e308), peers), stops(at(1.7e308), peers));
}

TEST_P(AnyPruner, refuses_a_setting_that_it_does_not_have) {
  EXPECT_THROW(static_cast<void>(find_pruner(GetParam())->make({{"no_such", 1.0}})), Error);
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const PrunerRow& row : pruner_rows()) all.emplace_back(row.name);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Catalogue, AnyPruner, ::testing::ValuesIn(names()),
                         [](const auto& row) { return row.param; });

// ---- What single ones promise.

bool stops(std::string_view text, const StepCost& own, const std::vector<StepCost>& peers) {
  const PrunerChoice choice = parse_pruner(text);
  return choice.row->make(choice.settings)->should_stop({&own, 1}, peers);
}

std::vector<StepCost> ladder(std::size_t count, double half_width = 0) {
  std::vector<StepCost> peers;
  for (std::size_t i = 1; i <= count; ++i) peers.push_back(at(static_cast<double>(i), half_width));
  return peers;
}

TEST(Halving, lets_one_in_eta_go_on) {
  // With eight others there are three places.
  EXPECT_FALSE(stops("halving", at(2.5), ladder(8)));
  EXPECT_TRUE(stops("halving", at(3.5), ladder(8)));
  EXPECT_FALSE(stops("halving(eta=2)", at(3.5), ladder(8)));
}

TEST(Halving, lets_the_first_ones_go_on) {
  EXPECT_FALSE(stops("halving", at(100), ladder(2)));
  EXPECT_TRUE(stops("halving", at(100), ladder(3)));
  EXPECT_FALSE(stops("halving(min_peers=10)", at(100), ladder(9)));
}

TEST(Halving, judges_only_at_its_rungs) {
  const std::string geometric = "halving(rungs=geometric)";
  const std::vector<std::size_t> expected = {0, 2, 8, 26};
  std::vector<std::size_t> judged;
  for (std::size_t step = 0; step < 40; ++step)
    if (stops(geometric, at(100, 0, step), ladder(9))) judged.push_back(step);
  EXPECT_EQ(judged, expected);
}

TEST(Race, stops_what_lies_wholly_above_another) {
  EXPECT_TRUE(stops("race", at(1.5, 0.2), {at(1, 0.2)}));
  EXPECT_FALSE(stops("race", at(1.3, 0.2), {at(1, 0.2)}));
  EXPECT_FALSE(stops("race(width=2)", at(1.5, 0.2), {at(1, 0.2)}));
  EXPECT_TRUE(stops("race(width=0.5)", at(1.3, 0.2), {at(1, 0.2)}));
}

TEST(Race, learns_nothing_from_costs_without_an_interval) {
  EXPECT_FALSE(stops("race", at(1.5), {at(1, 0.2)}));
  EXPECT_FALSE(stops("race", at(1.5, 0.2), {at(1)}));
}

TEST(HalvingRace, stops_for_either_reason) {
  EXPECT_TRUE(stops("halving_race", at(1.5, 0.2), {at(1, 0.2)}));  // few, but surely worse
  EXPECT_TRUE(stops("halving_race", at(3.5), ladder(8)));          // not surely worse, but outside
  EXPECT_FALSE(stops("halving_race", at(2.5, 1.0), ladder(8, 1.0)));
  EXPECT_FALSE(stops("halving_race(eta=2, rungs=geometric)", at(100, 0, 4), ladder(9)));
}

TEST(Median, stops_what_is_above_it) {
  EXPECT_FALSE(stops("median", at(2.5), ladder(5)));
  EXPECT_TRUE(stops("median", at(3.5), ladder(5)));
  EXPECT_FALSE(stops("median", at(3.5), ladder(4)));
  EXPECT_FALSE(stops("median(first_step=2)", at(9, 0, 1), ladder(5)));
  EXPECT_TRUE(stops("median(first_step=2)", at(9, 0, 2), ladder(5)));
}

TEST(ParsePruner, of_nothing_is_the_first) {
  EXPECT_EQ(parse_pruner("").row, &pruner_rows()[0]);
  EXPECT_EQ(&default_pruner(), &pruner_rows()[0]);
}

TEST(ParsePruner, says_what_is_wrong) {
  const auto message = [](std::string_view text) -> std::string {
    try {
      static_cast<void>(parse_pruner(text));
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing";
  };
  EXPECT_NE(message("halvin").find("Did you mean halving?"), std::string::npos) << message("halvin");
  EXPECT_NE(message("halving(eta").find("a closing parenthesis"), std::string::npos)
      << message("halving(eta");
  EXPECT_NE(message("halving(3)").find("name=value"), std::string::npos) << message("halving(3)");
  EXPECT_NE(message("halving(eta=0)").find("from 1.1 to 100"), std::string::npos)
      << message("halving(eta=0)");
  EXPECT_NE(message("race(eta=2)").find("race.eta"), std::string::npos) << message("race(eta=2)");
  EXPECT_NE(message("halving(eta=2, eta=3)").find("twice"), std::string::npos);
  EXPECT_EQ(message(" none() "), "nothing");
}

}  // namespace
}  // namespace astrolabe
