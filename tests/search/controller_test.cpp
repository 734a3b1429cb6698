// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/controller.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/search/seen_points.h"

namespace astrolabe {
namespace {

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

Space choices_space(std::size_t dimensions, std::size_t options) {
  Space space;
  for (std::size_t d = 0; d < dimensions; ++d) {
    Choices choices;
    for (std::size_t i = 0; i < options; ++i) choices.options.push_back("o" + std::to_string(i));
    space.add({.name = "d" + std::to_string(d), .domain = choices});
  }
  return space;
}

// Costs of single dimensions and of pairs, all made up by the key.
double landscape(const Point& point, Key key) {
  double cost = 0;
  for (std::size_t d = 0; d < point.values.size(); ++d) {
    const auto at = [&](std::size_t i) { return static_cast<std::uint64_t>(point.values[i]); };
    cost += random_uniform(key.split(d), at(d));
    for (std::size_t e = 0; e < d; ++e)
      cost += 0.3 * random_uniform(key.split(100 + d * 10 + e), at(d) * 100 + at(e));
  }
  return cost;
}

struct Tried {
  std::vector<Point> points;
  std::vector<double> costs;
  [[nodiscard]] double best() const { return *std::ranges::min_element(costs); }
};

template <class Cost>
Tried run(Proposer& proposer, std::size_t trials, Key key, const Cost& cost) {
  Tried tried;
  for (std::uint64_t i = 0; i < trials; ++i) {
    const std::optional<Proposal> proposal = proposer.propose(key.split(i));
    tried.points.push_back(proposal->point);
    tried.costs.push_back(cost(proposal->point));
    proposer.observe({.point = proposal->point,
                      .by = proposal->by,
                      .state = TrialState::complete,
                      .cost = tried.costs.back(),
                      .steps = 1});
  }
  return tried;
}

double random_best(const Space& space, std::size_t trials, Key key, Key scenery) {
  double best = std::numeric_limits<double>::infinity();
  for (std::uint64_t i = 0; i < trials; ++i)
    best = std::min(best, landscape(random_point(space, key.split(i)), scenery));
  return best;
}

class EveryAlgorithm : public testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] ControllerSettings settings() const { return {.algorithm = GetParam()}; }
};
INSTANTIATE_TEST_SUITE_P(Controller, EveryAlgorithm, testing::Values("ppo", "reinforce"),
                         [](const auto& about) { return about.param; });

TEST_P(EveryAlgorithm, finds_better_points_than_chance) {
  const Space space = choices_space(6, 5);
  int wins = 0;
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    const Key key = Key::from_seed(seed), scenery = key.split("scenery");
    const auto proposer = make_controller(space, settings(), key.split("policy"));
    const Tried found = run(*proposer, 120, key.split("points"),
                            [&](const Point& point) { return landscape(point, scenery); });
    if (found.best() < random_best(space, 120, key.split("random"), scenery)) ++wins;
  }
  EXPECT_GE(wins, 10);
}

TEST_P(EveryAlgorithm, proposes_the_same_for_the_same_key) {
  const Space space = mixed_space();
  const auto cost = [](const Point& point) { return point.values[0] - point.values[1]; };
  const auto first = make_controller(space, settings(), Key::from_seed(1));
  const auto again = make_controller(space, settings(), Key::from_seed(1));
  const auto other = make_controller(space, settings(), Key::from_seed(1));
  const Tried a = run(*first, 60, Key::from_seed(2), cost);
  EXPECT_EQ(a.points, run(*again, 60, Key::from_seed(2), cost).points);
  EXPECT_NE(a.points, run(*other, 60, Key::from_seed(3), cost).points);
}

TEST_P(EveryAlgorithm, proposes_points_of_the_space_only) {
  const Space space = mixed_space();
  const auto proposer = make_controller(space, settings(), Key::from_seed(1));
  const Tried found = run(*proposer, 100, Key::from_seed(2), [](const Point& p) { return p.values[2]; });
  for (const Point& point : found.points) EXPECT_EQ(repaired(space, point, {}), point);
}

TEST_P(EveryAlgorithm, cares_for_the_order_of_costs_alone) {
  const Space space = choices_space(4, 4);
  const Key scenery = Key::from_seed(9);
  const auto plain = make_controller(space, settings(), Key::from_seed(1));
  const auto bent = make_controller(space, settings(), Key::from_seed(1));
  EXPECT_EQ(run(*plain, 80, Key::from_seed(2), [&](const Point& p) { return landscape(p, scenery); }).points,
            run(*bent, 80, Key::from_seed(2), [&](const Point& p) {
              const double cost = landscape(p, scenery);
              return 1e6 * cost * cost * cost - 3;
            }).points);
}

