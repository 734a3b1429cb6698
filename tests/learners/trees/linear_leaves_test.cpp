// SPDX-License-Identifier: Apache-2.0
// Leaves with slopes: against their definition, and through all that a model goes through.
#include "tests/learners/trees/fits.h"

#include "astrolabe/learners/trees/linear_fit.h"
#include "astrolabe/learners/trees/packed_rows.h"
#include "astrolabe/learners/trees/trees_model.h"
#include "astrolabe/model/fit_curve.h"

namespace astrolabe::trees {
namespace {

using namespace testing;  // NOLINT: the tables of these tests

const TableShape kShape = {.rows = 1500, .numeric = 4, .categorical = 1, .missing = 0.05};

SettingValues linear(std::int64_t rounds, SettingValues more = {}) {
  more.insert({{"rounds", rounds}, {"linear_leaves", true}, {"learning_rate", 0.1}});
  return more;
}

const Forest& forest_of(const Model& model) {
  return find_boosted(model)->forest;
}

std::vector<float> cells_of(const FeatureMatrix& features, const Forest& forest, std::size_t row) {
  std::vector<float> cells;
  for (const std::uint32_t feature : forest.features) cells.push_back(value_at(features, feature, row));
  return cells;
}

// One round of the squared loss: gradients are the initial score less the number, hessians are 1. At the
// slopes of a leaf its loss with the ridge has no slope in any of them.
TEST(LinearLeaves, are_where_the_loss_of_their_rows_is_least) {
  constexpr double kL2 = 7;
  const TrainingData data = make_data(TaskKind::regression, 0, kShape, 5);
  const auto model = fit_trees(data, {.settings = linear(1, {{"learning_rate", 1.0}, {"linear_l2", kL2}})});
  const Forest& forest = forest_of(*model);
  const Tree& tree = forest.trees[0];
  ASSERT_FALSE(tree.linear.empty());
  std::size_t terms_seen = 0;
  for (std::size_t leaf = 0; leaf < tree.leaves.size(); ++leaf) {
    std::vector<std::vector<float>> rows;
    std::vector<double> gradients;
    for (std::size_t row = 0; row < data.features.rows; ++row) {
      rows.push_back(cells_of(data.features, forest, row));
      gradients.push_back(forest.initial[0] - data.labels.values[row]);
      if (tree.leaf_of(rows.back().data()) == leaf) continue;
      rows.pop_back();
      gradients.pop_back();
    }
    for (const LinearTerm& term : tree.linear.of(leaf)) {
      double squares = 0, pull = 0, size = 0, sum = 0, known = 0;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const float cell = rows[i][term.feature];
        const double off = std::isnan(cell) ? 0 : static_cast<double>(cell) - term.centre;
        double moved = gradients[i];
        for (const LinearTerm& other : tree.linear.of(leaf)) moved += other.value(rows[i][other.feature]);
        squares += off * off;
        pull += moved * off;
        size += std::abs(gradients[i] * off);
        sum += off;
        known += std::isnan(cell) ? 0 : 1;
      }
      EXPECT_NEAR(sum, 0, 1e-6 * known) << "the centre is the mean";
      // The ridge is on slopes of columns over their deviation.
      EXPECT_NEAR(pull + kL2 * term.slope * squares / static_cast<double>(rows.size()), 0, 1e-6 * size);
      ++terms_seen;
    }
  }
  EXPECT_GT(terms_seen, 10U);
}

TEST(LinearLeaves, learn_a_straight_line_with_fewer_trees) {
  TrainingData data = make_data(TaskKind::regression, 0, {.rows = 2000, .numeric = 1}, 5, 0.0);
  data.labels.values.assign(data.features.columns[0].dense.begin(), data.features.columns[0].dense.end());
  SettingValues settings = {
      {"rounds", std::int64_t{5}}, {"learning_rate", 1.0}, {"max_leaves", std::int64_t{4}}};
  const auto constant = fit_trees(data, {.settings = settings});
  settings["linear_leaves"] = true;
  const auto straight = fit_trees(data, {.settings = settings});
  EXPECT_LT(mean_square(data.labels, predictions_of(*straight, data.features)),
            0.5 * mean_square(data.labels, predictions_of(*constant, data.features)));
}

TEST(LinearLeaves, have_the_same_bytes_on_any_number_of_threads) {
  for (const TaskKind kind : {TaskKind::regression, TaskKind::binary, TaskKind::multiclass}) {
    const TrainingData data = make_data(kind, kind == TaskKind::binary ? 2 : 3, kShape, 5);
    const TrainingData watch = make_data(kind, kind == TaskKind::binary ? 2 : 3, kShape, 50);
    const SettingValues settings = linear(12, {{"row_sample", 0.7}});
    const std::string one = bytes_of(*fit_trees(data, {.settings = settings, .watch = &watch}));
    for (const std::size_t threads : {2U, 7U})
      EXPECT_EQ(bytes_of(*fit_trees(data, {.settings = settings, .watch = &watch, .threads = threads})), one);
  }
}

TEST(LinearLeaves, of_sparse_columns_are_those_of_dense_ones) {
  TrainingData data = make_data(TaskKind::regression, 0, {.rows = 1500, .numeric = 4, .zeros = 0.5}, 5);
  const std::vector<double> dense = predictions_of(*fit_trees(data, {.settings = linear(10)}), data.features);
  data.features = to_sparse(data.features);
  EXPECT_EQ(predictions_of(*fit_trees(data, {.settings = linear(10)}), data.features), dense);
}

// The scores of training rows, of rows that were not sampled and of watched rows are the model's.
TEST(LinearLeaves, score_rows_during_the_fit_as_the_model_does) {
  const TrainingData data = make_data(TaskKind::regression, 0, kShape, 5);
  const TrainingData watch = make_data(TaskKind::regression, 0, kShape, 50);
  const auto model = fit_trees(data, {.settings = linear(16, {{"row_sample", 0.5}}), .watch = &watch});
  const FitStep& last = dynamic_cast<const RecordedFit&>(*model).curve().steps.back();
  ASSERT_EQ(last.step, 16U);
  ASSERT_EQ(forest_of(*model).rounds(), 16U);
  const double of_data = mean_square(data.labels, predictions_of(*model, data.features));
  const double of_watch = mean_square(watch.labels, predictions_of(*model, watch.features));
  EXPECT_NEAR(last.training / of_data, last.watched / of_watch, 1e-9) << "half of it, or all";
  const double factor = last.watched / of_watch;
  EXPECT_TRUE(std::abs(factor - 1) < 1e-9 || std::abs(factor - 0.5) < 1e-9) << factor;
}

TEST(LinearLeaves, predict_many_rows_as_one_by_one) {
  const TrainingData data =
      make_data(TaskKind::multiclass, 3, {.rows = 3000, .numeric = 4, .missing = 0.1}, 5);
  const auto model = fit_trees(data, {.settings = linear(9)});
  const Forest& forest = forest_of(*model);
  std::vector<double> scores(3 * data.features.rows);
  forest.score(data.features, 0, data.features.rows, scores);
  for (std::size_t row = 0; row < data.features.rows; row += 97) {
    const std::vector<float> cells = cells_of(data.features, forest, row);
    std::vector<double> expected = forest.initial;
    for (std::size_t tree = 0; tree < forest.trees.size(); ++tree)
      expected[tree % 3] += forest.trees[tree].value(cells.data());
    for (std::size_t output = 0; output < 3; ++output)
      ASSERT_EQ(scores[output * data.features.rows + row], expected[output]);
    const std::vector<std::uint32_t> only = {static_cast<std::uint32_t>(row)};
    const std::vector<double> alone = predictions_of(*model, data.features.take_rows(only));
    const std::vector<double> all = predictions_of(*model, data.features);
    ASSERT_EQ(std::vector<double>(all.begin() + 3 * row, all.begin() + 3 * row + 3), alone);
  }
}

TEST(LinearLeaves, add_nothing_for_missing_cells_and_nothing_new_beyond_what_they_saw) {
  const TrainingData data = make_data(TaskKind::regression, 0, {.rows = 1500, .numeric = 2}, 5);
  const auto model = fit_trees(data, {.settings = linear(20)});
  const Forest& forest = forest_of(*model);
  const std::vector<float> missing = {kMissing, kMissing};
  double constant = 0;
  for (const Tree& tree : forest.trees) {
    EXPECT_EQ(tree.value(missing.data()), tree.leaves[tree.leaf_of(missing.data())]);
    constant += tree.leaves[tree.leaf_of(missing.data())];
  }
  const FeatureMatrix far = TableMaker(4)
                                .add({1e3F, 1e30F, kMissing, std::numeric_limits<float>::infinity()})
                                .add({0, 0, kMissing, 0})
                                .make();
  const std::vector<double> out = predictions_of(*model, far);
  EXPECT_EQ(out[0], out[1]);
  EXPECT_NEAR(out[2], forest.initial[0] + constant, 1e-12);
  EXPECT_TRUE(std::isfinite(out[3]));
}

TEST(LinearLeaves, are_read_back) {
  const TrainingData data = make_data(TaskKind::binary, 2, kShape, 5);
  const auto model = fit_trees(data, {.settings = linear(10)});
  const std::string bytes = bytes_of(*model);
  ArchiveReader reader(bytes);
  const auto loaded = trees_learner().load(reader, data.features.features(), 1);
  reader.require_end();
  EXPECT_EQ(bytes_of(*loaded), bytes);
  EXPECT_EQ(predictions_of(*loaded, data.features), predictions_of(*model, data.features));
  EXPECT_NE(model->summary().find("linear leaves"), std::string::npos) << model->summary();
}

TEST(LinearLeaves, of_categories_alone_are_constants_in_the_older_format) {
  const TrainingData data =
      make_data(TaskKind::regression, 0, {.rows = 1500, .numeric = 0, .categorical = 3}, 5);
  const auto model = fit_trees(data, {.settings = linear(10)});
  const auto constant = fit_trees(data, {.settings = {{"rounds", std::int64_t{10}}, {"learning_rate", 0.1}}});
  EXPECT_EQ(bytes_of(*model), bytes_of(*constant));
}

TEST(LinearLeaves, of_columns_that_repeat_one_another_stay_small) {
  TrainingData data = make_data(TaskKind::regression, 0, {.rows = 1500, .numeric = 1}, 5);
  const std::vector<float> column = data.features.columns[0].dense;
  data.features = TableMaker(1500).add(column).add(column).add(std::vector<float>(1500, 1e30F)).make();
  const auto model = fit_trees(data, {.settings = linear(20, {{"linear_l2", 0.0}, {"column_sample", 1.0}})});
  for (const double value : predictions_of(*model, data.features)) ASSERT_LT(std::abs(value), 10);
}

TEST(LinearLeaves, go_on_from_a_model_that_has_them_or_not) {
  // So few rows that they are added up as cells: words are rounded at random, by round.
  TableShape shape = kShape;
  shape.rows = kPackedFromRows - 1;
  const TrainingData data = make_data(TaskKind::regression, 0, shape, 5);
  const SettingValues whole_settings = linear(20, {{"column_sample", 1.0}});
  const SettingValues half_settings = linear(10, {{"column_sample", 1.0}});
  const auto half = fit_trees(data, {.settings = half_settings});
  const auto two = fit_trees(data, {.settings = half_settings, .start = half.get()});
  const auto whole = fit_trees(data, {.settings = whole_settings});
  const std::vector<double> expected = predictions_of(*whole, data.features);
  const std::vector<double> found = predictions_of(*two, data.features);
  for (std::size_t i = 0; i < found.size(); ++i) ASSERT_NEAR(found[i], expected[i], 1e-6);
}

TEST(LinearLeaves, suit_amounts_and_rankings) {
  TrainingData data = make_data(TaskKind::regression, 0, kShape, 5);
  for (double& value : data.labels.values) value = std::exp(0.5 * value);
  for (const std::string loss : {"poisson", "gamma", "tweedie(1.5)"}) {
    SettingValues settings = linear(20, {{"loss", loss}});
    const auto straight = fit_trees(data, {.settings = settings});
    settings["linear_leaves"] = false;
    const auto constant = fit_trees(data, {.settings = settings});
    ASSERT_TRUE(forest_of(*straight).has_linear()) << loss;
    EXPECT_LT(mean_square(data.labels, predictions_of(*straight, data.features)),
              mean_square(data.labels, predictions_of(*constant, data.features)))
        << loss;
  }
  for (std::size_t row = 0; row < data.labels.rows(); ++row) {
    data.labels.groups.push_back(static_cast<std::uint32_t>(row / 15));
    data.labels.values[row] = std::fmin(std::floor(data.labels.values[row]), 4.0);
  }
  const auto ranker = fit_trees(data, {.settings = linear(20)});
  EXPECT_TRUE(forest_of(*ranker).has_linear());
  for (const double score : predictions_of(*ranker, data.features)) ASSERT_TRUE(std::isfinite(score));
}

TEST(LinearLeavesErrors, what_has_no_meaning_with_slopes_is_refused) {
  const TrainingData data = make_data(TaskKind::regression, 0, kShape, 5);
  const auto complaint = [&](SettingValues more) {
    return complaint_of_fit(data, {.settings = linear(5, std::move(more))}, ErrorKind::usage);
  };
  EXPECT_NE(complaint({{"boosting", "dart"}}).find("boosting=dart"), std::string::npos);
  EXPECT_NE(complaint({{"monotone", "f0:+"}}).find("monotone=f0:+"), std::string::npos);
  EXPECT_NE(complaint({{"loss", "huber(1)"}}).find("searched for"), std::string::npos);
  const auto start = fit_trees(data, {.settings = linear(5)});
  EXPECT_NE(
      complaint_of_fit(data, {.settings = {{"monotone", "f0:+"}}, .start = start.get()}, ErrorKind::usage)
          .find("breaks them"),
      std::string::npos);
}

}  // namespace
}  // namespace astrolabe::trees
