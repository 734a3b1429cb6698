// SPDX-License-Identifier: Apache-2.0
// DART and GOSS.
#include <numeric>

#include "tests/learners/trees/fits.h"

#include "astrolabe/learners/trees/dropout.h"
#include "astrolabe/learners/trees/goss.h"

namespace astrolabe::trees {
namespace {

using namespace testing;  // NOLINT: the tables of these tests

std::vector<std::uint32_t> first_rows(std::uint32_t count) {
  std::vector<std::uint32_t> rows(count);
  std::iota(rows.begin(), rows.end(), 0U);
  return rows;
}

TEST(Goss, keeps_the_largest_gradients_and_some_others_for_all) {
  constexpr std::uint32_t kRows = 10'000;
  std::vector<GradientPair> pairs(kRows);
  RandomStream random(Key::from_seed(2));
  for (GradientPair& pair : pairs) pair = {random.normal(), 1};
  const std::vector<GradientPair> before = pairs;
  const std::vector<std::uint32_t> rows = first_rows(kRows);
  const auto sample = sample_by_gradient(rows, {.top = 0.2, .rest = 0.1}, Key::from_seed(3), 1, pairs);
  EXPECT_NEAR(static_cast<double>(sample.size()), 3000, 150);
  EXPECT_TRUE(std::ranges::is_sorted(sample));
  std::size_t whole = 0;
  double least_whole = 1e9, largest_drawn = 0, hessians = 0;
  for (const std::uint32_t row : sample) {
    hessians += pairs[row].hessian;
    const double size = std::abs(before[row].gradient);
    if (pairs[row].hessian == 1) {
      ++whole;
      least_whole = std::min(least_whole, size);
    } else {
      EXPECT_DOUBLE_EQ(pairs[row].hessian, 8) << "one of the 80 % for eight of them";
      EXPECT_DOUBLE_EQ(pairs[row].gradient, 8 * before[row].gradient);
      largest_drawn = std::max(largest_drawn, size);
    }
  }
  EXPECT_EQ(whole, 2000U);
  EXPECT_LE(largest_drawn, least_whole);
  EXPECT_NEAR(hessians, kRows, 600) << "they stand for all rows";
}

TEST(Goss, of_equal_gradients_keeps_as_many) {
  std::vector<GradientPair> pairs(1000, {1, 1});
  const auto sample =
      sample_by_gradient(first_rows(1000), {.top = 0.3, .rest = 0.1}, Key::from_seed(3), 1, pairs);
  EXPECT_EQ(std::ranges::count_if(sample, [&](auto row) { return pairs[row].hessian == 1; }), 300);
}

TEST(Goss, of_several_outputs_adds_their_sizes) {
  std::vector<GradientPair> pairs(2000, {0.01, 1});  // [2, 1000]
  for (std::size_t row = 0; row < 100; ++row) pairs[1000 + row].gradient = -5;
  const auto sample =
      sample_by_gradient(first_rows(1000), {.top = 0.1, .rest = 0.05}, Key::from_seed(3), 2, pairs);
  for (std::uint32_t row = 0; row < 100; ++row) EXPECT_EQ(sample[row], row);
}

TEST(Goss, of_all_rows_takes_all_and_changes_nothing) {
  std::vector<GradientPair> pairs(10, {1, 1});
  EXPECT_EQ(sample_by_gradient(first_rows(10), {.top = 0.5, .rest = 0.5}, Key::from_seed(3), 1, pairs),
            first_rows(10));
  EXPECT_EQ(sample_by_gradient(first_rows(10), {.top = 1, .rest = 0.1}, Key::from_seed(3), 1, pairs),
            first_rows(10));
  for (const GradientPair& pair : pairs) EXPECT_EQ(pair.hessian, 1);
}

TEST(Dropout, leaves_out_earlier_rounds_and_keeps_their_sum_about_the_same) {
  Dropout dropout({.rate = 0.5, .skip = 0}, Key::from_seed(1));
  EXPECT_TRUE(dropout.choose(0).empty());
  for (std::uint64_t round = 0; round < 20; ++round) {
    const std::vector<std::size_t> dropped = dropout.choose(round);
    EXPECT_EQ(dropped.empty(), round == 0);
    const std::vector<double> before = dropout.weights();
    const Dropout::Shares shares = dropout.add_round(dropped);
    const auto k = static_cast<double>(dropped.size());
    EXPECT_DOUBLE_EQ(shares.added, 1 / (k + 1));
    for (std::size_t i = 0; i < before.size(); ++i) {
      const bool is_dropped = std::ranges::find(dropped, i) != dropped.end();
      EXPECT_DOUBLE_EQ(dropout.weights()[i], before[i] * (is_dropped ? k / (k + 1) : 1));
    }
  }
}

TEST(Dropout, skips_a_round_as_often_as_it_shall) {
  Dropout dropout({.rate = 0.1, .skip = 0.7}, Key::from_seed(1));
  int empty = 0;
  for (std::uint64_t round = 0; round < 400; ++round) {
    const auto dropped = dropout.choose(round);
    empty += dropped.empty() ? 1 : 0;
    EXPECT_LE(dropped.size(), Dropout::kMostDropped);
    dropout.add_round(dropped);
  }
  EXPECT_NEAR(empty, 280, 30);
}

TEST(Dart, without_dropping_is_plain_boosting) {
  const TrainingData train = make_data(TaskKind::binary, 2, {.rows = 500}, 3);
  const TrainingData watch = make_data(TaskKind::binary, 2, {.rows = 200}, 13);
  SettingValues plain = {{"patience", std::int64_t{5}}};
  SettingValues dart = plain;
  dart["boosting"] = std::string("dart");
  dart["drop_skip"] = 1.0;
  EXPECT_EQ(bytes_of(*fit_trees(train, {.settings = dart, .watch = &watch})),
            bytes_of(*fit_trees(train, {.settings = plain, .watch = &watch})));
}

// What the model predicts is what training went by: both are the trees times their weights.
TEST(Dart, learns_and_its_watched_loss_is_that_of_its_model) {
  for (const std::size_t classes : {2U, 3U}) {
    const TaskKind kind = classes == 2 ? TaskKind::binary : TaskKind::multiclass;
    const TrainingData train = make_data(kind, classes, {.rows = 1200}, 3);
    const TrainingData fresh = make_data(kind, classes, {.rows = 1200}, 13);
    const auto accuracy = [&](const SettingValues& settings, const TrainingData* watch) {
      const std::vector<double> out =
          predictions_of(*fit_trees(train, {.settings = settings, .watch = watch}), fresh.features);
      double hits = 0;
      for (std::size_t row = 0; row < fresh.labels.rows(); ++row) {
        const auto truth = static_cast<std::size_t>(fresh.labels.values[row]);
        const std::size_t outputs = kind == TaskKind::binary ? 1 : classes;
        const auto begin = out.begin() + static_cast<std::ptrdiff_t>(row * outputs);
        const std::size_t said = outputs == 1
                                     ? (*begin > 0.5 ? 1U : 0U)
                                     : static_cast<std::size_t>(std::max_element(begin, begin + 3) - begin);
        hits += said == truth ? 1 : 0;
      }
      return hits / static_cast<double>(fresh.labels.rows());
    };
    SettingValues dart = {
        {"boosting", std::string("dart")}, {"rounds", std::int64_t{60}}, {"learning_rate", 0.3}};
    const double plain = accuracy({{"rounds", std::int64_t{60}}}, nullptr);
    EXPECT_GT(accuracy(dart, nullptr), plain - 0.03);
    dart["patience"] = std::int64_t{10};
    EXPECT_GT(accuracy(dart, &fresh), plain - 0.03) << "cut back to the best round with the weights it had";
  }
}

// The weights are those of the best round, not of the rounds after it.
TEST(Dart, cut_back_to_its_best_round_is_the_fit_of_so_many_rounds) {
  const TrainingData train = make_data(TaskKind::multiclass, 3, {.rows = 500}, 3);
  const TrainingData watch = make_data(TaskKind::multiclass, 3, {.rows = 200}, 13);
  SettingValues settings = {{"boosting", std::string("dart")},
                            {"patience", std::int64_t{15}},
                            {"learning_rate", 0.3},
                            {"drop_skip", 0.2}};
  const auto watched = fit_trees(train, {.settings = settings, .watch = &watch});
  settings.merge(watched->settings_found());
  EXPECT_LT(std::get<std::int64_t>(settings.at("rounds")), 300);
  EXPECT_EQ(bytes_of(*fit_trees(train, {.settings = settings})), bytes_of(*watched));
}

TEST(Goss, of_a_fit_learns_almost_as_well_from_a_third_of_the_rows) {
  const TrainingData train = make_data(TaskKind::regression, 0, {.rows = 4000}, 3);
  const TrainingData fresh = make_data(TaskKind::regression, 0, {.rows = 2000}, 13);
  const auto error = [&](SettingValues settings) {
    settings["rounds"] = std::int64_t{80};
    return mean_square(fresh.labels,
                       predictions_of(*fit_trees(train, {.settings = settings}), fresh.features));
  };
  EXPECT_LT(error({{"sampling", std::string("goss")}}), 1.35 * error({}));
}

TEST(Sampling, is_the_same_bytes_on_any_number_of_threads) {
  const TrainingData train = make_data(TaskKind::multiclass, 3, {.rows = 900}, 3);
  for (const std::string loss : {"auto", "focal(1)"}) {
    const SettingValues settings = {{"boosting", std::string("dart")},
                                    {"sampling", std::string("goss")},
                                    {"loss", loss},
                                    {"learning_rate", 0.3},
                                    {"rounds", std::int64_t{20}}};
    const std::string one = bytes_of(*fit_trees(train, {.settings = settings}));
    EXPECT_EQ(one, bytes_of(*fit_trees(train, {.settings = settings, .threads = 3})));
    EXPECT_NE(one, bytes_of(*fit_trees(train, {.settings = settings, .seed = 2})));
  }
}

}  // namespace
}  // namespace astrolabe::trees
