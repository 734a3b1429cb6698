// SPDX-License-Identifier: Apache-2.0
#include <numeric>

#include "tests/learners/trees/tables.h"
#include "tests/learners/trees/twin.h"
#include <gtest/gtest.h>

#include "astrolabe/learners/trees/grower.h"
#include "astrolabe/learners/trees/tree.h"

namespace astrolabe::trees {
namespace {

using namespace testing;  // NOLINT: the tables and the twin of these tests

std::vector<std::uint32_t> all_of(std::size_t count) {
  std::vector<std::uint32_t> all(count);
  std::iota(all.begin(), all.end(), 0U);
  return all;
}

// A table, its bins and random gradients.
struct Setting {
  ThreadPool pool{1};
  FeatureMatrix features;
  std::vector<FeatureBins> bins;
  std::unique_ptr<BinnedMatrix> matrix;
  std::vector<GradientPair> pairs;
  std::vector<Cell> cells;
  FixedPoint scale;

  Setting(FeatureMatrix table, std::size_t max_bins, Key key) : features(std::move(table)) {
    bins = find_bins(features, {}, max_bins, 1, pool, Budget());
    matrix = std::make_unique<BinnedMatrix>(features, bins, Purpose::training, pool);
    RandomStream random(key);
    for (std::size_t row = 0; row < features.rows; ++row) {
      const float first = value_at(features, 0, row);
      pairs.push_back({random.normal() + (first > 0.3F ? 1.0 : 0.0), 0.1 + random.uniform()});
    }
    cells.resize(features.rows);
    scale = to_fixed_point(pairs, all_of(features.rows), cells, pool);
  }
  [[nodiscard]] GrownTree grow(const GrowthRules& rules, std::size_t threads = 1,
                               std::uint64_t memory = std::uint64_t{1} << 30) const {
    ThreadPool workers(threads);
    TreeGrower grower(*matrix, rules, memory, threads);
    const std::vector<std::uint32_t> slots = all_of(matrix->slots());
    return *grower.grow({.rows = all_of(features.rows), .slots = slots, .gradients = cells, .scale = scale},
                        workers, Budget());
  }
};

GrowthRules plain_rules() {
  GrowthRules rules;
  rules.split.min_rows = 5;
  rules.split.l2 = 1;
  rules.max_leaves = 12;
  return rules;
}

TEST(Histogram, is_the_sum_of_the_cells_of_each_bin) {
  const Setting dense(random_table({.rows = 700, .numeric = 3, .categorical = 2, .missing = 0.1}, {5}), 16,
                      {6});
  const Setting sparse(to_sparse(random_table({.rows = 700, .numeric = 6, .zeros = 0.9}, {7})), 16, {8});
  for (const Setting* setting : {&dense, &sparse}) {
    const BinnedMatrix& matrix = *setting->matrix;
    std::vector<std::uint32_t> rows;
    for (std::uint32_t row = 0; row < matrix.rows(); row += 1 + row % 3) rows.push_back(row);
    for (const std::size_t threads : {1U, 3U}) {
      ThreadPool pool(threads);
      HistogramBuilder builder(matrix, threads);
      builder.choose(all_of(matrix.slots()));
      std::vector<Cell> histogram(matrix.cells());
      builder.build(rows, setting->cells, histogram, pool);
      for (std::size_t slot = 0; slot < matrix.slots(); ++slot) {
        std::vector<Cell> expected(matrix.bins(slot).bins + 1);
        std::vector<std::uint8_t> bins(rows.size());
        matrix.gather(slot, rows, bins.data());
        for (std::size_t i = 0; i < rows.size(); ++i) expected[bins[i]] += setting->cells[rows[i]];
        if (matrix.is_sparse(slot)) expected[matrix.bins(slot).zero_bin] = {};
        for (std::size_t bin = 0; bin < expected.size(); ++bin)
          EXPECT_EQ(histogram[matrix.first_cell(slot) + bin], expected[bin]) << slot << " " << bin;
      }
    }
  }
}

// How many splits, of those that are not nearly tied, were compared.
int compare_with_twin(const Setting& setting, const GrowthRules& rules) {
  int compared = 0;
  const GrownTree grown = setting.grow(rules);
  const Twin twin(*setting.matrix, rules, setting.pairs);
  // Walk both from the root: the same parts wherever the best split is not nearly tied.
  struct Part {
    std::int32_t node;
    std::vector<std::uint32_t> rows;
  };
  std::vector<Part> open = {{grown.tree.nodes.empty() ? ~0 : 0, all_of(setting.features.rows)}};
  while (!open.empty()) {
    Part part = std::move(open.back());
    open.pop_back();
    if (part.node < 0) {
      EXPECT_NEAR(grown.tree.leaves[static_cast<std::size_t>(~part.node)], twin.value(part.rows), 1e-6);
      continue;
    }
    const BinTree::Node& node = grown.tree.nodes[static_cast<std::size_t>(part.node)];
    const TwinSplit expected = twin.best_split(part.rows);
    EXPECT_NEAR(node.gain, expected.gain, 1e-5 * expected.gain) << "units of 2^-30 and 2^-24, summed";
    std::vector<std::uint32_t> left, right;
    for (const std::uint32_t row : part.rows) {
      const std::size_t bin = bin_in(*setting.matrix, node.slot, row);
      const bool is_left = !setting.matrix->is_wide(node.slot)           ? node.left_bins.has(bin)
                           : bin == setting.matrix->bins(node.slot).bins ? node.missing_left
                                                                         : bin <= node.last_left_bin;
      (is_left ? left : right).push_back(row);
    }
    if (expected.runner_up < expected.gain * (1 - 1e-4)) {
      EXPECT_TRUE(left == expected.left || left == expected.right);
      ++compared;
    }
    open.push_back({node.left, left});
    open.push_back({node.right, right});
  }
  return compared;
}

TEST(Grower, splits_as_its_slow_twin_does) {
  int compared = 0;
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    const Setting setting(
        random_table({.rows = 160, .numeric = 3, .missing = seed % 2 == 0 ? 0.15 : 0.0}, {seed}), 12,
        {seed + 100});
    GrowthRules rules = plain_rules();
    rules.split.l1 = seed % 3 == 0 ? 0.5 : 0;
    compared += compare_with_twin(setting, rules);
  }
  EXPECT_GT(compared, 80);
}

TEST(Grower, splits_wide_features_as_its_slow_twin_does) {
  int compared = 0;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    const Setting setting(
        random_table({.rows = 400, .numeric = 2, .missing = seed % 2 == 0 ? 0.15 : 0.0}, {seed}),
        kMaxWideBins, {seed + 100});
    ASSERT_TRUE(setting.matrix->is_wide(0) && setting.matrix->is_wide(1));
    compared += compare_with_twin(setting, plain_rules());
  }
  EXPECT_GT(compared, 25);
}

