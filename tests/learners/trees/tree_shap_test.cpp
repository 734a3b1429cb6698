// SPDX-License-Identifier: Apache-2.0
// Shapley values against their definition: all subsets of features.
#include "astrolabe/learners/trees/tree_shap.h"

#include <bit>
#include <numeric>

#include "tests/learners/trees/random_forest.h"
#include "tests/learners/trees/tables.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/learners/trees/booster.h"
#include "astrolabe/learners/trees/gauss_rule.h"

namespace astrolabe::trees {
namespace {

using namespace testing;  // NOLINT: the forests and tables of these tests

double cover_below(const Tree& tree, std::int32_t child) {
  if (child < 0) return tree.covers[static_cast<std::size_t>(~child)];
  const Tree::Node& node = tree.nodes[static_cast<std::size_t>(child)];
  return cover_below(tree, node.left) + cover_below(tree, node.right);
}

// What the tree says of a row of which only the features in `known` (bits) are known.
double expectation(const Tree& tree, std::int32_t child, const float* row, std::uint32_t known) {
  if (child < 0) {
    const auto leaf = static_cast<std::size_t>(~child);
    double value = tree.leaves[leaf];
    for (const LinearTerm& term : tree.linear.of(leaf))
      if ((known >> term.feature & 1U) != 0) value += term.value(row[term.feature]);
    return value;
  }
  const Tree::Node& node = tree.nodes[static_cast<std::size_t>(child)];
  if ((known >> node.feature & 1U) != 0) {
    const bool left = goes_left(node, tree.sets.data(), row[node.feature]);
    return expectation(tree, left ? node.left : node.right, row, known);
  }
  const double left = cover_below(tree, node.left), right = cover_below(tree, node.right);
  return (left * expectation(tree, node.left, row, known) +
          right * expectation(tree, node.right, row, known)) /
         (left + right);
}

double factorial(std::size_t n) {
  return n < 2 ? 1 : static_cast<double>(n) * factorial(n - 1);
}

// of_subset[bits] of one output.
std::vector<double> game(const Forest& forest, std::size_t output, const float* row) {
  std::vector<double> of_subset(std::size_t{1} << forest.features.size(), forest.initial[output]);
  for (std::size_t i = output; i < forest.trees.size(); i += forest.outputs)
    for (std::uint32_t known = 0; known < of_subset.size(); ++known)
      of_subset[known] += expectation(forest.trees[i], forest.trees[i].nodes.empty() ? ~0 : 0, row, known);
  return of_subset;
}

double shapley(const std::vector<double>& of_subset, std::size_t features, std::size_t feature) {
  double sum = 0;
  for (std::uint32_t known = 0; known < of_subset.size(); ++known) {
    if ((known >> feature & 1U) != 0) continue;
    const auto size = static_cast<std::size_t>(std::popcount(known));
    const double weight = factorial(size) * factorial(features - size - 1) / factorial(features);
    sum += weight * (of_subset[known | 1U << feature] - of_subset[known]);
  }
  return sum;
}

double interaction(const std::vector<double>& of_subset, std::size_t features, std::size_t a, std::size_t b) {
  double sum = 0;
  const std::uint32_t bit_a = 1U << a, bit_b = 1U << b;
  for (std::uint32_t known = 0; known < of_subset.size(); ++known) {
    if ((known & (bit_a | bit_b)) != 0) continue;
    const auto size = static_cast<std::size_t>(std::popcount(known));
    const double weight = factorial(size) * factorial(features - size - 2) / (2 * factorial(features - 1));
    sum += weight * (of_subset[known | bit_a | bit_b] - of_subset[known | bit_a] - of_subset[known | bit_b] +
                     of_subset[known]);
  }
  return sum;
}

Forest covered_forest(const ForestShape& shape, Key key) {
  Forest forest = random_forest(shape, key);
  RandomStream random(key.split("covers"));
  for (Tree& tree : forest.trees)
    for (std::size_t leaf = 0; leaf < tree.leaves.size(); ++leaf)
      tree.covers.push_back(static_cast<float>(1 + random.below(50)));
  return forest;
}

// Slopes along some of the columns between the root and each leaf.
void add_slopes(const ForestShape& shape, Tree& tree, RandomStream& random) {
  std::vector<std::vector<std::uint32_t>> of_nodes(tree.nodes.size()), of_leaves(tree.leaves.size());
  for (std::size_t at = 0; at < tree.nodes.size(); ++at) {
    std::vector<std::uint32_t> path = of_nodes[at];
    const std::uint32_t feature = tree.nodes[at].feature;
    if (feature < shape.numeric && std::ranges::find(path, feature) == path.end()) path.push_back(feature);
    for (const std::int32_t child : {tree.nodes[at].left, tree.nodes[at].right})
      (child >= 0 ? of_nodes[static_cast<std::size_t>(child)] : of_leaves[static_cast<std::size_t>(~child)]) =
          path;
  }
  tree.linear.starts = {0};
  for (const std::vector<std::uint32_t>& path : of_leaves) {
    for (const std::uint32_t feature : path)
      if (random.below(3) > 0)
        tree.linear.terms.push_back(
            {.feature = feature, .low = -1, .high = 1, .centre = 0.1, .slope = random.normal()});
    tree.linear.starts.push_back(static_cast<std::uint32_t>(tree.linear.terms.size()));
  }
  if (tree.linear.terms.empty()) tree.linear.starts.clear();
}

std::vector<float> any_row(std::size_t features, RandomStream& random) {
  std::vector<float> row;
  for (std::size_t i = 0; i < features; ++i)
    row.push_back(random.below(6) == 0 ? kMissing : static_cast<float>(random.normal()));
  return row;
}

TEST(GaussRule, integrates_polynomials_exactly) {
  for (const std::size_t size : {1U, 2U, 3U, 4U, 8U, 16U, 64U, 128U}) {
    const GaussRule rule = gauss_rule(size);
    for (std::size_t power = 0; power < 2 * size; power += 1 + size / 8) {
      double sum = 0;
      for (std::size_t i = 0; i < size; ++i)
        sum += rule.weights[i] * std::pow(rule.points[i], static_cast<double>(power));
      EXPECT_NEAR(sum, 1 / static_cast<double>(power + 1), 1e-14) << size << " " << power;
    }
  }
  EXPECT_GT(std::abs(gauss_rule(1).points[0] * gauss_rule(1).points[0] - 1.0 / 3),
            0.01);  // degree 2: not exact
}

TEST(TreeShap, is_the_sum_over_all_subsets) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Key key = Key::from_seed(seed);
    RandomStream random(key);
    const ForestShape shape = {.trees = 1 + random.below(4),
                               .outputs = 1 + random.below(2),
                               .most_leaves = 1 + random.below(25),
                               .numeric = 1 + random.below(7),
                               .categorical = random.below(3),
                               .categories = 40,
                               .chains = random.below(2) == 1};
    Forest forest = covered_forest(shape, key);
    const std::size_t width = forest.features.size();
    for (Tree& tree : forest.trees)
      if (seed >= 25) add_slopes(shape, tree, random);
    const TreeShap shap(forest);
    const std::vector<float> row = any_row(width, random);
    std::vector<double> values(shape.outputs * width, 0.0);
    std::vector<double> pairs(shape.outputs * width * width, 0.0);
    shap.add_contributions(row.data(), values);
    shap.add_interactions(row.data(), pairs);
    for (std::size_t output = 0; output < shape.outputs; ++output) {
      const std::vector<double> of_subset = game(forest, output, row.data());
      EXPECT_NEAR(shap.expected()[output], of_subset[0], 1e-12);
      for (std::size_t a = 0; a < width; ++a) {
        EXPECT_NEAR(values[output * width + a], shapley(of_subset, width, a), 1e-12) << seed;
        const double* const of_a = pairs.data() + (output * width + a) * width;
        EXPECT_NEAR(std::accumulate(of_a, of_a + width, 0.0), values[output * width + a], 1e-12);
        for (std::size_t b = 0; b < width; ++b)
          if (a != b) {
            EXPECT_NEAR(of_a[b], interaction(of_subset, width, a, b), 1e-12) << seed;
          }
      }
    }
  }
}

