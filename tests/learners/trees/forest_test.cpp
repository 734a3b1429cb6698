// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/forest.h"

#include <algorithm>
#include <numeric>

#include "tests/learners/trees/fits.h"
#include "tests/learners/trees/random_forest.h"

#include "astrolabe/learners/trees/forest_learner.h"
#include "astrolabe/learners/trees/row_walk.h"
#include "astrolabe/model/explained_model.h"
#include "astrolabe/model/tree_view.h"

namespace astrolabe::trees {
namespace {

using namespace testing;  // NOLINT: the tables of these tests

std::unique_ptr<const Model> fit_forest_of(const TrainingData& data, SettingValues settings,
                                           std::size_t threads = 1, std::uint64_t seed = 1) {
  settings.emplace("trees", std::int64_t{20});
  ThreadPool pool(threads);
  const Budget budget;
  return forest_learner().fit(
      {.train = data, .settings = settings, .key = Key::from_seed(seed), .pool = pool, .budget = budget});
}

TreeView first_tree(const Model& model) {
  return dynamic_cast<const TreesToView&>(model).view_tree(0);
}

double square_error(const Model& model, const TrainingData& data) {
  return mean_square(data.labels, predictions_of(model, data.features));
}

const SettingValues kBest = {{"splits", std::string("best")}, {"columns", 1.0}, {"smoothing", 0.0}};

TEST(Forest, of_whole_trees_knows_every_row_that_it_was_grown_on) {
  for (const char* splits : {"random", "best"}) {
    const TrainingData data = make_data(TaskKind::multiclass, 4, {.rows = 400}, 3);
    const auto model = fit_forest_of(data, {{"splits", std::string(splits)}, {"smoothing", 0.0}});
    const std::vector<double> out = predictions_of(*model, data.features);
    for (std::size_t row = 0; row < 400; ++row)
      EXPECT_NEAR(out[row * 4 + static_cast<std::size_t>(data.labels.values[row])], 1, 1e-12);
  }
}

TEST(Forest, without_room_for_a_split_says_the_shares_of_the_rows) {
  TrainingData data = make_data(TaskKind::multiclass, 3, {.rows = 60}, 3);
  data.labels.weights.assign(60, 1);
  std::vector<double> shares(3, 0.0);
  double total = 0;
  for (std::size_t row = 0; row < 60; ++row) {
    data.labels.weights[row] = 1 + static_cast<double>(row % 3);
    shares[static_cast<std::size_t>(data.labels.values[row])] += data.labels.weights[row];
    total += data.labels.weights[row];
  }
  const auto model = fit_forest_of(data, {{"min_rows", std::int64_t{31}}});
  const std::vector<double> out = predictions_of(*model, data.features);
  for (std::size_t i = 0; i < 180; ++i) EXPECT_NEAR(out[i], shares[i % 3] / total, 1e-12);
}

TEST(Forest, of_best_splits_cuts_halfway_where_the_variance_falls_most) {
  TrainingData data;
  data.features = TableMaker(6).add({1, 2, 3, 10, 11, 12}).add({3, 1, 2, 2, 3, 1}).make();
  data.labels = {.kind = TaskKind::regression, .classes = 0, .values = {5, 5, 6, 20, 21, 22}, .weights = {}};
  SettingValues settings = kBest;
  settings["max_depth"] = std::int64_t{1};
  settings["trees"] = std::int64_t{1};
  const auto model = fit_forest_of(data, settings);
  const TreeView tree = first_tree(*model);
  ASSERT_EQ(tree.nodes.size(), 1U);
  EXPECT_EQ(tree.nodes[0].feature, 0U);
  EXPECT_FLOAT_EQ(tree.nodes[0].threshold, 6.5F);
  std::vector<double> leaves = tree.leaves;
  std::ranges::sort(leaves);
  EXPECT_NEAR(leaves[0], 16.0 / 3 - 79.0 / 6, 1e-12) << "what it adds to the mean of all";
  EXPECT_NEAR(predictions_of(*model, data.features)[5], 21, 1e-12);
}

TEST(Forest, of_random_splits_cuts_anywhere_between_the_least_and_the_largest) {
  TrainingData data;
  std::vector<float> column(200);
  std::iota(column.begin(), column.end(), 0.0F);
  data.features = TableMaker(200).add(column).make();
  data.labels.kind = TaskKind::regression;
  for (const float value : column) data.labels.values.push_back(value > 150 ? 1 : 0);
  const auto model = fit_forest_of(data, {{"max_depth", std::int64_t{1}}, {"trees", std::int64_t{400}}});
  const auto& trees = dynamic_cast<const TreesToView&>(*model);
  std::vector<std::size_t> quarters(4, 0);
  for (std::size_t tree = 0; tree < trees.trees(); ++tree)
    ++quarters[static_cast<std::size_t>(trees.view_tree(tree).nodes[0].threshold / 50)];
  for (const std::size_t count : quarters) EXPECT_NEAR(static_cast<double>(count), 100, 40);
}

TEST(Forest, keeps_min_rows_and_max_depth) {
  const TrainingData data = make_data(TaskKind::regression, 0, {.rows = 500}, 3);
  for (const char* splits : {"random", "best"}) {
    const auto model = fit_forest_of(data, {{"splits", std::string(splits)}, {"min_rows", std::int64_t{30}}});
    const auto& trees = dynamic_cast<const TreesToView&>(*model);
    for (std::size_t tree = 0; tree < trees.trees(); ++tree)
      for (const double cover : trees.view_tree(tree).covers) EXPECT_GE(cover, 30);
    const auto shallow =
        fit_forest_of(data, {{"splits", std::string(splits)}, {"max_depth", std::int64_t{2}}});
    EXPECT_LE(first_tree(*shallow).leaves.size(), 4U);
  }
}

TEST(Forest, that_would_grow_too_large_splits_its_largest_nodes) {
  const TrainingData data = make_data(TaskKind::regression, 0, {.rows = 4000}, 3);
  const SettingValues settings = {{"megabytes", std::int64_t{1}}, {"trees", std::int64_t{100}}};
  const auto model = fit_forest_of(data, settings);
  EXPECT_LT(bytes_of(*model).size(), 1'100'000U);
  const TreeView tree = first_tree(*model);
  EXPECT_GT(tree.leaves.size(), 200U);
  EXPECT_LT(*std::ranges::max_element(tree.covers), 100) << "of 4000 rows";
}

TEST(Forest, learns_that_a_cell_is_missing) {
  for (const char* splits : {"random", "best"}) {
    TrainingData data = make_data(TaskKind::binary, 2, {.rows = 500, .missing = 0.3}, 3);
    for (std::size_t row = 0; row < 500; ++row)
      data.labels.values[row] = std::isnan(data.features.columns[0].dense[row]) ? 1 : 0;
    TrainingData fresh = make_data(TaskKind::binary, 2, {.rows = 500, .missing = 0.3}, 9);
    for (std::size_t row = 0; row < 500; ++row)
      fresh.labels.values[row] = std::isnan(fresh.features.columns[0].dense[row]) ? 1 : 0;
    const auto model = fit_forest_of(data, {{"splits", std::string(splits)}, {"columns", 1.0}});
    EXPECT_LT(square_error(*model, fresh), 0.01) << splits;
  }
}

TEST(Forest, learns_categories_whatever_their_codes) {
  for (const std::size_t classes : {0, 3}) {
    const TaskKind kind = classes == 0 ? TaskKind::regression : TaskKind::multiclass;
    TrainingData data =
        make_data(kind, classes, {.rows = 900, .numeric = 1, .categorical = 1, .categories = 30}, 3);
    for (std::size_t row = 0; row < 900; ++row) {
      const auto code = static_cast<std::size_t>(data.features.columns[1].dense[row]);
      data.labels.values[row] = static_cast<double>(code * 7 % 5 % 3);
    }
    const auto model = fit_forest_of(data, {{"columns", 1.0}, {"max_depth", std::int64_t{8}}});
    const std::vector<double> out = predictions_of(*model, data.features);
    for (std::size_t row = 0; row < 900; ++row) {
      const auto value = static_cast<std::size_t>(data.labels.values[row]);
      EXPECT_NEAR(classes == 0 ? out[row] : out[row * 3 + value], classes == 0 ? data.labels.values[row] : 1,
                  0.15);
    }
  }
}

TEST(Forest, rules_no_class_out_unless_it_is_told_to) {
  const TrainingData data = make_data(TaskKind::multiclass, 3, {.rows = 300}, 3);
  const auto least = [&](double smoothing) {
    return std::ranges::min(predictions_of(*fit_forest_of(data, {{"smoothing", smoothing}}), data.features));
  };
  EXPECT_EQ(least(0), 0);
  EXPECT_GT(least(0.02), 1e-4);
}

TEST(Forest, weighs_classes) {
  const TrainingData data = make_data(TaskKind::binary, 2, {.rows = 400}, 3);
  TrainingData weighed = data;
  for (const double label : data.labels.values) weighed.labels.weights.push_back(label == 1 ? 4 : 1);
  EXPECT_EQ(bytes_of(*fit_forest_of(data, {{"class_weights", std::string("1,4")}})),
            bytes_of(*fit_forest_of(weighed, {})));
}

TEST(Forest, has_the_same_bytes_on_any_number_of_threads) {
  const TrainingData data =
      make_data(TaskKind::multiclass, 3, {.rows = 700, .categorical = 2, .missing = 0.1}, 3);
  for (const bool bootstrap : {false, true}) {
    const SettingValues settings = {{"bootstrap", bootstrap}};
    const std::string bytes = bytes_of(*fit_forest_of(data, settings));
    for (const std::size_t threads : {2, 7})
      EXPECT_EQ(bytes_of(*fit_forest_of(data, settings, threads)), bytes);
    EXPECT_NE(bytes_of(*fit_forest_of(data, settings, 1, 2)), bytes);
  }
}

TEST(Forest, of_more_trees_says_more_than_one_tree) {
  const TrainingData data = make_data(TaskKind::regression, 0, {.rows = 1000}, 3);
  TrainingData fresh = make_data(TaskKind::regression, 0, {.rows = 1000}, 9);
  for (const bool bootstrap : {false, true}) {
    const SettingValues one = {{"bootstrap", bootstrap}, {"trees", std::int64_t{1}}};
    const SettingValues many = {{"bootstrap", bootstrap}, {"trees", std::int64_t{50}}};
    EXPECT_LT(square_error(*fit_forest_of(data, many), fresh),
              0.7 * square_error(*fit_forest_of(data, one), fresh));
  }
}

TEST(Forest, that_is_stopped_keeps_its_whole_trees) {
  const TrainingData data = make_data(TaskKind::regression, 0, {.rows = 3000}, 3);
  ThreadPool pool(2);
  const Budget budget;
  const SettingValues settings = {{"trees", std::int64_t{2000}}};
  const auto model = forest_learner().fit({.train = data,
                                           .settings = settings,
                                           .key = Key::from_seed(1),
                                           .pool = pool,
                                           .budget = budget,
                                           .progress = [](double) { request_cancel(2); }});
  clear_cancel();
  EXPECT_TRUE(model->was_cut_short());
  const std::size_t trees = dynamic_cast<const TreesToView&>(*model).trees();
  EXPECT_GE(trees, 8U);
  EXPECT_LT(trees, 2000U);
  EXPECT_LT(square_error(*model, data), 0.2);
}

TEST(Forest, shares_out_its_predictions_among_the_features) {
  for (const std::size_t classes : {2, 3}) {
    const TaskKind kind = classes == 2 ? TaskKind::binary : TaskKind::multiclass;
    const TrainingData data = make_data(kind, classes, {.rows = 200, .categorical = 1, .missing = 0.1}, 3);
    const auto model = fit_forest_of(data, {});
    const auto& explained = dynamic_cast<const ExplainedModel&>(*model);
    ASSERT_TRUE(explained.can_explain());
    const std::size_t outputs = model->outputs(), features = data.features.features();
    std::vector<double> moved(200 * outputs * features);
    ThreadPool pool(2);
    explained.explain(data.features, moved, pool);
    const std::vector<double> expected = explained.expected_scores(),
                              out = predictions_of(*model, data.features);
    for (std::size_t i = 0; i < 200 * outputs; ++i) {
      const auto begin = moved.begin() + static_cast<std::ptrdiff_t>(i * features);
      EXPECT_NEAR(
          std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(features), expected[i % outputs]),
          out[i], 1e-9);
    }
  }
}

TEST(Forest, shows_a_tree_for_each_output) {
  const TrainingData data = make_data(TaskKind::multiclass, 3, {.rows = 200}, 3);
  const auto model = fit_forest_of(data, {{"smoothing", 0.0}});
  const auto& trees = dynamic_cast<const TreesToView&>(*model);
  ASSERT_EQ(trees.trees(), 60U);
  for (std::size_t leaf = 0; leaf < trees.view_tree(3).leaves.size(); ++leaf) {
    double sum = 0;
    for (std::size_t output = 0; output < 3; ++output) {
      EXPECT_EQ(trees.view_tree(3 + output).output, output);
      sum += trees.view_tree(3 + output).leaves[leaf];
    }
    EXPECT_NEAR(sum, 1.0 / 20, 1e-12) << "shares of one of 20 trees";
  }
}

TEST(Forest, whose_leaves_have_several_values_is_walked_alike_in_every_way) {
  Forest forest = random_forest({.trees = 21, .categorical = 1}, Key::from_seed(3));
  forest.outputs = forest.leaf_values = 3;
  forest.initial.assign(3, 0.25);
  RandomStream random(Key::from_seed(4));
  for (Tree& tree : forest.trees) {
    tree.leaves.resize(3 * tree.leaves.size());
    for (double& leaf : tree.leaves) leaf = random.normal();
  }
  const FeatureMatrix table =
      random_table({.rows = 100, .categorical = 1, .missing = 0.1}, Key::from_seed(5));
  std::vector<double> scores(300);
  forest.score(table, 0, 100, scores);
  for (std::size_t row = 0; row < 100; ++row) {
    std::vector<float> cells;
    for (std::size_t feature = 0; feature < 5; ++feature) cells.push_back(value_at(table, feature, row));
    std::vector<double> walked(3, 0.25), plain(3, 0.25);
    add_row(forest.trees, 3, cells.data(), walked.data(), 3);
    for (const Tree& tree : forest.trees)
      for (std::size_t i = 0; i < 3; ++i) plain[i] += tree.leaves[3 * tree.leaf_of(cells.data()) + i];
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(walked[i], plain[i]);
      EXPECT_EQ(scores[i * 100 + row], plain[i]);
    }
  }
}

TEST(Forest, is_no_booster_to_go_on_from_nor_to_load) {
  const TrainingData data = make_data(TaskKind::binary, 2, {.rows = 200}, 3);
  const auto forest = fit_forest_of(data, {});
  EXPECT_NE(complaint_of_fit(data, {.start = forest.get()}, ErrorKind::usage).find("one of another family"),
            std::string::npos);
  const std::string bytes = bytes_of(*forest), booster = bytes_of(*fit_trees(data));
  ArchiveReader as_booster(bytes), as_forest(booster);
  EXPECT_THROW((void)trees_learner().load(as_booster, 4, 1), Error);
  EXPECT_THROW((void)forest_learner().load(as_forest, 4, 1), Error);
}

}  // namespace
}  // namespace astrolabe::trees
