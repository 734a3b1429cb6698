// SPDX-License-Identifier: Apache-2.0
// What every proposer promises, whichever it is: the suite runs over the rows of the catalogue.
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/search/proposer.h"

namespace astrolabe {
namespace {

// Seven dimensions of every kind, some of which exist only under a choice.
Space mixed_space() {
  Space space;
  const std::size_t optimizer = space.add({.name = "optimizer", .domain = Choices{{"sgd", "adam", "rms"}}});
  space.add({.name = "momentum",
             .domain = RealRange{.low = 0, .high = 0.99},
             .when = Condition{.dimension = optimizer, .options = {0}}});
  const std::size_t decay = space.add({.name = "decay",
                                       .domain = Choices{{"none", "cosine"}},
                                       .when = Condition{.dimension = optimizer, .options = {1, 2}}});
  space.add({.name = "cycles",
             .domain = WholeRange{.low = 1, .high = 4},
             .when = Condition{.dimension = decay, .options = {1}}});
  space.add({.name = "rate", .domain = RealRange{.low = 1e-4, .high = 1, .log_scale = true}});
  space.add({.name = "width", .domain = WholeRange{.low = 8, .high = 512, .log_scale = true}});
  space.add({.name = "activation", .domain = Choices{{"relu", "gelu", "tanh", "sine"}}});
  return space;
}

Space whole_space() {
  Space space;
  for (const char* name : {"a", "b", "c", "d", "e"})
    space.add({.name = name, .domain = Choices{{"0", "1", "2", "3", "4", "5"}}});
  space.add({.name = "n", .domain = WholeRange{.low = 0, .high = 30}});
  return space;
}

Space one_point() {
  Space space;
  space.add({.name = "only", .domain = Choices{{"this"}}});
  space.add({.name = "fixed", .domain = WholeRange{.low = 3, .high = 3}});
  return space;
}

// Smooth on the scales, with one optimum in the middle of things; what does not exist costs nothing.
double bowl(const Space& space, const Point& point) {
  double cost = 0;
  for (std::size_t d = 0; d < space.size(); ++d) {
    if (std::isnan(point.values[d])) continue;
    const double away = unit_of(space.dimensions()[d], point.values[d]) - 0.3 - 0.05 * static_cast<double>(d);
    cost += away * away;
  }
  return cost;
}

class AnyProposer : public ::testing::TestWithParam<std::string> {
 protected:
  static std::unique_ptr<Proposer> make(const Space& space, std::uint64_t seed = 1) {
    return make(GetParam(), space, seed);
  }
  static std::unique_ptr<Proposer> make(const std::string& name, const Space& space, std::uint64_t seed) {
    return find_proposer(name)->make(space, {}, Key::from_seed(seed).split("proposer"));
  }
  // Enumerations cannot search real numbers.
  static Space space() { return GetParam() == "enumeration" ? whole_space() : mixed_space(); }

