// SPDX-License-Identifier: Apache-2.0
// What single proposers promise beyond the contract of all, and the pieces that they are made of.
#include "astrolabe/search/proposer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/search/enumeration.h"
#include "astrolabe/search/evolution.h"
#include "astrolabe/search/gaussian_process.h"
#include "astrolabe/search/mutation.h"
#include "astrolabe/search/parzen.h"
#include "astrolabe/search/seen_points.h"
#include "astrolabe/search/trial_memory.h"

namespace astrolabe {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

Space letters(std::size_t dimensions, std::size_t options) {
  Space space;
  for (std::size_t d = 0; d < dimensions; ++d) {
    Choices choices;
    for (std::size_t i = 0; i < options; ++i) choices.options.push_back(std::to_string(i));
    space.add({.name = "d" + std::to_string(d), .domain = choices});
  }
  return space;
}

// 2 * (1 + 3 + 2 * 5): under b's last option hangs another choice, under that one's second a number.
Space nested() {
  Space space;
  space.add({.name = "a", .domain = Choices{{"0", "1"}}});
  const std::size_t b = space.add({.name = "b", .domain = Choices{{"x", "y", "z"}}});
  space.add({.name = "under_y",
             .domain = WholeRange{.low = -1, .high = 1},
             .when = Condition{.dimension = b, .options = {1}}});
  const std::size_t z = space.add(
      {.name = "under_z", .domain = Choices{{"p", "q"}}, .when = Condition{.dimension = b, .options = {2}}});
  space.add({.name = "under_z_too",
             .domain = WholeRange{.low = 10, .high = 11},
             .when = Condition{.dimension = b, .options = {2}}});
  space.add({.name = "deep",
             .domain = WholeRange{.low = 1, .high = 4},
             .when = Condition{.dimension = z, .options = {1}}});
  return space;
}

std::set<std::string> texts(const Space& space, const std::vector<Point>& points) {
  std::set<std::string> all;
  for (const Point& point : points) all.insert(point_text(space, point));
  return all;
}

TEST(Shuffled, is_a_permutation_of_any_size) {
  for (std::uint64_t count = 1; count <= 300; ++count) {
    std::vector<bool> hit(count, false);
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t to = shuffled(i, count, Key::from_seed(count));
      ASSERT_LT(to, count);
      ASSERT_FALSE(hit[to]);
      hit[to] = true;
    }
  }
}

TEST(Shuffled, spreads_the_first_of_many_evenly) {
  constexpr std::uint64_t kCount = std::uint64_t{1} << 53;
  std::vector<int> quarters(4, 0);
  for (std::uint64_t i = 0; i < 4000; ++i) ++quarters[shuffled(i, kCount, Key::from_seed(1)) / (kCount / 4)];
  for (const int quarter : quarters) EXPECT_NEAR(quarter, 1000, 120);  // four standard deviations
}

TEST(PointIndex, has_every_point_once) {
  const Space space = nested();
  const PointIndex index(space);
  EXPECT_EQ(index.count(), 28U);
  std::vector<Point> decoded, listed;
  for (std::uint64_t i = 0; i < index.count(); ++i) decoded.push_back(index.point(i));
  for (std::optional<Point> point = first_point(space); point; point = next_point(space, *point))
    listed.push_back(*point);
  EXPECT_EQ(texts(space, decoded).size(), 28U);
  EXPECT_EQ(texts(space, decoded), texts(space, listed));
}

TEST(Enumeration, ends_after_every_point_was_shown) {
  const Space space = nested();
  for (const std::string order : {"shuffled", "listed"}) {
    const auto proposer = make_enumeration(space, {.order = order}, Key::from_seed(1));
    std::vector<Point> shown;
    while (const auto proposal = proposer->propose(Key{})) shown.push_back(proposal->point);
    EXPECT_EQ(shown.size(), 28U);
    EXPECT_EQ(texts(space, shown).size(), 28U);
    EXPECT_EQ(proposer->summary(), "28 of 28 points");
  }
}

TEST(Enumeration, listed_has_the_last_dimension_fastest) {
  const Space space = letters(3, 3);
  const auto proposer = make_enumeration(space, {.order = "listed"}, Key::from_seed(1));
  for (std::optional<Point> point = first_point(space); point; point = next_point(space, *point))
    EXPECT_EQ(proposer->propose(Key{})->point, *point);
}

