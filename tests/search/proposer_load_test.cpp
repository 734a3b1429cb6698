// SPDX-License-Identifier: Apache-2.0
// What every proposer promises of time: it stays quick in a long study and in a wide space.
#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "astrolabe/search/proposer.h"

namespace astrolabe {
namespace {

class LoadedProposer : public ::testing::TestWithParam<std::string> {};

Space wide_space() {
  Space space;
  for (int d = 0; d < 30; ++d) {
    const std::string number = std::to_string(d);
    const std::size_t part =
        space.add({.name = "part" + number, .domain = Choices{{"a", "b", "c", "d", "e"}}});
    space.add({.name = "size" + number,
               .domain = WholeRange{.low = 1, .high = 1000, .log_scale = true},
               .when = Condition{.dimension = part, .options = {1, 3}}});
  }
  return space;
}

// Costs that have nothing to do with the point: the worst that a model can be asked to learn.
double seconds_of(Proposer& proposer, const Space& space, std::uint64_t observations, std::uint64_t every) {
  const Key key = Key::from_seed(6);
  const auto start = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < observations; ++i) {
    const double cost = random_uniform(key, i);
    proposer.observe(
        {.point = random_point(space, key.split(i)), .by = "somebody", .cost = cost, .steps = 1});
    if (i % every != 0) continue;
    EXPECT_TRUE(proposer.propose(key.split("p").split(i)).has_value());
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// The limits are some ten times what an idle machine takes: sanitizers and neighbours take their time.
TEST_P(LoadedProposer, bears_ten_thousand_observations) {
  Space space;
  for (const char* name : {"a", "b", "c", "d", "e", "f"})
    space.add({.name = name, .domain = Choices{{"0", "1", "2", "3", "4", "5"}}});
  const auto proposer = find_proposer(GetParam())->make(space, {}, Key::from_seed(1));
  const double taken = seconds_of(*proposer, space, 10000, 100);
  RecordProperty("seconds", std::to_string(taken));
  EXPECT_LT(taken, 30);
}

TEST_P(LoadedProposer, bears_sixty_dimensions) {
  if (GetParam() == "enumeration") GTEST_SKIP() << "that is more than 2^53 points";
  const Space space = wide_space();
  const auto proposer = find_proposer(GetParam())->make(space, {}, Key::from_seed(1));
  const double taken = seconds_of(*proposer, space, 500, 2);
  RecordProperty("seconds", std::to_string(taken));
  EXPECT_LT(taken, 60);
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const ProposerRow& row : proposer_rows()) all.emplace_back(row.name);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Catalogue, LoadedProposer, ::testing::ValuesIn(names()),
                         [](const auto& row) { return row.param; });

}  // namespace
}  // namespace astrolabe