  // The lowest cost in `trials` trials.
  static double best_of(const std::string& name, const Space& space, std::uint64_t seed, int trials) {
    const auto proposer = make(name, space, seed);
    const Key key = Key::from_seed(seed).split("trial");
    double best = std::numeric_limits<double>::infinity();
    for (int i = 0; i < trials; ++i) {
      const auto proposal = proposer->propose(key.split(static_cast<std::uint64_t>(i)));
      if (!proposal) break;
      const double cost = bowl(space, proposal->point);
      best = std::min(best, cost);
      proposer->observe({.point = proposal->point, .by = proposal->by, .cost = cost, .steps = 1});
    }
    return best;
  }
};

bool is_point_of(const Space& space, const Point& point) {
  return point.values.size() == space.size() && repaired(space, point, Key::from_seed(99)) == point;
}

// What a study may tell: every third failed, every fourth pruned, some of another worker.
Observation eventful(const Space& space, const Point& point, const std::string& by, std::uint64_t i) {
  if (i % 3 == 2) return {.point = point, .by = by, .state = TrialState::failed};
  const double cost = bowl(space, point);
  if (i % 4 == 1)
    return {.point = point, .by = by, .state = TrialState::pruned, .cost = cost, .steps = i % 5};
  return {.point = point, .by = by, .cost = cost, .steps = 5};
}

std::vector<Point> eventful_run(Proposer& proposer, const Space& space, std::uint64_t trials) {
  const Key key = Key::from_seed(5);
  std::vector<Point> points;
  for (std::uint64_t i = 0; i < trials; ++i) {
    const auto proposal = proposer.propose(key.split(i));
    if (!proposal) break;
    points.push_back(proposal->point);
    proposer.observe(eventful(space, proposal->point, proposal->by, i));
    if (i % 7 == 0)
      proposer.observe(eventful(space, random_point(space, key.split("foreign").split(i)), "somebody", i));
    if (i % 11 == 0) proposer.observe(eventful(space, points.front(), "evolution", 0));
  }
  return points;
}

TEST_P(AnyProposer, proposes_the_same_after_the_same_calls) {
  const Space here = space();
  const std::vector<Point> once = eventful_run(*make(here), here, 120);
  const std::vector<Point> again = eventful_run(*make(here), here, 120);
  ASSERT_EQ(once.size(), 120U);
  EXPECT_EQ(once, again);
}

TEST_P(AnyProposer, of_another_key_proposes_something_else) {
  const Space here = space();
  const auto a = make(here, 1);
  const auto b = make(here, 2);
  int equal = 0;
  for (std::uint64_t i = 0; i < 20; ++i)
    equal += a->propose(Key::from_seed(1).split(i))->point == b->propose(Key::from_seed(2).split(i))->point;
  EXPECT_LT(equal, 5);
}

TEST_P(AnyProposer, proposes_only_points_of_the_space) {
  const Space here = space();
  for (const Point& point : eventful_run(*make(here), here, 200)) EXPECT_TRUE(is_point_of(here, point));
}

TEST_P(AnyProposer, makes_several_proposals_before_it_sees_anything) {
  const Space here = space();
  const auto proposer = make(here);
  for (std::uint64_t i = 0; i < 50; ++i) {
    const auto proposal = proposer->propose(Key::from_seed(3).split(i));
    ASSERT_TRUE(proposal.has_value());
    EXPECT_TRUE(is_point_of(here, proposal->point));
  }
}

TEST_P(AnyProposer, goes_on_when_every_trial_fails) {
  const Space here = space();
  const auto proposer = make(here);
  for (std::uint64_t i = 0; i < 60; ++i) {
    const auto proposal = proposer->propose(Key::from_seed(3).split(i));
    ASSERT_TRUE(proposal.has_value());
    EXPECT_TRUE(is_point_of(here, proposal->point));
    proposer->observe({.point = proposal->point, .by = proposal->by, .state = TrialState::failed});
  }
}

TEST_P(AnyProposer, of_a_space_of_one_point_proposes_it) {
  const Space here = one_point();
  const auto proposer = make(here);
  for (std::uint64_t i = 0; i < 40; ++i) {
    const auto proposal = proposer->propose(Key::from_seed(3).split(i));
    ASSERT_TRUE(proposal.has_value() || i > 0);
    if (!proposal) break;
    EXPECT_EQ(proposal->point, (Point{{0, 3}}));
    proposer->observe({.point = proposal->point, .by = proposal->by, .cost = 1, .steps = 1});
  }
}

TEST_P(AnyProposer, copes_with_costs_that_are_all_equal_or_enormous) {
  const Space here = space();
  for (const double cost : {0.0, 1e300, -1e300}) {
    const auto proposer = make(here);
    for (std::uint64_t i = 0; i < 40; ++i) {
      const auto proposal = proposer->propose(Key::from_seed(3).split(i));
      ASSERT_TRUE(proposal.has_value());
      EXPECT_TRUE(is_point_of(here, proposal->point));
      proposer->observe(
          {.point = proposal->point, .by = proposal->by, .cost = i % 2 == 0 ? cost : -cost, .steps = 1});
    }
  }
}

TEST_P(AnyProposer, names_a_row_of_the_catalogue) {
  const Space here = space();
  const auto proposer = make(here);
  for (std::uint64_t i = 0; i < 30; ++i) {
    const auto proposal = proposer->propose(Key::from_seed(3).split(i));
    EXPECT_NE(find_proposer(proposal->by), nullptr) << proposal->by;
    EXPECT_TRUE(proposal->by == GetParam() || GetParam() == "auto");
    proposer->observe(eventful(here, proposal->point, proposal->by, i));
  }
  EXPECT_EQ(proposer->summary().find('\n'), std::string::npos);
}

// Chance alone reaches 15 of 20 once in fifty.
TEST_P(AnyProposer, finds_more_than_random_search_on_a_smooth_function) {
  if (GetParam() == "random" || GetParam() == "enumeration") GTEST_SKIP() << "it learns nothing";
  const Space here = space();
  int wins = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    wins += best_of(GetParam(), here, seed, 80) < best_of("random", here, 1000 + seed, 80);
  EXPECT_GE(wins, 15);
}

TEST_P(AnyProposer, refuses_a_setting_that_it_does_not_have) {
  try {
    static_cast<void>(find_proposer(GetParam())->make(whole_space(), {{"no_such", 1.0}}, Key{}));
    FAIL() << "it was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_NE(std::string(error.what()).find(GetParam() + ".no_such"), std::string::npos) << error.what();
  }
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const ProposerRow& row : proposer_rows()) all.emplace_back(row.name);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Catalogue, AnyProposer, ::testing::ValuesIn(names()),
                         [](const auto& row) { return row.param; });

}  // namespace
}  // namespace astrolabe