TEST_P(EveryAlgorithm, does_not_repeat_itself_while_there_is_something_new) {
  const Space space = choices_space(6, 5);
  const auto proposer = make_controller(space, settings(), Key::from_seed(1));
  const Tried found = run(*proposer, 300, Key::from_seed(2), [](const Point& p) {
    return std::accumulate(p.values.begin(), p.values.end(), 0.0);
  });
  SeenPoints seen;
  for (const Point& point : found.points) {
    EXPECT_FALSE(seen.contains(point));
    seen.insert(point);
  }
}

TEST_P(EveryAlgorithm, survives_failures_alone_and_tiny_spaces) {
  for (const Space& space : {choices_space(0, 1), choices_space(1, 1), choices_space(2, 2), mixed_space()}) {
    const auto proposer = make_controller(space, settings(), Key::from_seed(1));
    for (std::uint64_t i = 0; i < 150; ++i) {
      const std::optional<Proposal> proposal = proposer->propose(Key::from_seed(2).split(i));
      ASSERT_TRUE(proposal);
      EXPECT_EQ(repaired(space, proposal->point, {}), proposal->point);
      proposer->observe({.point = proposal->point, .by = "rl", .state = TrialState::failed});
    }
  }
}

TEST(Controller, learns_from_trials_of_others) {
  const Space space = choices_space(6, 5);
  double told = 0, untold = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const Key key = Key::from_seed(seed), scenery = key.split("scenery");
    const auto taught = make_controller(space, {}, key.split("policy"));
    const auto fresh = make_controller(space, {}, key.split("policy"));
    for (std::uint64_t i = 0; i < 200; ++i) {
      const Point point = random_point(space, key.split("others").split(i));
      taught->observe({.point = point, .by = "random", .cost = landscape(point, scenery), .steps = 1});
    }
    for (std::uint64_t i = 0; i < 8; ++i) {
      told += landscape(taught->propose(key.split(i))->point, scenery) / 80;
      untold += landscape(fresh->propose(key.split(i))->point, scenery) / 80;
    }
  }
  EXPECT_LT(told, untold - 0.7);
}

TEST(Controller, comes_closer_to_a_number_than_its_shares_are_wide) {
  Space space;
  for (const char* name : {"a", "b", "c"})
    space.add({.name = name, .domain = RealRange{.low = 0, .high = 1}});
  double away = 0;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const auto proposer = make_controller(space, {}, Key::from_seed(seed));
    RandomStream random(Key::from_seed(seed).split("place"));
    const double place[3] = {random.uniform(), random.uniform(), random.uniform()};
    double best = 1;
    for (std::uint64_t i = 0; i < 300; ++i) {
      const Proposal proposal = *proposer->propose(Key::from_seed(seed).split(i));
      double cost = 0;
      for (std::size_t d = 0; d < 3; ++d)
        cost = std::max(cost, std::abs(proposal.point.values[d] - place[d]));
      proposer->observe({.point = proposal.point, .by = "rl", .cost = cost, .steps = 1});
      best = std::min(best, cost);
    }
    away += best / 5;
  }
  EXPECT_LT(away, 1.0 / 8 / 4);
}

TEST(Controller, begins_anew_when_nothing_gets_better) {
  const Space space = choices_space(6, 5);
  const auto proposer = make_controller(space, {.patience = 20}, Key::from_seed(1));
  static_cast<void>(run(*proposer, 50, Key::from_seed(2), [](const Point&) { return 1.0; }));
  EXPECT_NE(proposer->summary().find("2 restarts"), std::string::npos) << proposer->summary();
}

TEST(Controller, is_a_row_of_the_catalog) {
  const ProposerChoice choice = parse_proposer("rl(algorithm=reinforce, hidden=8)");
  ASSERT_NE(choice.row, nullptr);
  const auto proposer = choice.row->make(mixed_space(), choice.settings, Key::from_seed(1));
  EXPECT_EQ(proposer->propose(Key::from_seed(2))->by, "rl");
  EXPECT_THROW(static_cast<void>(parse_proposer("rl(algorithm=sarsa)")), Error);
  EXPECT_THROW(static_cast<void>(parse_proposer("rl(hidden=0)")), Error);
}

}  // namespace
}  // namespace astrolabe
