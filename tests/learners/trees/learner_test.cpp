// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <numeric>

#include "tests/learners/trees/tables.h"
#include "tests/support/patience.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/learners/trees/trees.h"

namespace astrolabe::trees {
namespace {

using namespace testing;  // NOLINT: the tables of these tests

struct Options {
  SettingValues settings = {{"rounds", std::int64_t{20}}};
  const TrainingData* watch = nullptr;
  std::size_t threads = 1;
  std::uint64_t seed = 1;
  Budget budget = Budget();
};

std::unique_ptr<const Model> fit(const TrainingData& data, const Options& options = {}) {
  ThreadPool pool(options.threads);
  return trees_learner().fit({.train = data,
                              .watch = options.watch,
                              .settings = options.settings,
                              .key = Key::from_seed(options.seed),
                              .pool = pool,
                              .budget = options.budget});
}

std::string bytes_of(const Model& model) {
  ArchiveWriter archive;
  model.save(archive);
  return archive.bytes();
}

std::vector<double> predict(const Model& model, const FeatureMatrix& features) {
  std::vector<double> out(features.rows * model.outputs());
  model.predict(features, out);
  return out;
}

TrainingData made(TaskKind kind, std::size_t classes, const TableShape& shape, std::uint64_t seed) {
  TrainingData data;
  data.features = random_table(shape, Key::from_seed(seed));
  data.labels = labels_for(data.features, kind, classes, Key::from_seed(seed + 1));
  return data;
}

// Mean loss of predictions as people would write it.
double plain_loss(const Labels& labels, const std::vector<double>& out) {
  double sum = 0;
  for (std::size_t row = 0; row < labels.rows(); ++row) {
    const double y = labels.values[row];
    if (labels.kind == TaskKind::regression) sum += (out[row] - y) * (out[row] - y);
    if (labels.kind == TaskKind::binary) sum -= std::log(y > 0.5 ? out[row] : 1 - out[row]);
    if (labels.kind == TaskKind::multiclass)
      sum -= std::log(out[row * labels.classes + static_cast<std::size_t>(y)]);
  }
  return sum / static_cast<double>(labels.rows());
}

const std::vector<std::pair<TaskKind, std::size_t>> kKinds = {
    {TaskKind::regression, 0}, {TaskKind::binary, 2}, {TaskKind::multiclass, 4}};
const TableShape kMixed = {.rows = 900, .numeric = 4, .categorical = 2, .missing = 0.05};

TEST(Trees, learn_every_kind_of_task) {
  for (const auto& [kind, classes] : kKinds) {
    const TrainingData train = made(kind, classes, kMixed, 10);
    const TrainingData fresh = made(kind, classes, kMixed, 20);
    const auto constant = fit(train, {.settings = {{"rounds", std::int64_t{1}}, {"min_gain", 1e9}}});
    const auto model = fit(train, {.settings = {{"rounds", std::int64_t{60}}}});
    EXPECT_LT(plain_loss(fresh.labels, predict(*model, fresh.features)),
              0.7 * plain_loss(fresh.labels, predict(*constant, fresh.features)));
  }
}

TEST(Trees, learn_counts_under_the_poisson_loss) {
  TrainingData data = made(TaskKind::regression, 0, {.rows = 3000, .numeric = 2}, 5);
  RandomStream random(Key::from_seed(9));
  double truth_sum = 0;
  for (std::size_t row = 0; row < data.labels.rows(); ++row) {
    const double mean = std::exp(data.features.columns[0].dense[row]);
    double count = 0;
    for (double left = mean; (left += std::log(1 - random.uniform())) > 0;) ++count;
    data.labels.values[row] = count;
    truth_sum += mean;
  }
  // Both columns in every tree: with one of two, half the trees would see noise only.
  const auto model = fit(data, {.settings = {{"rounds", std::int64_t{80}},
                                             {"learning_rate", 0.08},
                                             {"loss", std::string("poisson")},
                                             {"column_sample", 1.0}}});
  const std::vector<double> out = predict(*model, data.features);
  double relative = 0;
  for (std::size_t row = 0; row < out.size(); ++row) {
    EXPECT_GT(out[row], 0);
    relative += std::abs(std::log(out[row]) - data.features.columns[0].dense[row]);
  }
  EXPECT_LT(relative / static_cast<double>(out.size()), 0.25);
  EXPECT_NEAR(std::accumulate(out.begin(), out.end(), 0.0), truth_sum, 0.05 * truth_sum);
}

TEST(Trees, are_the_same_bytes_on_any_number_of_threads) {
  for (const auto& [kind, classes] : kKinds) {
    TrainingData train = made(kind, classes, kMixed, 30);
    RandomStream random(Key::from_seed(4));
    for (std::size_t row = 0; row < train.labels.rows(); ++row)
      train.labels.weights.push_back(random.uniform());
    const TrainingData watch = made(kind, classes, kMixed, 40);
    const SettingValues settings = {{"rounds", std::int64_t{30}},
                                    {"row_sample", 0.7},
                                    {"column_sample", 0.6},
                                    {"patience", std::int64_t{5}}};
    const std::string one = bytes_of(*fit(train, {.settings = settings, .watch = &watch, .threads = 1}));
    for (const std::size_t threads : {2U, 7U})
      EXPECT_EQ(one, bytes_of(*fit(train, {.settings = settings, .watch = &watch, .threads = threads})));
    EXPECT_EQ(one, bytes_of(*fit(train, {.settings = settings, .watch = &watch})));
    EXPECT_NE(one, bytes_of(*fit(train, {.settings = settings, .watch = &watch, .seed = 2})));
  }
}

TEST(Trees, of_many_rows_are_the_same_bytes_on_any_number_of_threads) {
  const TrainingData train = made(TaskKind::binary, 2, {.rows = 60'000, .numeric = 6, .missing = 0.02}, 50);
  const SettingValues settings = {{"rounds", std::int64_t{3}}, {"growth", std::string("depth_wise")}};
  const std::string one = bytes_of(*fit(train, {.settings = settings}));
  for (const std::size_t threads : {2U, 7U})
    EXPECT_EQ(one, bytes_of(*fit(train, {.settings = settings, .threads = threads})));
}

TEST(Trees, predict_the_same_after_saving_and_loading) {
  for (const auto& [kind, classes] : kKinds) {
    const TrainingData train = made(kind, classes, kMixed, 60);
    const auto model = fit(train);
    const std::string bytes = bytes_of(*model);
    ArchiveReader archive(bytes);
    const auto loaded = trees_learner().load(archive, train.features.features(), model->outputs());
    archive.require_end();
    EXPECT_EQ(predict(*model, train.features), predict(*loaded, train.features));
    EXPECT_EQ(model->importance(), loaded->importance());
    EXPECT_EQ(model->summary(), loaded->summary());
    EXPECT_EQ(model->settings_found(), loaded->settings_found());
    EXPECT_EQ(bytes_of(*loaded), bytes);
  }
}

TEST(Trees, predict_a_row_alone_as_among_others) {
  const TrainingData train = made(TaskKind::multiclass, 4, {.rows = 3000, .numeric = 4, .missing = 0.1}, 70);
  const auto model = fit(train);
  const std::vector<double> all = predict(*model, train.features);
  for (const std::uint32_t row : {0U, 17U, 1023U, 1024U, 2999U}) {
    const std::vector<std::uint32_t> only = {row};
    const std::vector<double> alone = predict(*model, train.features.take_rows(only));
    for (std::size_t k = 0; k < 4; ++k) EXPECT_EQ(alone[k], all[row * 4 + k]);
  }
}

TEST(Trees, stop_early_on_watched_rows_and_the_rounds_found_reproduce_the_model) {
  const TableShape noisy = {.rows = 400, .numeric = 6};
  TrainingData train = made(TaskKind::binary, 2, noisy, 80);
  TrainingData watch = made(TaskKind::binary, 2, noisy, 90);
  RandomStream random(Key::from_seed(1));
  for (TrainingData* data : {&train, &watch})
    for (double& value : data->labels.values)
      if (random.uniform() < 0.3) value = 1 - value;
  const auto stopped = fit(train, {.settings = {{"patience", std::int64_t{20}}}, .watch = &watch});
  const SettingValues found = stopped->settings_found();
  const std::int64_t rounds = std::get<std::int64_t>(found.at("rounds"));
  EXPECT_LT(rounds, 200);
  const auto again = fit(train, {.settings = {{"patience", std::int64_t{20}}, {"rounds", rounds}}});
  EXPECT_EQ(bytes_of(*stopped), bytes_of(*again));
  const auto longer = fit(train, {.settings = {{"rounds", rounds + 60}}});
  EXPECT_LT(plain_loss(watch.labels, predict(*stopped, watch.features)),
            plain_loss(watch.labels, predict(*longer, watch.features)));
}

TEST(Trees, of_sparse_and_dense_columns_are_the_same) {
  const FeatureMatrix dense = random_table({.rows = 2000, .numeric = 8, .missing = 0.01, .zeros = 0.9}, {5});
  TrainingData train{.features = dense, .labels = labels_for(dense, TaskKind::binary, 2, {6})};
  const SettingValues settings = {{"rounds", std::int64_t{15}}, {"row_sample", 0.8}};
  const TrainingData watch = train;
  const auto of_dense = fit(train, {.settings = settings, .watch = &watch});
  train.features = to_sparse(dense);
  TrainingData sparse_watch = train;
  const auto of_sparse = fit(train, {.settings = settings, .watch = &sparse_watch});
  EXPECT_EQ(bytes_of(*of_dense), bytes_of(*of_sparse));
  EXPECT_EQ(predict(*of_dense, dense), predict(*of_sparse, train.features));
}

TEST(Trees, do_not_see_rows_of_weight_zero) {
  const TrainingData few = made(TaskKind::regression, 0, {.rows = 500, .numeric = 3}, 7);
  TrainingData all = made(TaskKind::regression, 0, {.rows = 800, .numeric = 3}, 8);
  all.labels.weights.assign(800, 0.0);
  for (std::size_t row = 0; row < 500; ++row) {
    for (std::size_t j = 0; j < 3; ++j)
      all.features.columns[j].dense[300 + row] = few.features.columns[j].dense[row];
    all.labels.values[300 + row] = few.labels.values[row];
    all.labels.weights[300 + row] = 1;
  }
  EXPECT_EQ(bytes_of(*fit(few)), bytes_of(*fit(all)));
}

TEST(Trees, of_no_weight_at_all_are_the_plain_mean) {
  TrainingData data = made(TaskKind::regression, 0, {.rows = 50, .numeric = 2}, 8);
  data.labels.weights.assign(50, 0.0);
  const double mean = std::accumulate(data.labels.values.begin(), data.labels.values.end(), 0.0) / 50;
  const auto model = fit(data, {.settings = {{"rounds", std::int64_t{5}}, {"row_sample", 0.5}}});
  for (const double value : predict(*model, data.features)) EXPECT_NEAR(value, mean, 1e-12);
}

TEST(Trees, of_weight_two_are_those_of_rows_given_twice) {
  TrainingData once = made(TaskKind::regression, 0, {.rows = 400, .numeric = 3, .levels = 12}, 9);
  TrainingData twice = once;
  once.labels.weights.assign(400, 1.0);
  for (std::size_t row = 0; row < 400; row += 3) {
    once.labels.weights[row] = 2;
    for (FeatureColumn& column : twice.features.columns) column.dense.push_back(column.dense[row]);
    twice.labels.values.push_back(twice.labels.values[row]);
    ++twice.features.rows;
  }
  // One row a leaf, or the number of rows would tell the two apart.
  const SettingValues settings = {{"rounds", std::int64_t{10}}, {"min_rows", std::int64_t{1}}};
  const std::vector<double> a = predict(*fit(once, {.settings = settings}), once.features);
  const std::vector<double> b = predict(*fit(twice, {.settings = settings}), once.features);
  for (std::size_t row = 0; row < a.size(); ++row) EXPECT_NEAR(a[row], b[row], 1e-6);
}

TEST(Trees, of_a_spent_budget_are_the_best_constant) {
  const TrainingData train = made(TaskKind::binary, 2, kMixed, 11);
  const auto model = fit(train, {.budget = Budget({.seconds = 0})});
  EXPECT_TRUE(model->was_cut_short());
  const double share = std::accumulate(train.labels.values.begin(), train.labels.values.end(), 0.0) / 900;
  for (const double p : predict(*model, train.features)) EXPECT_NEAR(p, share, 1e-12);
  EXPECT_EQ(model->summary(), "no trees: the best constant");
}

TEST(Trees, end_in_time_and_keep_what_they_have) {
  const TrainingData train = made(TaskKind::regression, 0, {.rows = 20'000, .numeric = 10}, 12);
  const Budget budget({.seconds = 0.5});
  const auto model = fit(train, {.settings = {{"rounds", std::int64_t{100'000}}}, .budget = budget});
  EXPECT_TRUE(model->was_cut_short());
  EXPECT_LT(budget.seconds_used(), 0.5 + 1.0 * kPatience);
  EXPECT_GE(std::get<std::int64_t>(model->settings_found().at("rounds")), 1);
}

TEST(Trees, take_larger_steps_where_time_is_short_unless_the_step_was_chosen) {
  const TrainingData train = made(TaskKind::multiclass, 20, {.rows = 20'000, .numeric = 20}, 12);
  // As long as forty rounds take this machine now; hundreds are asked for.
  const Budget clock;
  (void)fit(train, {.settings = {{"rounds", std::int64_t{4}}}});
  const auto hurried = fit(train, {.settings = {}, .budget = Budget({.seconds = 10 * clock.seconds_used()})});
  const SettingValues found = hurried->settings_found();
  ASSERT_TRUE(found.contains("learning_rate"));
  EXPECT_GT(std::get<double>(found.at("learning_rate")), 0.04);
  EXPECT_LE(std::get<double>(found.at("learning_rate")), 0.3);
  const auto chosen = fit(train, {.settings = {{"learning_rate", 0.04}}, .budget = Budget({.seconds = 0.5})});
  EXPECT_FALSE(chosen->settings_found().contains("learning_rate"));
  const auto patient = fit(made(TaskKind::binary, 2, kMixed, 11), {.settings = {}});
  EXPECT_FALSE(patient->settings_found().contains("learning_rate"));
}

TEST(Trees, end_when_somebody_asks) {
  const TrainingData train = made(TaskKind::regression, 0, kMixed, 13);
  request_cancel(2);
  const auto model = fit(train);
  clear_cancel();
  EXPECT_TRUE(model->was_cut_short());
}

TEST(Trees, take_a_table_on_which_nothing_can_be_split) {
  TrainingData data;
  data.features = TableMaker(4).add({1, 1, 1, 1}).add({kMissing, kMissing, kMissing, kMissing}).make();
  data.labels = {.kind = TaskKind::regression, .classes = 0, .values = {1, 2, 3, 6}, .weights = {}};
  const auto model = fit(data);
  EXPECT_EQ(predict(*model, data.features), (std::vector<double>{3, 3, 3, 3}));
  EXPECT_EQ(model->importance(), (std::vector<double>{0, 0}));
  data.features = FeatureMatrix{.rows = 4, .info = std::make_shared<std::vector<Feature>>(), .columns = {}};
  EXPECT_EQ(predict(*fit(data), data.features), (std::vector<double>{3, 3, 3, 3}));
}

TEST(Trees, stay_finite_on_one_class_and_on_extreme_numbers) {
  TrainingData data = made(TaskKind::binary, 2, kMixed, 14);
  std::ranges::fill(data.labels.values, 1.0);
  for (const double p : predict(*fit(data), data.features)) {
    EXPECT_GT(p, 0.99);
    EXPECT_LE(p, 1.0);
  }
  data = made(TaskKind::regression, 0, kMixed, 15);
  const float infinite = std::numeric_limits<float>::infinity();
  data.features.columns[0].dense[3] = infinite;
  data.features.columns[0].dense[4] = -infinite;
  for (double& value : data.labels.values) value *= 1e12;
  for (const double value : predict(*fit(data), data.features)) EXPECT_TRUE(std::isfinite(value));
}

TEST(Trees, give_importance_to_what_matters) {
  TrainingData data = made(TaskKind::regression, 0, {.rows = 2000, .numeric = 5}, 16);
  for (std::size_t row = 0; row < 2000; ++row) data.labels.values[row] = data.features.columns[2].dense[row];
  const std::vector<double> importance =
      fit(data, {.settings = {{"rounds", std::int64_t{30}}, {"column_sample", 1.0}}})->importance();
  EXPECT_GT(importance[2], 0.98);
  EXPECT_NEAR(std::accumulate(importance.begin(), importance.end(), 0.0), 1.0, 1e-12);
}

TEST(Trees, tell_how_far_they_are) {
  const TrainingData data = made(TaskKind::regression, 0, kMixed, 17);
  ThreadPool pool(1);
  const SettingValues settings = {{"rounds", std::int64_t{5}}};
  const Budget budget;
  std::vector<double> told;
  (void)trees_learner().fit({.train = data,
                             .settings = settings,
                             .key = Key::from_seed(1),
                             .pool = pool,
                             .budget = budget,
                             .progress = [&](double fraction) { told.push_back(fraction); }});
  EXPECT_EQ(told, (std::vector<double>{0.2, 0.4, 0.6, 0.8, 1.0}));
}

TEST(Trees, of_thousands_of_sparse_columns_take_seconds) {
  const std::size_t rows = 2000;
  FeatureMatrix text{.rows = rows, .info = nullptr, .columns = {}};
  std::vector<Feature> infos;
  RandomStream random(Key::from_seed(3));
  for (std::size_t j = 0; j < 5000; ++j) {
    FeatureColumn column;
    column.is_sparse = true;
    for (std::uint32_t row = 0; row < rows; ++row) {
      if (random.uniform() > 60.0 / static_cast<double>(j + 100)) continue;
      column.sparse_rows.push_back(row);
      column.sparse_values.push_back(1.0F + static_cast<float>(random.below(4)));
    }
    text.columns.push_back(std::move(column));
    infos.push_back({.name = "w", .source = "text"});
  }
  text.info = std::make_shared<const std::vector<Feature>>(std::move(infos));
  TrainingData data{.features = text,
                    .labels = {.kind = TaskKind::binary, .classes = 2, .values = {}, .weights = {}}};
  std::vector<double> score(rows, 0.0);
  for (const std::size_t j : {50U, 200U, 700U})
    for (const std::uint32_t row : text.columns[j].sparse_rows) ++score[row];
  for (const double value : score) data.labels.values.push_back(value > 0 ? 1 : 0);
  const Budget clock;
  const auto model = fit(data, {.settings = {{"rounds", std::int64_t{50}}, {"learning_rate", 0.2}}});
  EXPECT_LT(clock.seconds_used(), 20 * kPatience);
  const std::vector<double> out = predict(*model, text);
  std::size_t right = 0;
  for (std::size_t row = 0; row < rows; ++row) right += (out[row] > 0.5) == (score[row] > 0) ? 1 : 0;
  EXPECT_GT(right, rows * 98 / 100);
}

TEST(Trees, of_two_columns_learn_what_they_do_together) {
  TrainingData data;
  data.features = random_table({.rows = 2000, .numeric = 2}, Key::from_seed(3));
  data.labels = {.kind = TaskKind::regression, .classes = 0, .values = {}, .weights = {}};
  double squares = 0;
  for (std::size_t row = 0; row < 2000; ++row) {
    data.labels.values.push_back(data.features.columns[0].dense[row] * data.features.columns[1].dense[row]);
    squares += data.labels.values.back() * data.labels.values.back();
  }
  const auto model = fit(data, {.settings = {{"rounds", std::int64_t{100}}}});
  const std::vector<double> out = predict(*model, data.features);
  double rest = 0;
  for (std::size_t row = 0; row < 2000; ++row)
    rest += (out[row] - data.labels.values[row]) * (out[row] - data.labels.values[row]);
  EXPECT_LT(rest, 0.2 * squares);
}

TEST(TreesErrors, a_setting_out_of_range_is_refused) {
  const TrainingData data = made(TaskKind::regression, 0, kMixed, 18);
  try {
    (void)fit(data, {.settings = {{"max_bins", std::int64_t{65536}}}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_NE(std::string(error.what()).find("trees.max_bins"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace astrolabe::trees
