// SPDX-License-Identifier: Apache-2.0
// Monotone and interaction constraints: what is read, what is refused, what trees keep.
#include "astrolabe/learners/trees/constraints.h"

#include <algorithm>
#include <set>

#include "tests/learners/trees/fits.h"

#include "astrolabe/learners/trees/constrained_split.h"
#include "astrolabe/learners/trees/trees_model.h"

namespace astrolabe::trees {
namespace {

using namespace testing;  // NOLINT: the tables of these tests

const std::vector<Feature> kFeatures = {
    {.name = "age", .source = "age"},
    {.name = "price", .source = "price"},
    {.name = "city", .source = "city", .kind = FeatureKind::categorical, .categories = 3},
    {.name = "date.year", .source = "date"},
    {.name = "date.month", .source = "date"}};

TreeConstraints read(std::string_view monotone, std::string_view interactions,
                     TaskKind kind = TaskKind::regression) {
  return read_constraints({.monotone = monotone, .interactions = interactions}, kFeatures, kind);
}

TEST(Constraints, of_no_text_are_none) {
  const TreeConstraints none = read("", " ");
  EXPECT_FALSE(none.has_monotone());
  EXPECT_FALSE(none.has_interactions());
  EXPECT_EQ(none.direction(3), 0);
  EXPECT_TRUE(none.allows({}, 2));
}

TEST(Constraints, name_features_with_a_sign) {
  for (const std::string_view text : {"age:+,date.month:-", "( age : + , date.month:-, age:+ )"}) {
    const TreeConstraints known = read(text, "");
    ASSERT_TRUE(known.has_monotone());
    EXPECT_EQ(known.direction(0), 1);
    EXPECT_EQ(known.direction(1), 0);
    EXPECT_EQ(known.direction(4), -1);
  }
}

TEST(Constraints, group_columns_and_put_the_others_together) {
  const TreeConstraints known = read("", "age,city;age,date");
  EXPECT_EQ(known.all_groups(), (TreeConstraints::Groups{0, 1, 2}));
  const auto below_age = known.narrowed(known.all_groups(), 0);
  EXPECT_EQ(below_age, (TreeConstraints::Groups{0, 1}));
  EXPECT_TRUE(known.allows(below_age, 2));
  EXPECT_TRUE(known.allows(below_age, 3)) << "a column stands for its features";
  EXPECT_FALSE(known.allows(below_age, 1)) << "price is in no group with age";
  EXPECT_FALSE(known.allows(known.narrowed(below_age, 2), 4));
  EXPECT_TRUE(known.allows(known.narrowed(known.all_groups(), 1), 1));
}

std::string complaint(std::string_view monotone, std::string_view interactions,
                      TaskKind kind = TaskKind::regression) {
  try {
    (void)read(monotone, interactions, kind);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    return error.what();
  }
  return "";
}

TEST(ConstraintErrors, say_what_is_wrong_and_what_to_do) {
  EXPECT_EQ(complaint("age:+,age:-", ""),
            "setting trees.monotone to age:+,age:-: expected one direction for each column, found age:+ and "
            "age:-. Keep one of them.");
  EXPECT_EQ(
      complaint("city:+", ""),
      "setting trees.monotone to city:+: expected numbers, which can grow, found the category city. Leave "
      "it out: categories have no order.");
  EXPECT_EQ(complaint("prize:+", ""),
            "setting trees.monotone to prize:+: expected names of columns that trees are fitted on, found "
            "'prize'. Did you mean price?");
  EXPECT_EQ(complaint("date:+", ""),
            "setting trees.monotone to date:+: expected a column of numbers, found date, of which trees see "
            "date.year, date.month. Name one of these.");
  EXPECT_NE(complaint("age", "").find("expected NAME:+ or NAME:- with commas between them, found 'age'"),
            std::string::npos);
  EXPECT_NE(complaint("age:up", "").find("found 'age:up'"), std::string::npos);
  EXPECT_NE(complaint("age:+", "", TaskKind::multiclass).find("found a multiclass task"), std::string::npos);
  EXPECT_EQ(
      complaint("", "age,town"),
      "setting trees.interactions to age,town: expected names of columns that trees are fitted on, found "
      "'town'. Names are those of the table's header.");
  EXPECT_NE(complaint("", "age,;price").find("found an empty name"), std::string::npos);
}

// ---- Splits.

TEST(MonotoneSplit, goes_the_way_it_may_and_keeps_bounds) {
  const FixedPoint scale{.gradient_unit = 1, .hessian_unit = 1, .row_bits = 8};
  const auto cell = [](std::int64_t gradient, std::int64_t rows) {
    return Cell{gradient, (rows << 8) + rows};
  };
  // Gradients -10, 20, -4: best values 1, -2, 0.4.
  const std::vector<Cell> cells = {cell(-10, 10), cell(20, 10), cell(-4, 10), Cell{}};
  const Cell total = cell(6, 30);
  const SplitRules rules{.min_rows = 1};
  const Split free = find_numeric_split(cells, total, scale, rules);
  const Split open = find_monotone_split(cells, total, scale, rules, 0, {});
  EXPECT_EQ(free.last_left_bin, open.last_left_bin);
  EXPECT_DOUBLE_EQ(free.gain, open.gain);
  EXPECT_EQ(free.left_bins, open.left_bins);
  EXPECT_EQ(free.last_left_bin, 0) << "falling is best";
  const Split rising = find_monotone_split(cells, total, scale, rules, 1, {});
  EXPECT_EQ(rising.last_left_bin, 1);
  EXPECT_LT(rising.gain, free.gain);
  const auto [left, right] = child_bounds(rising, scale, rules, 1, {});
  EXPECT_DOUBLE_EQ(left.high, (-0.5 + 0.4) / 2);
  EXPECT_DOUBLE_EQ(right.low, left.high);
  EXPECT_FALSE(find_monotone_split(std::vector<Cell>{cell(-10, 10), cell(20, 10), Cell{}}, cell(10, 20),
                                   scale, rules, 1, {}));
  const ValueBounds narrow{.low = -0.3, .high = -0.1};
  const Split bounded = within_bounds(free, total, scale, rules, narrow);
  EXPECT_LT(bounded.gain, free.gain);
  const Split again = find_monotone_split(cells, total, scale, rules, 0, narrow);
  EXPECT_GE(again.gain, bounded.gain - 1e-12) << "the best one under bounds";
}

// ---- Whole fits.

FeatureMatrix with_column(FeatureMatrix matrix, std::size_t feature, float value) {
  std::ranges::fill(matrix.columns[feature].dense, value);
  return matrix;
}

double largest_fall(const Model& model, const FeatureMatrix& table, std::size_t feature, double direction) {
  double fall = 0;
  std::vector<double> last;
  for (float value = -4; value <= 4; value += 0.1F) {
    const std::vector<double> now = predictions_of(model, with_column(table, feature, value));
    for (std::size_t i = 0; i < last.size(); ++i) fall = std::max(fall, direction * (last[i] - now[i]));
    last = now;
  }
  return fall;
}

TEST(MonotoneTrees, never_fall_along_their_feature) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    for (const std::string loss : {"squared", "mae", "logistic"}) {
      const TaskKind kind = loss == "logistic" ? TaskKind::binary : TaskKind::regression;
      const TrainingData train = make_data(
          kind, 2, {.rows = seed == 1 ? 3000U : 700U, .numeric = 3, .categorical = 1, .missing = 0.05}, seed,
          2.0);
      const FeatureMatrix probes = random_table({.rows = 60, .numeric = 3, .categorical = 1, .missing = 0.1},
                                                Key::from_seed(seed + 90));
      SettingValues settings = {{"rounds", std::int64_t{25}},
                                {"learning_rate", 0.3},
                                {"min_rows", std::int64_t{5}},
                                {"loss", loss},
                                {"boosting", std::string(seed % 2 == 0 ? "dart" : "plain")}};
      EXPECT_GT(largest_fall(*fit_trees(train, {.settings = settings}), probes, 1, 1), 1e-3)
          << "free trees fall";
      settings["monotone"] = std::string("f1:+,f0:-");
      const auto model = fit_trees(train, {.settings = settings, .threads = 2, .seed = seed});
      EXPECT_LE(largest_fall(*model, probes, 1, 1), 1e-12) << loss << " " << seed;
      EXPECT_LE(largest_fall(*model, probes, 0, -1), 1e-12) << loss << " " << seed;
      EXPECT_GT(largest_fall(*model, probes, 2, 1), 1e-3) << "the others are free";
    }
  }
}

