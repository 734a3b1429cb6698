// SPDX-License-Identifier: Apache-2.0
// Nets that go on from nets of other inputs and outputs, and nets that a teacher teaches.
#include "astrolabe/learners/neural/transfer.h"

#include <algorithm>
#include <cmath>

#include "tests/learners/neural/tables.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/model/fit_curve.h"
#include "astrolabe/model/start_map.h"

namespace astrolabe {
namespace {

using testing::accuracy;
using testing::explained;
using testing::fit;
using testing::make_numbers;
using testing::predict;

TrainingData waves(std::size_t rows, std::size_t numbers, std::uint64_t seed = 1, double scale = 1) {
  return make_numbers(
      TaskKind::regression, rows, numbers,
      [scale](std::span<const double> x) { return scale * (100 + 10 * std::sin(2 * x[0]) + 5 * x[1]); },
      seed);
}

TrainingData classes_of(std::size_t rows, TaskKind kind, std::uint64_t seed = 1) {
  TrainingData data = make_numbers(
      kind, rows, 3,
      [kind](std::span<const double> x) {
        if (kind == TaskKind::binary) return x[0] + x[1] > 0 ? 1.0 : 0.0;
        return x[2] > 0.8 ? 2.0 : x[0] + x[1] > 0 ? 1.0 : 0.0;
      },
      seed);
  return data;
}

// Features as they are; those of `gone` read 0.
StartMap map_of(const FeatureMatrix& old, std::vector<std::size_t> feature_of,
                std::vector<std::size_t> class_of = {}) {
  StartMap map{.feature_of = std::move(feature_of), .missing = {}, .class_of = std::move(class_of)};
  map.missing = {.rows = 1, .info = old.info, .columns = {}};
  for (std::size_t i = 0; i < old.features(); ++i)
    map.missing.columns.push_back({.dense = {0.0F}, .sparse_rows = {}, .sparse_values = {}});
  return map;
}

std::unique_ptr<const Model> go_on(const TrainingData& train, const SettingValues& settings,
                                   const Model& start, const StartMap& map) {
  return fit(train, settings, nullptr, &start, &map);
}

const StartFacts& facts_of(const Model& model) {
  return dynamic_cast<const StartedFit&>(model).start();
}

SettingValues with(const char* architecture, std::int64_t epochs) {
  return {{"architecture", std::string(architecture)}, {"epochs", epochs}};
}

TEST(Transfer, starts_as_the_old_net_with_a_new_number_to_the_bit) {
  const TrainingData before = waves(300, 2), now = waves(200, 3, 2);
  const auto old = fit(before, with("16", 20));
  const StartMap map = map_of(before.features, {0, 1});
  const auto same = go_on(now, with("16", 2), *old, map);
  EXPECT_TRUE(facts_of(*same).is_exact);
  EXPECT_EQ(facts_of(*same).difference, 0);
  EXPECT_EQ(facts_of(*same).rows, 200U);
  const auto larger = go_on(now, with("32-res", 2), *old, map);
  EXPECT_TRUE(facts_of(*larger).is_exact);
  EXPECT_LT(facts_of(*larger).difference, 1e-6 * facts_of(*larger).answer_scale);
  EXPECT_EQ(facts_of(*larger).was, "16");
  EXPECT_EQ(facts_of(*larger).is, "32-res");
}

TEST(Transfer, needs_fewer_epochs_than_nothing_does) {
  const auto old = fit(waves(600, 2), with("16-16", 60));
  const TrainingData now = waves(200, 3, 2), later = waves(400, 3, 3);
  const auto warm = go_on(now, with("16-16", 3), *old, map_of(waves(1, 2).features, {0, 1}));
  EXPECT_GT(explained(*warm, later), 0.9);
  EXPECT_GT(explained(*warm, later), explained(*fit(now, with("16-16", 3)), later) + 0.1);
}

TEST(Transfer, does_without_a_number_that_is_gone) {
  const TrainingData before = waves(300, 3), now = waves(200, 2, 2);
  const auto old = fit(before, with("16", 20));
  const auto less = go_on(now, with("16", 1), *old, map_of(before.features, {0, 1, StartMap::kGone}));
  EXPECT_TRUE(facts_of(*less).is_exact);
  EXPECT_LT(facts_of(*less).difference, 1e-5 * facts_of(*less).answer_scale);
}

TEST(Transfer, learns_a_third_class_and_starts_with_the_shares_of_the_two) {
  const TrainingData before = classes_of(500, TaskKind::binary),
                     now = classes_of(500, TaskKind::multiclass, 2);
  const auto old = fit(before, with("16", 30));
  const auto three = go_on(now, with("16", 30), *old, map_of(before.features, {0, 1, 2}, {0, 1}));
  EXPECT_TRUE(facts_of(*three).is_exact) << facts_of(*three).why;
  EXPECT_LT(facts_of(*three).difference, 1e-6);
  EXPECT_GT(accuracy(*three, classes_of(500, TaskKind::multiclass, 3)), 0.85);
  // The other way round: the second class of the old model is the first now.
  const auto turned = go_on(now, with("16", 1), *old, map_of(before.features, {0, 1, 2}, {2, 0}));
  EXPECT_LT(facts_of(*turned).difference, 1e-6);
}

TEST(Transfer, follows_the_target_to_another_scale) {
  const TrainingData before = waves(400, 2), now = waves(200, 2, 2, 100);
  const auto old = fit(before, with("16", 40));
  StartMap map = map_of(before.features, {0, 1});
  map.slope = 100;
  const auto cents = go_on(now, with("16", 2), *old, map);
  EXPECT_TRUE(facts_of(*cents).is_exact);
  EXPECT_LT(facts_of(*cents).difference, 1e-5 * facts_of(*cents).answer_scale);
  EXPECT_GT(explained(*cents, waves(300, 2, 3, 100)), 0.8);
}

TEST(Transfer, says_why_it_begins_with_nothing) {
  const TrainingData before = waves(300, 2);
  const auto old = fit(before, with("16-8", 3));
  const StartMap map = map_of(before.features, {0, 1});
  const auto smaller = go_on(before, with("8", 1), *old, map);
  EXPECT_FALSE(facts_of(*smaller).is_warm);
  EXPECT_NE(facts_of(*smaller).why.find("does not contain"), std::string::npos);
  const auto classes = go_on(classes_of(100, TaskKind::binary), with("16-8", 1), *old,
                             map_of(before.features, {0, 1}, {0, 1}));
  EXPECT_EQ(facts_of(*classes).why, "another kind of answer");
}

TEST(Transfer, trains_for_a_third_of_what_the_old_net_needed) {
  using neural::transfer_epochs;
  for (const bool knows_all : {true, false}) {
    EXPECT_EQ(transfer_epochs(200, 72, knows_all), 24U);
    EXPECT_EQ(transfer_epochs(200, 76, knows_all), 26U);
    EXPECT_EQ(transfer_epochs(30, 200, knows_all), 10U);  // a third of all at most
    EXPECT_EQ(transfer_epochs(200, 0, knows_all), 66U);
    EXPECT_EQ(transfer_epochs(2, 1, knows_all), 1U);
  }
  EXPECT_EQ(transfer_epochs(200, 5, true), 8U);    // at least
  EXPECT_EQ(transfer_epochs(200, 5, false), 20U);  // where something is new
  EXPECT_EQ(transfer_epochs(200, 36, true), 12U);
  EXPECT_EQ(transfer_epochs(200, 36, false), 20U);
  EXPECT_EQ(transfer_epochs(30, 5, false), 10U);
  EXPECT_TRUE(neural::knew_little(1, 0.81, 0.2));
  EXPECT_FALSE(neural::knew_little(1, 0.79, 0.2));
  EXPECT_TRUE(neural::knew_little(0, -0.2, -1));  // a loss may be below 0
  EXPECT_EQ(neural::transfer_patience(40, 12), 6U);
  EXPECT_EQ(neural::transfer_patience(3, 12), 3U);
  EXPECT_EQ(neural::transfer_patience(40, 1), 1U);
}

std::int64_t epochs_of(const Model& model) {
  return std::get<std::int64_t>(model.settings_found().at("epochs"));
}

TEST(Transfer, a_fit_is_short_and_longer_where_a_number_or_a_class_is_new) {
  const TrainingData before = waves(300, 2), now = waves(200, 2, 2), more = waves(200, 3, 2);
  const auto old = fit(before, with("8", 30));
  const StartMap map = map_of(before.features, {0, 1});
  const auto length = [&](const TrainingData& train, const char* net) {
    return epochs_of(*fit(train, {{"architecture", std::string(net)}}, &train, old.get(), &map));
  };
  EXPECT_EQ(length(now, "8"), 10);
  EXPECT_EQ(length(now, "16-res"), 10);
  EXPECT_EQ(length(more, "8"), 20);
  const TrainingData two = classes_of(300, TaskKind::binary),
                     three = classes_of(300, TaskKind::multiclass, 2);
  const auto of_two = fit(two, with("8", 30));
  const StartMap classes = map_of(two.features, {0, 1, 2}, {0, 1});
  EXPECT_EQ(epochs_of(*fit(three, {{"architecture", std::string("8")}}, &three, of_two.get(), &classes)), 20);
}

// Its weights are 0 at first, and it decides.
TEST(Transfer, a_new_number_that_decides_is_learned_as_well_as_from_nothing) {
  const auto with_third = [](std::uint64_t seed) {
    return make_numbers(
        TaskKind::regression, 1000, 3,
        [](std::span<const double> x) { return x[0] + 3 * std::sin(2 * x[2]) + 2 * x[1] * x[2]; }, seed);
  };
  const TrainingData now = with_third(2), watched = with_third(3), later = with_third(4);
  const auto old =
      fit(make_numbers(TaskKind::regression, 1000, 2, [](std::span<const double> x) { return x[0] + x[1]; }),
          with("32-32", 30));
  const StartMap map = map_of(waves(1, 2).features, {0, 1});
  const SettingValues open = {{"architecture", std::string("32-32")}};
  const auto grown = fit(now, open, &watched, old.get(), &map), anew = fit(now, open, &watched);
  EXPECT_GT(explained(*grown, later), 0.9);
  EXPECT_GT(explained(*grown, later), explained(*anew, later) - 0.02);
  // A short horizon came first and was no use: 20 epochs at most, then those of the long one.
  EXPECT_EQ(epochs_of(*grown), 200);
  const FitCurve& curve = dynamic_cast<const RecordedFit&>(*grown).curve();
  const auto stop = std::get<std::int64_t>(grown->settings_found().at("stop_after"));
  EXPECT_GT(curve.best_step, static_cast<std::uint64_t>(stop));
  EXPECT_LE(curve.best_step, static_cast<std::uint64_t>(stop) + 20);
}

TEST(Transfer, gives_the_same_bytes_again) {
  const TrainingData before = waves(200, 2), now = waves(150, 3, 2);
  const auto old = fit(before, with("16", 5));
  const StartMap map = map_of(before.features, {0, 1});
  const auto bytes = [&] {
    ArchiveWriter writer;
    go_on(now, with("32", 3), *old, map)->save(writer);
    return writer.bytes();
  };
  EXPECT_EQ(bytes(), bytes());
}

std::unique_ptr<const Model> learn_from(const TrainingData& train, const SettingValues& settings,
                                        const std::vector<double>& taught) {
  ThreadPool pool(2);
  const Budget budget;
  return mlp_learner().fit({.train = train,
                            .settings = settings,
                            .key = Key::from_seed(1),
                            .pool = pool,
                            .budget = budget,
                            .taught = taught});
}

TEST(Taught, a_student_of_wrong_labels_learns_what_its_teacher_says) {
  TrainingData train = classes_of(600, TaskKind::multiclass);
  std::vector<double> taught(train.labels.rows() * 3, 0.02);
  for (std::size_t row = 0; row < train.labels.rows(); ++row)
    taught[row * 3 + static_cast<std::size_t>(train.labels.values[row])] = 0.96;
  RandomStream random(Key::from_seed(5));
  for (double& label : train.labels.values) label = static_cast<double>(random.below(3));
  SettingValues settings = with("16", 30);
  const TrainingData later = classes_of(500, TaskKind::multiclass, 2);
  EXPECT_LT(accuracy(*fit(train, settings), later), 0.7);
  settings["distill_share"] = 1.0;
  settings["distill_temperature"] = 2.0;
  EXPECT_GT(accuracy(*learn_from(train, settings, taught), later), 0.85);
}

TEST(Taught, numbers_learn_the_teachers_values) {
  TrainingData train = waves(400, 2);
  const std::vector<double> taught = train.labels.values;
  RandomStream random(Key::from_seed(5));
  for (double& label : train.labels.values) label = 100 + 10 * random.normal();
  SettingValues settings = with("16", 60);
  settings["distill_share"] = 1.0;
  EXPECT_GT(explained(*learn_from(train, settings, taught), waves(300, 2, 3)), 0.9);
}

TEST(Taught, a_share_of_nothing_is_training_by_labels) {
  const TrainingData train = waves(100, 2);
  const auto bytes = [&](const std::unique_ptr<const Model>& model) {
    ArchiveWriter writer;
    model->save(writer);
    return writer.bytes();
  };
  EXPECT_EQ(bytes(learn_from(train, with("8", 2), train.labels.values)), bytes(fit(train, with("8", 2))));
}

TEST(Taught, rows_that_weigh_nothing_do_not_shift_what_is_said_of_others) {
  TrainingData train = classes_of(400, TaskKind::binary);
  std::vector<double> taught;
  for (std::size_t row = 0; row < 400; ++row) {
    train.labels.weights.push_back(row % 3 == 0 ? 0.0 : 1.0);
    taught.push_back(train.labels.values[row] == 1 ? 0.95 : 0.05);
  }
  SettingValues settings = with("16", 30);
  settings["distill_share"] = 1.0;
  EXPECT_GT(accuracy(*learn_from(train, settings, taught), classes_of(400, TaskKind::binary, 2)), 0.9);
}

TEST(Taught, without_a_teacher_a_share_of_one_is_refused) {
  SettingValues settings = with("8", 1);
  settings["distill_share"] = 0.5;
  EXPECT_THROW((void)fit(waves(50, 2), settings), Error);
}

}  // namespace
}  // namespace astrolabe
