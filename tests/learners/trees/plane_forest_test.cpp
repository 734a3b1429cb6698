// SPDX-License-Identifier: Apache-2.0
// Every way to walk a forest gives the bits of the plain walker.
#include "astrolabe/learners/trees/plane_forest.h"

#include <bit>

#include "tests/learners/trees/random_forest.h"
#include "tests/learners/trees/tables.h"
#include <gtest/gtest.h>

#include "astrolabe/learners/trees/row_walk.h"

namespace astrolabe::trees {
namespace {

using namespace testing;  // NOLINT: the forests and tables of these tests

// Cells as odd as thresholds: missing, infinite, whole, beyond every set.
FeatureMatrix odd_table(const ForestShape& shape, std::size_t rows, Key key) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  FeatureMatrix table = random_table({.rows = rows,
                                      .numeric = shape.numeric,
                                      .categorical = shape.categorical,
                                      .categories = shape.categories,
                                      .missing = 0.1,
                                      .zeros = 0.1},
                                     key);
  RandomStream random(key.split("odd"));
  const std::vector<float> odd = {
      kInfinity, -kInfinity, std::numeric_limits<float>::max(), -0.0F, 3, 2.7F, -1, 1e9F, 16777216.0F,
      31,        32};
  for (FeatureColumn& column : table.columns)
    for (float& cell : column.dense)
      if (random.below(5) == 0) cell = odd[random.below(odd.size())];
  return table;
}

std::vector<double> plain_scores(const Forest& forest, const FeatureMatrix& table) {
  std::vector<double> scores(forest.outputs * table.rows);
  forest.score(table, 0, table.rows, scores);
  return scores;
}

std::vector<double> plane_scores(const Forest& forest, const FeatureMatrix& table, InstructionSet set) {
  const PlaneForest planes(forest, set);
  PlaneForest::Workplace place(planes);
  std::vector<double> scores(forest.outputs * table.rows);
  for (std::size_t begin = 0; begin < table.rows; begin += kPlaneRows) {
    const std::size_t end = std::min(begin + kPlaneRows, table.rows);
    planes.score(table, begin, end, place);
    for (std::size_t output = 0; output < forest.outputs; ++output)
      for (std::size_t row = begin; row < end; ++row)
        scores[output * table.rows + row] = place.scores[output * kPlaneRows + row - begin];
  }
  return scores;
}

std::vector<double> row_scores(const Forest& forest, const FeatureMatrix& table) {
  std::vector<double> scores(forest.outputs * table.rows);
  std::vector<float> cells(table.features());
  std::vector<double> of_row(forest.outputs);
  for (std::size_t row = 0; row < table.rows; ++row) {
    for (std::size_t feature = 0; feature < cells.size(); ++feature)
      cells[feature] = value_at(table, feature, row);
    of_row = forest.initial;
    add_row(forest.trees, forest.outputs, cells.data(), of_row.data());
    for (std::size_t output = 0; output < forest.outputs; ++output)
      scores[output * table.rows + row] = of_row[output];
  }
  return scores;
}

void expect_same_bits(const std::vector<double>& found, const std::vector<double>& wanted,
                      std::string_view who) {
  ASSERT_EQ(found.size(), wanted.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    ASSERT_EQ(std::bit_cast<std::uint64_t>(found[i]), std::bit_cast<std::uint64_t>(wanted[i]))
        << who << " " << i;
}

void expect_all_ways_agree(const Forest& forest, const FeatureMatrix& table) {
  const std::vector<double> wanted = plain_scores(forest, table);
  expect_same_bits(row_scores(forest, table), wanted, "row by row");
  ASSERT_TRUE(PlaneForest::suits(forest));
  for (const auto set : {InstructionSet::plain, InstructionSet::avx2, InstructionSet::avx512})
    if (is_supported(set))
      expect_same_bits(plane_scores(forest, table, set), wanted, instruction_set_name(set));
}

TEST(PlaneForest, equals_the_plain_walker_on_odd_trees_and_cells) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const Key key = Key::from_seed(seed);
    RandomStream random(key);
    const ForestShape shape = {.trees = random.below(30),
                               .outputs = 1 + random.below(3),
                               .most_leaves = 1 + random.below(80),
                               .numeric = 1 + random.below(5),
                               .categorical = random.below(4),
                               .categories = static_cast<std::uint32_t>(1 + random.below(900))};
    SCOPED_TRACE(seed);
    expect_all_ways_agree(random_forest(shape, key), odd_table(shape, 1 + random.below(1300), key.split(1)));
  }
}

TEST(PlaneForest, without_trees_is_the_initial_score) {
  Forest forest = random_forest({.trees = 0, .outputs = 3}, Key::from_seed(1));
  expect_all_ways_agree(forest, odd_table({}, 600, Key::from_seed(2)));
}

TEST(PlaneForest, of_single_leaves_adds_them) {
  const ForestShape shape = {.trees = 11, .most_leaves = 1};
  expect_all_ways_agree(random_forest(shape, Key::from_seed(1)), odd_table(shape, 513, Key::from_seed(2)));
}

TEST(PlaneForest, takes_the_largest_tree_that_suits_and_no_larger) {
  const ForestShape shape = {.trees = 1, .numeric = 3};
  for (const bool chains : {false, true}) {
    RandomStream random(Key::from_seed(3));
    Forest forest = random_forest({.trees = 0, .numeric = 3}, Key::from_seed(3));
    forest.trees.push_back(random_tree({.numeric = 3, .categorical = 0, .chains = chains}, 2048, random));
    expect_all_ways_agree(forest, odd_table(shape, 700, Key::from_seed(4)));
    forest.trees.push_back(random_tree({.numeric = 3, .categorical = 0, .chains = chains}, 2049, random));
    EXPECT_FALSE(PlaneForest::suits(forest));
  }
}

TEST(PlaneForest, takes_more_thresholds_than_a_byte_holds_and_more_tests_than_a_group) {
  const ForestShape shape = {
      .trees = 60, .most_leaves = 700, .numeric = 2, .categorical = 1, .categories = 40};
  expect_all_ways_agree(random_forest(shape, Key::from_seed(5)), odd_table(shape, 600, Key::from_seed(6)));
}

TEST(PlaneForest, reads_sparse_columns) {
  const ForestShape shape = {.trees = 15, .numeric = 5, .categorical = 1};
  FeatureMatrix table = random_table(
      {.rows = 1100, .numeric = 5, .categorical = 1, .missing = 0.1, .zeros = 0.8}, Key::from_seed(7));
  const Forest forest = random_forest(shape, Key::from_seed(8));
  const FeatureMatrix sparse = to_sparse(table);
  for (const auto set : {InstructionSet::plain, InstructionSet::avx2, InstructionSet::avx512}) {
    if (!is_supported(set)) continue;
    expect_same_bits(plane_scores(forest, sparse, set), plain_scores(forest, table),
                     instruction_set_name(set));
  }
}

}  // namespace
}  // namespace astrolabe::trees