TEST(TreeShap, of_deep_paths_loses_no_digits) {
  // A path of 200 different features: unwinding would have lost them all.
  RandomStream random(Key::from_seed(3));
  Forest forest = random_forest({.trees = 0, .numeric = 200}, Key::from_seed(3));
  forest.trees.push_back(random_tree({.numeric = 200, .chains = true}, 201, random));
  Tree& tree = forest.trees[0];
  for (std::uint32_t at = 0; at < tree.nodes.size(); ++at) tree.nodes[at].feature = at;
  tree.covers.assign(201, 1);
  const std::vector<float> row = any_row(200, random);
  std::vector<double> values(200, 0.0);
  const TreeShap shap(forest);
  shap.add_contributions(row.data(), values);
  const double moved = std::accumulate(values.begin(), values.end(), 0.0);
  EXPECT_NEAR(moved, forest.initial[0] + tree.value(row.data()) - shap.expected()[0], 1e-12);
}

TEST(TreeShap, of_weights_of_any_size_is_finite) {
  Forest forest = covered_forest({.trees = 3, .most_leaves = 30, .numeric = 2}, Key::from_seed(4));
  RandomStream random(Key::from_seed(5));
  for (Tree& tree : forest.trees)
    for (float& cover : tree.covers)
      if (random.below(2) == 0) cover = random.below(2) == 0 ? 1e30F : std::numeric_limits<float>::min();
  const std::vector<float> row = any_row(2, random);
  std::vector<double> values(2, 0.0);
  TreeShap(forest).add_contributions(row.data(), values);
  for (const double value : values) EXPECT_TRUE(std::isfinite(value));
}

