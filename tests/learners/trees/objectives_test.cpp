// SPDX-License-Identifier: Apache-2.0
// Losses by name, as fits take them.
#include "tests/learners/trees/fits.h"

namespace astrolabe::trees {
namespace {

using namespace testing;  // NOLINT: the tables of these tests

SettingValues with_loss(const std::string& loss, std::int64_t rounds = 60) {
  return {{"rounds", rounds}, {"learning_rate", 0.08}, {"loss", loss}, {"column_sample", 1.0}};
}

// Claims: often none, else an amount around a mean that the first column decides.
TrainingData amounts(double share_of_none, std::uint64_t seed) {
  TrainingData data = make_data(TaskKind::regression, 0, {.rows = 3000, .numeric = 2}, seed);
  RandomStream random(Key::from_seed(seed + 50));
  for (std::size_t row = 0; row < data.labels.rows(); ++row) {
    const double mean = 100 * std::exp(data.features.columns[0].dense[row]);
    const double amount = -mean * std::log(1 - random.uniform());
    data.labels.values[row] = random.uniform() < share_of_none ? 0 : amount + 1e-9;
  }
  return data;
}

TEST(Objectives, of_amounts_find_their_means) {
  for (const auto& [loss, share] :
       {std::pair{"gamma", 0.0}, {"tweedie", 0.4}, {"tweedie(1.2)", 0.4}, {"poisson", 0.4}}) {
    const TrainingData train = amounts(share, 1), fresh = amounts(share, 11);
    const std::vector<double> out =
        predictions_of(*fit_trees(train, {.settings = with_loss(loss)}), fresh.features);
    double off = 0;
    for (std::size_t row = 0; row < out.size(); ++row) {
      ASSERT_GT(out[row], 0);
      const double mean = (1 - share) * 100 * std::exp(fresh.features.columns[0].dense[row]);
      off += std::abs(std::log(out[row] / mean));
    }
    EXPECT_LT(off / static_cast<double>(out.size()), 0.3) << loss;
  }
}

TEST(Objectives, absolute_is_another_name_of_mae) {
  const TrainingData data = make_data(TaskKind::regression, 0, {.rows = 300}, 5);
  EXPECT_EQ(bytes_of(*fit_trees(data, {.settings = with_loss("absolute", 10)})),
            bytes_of(*fit_trees(data, {.settings = with_loss(" mae ", 10)})));
}

TEST(Objectives, without_a_second_derivative_say_what_stands_in) {
  const TrainingData data = make_data(TaskKind::regression, 0, {.rows = 300}, 5);
  const auto told = [&](const std::string& loss) {
    std::string all;
    (void)fit_trees(data,
                    {.settings = with_loss(loss, 2), .tell = [&](std::string_view words) { all += words; }});
    return all;
  };
  EXPECT_EQ(told("absolute"), "mae has no second derivative: rows count alike, leaves are searched for");
  EXPECT_EQ(told("quantile(0.9)"),
            "quantile(0.9) has no second derivative: rows count alike, leaves are searched for");
  EXPECT_EQ(told("huber(1)"), "");
  EXPECT_EQ(told("squared"), "");
}

TEST(ObjectiveErrors, name_the_nearest_loss) {
  const TrainingData data = make_data(TaskKind::regression, 0, {.rows = 100}, 5);
  const auto complaint = [&](const std::string& loss) {
    return complaint_of_fit(data, {.settings = with_loss(loss)}, ErrorKind::usage);
  };
  EXPECT_NE(complaint("tweedi").find("Did you mean tweedie?"), std::string::npos);
  EXPECT_NE(complaint("gama").find("Did you mean gamma?"), std::string::npos);
  EXPECT_NE(complaint("hubr(2)").find("Did you mean huber?"), std::string::npos);
  EXPECT_NE(complaint("sign(y-z)").find("a slope"), std::string::npos);
}

TEST(ObjectiveErrors, targets_of_watched_rows_count_as_well) {
  const TrainingData train = amounts(0, 1), watch = amounts(0.3, 11);
  EXPECT_EQ(complaint_of_fit(train, {.settings = with_loss("gamma", 1)}, ErrorKind::bad_input), "");
  EXPECT_NE(complaint_of_fit(train, {.settings = with_loss("gamma"), .watch = &watch}, ErrorKind::bad_input)
                .find("amounts: targets above 0"),
            std::string::npos);
}

}  // namespace
}  // namespace astrolabe::trees