TEST(Grower, makes_the_same_tree_on_any_number_of_threads) {
  const Setting setting(
      random_table({.rows = 90'000, .numeric = 5, .categorical = 1, .categories = 40, .missing = 0.05}, {3}),
      255, {4});
  const GrownTree one = setting.grow(plain_rules(), 1);
  for (const std::size_t threads : {2U, 7U}) {
    const GrownTree other = setting.grow(plain_rules(), threads);
    EXPECT_EQ(one.rows, other.rows);
    EXPECT_EQ(one.leaf_starts, other.leaf_starts);
    EXPECT_EQ(one.tree.leaves, other.tree.leaves);
  }
}

TEST(Grower, makes_the_same_tree_with_little_memory_for_histograms) {
  const Setting setting(random_table({.rows = 3000, .numeric = 5, .missing = 0.1}, {9}), 64, {10});
  GrowthRules rules = plain_rules();
  rules.max_leaves = 60;
  const GrownTree plenty = setting.grow(rules);
  const GrownTree little = setting.grow(rules, 1, 1);
  EXPECT_EQ(plenty.rows, little.rows);
  EXPECT_EQ(plenty.tree.leaves, little.tree.leaves);
}

TEST(Grower, makes_the_same_tree_of_sparse_and_dense_columns) {
  for (const double zeros : {0.5, 0.95}) {
    const FeatureMatrix table =
        random_table({.rows = 4000, .numeric = 6, .missing = 0.01, .zeros = zeros}, {11});
    const Setting dense(table, 32, {12});
    const Setting sparse(to_sparse(table), 32, {12});
    const GrownTree a = dense.grow(plain_rules());
    const GrownTree b = sparse.grow(plain_rules());
    EXPECT_EQ(a.rows, b.rows);
    EXPECT_EQ(a.tree.leaves, b.tree.leaves);
    EXPECT_GT(a.tree.nodes.size(), 3U);
  }
}

TEST(Grower, keeps_its_limits) {
  const Setting setting(random_table({.rows = 2000, .numeric = 4}, {13}), 255, {14});
  GrowthRules rules = plain_rules();
  rules.split.min_rows = 37;
  rules.max_leaves = 25;
  rules.max_depth = 4;
  for (const bool best_first : {true, false}) {
    rules.best_first = best_first;
    const GrownTree grown = setting.grow(rules);
    EXPECT_LE(grown.tree.leaves.size(), 16U);
    EXPECT_GT(grown.tree.leaves.size(), 8U);
    for (std::size_t leaf = 0; leaf < grown.tree.leaves.size(); ++leaf)
      EXPECT_GE(grown.leaf_starts[leaf + 1] - grown.leaf_starts[leaf], 37U);
  }
}

TEST(Grower, of_depth_wise_growth_fills_levels) {
  const Setting setting(random_table({.rows = 5000, .numeric = 4}, {15}), 255, {16});
  GrowthRules rules = plain_rules();
  rules.best_first = false;
  rules.max_leaves = 8;
  const GrownTree grown = setting.grow(rules);
  ASSERT_EQ(grown.tree.nodes.size(), 7U);
  // Nodes are numbered in the order of splitting: 0, then its children, then theirs.
  EXPECT_EQ(std::min(grown.tree.nodes[0].left, grown.tree.nodes[0].right), 1);
  EXPECT_EQ(std::max(grown.tree.nodes[0].left, grown.tree.nodes[0].right), 2);
}

TEST(Grower, sends_the_missing_where_they_gain) {
  std::vector<float> values;
  for (int i = 0; i < 200; ++i) values.push_back(i % 4 == 0 ? kMissing : static_cast<float>(i % 10));
  Setting setting(TableMaker(200).add(values).make(), 255, {1});
  for (std::uint32_t row = 0; row < 200; ++row)
    setting.pairs[row] = {std::isnan(values[row]) || values[row] > 6 ? -1.0 : 1.0, 1.0};
  setting.scale = to_fixed_point(setting.pairs, all_of(200), setting.cells, setting.pool);
  GrowthRules rules = plain_rules();
  rules.max_leaves = 2;
  const GrownTree grown = setting.grow(rules);
  ASSERT_EQ(grown.tree.nodes.size(), 1U);
  EXPECT_FALSE(grown.tree.nodes[0].missing_left);
  const Tree tree = to_tree(grown.tree, *setting.matrix, all_of(1));
  const float seven = 7, six = 6;
  EXPECT_EQ(tree.value(&kMissing), tree.value(&seven));
  EXPECT_NE(tree.value(&kMissing), tree.value(&six));
  EXPECT_EQ(tree.nodes[0].threshold, 6.5F);
}

TEST(Grower, parts_only_the_missing_when_that_gains_most) {
  std::vector<float> values;
  for (int i = 0; i < 200; ++i) values.push_back(i % 4 == 0 ? kMissing : static_cast<float>(i % 7));
  Setting setting(TableMaker(200).add(values).make(), 255, {1});
  for (std::uint32_t row = 0; row < 200; ++row)
    setting.pairs[row] = {std::isnan(values[row]) ? -1.0 : 1.0, 1.0};
  setting.scale = to_fixed_point(setting.pairs, all_of(200), setting.cells, setting.pool);
  GrowthRules rules = plain_rules();
  rules.max_leaves = 2;
  const Tree tree = to_tree(setting.grow(rules).tree, *setting.matrix, all_of(1));
  const float infinite = std::numeric_limits<float>::infinity();
  for (float value : {-1e30F, 0.0F, 5.0F, 1e30F, infinite}) EXPECT_LT(tree.value(&value), 0);
  EXPECT_GT(tree.value(&kMissing), 0);
}

TEST(Grower, finds_the_best_set_of_categories) {
  // Categories 1, 4, 5 and 8 of 10 pull down; code 9 is never seen.
  std::vector<float> codes;
  std::vector<bool> low(10, false);
  for (const std::size_t code : {1U, 4U, 5U, 8U}) low[code] = true;
  for (int i = 0; i < 900; ++i) codes.push_back(static_cast<float>(i * 7 % 9));
  Setting setting(TableMaker(900).add(codes, 10).make(), 255, {1});
  for (std::uint32_t row = 0; row < 900; ++row)
    setting.pairs[row] = {low[static_cast<std::size_t>(codes[row])] ? 1.0 : -1.0, 1.0};
  setting.scale = to_fixed_point(setting.pairs, all_of(900), setting.cells, setting.pool);
  GrowthRules rules = plain_rules();
  rules.max_leaves = 2;
  rules.split.cat_smooth = 10;
  rules.split.cat_l2 = 10;
  const GrownTree grown = setting.grow(rules);
  const Tree tree = to_tree(grown.tree, *setting.matrix, all_of(1));
  for (std::size_t code = 0; code < 9; ++code) {
    const auto value = static_cast<float>(code);
    EXPECT_EQ(tree.value(&value) < 0, low[code]) << code;
  }
  // Unseen, out of range and missing go one way, that of the larger child.
  const float high = 0;
  for (float odd : {9.0F, 4000.0F, -3.0F, kMissing}) EXPECT_EQ(tree.value(&odd), tree.value(&high)) << odd;
}

TEST(Grower, splits_few_categories_one_against_the_rest) {
  std::vector<float> codes;
  for (int i = 0; i < 300; ++i) codes.push_back(static_cast<float>(i % 3));
  Setting setting(TableMaker(300).add(codes, 3).make(), 255, {1});
  for (std::uint32_t row = 0; row < 300; ++row) setting.pairs[row] = {codes[row] == 1 ? 2.0 : -1.0, 1.0};
  setting.scale = to_fixed_point(setting.pairs, all_of(300), setting.cells, setting.pool);
  GrowthRules rules = plain_rules();
  rules.max_leaves = 2;
  const GrownTree grown = setting.grow(rules);
  EXPECT_EQ(grown.leaf_starts[1], 100U) << "category 1 alone is left";
}

TEST(Walker, goes_where_the_bins_went) {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    const Setting setting(random_table({.rows = 2500,
                                        .numeric = 3,
                                        .categorical = 2,
                                        .categories = seed % 2 == 0 ? 4U : 300U,
                                        .missing = 0.1,
                                        .zeros = 0.1,
                                        .levels = seed % 3 == 0 ? 20U : 0U},
                                       {seed + 40}),
                          63, {seed + 50});
    GrowthRules rules = plain_rules();
    rules.max_leaves = 40;
    const GrownTree grown = setting.grow(rules);
    const Tree tree = to_tree(grown.tree, *setting.matrix, [&] {
      std::vector<std::uint32_t> features(setting.matrix->slots());
      for (std::size_t slot = 0; slot < features.size(); ++slot)
        features[slot] = setting.matrix->feature(slot);
      return features;
    }());
    std::vector<double> by_bins(setting.features.rows, 0.0);
    ThreadPool pool(3);
    add_scores(grown.tree, *setting.matrix, all_of(setting.features.rows), by_bins, pool);
    for (std::size_t leaf = 0; leaf < grown.tree.leaves.size(); ++leaf)
      for (std::size_t i = grown.leaf_starts[leaf]; i < grown.leaf_starts[leaf + 1]; ++i)
        EXPECT_EQ(by_bins[grown.rows[i]], grown.tree.leaves[leaf]);
    for (std::size_t row = 0; row < setting.features.rows; ++row) {
      std::vector<float> values;
      for (std::size_t j = 0; j < setting.features.features(); ++j)
        values.push_back(value_at(setting.features, j, row));
      EXPECT_EQ(tree.value(values.data()), by_bins[row]);
    }
  }
}

}  // namespace
}  // namespace astrolabe::trees
