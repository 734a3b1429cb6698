// SPDX-License-Identifier: Apache-2.0
// Fits that go on from a model.
#include "tests/learners/trees/fits.h"

#include "astrolabe/learners/baseline/baseline.h"
#include "astrolabe/learners/trees/trees_model.h"

namespace astrolabe::trees {
namespace {

using namespace testing;  // NOLINT: the tables of these tests

const TableShape kShape = {.rows = 1500, .numeric = 4, .categorical = 1, .missing = 0.02};

SettingValues rounds(std::int64_t count, const std::string& loss = "auto") {
  return {{"rounds", count}, {"loss", loss}, {"column_sample", 1.0}};
}

TEST(Continuation, of_half_the_rounds_scores_like_all_of_them) {
  const TrainingData fresh = make_data(TaskKind::regression, 0, kShape, 50);
  for (const std::string loss : {"squared", "huber(0.7)", "mae"}) {
    const TrainingData train = make_data(TaskKind::regression, 0, kShape, 5);
    const auto half = fit_trees(train, {.settings = rounds(60, loss)});
    const auto whole = fit_trees(train, {.settings = rounds(120, loss)});
    const auto two = fit_trees(train, {.settings = rounds(60, loss), .start = half.get()});
    const double of_half = mean_square(fresh.labels, predictions_of(*half, fresh.features));
    const double of_whole = mean_square(fresh.labels, predictions_of(*whole, fresh.features));
    const double of_two = mean_square(fresh.labels, predictions_of(*two, fresh.features));
    EXPECT_NEAR(of_two, of_whole, 0.03 * of_whole) << loss;
    EXPECT_LT(of_two, of_half) << loss;
    EXPECT_EQ(find_boosted(*two)->forest.rounds(), 120U);
    EXPECT_EQ(std::get<std::int64_t>(two->settings_found().at("rounds")), 60) << "from the same start again";
  }
}

// Every feature in every tree, nothing drawn: the second half is what the first fit would have grown.
TEST(Continuation, of_a_plain_fit_is_that_fit) {
  const TrainingData train = make_data(TaskKind::multiclass, 3, kShape, 5);
  const auto half = fit_trees(train, {.settings = rounds(10)});
  const auto whole = fit_trees(train, {.settings = rounds(20)});
  const auto two = fit_trees(train, {.settings = rounds(10), .start = half.get(), .threads = 3});
  const std::vector<double> expected = predictions_of(*whole, train.features);
  const std::vector<double> found = predictions_of(*two, train.features);
  for (std::size_t i = 0; i < found.size(); ++i) ASSERT_NEAR(found[i], expected[i], 1e-6);
}

TEST(Continuation, saves_and_loads_like_any_model) {
  const TrainingData train = make_data(TaskKind::binary, 2, kShape, 5);
  const auto half = fit_trees(train);
  const auto two = fit_trees(train, {.start = half.get()});
  const std::string bytes = bytes_of(*two);
  ArchiveReader reader(bytes);
  const auto loaded = trees_learner().load(reader, train.features.features(), 1);
  EXPECT_EQ(predictions_of(*loaded, train.features), predictions_of(*two, train.features));
  const auto three = fit_trees(train, {.start = loaded.get()});
  EXPECT_EQ(find_boosted(*three)->forest.rounds(), 60U);
}

TEST(Continuation, on_watched_rows_keeps_the_start_where_nothing_is_better) {
  const TrainingData train = make_data(TaskKind::regression, 0, {.rows = 300, .numeric = 2}, 5);
  TrainingData noise = make_data(TaskKind::regression, 0, {.rows = 300, .numeric = 2}, 6);
  RandomStream random(Key::from_seed(8));
  for (double& value : noise.labels.values) value = 50 * random.normal();
  const auto start = fit_trees(train, {.settings = {{"rounds", std::int64_t{150}}}});
  const TrainingData watch = make_data(TaskKind::regression, 0, {.rows = 300, .numeric = 2}, 7);
  const auto more =
      fit_trees(noise, {.settings = {{"patience", std::int64_t{3}}}, .watch = &watch, .start = start.get()});
  EXPECT_EQ(predictions_of(*more, watch.features), predictions_of(*start, watch.features));
}

TEST(Continuation, from_other_rows_learns_what_is_new) {
  const TrainingData old = make_data(TaskKind::regression, 0, kShape, 5);
  TrainingData moved = make_data(TaskKind::regression, 0, kShape, 6);
  for (double& value : moved.labels.values) value += 10;
  const auto start = fit_trees(old, {.settings = rounds(50)});
  const auto model = fit_trees(moved, {.settings = rounds(100), .start = start.get()});
  EXPECT_LT(mean_square(moved.labels, predictions_of(*model, moved.features)), 0.5);
}

std::string complaint(const TrainingData& data, const Model& start, const SettingValues& settings = {}) {
  return complaint_of_fit(data, {.settings = settings, .start = &start}, ErrorKind::usage);
}

TEST(Continuation, finds_the_level_of_other_rows) {
  const TrainingData old = make_data(TaskKind::regression, 0, kShape, 5);
  TrainingData moved = make_data(TaskKind::regression, 0, kShape, 6);
  for (double& value : moved.labels.values) value = std::exp(value / 4 + 3);
  TrainingData before = old;
  for (double& value : before.labels.values) value = std::exp(value / 4);
  for (const std::string loss : {"poisson", "gamma", "squared", "log_cosh"}) {
    const auto start = fit_trees(before, {.settings = rounds(30, loss)});
    const auto model = fit_trees(moved, {.settings = rounds(1, loss), .start = start.get()});
    double predicted = 0, truth = 0;
    for (const double value : predictions_of(*model, moved.features)) predicted += value;
    for (const double value : moved.labels.values) truth += value;
    EXPECT_NEAR(predicted / truth, 1, 0.06) << loss;
  }
}

TEST(ContinuationErrors, another_schema_is_refused) {
  const TrainingData train = make_data(TaskKind::regression, 0, kShape, 5);
  const auto start = fit_trees(train);
  const TrainingData narrow = make_data(TaskKind::regression, 0, {.rows = 100, .numeric = 4}, 5);
  EXPECT_EQ(
      complaint(narrow, *start),
      "continuing to fit trees from a model: expected a model of 4 features, found 5. Start from a model "
      "that was fitted on the same columns.");
  const TrainingData classes = make_data(TaskKind::multiclass, 3, kShape, 5);
  EXPECT_NE(complaint(classes, *start).find("expected a model of 3 outputs, found 1"), std::string::npos);
  const TrainingData binary = make_data(TaskKind::binary, 2, kShape, 5);
  EXPECT_NE(complaint(binary, *start).find("expected a loss of two classes, found a loss of plain numbers"),
            std::string::npos);
  const TrainingData numbers = make_data(TaskKind::regression, 0, {.rows = 100, .numeric = 5}, 5);
  EXPECT_NE(complaint(numbers, *start).find("expected f4 to be a number, found a category"),
            std::string::npos);
}

TEST(ContinuationErrors, another_family_and_broken_constraints_are_refused) {
  const TrainingData train = make_data(TaskKind::regression, 0, {.rows = 400, .numeric = 3}, 5);
  ThreadPool pool(1);
  const Budget budget;
  const SettingValues none;
  const auto constant = baseline_learner().fit(
      {.train = train, .settings = none, .key = Key::from_seed(1), .pool = pool, .budget = budget});
  EXPECT_NE(complaint(train, *constant).find("expected a model of trees, found one of another family"),
            std::string::npos);
  const auto free = fit_trees(train);
  for (const auto& [name, text] : {std::pair{"monotone", "f1:+"}, {"interactions", "f0;f1,f2"}})
    EXPECT_NE(complaint(train, *free, {{name, std::string(text)}}).find("one with a tree that breaks them"),
              std::string::npos);
}

}  // namespace
}  // namespace astrolabe::trees