TEST(Enumeration, of_real_numbers_is_refused) {
  Space space;
  space.add({.name = "rate", .domain = RealRange{.low = 0, .high = 1}});
  try {
    static_cast<void>(make_enumeration(space, {}, Key{}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_NE(std::string(error.what()).find("Take another proposer"), std::string::npos) << error.what();
  }
}

TEST(SeenPoints, knows_what_was_inserted) {
  const Space space = letters(6, 5);
  const PointIndex index(space);
  SeenPoints seen;
  for (std::uint64_t i = 0; i < 3000; i += 2) seen.insert(index.point(i));
  seen.insert(index.point(0));
  EXPECT_EQ(seen.size(), 1500U);
  for (std::uint64_t i = 0; i < 3000; ++i) ASSERT_EQ(seen.contains(index.point(i)), i % 2 == 0) << i;
}

TEST(SeenPoints, takes_nothing_for_nothing_and_zero_for_zero) {
  SeenPoints seen;
  seen.insert({{kNothing, 0.0}});
  EXPECT_TRUE(seen.contains({{-kNothing, -0.0}}));
  EXPECT_FALSE(seen.contains({{0.0, kNothing}}));
}

TEST(Mutated, changes_one_dimension_and_what_hangs_on_it) {
  const Space space = nested();
  for (std::uint64_t i = 0; i < 500; ++i) {
    const Point parent = random_point(space, Key::from_seed(i));
    const Point child = mutated(space, parent, Key::from_seed(i).split("child"));
    EXPECT_NE(parent, child);
    EXPECT_EQ(repaired(space, child, Key{}), child);
    int changed = 0;
    for (std::size_t d = 0; d < space.size(); ++d)
      changed += !std::isnan(parent.values[d]) && !std::isnan(child.values[d]) &&
                 parent.values[d] != child.values[d];
    EXPECT_LE(changed, 1);
  }
}

TEST(Mutated, reaches_every_value_of_a_whole_number) {
  Space space;
  space.add({.name = "n", .domain = WholeRange{.low = 1, .high = 8, .log_scale = true}});
  std::set<double> reached;
  Point point{{4}};
  for (std::uint64_t i = 0; i < 300; ++i) {
    point = mutated(space, point, Key::from_seed(i));
    reached.insert(point.values[0]);
  }
  EXPECT_EQ(reached.size(), 8U);
}

TEST(UnseenMutation, finds_the_last_point_that_is_left_nearby) {
  const Space space = letters(1, 6);
  SeenPoints seen;
  for (const double value : {0.0, 1.0, 2.0, 3.0, 5.0}) seen.insert({{value}});
  int found = 0;
  for (std::uint64_t i = 0; i < 20; ++i)
    found += unseen_mutation(space, {{0}}, seen, Key::from_seed(i)) == Point{{4}};
  EXPECT_GE(found, 19);
}

TEST(TrialMemory, keeps_the_best_and_the_newest) {
  TrialMemory memory(64);
  for (int i = 0; i < 1000; ++i) {
    const double cost = i == 17 ? -1 : 1000 - std::abs(500 - i);
    memory.add({.point = Point{{static_cast<double>(i)}}, .by = {}, .cost = cost});
    EXPECT_LE(memory.trials().size(), 64U);
  }
  EXPECT_EQ(memory.trials()[memory.ranked()[0]].cost, -1);
  EXPECT_EQ(memory.trials().back().point.values[0], 999);
}

TEST(Parzen, shares_add_up_to_one_and_follow_the_values) {
  Parzen choices({.name = "c", .domain = Choices{{"a", "b", "c"}}});
  for (int i = 0; i < 8; ++i) choices.add(1);
  choices.smooth();
  EXPECT_NEAR(choices.share_of(0) + choices.share_of(1) + choices.share_of(2), 1, 1e-12);
  EXPECT_GT(choices.share_of(1), 10 * choices.share_of(0));

  Parzen numbers({.name = "n", .domain = RealRange{.low = 0, .high = 1}});
  for (int i = 0; i < 20; ++i) numbers.add(0.02);  // so near the border that the window is folded
  numbers.smooth();
  double total = 0;
  for (int cell = 0; cell < 256; ++cell) total += numbers.share_of((cell + 0.5) / 256);
  EXPECT_NEAR(total, 1, 1e-9);
  EXPECT_GT(numbers.share_of(0.02), 50 * numbers.share_of(0.5));
  RandomStream random(Key::from_seed(1));
  int near = 0;
  for (int i = 0; i < 200; ++i) near += numbers.draw(random) < 0.1;
  EXPECT_GT(near, 170);
}

TEST(GaussianProcess, knows_the_points_that_it_was_told) {
  const Space space = letters(4, 3);
  GaussianProcess process(space);
  std::vector<double> targets;
  const PointIndex index(space);
  for (std::uint64_t i = 0; i < 40; i += 2) {
    process.add(index.point(i));
    targets.push_back(100 + static_cast<double>(i % 7));
  }
  process.set_targets(targets);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const Estimate known = process.estimate(index.point(2 * i));
    EXPECT_NEAR(known.mean, targets[i], 0.5);
    EXPECT_NEAR(known.mean, process.mean(index.point(2 * i)), 1e-9);
    EXPECT_LT(known.variance, process.estimate(index.point(80)).variance);
  }
}

TEST(GaussianProcess, learns_which_dimensions_count) {
  const Space space = letters(5, 4);
  GaussianProcess process(space);
  std::vector<double> targets;
  for (std::uint64_t i = 0; i < 60; ++i) {
    const Point point = random_point(space, Key::from_seed(i));
    process.add(point);
    targets.push_back(point.values[0] * 2 + (point.values[3] == 1 ? 5 : 0));
  }
  process.set_targets(targets);
  for (int i = 0; i < 4; ++i) process.fit_weights(60);
  for (const std::size_t dull : {1, 2, 4}) {
    EXPECT_GT(process.weights()[0], 2 * process.weights()[dull]);
    EXPECT_GT(process.weights()[3], 2 * process.weights()[dull]);
  }
}

TEST(GaussianProcess, that_forgot_is_as_one_that_never_knew) {
  const Space space = letters(4, 3);
  GaussianProcess process(space), fresh(space);
  std::vector<std::size_t> kept;
  std::vector<double> targets;
  for (std::size_t i = 0; i < 30; ++i) {
    process.add(random_point(space, Key::from_seed(i)));
    if (i % 3 != 0) continue;
    kept.push_back(i);
    fresh.add(random_point(space, Key::from_seed(i)));
    targets.push_back(static_cast<double>(i * i % 11));
  }
  process.keep(kept);
  process.set_targets(targets);
  fresh.set_targets(targets);
  for (std::uint64_t i = 100; i < 120; ++i) {
    const Point point = random_point(space, Key::from_seed(i));
    EXPECT_EQ(process.estimate(point).mean, fresh.estimate(point).mean);
    EXPECT_EQ(process.estimate(point).variance, fresh.estimate(point).variance);
  }
}

TEST(Evolution, changes_the_best_of_the_newest) {
  const Space space = letters(8, 4);
  const auto proposer = make_evolution(space, {.population = 2, .sample = 50});
  const Point best{std::vector<double>(8, 1.0)}, worse{std::vector<double>(8, 3.0)};
  proposer->observe({.point = best, .by = {}, .cost = 0});
  proposer->observe({.point = worse, .by = {}, .cost = 9});
  const auto distance = [](const Point& a, const Point& b) {
    int differ = 0;
    for (std::size_t d = 0; d < a.values.size(); ++d) differ += a.values[d] != b.values[d];
    return differ;
  };
  for (std::uint64_t i = 0; i < 10; ++i)
    EXPECT_EQ(distance(proposer->propose(Key::from_seed(i))->point, best), 1);
  // Two younger ones: the best has died of age.
  proposer->observe({.point = worse, .by = {}, .cost = 9});
  for (std::uint64_t i = 0; i < 10; ++i)
    EXPECT_EQ(distance(proposer->propose(Key::from_seed(i))->point, worse), 1);
}

TEST(Auto, comes_to_the_end_of_a_small_space_without_repeating_itself) {
  const Space space = nested();
  const auto proposer = find_proposer("auto")->make(space, {}, Key::from_seed(1));
  std::vector<Point> shown;
  while (const auto proposal = proposer->propose(Key::from_seed(2).split(shown.size()))) {
    shown.push_back(proposal->point);
    ASSERT_LE(shown.size(), 28U);
    proposer->observe({.point = proposal->point, .by = proposal->by, .cost = 1.0, .steps = 1});
  }
  EXPECT_EQ(texts(space, shown).size(), 28U);
}

TEST(Auto, asks_those_more_whose_proposals_are_better) {
  const Space space = letters(10, 6);
  const auto proposer = find_proposer("auto")->make(space, {}, Key::from_seed(1));
  int late = 0;
  for (std::uint64_t i = 0; i < 300; ++i) {
    const auto proposal = proposer->propose(Key::from_seed(2).split(i));
    if (i >= 200) late += proposal->by == "evolution";
    // Only what evolution asks for is ever any good.
    const double cost = proposal->by == "evolution" ? 1000.0 - static_cast<double>(i) : 5000.0;
    proposer->observe({.point = proposal->point, .by = proposal->by, .cost = cost, .steps = 1});
  }
  EXPECT_GT(late, 60);
  EXPECT_EQ(proposer->summary().find("evolution: "), 0U) << proposer->summary();
}

// Made-up functions: every option and every pair of options has an effect drawn by chance.
double drawn_effects(const Point& point, Key key) {
  double cost = 0;
  for (std::size_t i = 0; i < point.values.size(); ++i) {
    const auto a = static_cast<std::uint64_t>(point.values[i]);
    cost += RandomStream(key.split(i).split(a)).normal();
    for (std::size_t j = 0; j < i; ++j) {
      const auto b = static_cast<std::uint64_t>(point.values[j]);
      cost += 0.4 * RandomStream(key.split(100 + i * 10 + j).split(a * 10 + b)).normal();
    }
  }
  return cost;
}

double median_trials_to_optimum(const std::string& name) {
  const Space space = letters(5, 4);
  constexpr int kLimit = 300;
  std::vector<int> trials;
  for (std::uint64_t seed = 1; seed <= 21; ++seed) {
    const Key key = Key::from_seed(seed);
    double lowest = std::numeric_limits<double>::infinity();
    for (std::optional<Point> point = first_point(space); point; point = next_point(space, *point))
      lowest = std::min(lowest, drawn_effects(*point, key));
    const auto proposer = find_proposer(name)->make(space, {}, key.split("proposer"));
    int used = 0;
    for (double cost = lowest + 1; cost > lowest && used < kLimit; ++used) {
      const auto proposal = proposer->propose(key.split("trial").split(static_cast<std::uint64_t>(used)));
      cost = drawn_effects(proposal->point, key);
      proposer->observe({.point = proposal->point, .by = proposal->by, .cost = cost, .steps = 1});
    }
    trials.push_back(used);
  }
  std::ranges::sort(trials);
  return trials[trials.size() / 2];
}

// Of 1,024 points; random search needs over 300.
TEST(Surrogate, finds_the_optimum_of_additive_and_pairwise_effects) {
  EXPECT_LE(median_trials_to_optimum("surrogate"), 60);
}
TEST(Auto, finds_the_optimum_of_additive_and_pairwise_effects) {
  EXPECT_LE(median_trials_to_optimum("auto"), 80);
}

TEST(ParseProposer, takes_settings) {
  const ProposerChoice choice = parse_proposer(" evolution( population = 50, sample=10 ) ");
  EXPECT_EQ(choice.row->name, "evolution");
  EXPECT_EQ(format_settings(choice.settings), "population=50, sample=10");
  EXPECT_EQ(parse_proposer("auto").row, &proposer_rows()[0]);
}

TEST(ParseProposer, of_nothing_is_the_first) {
  EXPECT_EQ(parse_proposer("").row, &proposer_rows()[0]);
  EXPECT_EQ(&default_proposer(), &proposer_rows()[0]);
}

TEST(ParseProposer, offers_the_nearest_name) {
  try {
    static_cast<void>(parse_proposer("evolutoin"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_NE(std::string(error.what()).find("Did you mean evolution?"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace astrolabe