TEST(MonotoneTrees, learn_what_agrees_with_them) {
  const TrainingData train = make_data(TaskKind::regression, 0, {.rows = 2000, .numeric = 3}, 5);
  const TrainingData fresh = make_data(TaskKind::regression, 0, {.rows = 2000, .numeric = 3}, 15);
  const auto error = [&](const std::string& monotone) {
    const auto model =
        fit_trees(train, {.settings = {{"rounds", std::int64_t{100}}, {"monotone", monotone}}});
    return mean_square(fresh.labels, predictions_of(*model, fresh.features));
  };
  EXPECT_LT(error("f0:+,f2:+"), 1.1 * error("")) << "f0 and f2 count as they are";
  EXPECT_GT(error("f0:-"), 3 * error(""));
}

// The features of each path from the root to a leaf.
void collect_paths(const Forest& forest, const Tree& tree, std::int32_t at, std::set<std::uint32_t> path,
                   std::vector<std::set<std::uint32_t>>& paths) {
  if (at < 0) {
    paths.push_back(std::move(path));
    return;
  }
  const Tree::Node& node = tree.nodes[static_cast<std::size_t>(at)];
  path.insert(forest.features[node.feature]);
  collect_paths(forest, tree, node.left, path, paths);
  collect_paths(forest, tree, node.right, std::move(path), paths);
}