TEST(TreeShap, of_a_fitted_forest_adds_up_to_its_scores) {
  TrainingData data;
  data.features =
      random_table({.rows = 800, .numeric = 4, .categorical = 2, .missing = 0.1}, Key::from_seed(6));
  data.labels = labels_for(data.features, TaskKind::multiclass, 3, Key::from_seed(7));
  for (std::size_t row = 0; row < 800; ++row) data.labels.weights.push_back(static_cast<double>(row % 3));
  ThreadPool pool(1);
  const Budget budget;
  const SettingValues values = {{"rounds", std::int64_t{15}}};
  const TreesSettings settings = settings_for(values, 800, false);
  const Boosted boosted =
      boost({.train = data, .settings = values, .key = Key::from_seed(1), .pool = pool, .budget = budget},
            settings);
  const TreeShap shap(boosted.forest);
  std::vector<double> scores(3 * 800);
  boosted.forest.score(data.features, 0, 800, scores);
  std::vector<double> mean(3, 0.0);
  for (std::size_t row = 0; row < 800; ++row) {
    std::vector<float> cells;
    for (const std::uint32_t feature : boosted.forest.features)
      cells.push_back(value_at(data.features, feature, row));
    std::vector<double> moved(3 * shap.width(), 0.0);
    shap.add_contributions(cells.data(), moved);
    for (std::size_t k = 0; k < 3; ++k) {
      const double* const of_class = moved.data() + k * shap.width();
      EXPECT_NEAR(shap.expected()[k] + std::accumulate(of_class, of_class + shap.width(), 0.0),
                  scores[k * 800 + row], 1e-10);
      mean[k] += scores[k * 800 + row] * data.labels.weights[row];
    }
  }
  const double weight = std::accumulate(data.labels.weights.begin(), data.labels.weights.end(), 0.0);
  ASSERT_EQ(settings.row_sample, 1.0) << "else the mean is that of the sampled rows";
  for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(shap.expected()[k], mean[k] / weight, 1e-6);
}

TEST(TreeShapErrors, a_model_without_covers_says_that_it_must_be_trained_again) {
  const Forest forest = random_forest({.trees = 2}, Key::from_seed(1));
  try {
    const TreeShap shap(forest);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    EXPECT_NE(std::string(error.what()).find("Train the model again"), std::string::npos) << error.what();
  }
}

TEST(TreeShapErrors, a_tree_that_is_too_deep_is_refused) {
  RandomStream random(Key::from_seed(3));
  Forest forest = random_forest({.trees = 0, .numeric = 3}, Key::from_seed(3));
  forest.trees.push_back(random_tree({.numeric = 3, .chains = true}, 600, random));
  forest.trees[0].covers.assign(600, 1);
  EXPECT_THROW(TreeShap{forest}, Error);
}

}  // namespace
}  // namespace astrolabe::trees
