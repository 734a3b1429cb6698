// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/class_weights.h"

#include <limits>
#include <numeric>

#include "tests/learners/trees/fits.h"

namespace astrolabe::trees {
namespace {

using namespace testing;  // NOLINT: the tables of these tests

Labels classes_of(std::vector<double> values, std::size_t classes, std::vector<double> weights = {}) {
  return {.kind = classes == 2 ? TaskKind::binary : TaskKind::multiclass,
          .classes = classes,
          .values = std::move(values),
          .weights = std::move(weights)};
}

TEST(ClassWeights, that_are_balanced_make_all_classes_weigh_alike) {
  const Labels labels = classes_of({0, 0, 0, 1, 2, 2}, 3, {1, 1, 2, 1, 0.5, 0.5});
  const std::vector<double> weights = class_weights("balanced", labels);
  const Labels weighed = with_class_weights(labels, weights);
  std::vector<double> totals(3, 0.0);
  for (std::size_t row = 0; row < 6; ++row)
    totals[static_cast<std::size_t>(labels.values[row])] += weighed.weights[row];
  for (const double total : totals) EXPECT_DOUBLE_EQ(total, 2) << "together the 6 that they were";
}

TEST(ClassWeights, that_are_balanced_leave_a_class_without_rows_alone) {
  EXPECT_EQ(class_weights("balanced", classes_of({0, 2, 2}, 3)), (std::vector<double>{1.5, 1, 0.75}));
}

TEST(ClassWeights, that_are_listed_multiply_those_of_the_rows) {
  const Labels labels = classes_of({0, 1, 1}, 2, {1, 2, 3});
  EXPECT_EQ(with_class_weights(labels, class_weights(" 0.5, 4", labels)).weights,
            (std::vector<double>{0.5, 8, 12}));
  EXPECT_EQ(with_class_weights(labels, class_weights("none", labels)).weights, labels.weights);
}

TEST(ClassWeights, are_what_weighted_rows_are) {
  const TrainingData data = make_data(TaskKind::binary, 2, {.rows = 600}, 3);
  TrainingData weighed = data;
  for (const double label : data.labels.values) weighed.labels.weights.push_back(label == 1 ? 4 : 1);
  const SettingValues settings = {{"rounds", std::int64_t{20}}, {"class_weights", std::string("1,4")}};
  EXPECT_EQ(bytes_of(*fit_trees(data, {.settings = settings})), bytes_of(*fit_trees(weighed)));
}

TEST(ClassWeights, count_on_watched_rows_as_well) {
  const TrainingData data = make_data(TaskKind::binary, 2, {.rows = 600}, 3);
  const TrainingData watch = make_data(TaskKind::binary, 2, {.rows = 300}, 13);
  TrainingData weighed = data, weighed_watch = watch;
  for (const double label : data.labels.values) weighed.labels.weights.push_back(label == 1 ? 9 : 1);
  for (const double label : watch.labels.values) weighed_watch.labels.weights.push_back(label == 1 ? 9 : 1);
  const SettingValues settings = {{"patience", std::int64_t{5}}};
  SettingValues with = settings;
  with["class_weights"] = std::string("1,9");
  EXPECT_EQ(bytes_of(*fit_trees(data, {.settings = with, .watch = &watch})),
            bytes_of(*fit_trees(weighed, {.settings = settings, .watch = &weighed_watch})));
}

TEST(ClassWeights, that_are_balanced_find_more_of_a_rare_class) {
  TrainingData data = make_data(TaskKind::regression, 0, {.rows = 3000}, 3, 1.0);
  data.labels.kind = TaskKind::binary;
  data.labels.classes = 2;
  double rare = 0;
  for (double& value : data.labels.values) rare += value = value > 2.5 ? 1 : 0;
  ASSERT_LT(rare, 450);
  const auto found = [&](const std::string& weights) {
    const auto model =
        fit_trees(data, {.settings = {{"rounds", std::int64_t{20}}, {"class_weights", weights}}});
    double hits = 0;
    const std::vector<double> out = predictions_of(*model, data.features);
    for (std::size_t row = 0; row < out.size(); ++row)
      hits += data.labels.values[row] * (out[row] > 0.5 ? 1 : 0);
    return hits / rare;
  };
  EXPECT_GT(found("balanced"), found("none") + 0.1);
}

TEST(ClassWeightErrors, say_what_is_wrong) {
  const Labels two = classes_of({0, 1, 1}, 2);
  const auto complaint = [&](const std::string& setting, const Labels& labels) -> std::string {
    try {
      (void)class_weights(setting, labels);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::bad_input);
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(complaint("1,-4", two),
            "setting class_weights to 1,-4: expected a number of 0 or more for each class, found \"-4\". "
            "Write none, balanced, or one number for each class, as in 1,4.");
  EXPECT_NE(complaint("1,nan", two).find("found \"nan\""), std::string::npos);
  EXPECT_NE(complaint("balance", two).find("found \"balance\""), std::string::npos);
  EXPECT_NE(complaint("1,2,3", two).find("expected 2 weights, one for each class, found 3"),
            std::string::npos);
  EXPECT_NE(complaint("0,0", two).find("a class that weighs more than 0"), std::string::npos);
  const Labels numbers{.kind = TaskKind::regression, .classes = 0, .values = {1}, .weights = {}};
  EXPECT_NE(complaint("balanced", numbers).find("expected a task of classes, found a regression task"),
            std::string::npos);
}

TEST(WeightErrors, rows_that_weigh_nothing_sensible_are_bad_input) {
  TrainingData data = make_data(TaskKind::regression, 0, {.rows = 50}, 3);
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), -1.0, std::numeric_limits<double>::infinity()}) {
    data.labels.weights.assign(50, 1.0);
    data.labels.weights[7] = bad;
    EXPECT_NE(complaint_of_fit(data, {}, ErrorKind::bad_input)
                  .find("weights of rows that are numbers of 0 or more"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace astrolabe::trees