TEST(InteractionTrees, have_no_path_that_mixes_groups) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const TrainingData train = make_data(
        TaskKind::regression, 0, {.rows = seed == 1 ? 3000U : 900U, .numeric = 5, .categorical = 1}, seed);
    const auto model =
        fit_trees(train, {.settings = {{"rounds", std::int64_t{20}},
                                       {"growth", std::string(seed % 2 == 0 ? "depth_wise" : "best_first")},
                                       {"interactions", std::string("f0,f1;f1,f2")}},
                          .threads = 2,
                          .seed = seed});
    const std::vector<std::set<std::uint32_t>> groups = {{0, 1}, {1, 2}, {3, 4, 5}};
    const Forest& forest = find_boosted(*model)->forest;
    std::vector<std::set<std::uint32_t>> paths;
    for (const Tree& tree : forest.trees)
      if (!tree.nodes.empty()) collect_paths(forest, tree, 0, {}, paths);
    std::size_t of_two = 0;
    for (const auto& path : paths) {
      of_two += path.size() > 1 ? 1 : 0;
      EXPECT_TRUE(
          std::ranges::any_of(groups, [&](const auto& group) { return std::ranges::includes(group, path); }));
    }
    EXPECT_GT(of_two, 20U) << "within a group they do meet";
  }
}

TEST(ConstraintFits, are_refused_where_they_cannot_be_kept) {
  const TrainingData train = make_data(TaskKind::multiclass, 3, {.rows = 100}, 1);
  EXPECT_NE(complaint_of_fit(train, {.settings = {{"monotone", std::string("f0:+")}}}, ErrorKind::bad_input)
                .find("found a multiclass task"),
            std::string::npos);
}

}  // namespace
}  // namespace astrolabe::trees
