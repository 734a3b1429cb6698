// SPDX-License-Identifier: Apache-2.0
// Features of more bins than a byte tells apart.
#include "tests/learners/trees/fits.h"

#include "astrolabe/learners/trees/binned_matrix.h"
#include "astrolabe/learners/trees/trees_model.h"
#include "astrolabe/learners/trees/trees_settings.h"
#include "astrolabe/model/fit_curve.h"

namespace astrolabe::trees {
namespace {

using namespace testing;  // NOLINT: the tables of these tests

constexpr std::int64_t kMost = 65'535;

SettingValues wide(std::int64_t rounds, SettingValues more = {}) {
  more.insert({{"rounds", rounds}, {"max_bins", kMost}, {"learning_rate", 0.1}});
  return more;
}

// Columns of many values, of few, of categories, and of mostly zeros, which are listed.
TrainingData mixed_data(TaskKind kind, std::size_t classes, std::size_t rows, std::uint64_t seed) {
  TrainingData data;
  const FeatureMatrix many =
      random_table({.rows = rows, .numeric = 3, .categorical = 1, .missing = 0.1}, Key::from_seed(seed));
  const FeatureMatrix few = random_table({.rows = rows, .numeric = 1, .levels = 9}, Key::from_seed(seed + 1));
  const FeatureMatrix zeros =
      to_sparse(random_table({.rows = rows, .numeric = 1, .zeros = 0.5}, Key::from_seed(seed + 2)));
  data.features = many;
  auto info = std::make_shared<std::vector<Feature>>(*many.info);
  for (const FeatureMatrix* more : {&few, &zeros}) {
    data.features.columns.push_back(more->columns[0]);
    info->push_back((*more->info)[0]);
    info->back().name = "g" + std::to_string(info->size());
  }
  data.features.info = info;
  data.labels = labels_for(data.features, kind, classes, Key::from_seed(seed + 3));
  return data;
}

TEST(WideBins, are_those_of_numbers_with_many_values_alone) {
  const TrainingData data = mixed_data(TaskKind::regression, 0, 1500, 5);
  ThreadPool pool(1);
  const auto bins = find_bins(data.features, {}, kMost, 8, pool, Budget());
  const BinnedMatrix matrix(data.features, bins, Purpose::training, pool);
  std::vector<bool> is_wide;
  for (const FeatureBins& of_feature : bins) is_wide.push_back(of_feature.is_wide());
  EXPECT_EQ(is_wide, (std::vector<bool>{true, true, true, false, false, true}));
  // Exact: a bin for each value.
  EXPECT_GT(bins[0].bins, 1200U);
  for (std::size_t row = 0; row < 1500; ++row) {
    const float value = value_at(data.features, 0, row);
    EXPECT_EQ(matrix.wide(0)[row], std::isnan(value) ? bins[0].bins : bin_of(bins[0].cuts, value));
  }
  EXPECT_LT(matrix.cells(), 100U) << "wide slots have no histogram";
}

TEST(WideBins, of_as_many_rows_as_a_sketch_is_for_are_no_more_than_asked_for) {
  const FeatureMatrix table = random_table({.rows = 300'000, .numeric = 1}, Key::from_seed(3));
  ThreadPool pool(2);
  const auto most = find_bins(table, {}, kMost, 8, pool, Budget());
  EXPECT_LE(most[0].bins, 65'535U);
  EXPECT_GT(most[0].bins, 30'000U);
  const auto thousand = find_bins(table, {}, 1000, 8, pool, Budget());
  EXPECT_LE(thousand[0].bins, 1000U);
  EXPECT_GT(thousand[0].bins, 500U);
}

TEST(WideBins, have_the_same_bytes_on_any_number_of_threads) {
  const TrainingData data = mixed_data(TaskKind::binary, 2, 30'000, 5);
  const std::string one = bytes_of(*fit_trees(data, {.settings = wide(4)}));
  for (const std::size_t threads : {2U, 7U})
    EXPECT_EQ(bytes_of(*fit_trees(data, {.settings = wide(4), .threads = threads})), one);
  const TrainingData classes = mixed_data(TaskKind::multiclass, 3, 1500, 5);
  const std::string few = bytes_of(*fit_trees(classes, {.settings = wide(4)}));
  for (const std::size_t threads : {2U, 7U})
    EXPECT_EQ(bytes_of(*fit_trees(classes, {.settings = wide(4), .threads = threads})), few);
}

TEST(WideBins, of_few_values_are_the_bins_of_a_byte) {
  const TrainingData data = make_data(TaskKind::regression, 0, {.rows = 2000, .numeric = 3, .levels = 90}, 5);
  const SettingValues bytes = {{"rounds", std::int64_t{5}}, {"learning_rate", 0.1}};
  EXPECT_EQ(bytes_of(*fit_trees(data, {.settings = wide(5)})),
            bytes_of(*fit_trees(data, {.settings = bytes})));
}

TEST(WideBins, score_rows_during_the_fit_as_the_model_does) {
  const TrainingData data = mixed_data(TaskKind::regression, 0, 2500, 5);
  const TrainingData watch = mixed_data(TaskKind::regression, 0, 2500, 50);
  for (const std::string boosting : {"plain", "dart"}) {
    const auto model = fit_trees(
        data, {.settings = wide(16, {{"row_sample", 0.5}, {"boosting", boosting}}), .watch = &watch});
    const FitStep& last = dynamic_cast<const RecordedFit&>(*model).curve().steps.back();
    ASSERT_EQ(find_boosted(*model)->forest.rounds(), last.step) << boosting;
    const double of_data = mean_square(data.labels, predictions_of(*model, data.features));
    const double of_watch = mean_square(watch.labels, predictions_of(*model, watch.features));
    EXPECT_NEAR(last.watched, of_watch, 1e-6) << boosting;
    EXPECT_NEAR(last.training, of_data, 1e-6) << boosting;
  }
}

TEST(WideBins, find_a_step_between_two_values_that_a_byte_cannot) {
  // 4,000 values, a step at one of them: 255 bins are 16 values each.
  std::vector<float> column;
  Labels labels{.kind = TaskKind::regression, .classes = 0, .values = {}, .weights = {}};
  for (std::size_t row = 0; row < 4000; ++row) {
    column.push_back(static_cast<float>(row));
    labels.values.push_back(row > 1003 ? 1 : 0);
  }
  TrainingData data;
  data.features = TableMaker(4000).add(column).make();
  data.labels = labels;
  const SettingValues settings = {
      {"rounds", std::int64_t{1}}, {"learning_rate", 1.0}, {"l2", 0.0}, {"max_leaves", std::int64_t{2}}};
  SettingValues many = settings;
  many["max_bins"] = kMost;
  EXPECT_NEAR(mean_square(labels, predictions_of(*fit_trees(data, {.settings = many}), data.features)), 0,
              1e-6);
  EXPECT_GT(mean_square(labels, predictions_of(*fit_trees(data, {.settings = settings}), data.features)),
            1e-4);
}

TEST(WideBins, keep_monotone_columns_monotone) {
  const TrainingData data = mixed_data(TaskKind::regression, 0, 2500, 5);
  const auto model = fit_trees(data, {.settings = wide(30, {{"monotone", "f1:+"}})});
  for (std::size_t row = 0; row < 40; ++row) {
    const std::vector<std::uint32_t> same(60, static_cast<std::uint32_t>(row));
    FeatureMatrix rows = data.features.take_rows(same);
    for (std::size_t i = 0; i < same.size(); ++i)
      rows.columns[1].dense[i] = -3 + 0.1F * static_cast<float>(i);
    const std::vector<double> out = predictions_of(*model, rows);
    for (std::size_t i = 1; i < out.size(); ++i) ASSERT_GE(out[i], out[i - 1] - 1e-12);
  }
}

TEST(WideBinsErrors, more_than_two_bytes_tell_apart_are_refused) {
  const TrainingData data = make_data(TaskKind::regression, 0, {.rows = 300, .numeric = 2}, 5);
  const std::string complaint =
      complaint_of_fit(data, {.settings = {{"rounds", std::int64_t{1}}, {"max_bins", std::int64_t{65'536}}}},
                       ErrorKind::usage);
  EXPECT_NE(complaint.find("max_bins"), std::string::npos);
  EXPECT_NE(complaint.find("65535"), std::string::npos) << complaint;
}

}  // namespace
}  // namespace astrolabe::trees
