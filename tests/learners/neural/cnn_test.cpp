// SPDX-License-Identifier: Apache-2.0
// What only the cnn family promises; the rest is in tests/contracts.
#include "astrolabe/learners/neural/cnn.h"

#include <algorithm>
#include <memory>

#include "tests/learners/neural/tables.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/learners/neural/mirror.h"
#include "astrolabe/model/start_map.h"

namespace astrolabe {
namespace {

constexpr std::size_t kSide = 8;

// Which diagonal is drawn, somewhere: no pixel alone says it.
TrainingData strokes(std::size_t rows, std::uint64_t seed = 1) {
  TrainingData data;
  data.features.rows = rows;
  data.features.info = std::make_shared<const std::vector<Feature>>();
  data.features.pixels.shape = {.height = kSide, .width = kSide, .channels = 1};
  data.labels.kind = TaskKind::binary;
  data.labels.classes = 2;
  RandomStream random(Key::from_seed(seed));
  for (std::size_t row = 0; row < rows; ++row) {
    std::vector<std::uint8_t> picture(kSide * kSide);
    for (std::uint8_t& byte : picture) byte = static_cast<std::uint8_t>(random.below(90));
    const std::size_t is_falling = random.below(2), top = random.below(kSide - 3),
                      left = random.below(kSide - 3);
    for (std::size_t i = 0; i < 4; ++i)
      picture[(top + i) * kSide + left + (is_falling == 1 ? i : 3 - i)] = 220;
    data.features.pixels.bytes.insert(data.features.pixels.bytes.end(), picture.begin(), picture.end());
    data.labels.values.push_back(static_cast<double>(is_falling));
  }
  return data;
}

std::unique_ptr<const Model> fit_cnn(const TrainingData& data, const SettingValues& settings,
                                     const Model* start = nullptr) {
  ThreadPool pool(2);
  const Budget budget;
  return cnn_learner().fit({.train = data,
                            .settings = settings,
                            .key = Key::from_seed(1),
                            .pool = pool,
                            .budget = budget,
                            .start = start});
}

double share_right(const Model& model, const TrainingData& data) {
  std::vector<double> p(data.features.rows);
  model.predict(data.features, p);
  double right = 0;
  for (std::size_t row = 0; row < p.size(); ++row)
    right += (p[row] > 0.5) == (data.labels.values[row] == 1) ? 1 : 0;
  return right / static_cast<double>(p.size());
}

SettingValues small(SettingValues settings = {}) {
  settings.emplace("architecture", std::string("conv3x8-pool2-conv3x8-gap"));
  settings.emplace("augmentation", std::string("shift"));
  settings.emplace("epochs", std::int64_t{15});
  settings.emplace("learning_rate", 0.02);
  return settings;
}

std::string message_of(const TrainingData& data, const SettingValues& settings) {
  try {
    (void)fit_cnn(data, settings);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage) << error.what();
    return error.what();
  }
  return "no error";
}

TEST(Cnn, learns_what_no_pixel_alone_can_tell) {
  EXPECT_GT(share_right(*fit_cnn(strokes(400), small()), strokes(300, 2)), 0.95);
}

TEST(Cnn, learns_under_every_normalization) {
  for (const char* normalization : {"none", "batch", "layer", "group"})
    EXPECT_GT(share_right(*fit_cnn(strokes(300), small({{"normalization", std::string(normalization)}})),
                          strokes(200, 2)),
              0.9)
        << normalization;
}

TEST(Cnn, learns_in_the_cell_of_a_space) {
  const std::string cell =
      "conv3x8-|nor_conv_3x3~0|+|skip_connect~0|none~1|+|none~0|nor_conv_1x1~1|avg_pool_3x3~2|-pool2-gap";
  EXPECT_GT(share_right(*fit_cnn(strokes(300), small({{"architecture", cell}})), strokes(200, 2)), 0.9);
}

TEST(Cnn, reads_columns_beside_the_picture) {
  TrainingData train = strokes(300), test = strokes(200, 2);
  for (TrainingData* data : {&train, &test}) {
    data->features.info = std::make_shared<const std::vector<Feature>>(
        std::vector<Feature>{{.name = "hint", .source = "hint"}});
    FeatureColumn& hint = data->features.columns.emplace_back();
    // The picture says nothing any more.
    for (const double label : data->labels.values) hint.dense.push_back(static_cast<float>(label));
    std::ranges::fill(data->features.pixels.bytes, std::uint8_t{9});
  }
  const auto model = fit_cnn(train, small());
  EXPECT_GT(share_right(*model, test), 0.95);
  EXPECT_EQ(model->importance(), std::vector<double>{1.0});
}

TEST(Cnn, begins_with_the_function_of_the_net_it_grows_from) {
  const TrainingData data = strokes(200);
  const auto parent = fit_cnn(data, small());
  // One step that changes nothing worth the name.
  const auto child = fit_cnn(data,
                             small({{"architecture", std::string("conv3x12-pool2-conv5x10-res-gap")},
                                    {"batch_size", std::int64_t{200}},
                                    {"epochs", std::int64_t{1}},
                                    {"learning_rate", 1e-9},
                                    {"weight_decay", 0.0}}),
                             parent.get());
  std::vector<double> expected(200), found(200);
  parent->predict(data.features, expected);
  child->predict(data.features, found);
  for (std::size_t i = 0; i < 200; ++i) EXPECT_NEAR(found[i], expected[i], 0.05);
}

// Left and right of every picture.
FeatureMatrix in_mirror(FeatureMatrix features) {
  for (std::size_t begin = 0; begin < features.pixels.bytes.size(); begin += kSide)
    std::reverse(features.pixels.bytes.begin() + static_cast<std::ptrdiff_t>(begin),
                 features.pixels.bytes.begin() + static_cast<std::ptrdiff_t>(begin + kSide));
  return features;
}

TEST(Cnn, that_was_trained_on_mirrored_pictures_answers_for_both) {
  TrainingData data = strokes(120);
  for (std::size_t row = 0; row < 120; ++row)
    data.labels.values[row] = data.features.pixels.picture(row)[0] > 45 ? 1 : 0;
  for (const bool flips : {false, true}) {
    const auto model = fit_cnn(
        data, small({{"augmentation", std::string(flips ? "flip" : "none")}, {"epochs", std::int64_t{2}}}));
    std::vector<double> seen(120), turned(120);
    model->predict(data.features, seen);
    model->predict(in_mirror(data.features), turned);
    EXPECT_EQ(seen == turned, flips);
  }
}

TEST(Cnn, of_pictures_too_small_for_its_pools_leaves_them_out_where_nobody_asked_for_them) {
  TrainingData data = strokes(120);
  data.features.pixels = {.shape = {.height = 4, .width = 5, .channels = 1}, .bytes = {}};
  RandomStream random(Key::from_seed(1));
  for (std::size_t i = 0; i < 120UL * 20; ++i) {
    const bool is_bright = data.labels.values[i / 20] == 1 && i % 20 < 10;
    data.features.pixels.bytes.push_back(static_cast<std::uint8_t>(random.below(90) + (is_bright ? 90 : 0)));
  }
  const auto model = fit_cnn(data, {{"epochs", std::int64_t{20}}});
  EXPECT_TRUE(model->summary().starts_with("conv3x32-pool2-conv3x64-pool2-conv3x128 ")) << model->summary();
  EXPECT_GT(share_right(*model, data), 0.9);
}

TEST(CnnError, without_pictures_says_what_to_do) {
  TrainingData data = strokes(30);
  data.features.pixels = {};
  const std::string said = message_of(data, small());
  EXPECT_NE(said.find("expected pictures, found a table without any"), std::string::npos) << said;
  EXPECT_NE(said.find("choose mlp or trees"), std::string::npos) << said;
}

TEST(CnnError, of_texts_that_mean_nothing_is_of_usage) {
  const TrainingData data = strokes(30);
  EXPECT_NE(message_of(data, small({{"architecture", std::string("conv3x8-dense")}})).find("at character 9"),
            std::string::npos);
  EXPECT_NE(message_of(data, small({{"architecture", std::string("pool4-pool4")}})).find("places to pool"),
            std::string::npos);
  EXPECT_NE(message_of(data, small({{"augmentation", std::string("spin")}})).find("at character 1"),
            std::string::npos);
}

TEST(CnnError, of_pictures_of_another_size_is_of_input) {
  const auto model = fit_cnn(strokes(30), small());
  FeatureMatrix other = strokes(4).features;
  other.pixels.shape = {.height = 4, .width = 16, .channels = 1};
  std::vector<double> out(4);
  try {
    model->predict(other, out);
    FAIL() << "answered";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
  }
}

TEST(Mirror, keeps_what_is_symmetric_and_not_what_is_turned_round) {
  TrainingData sides = strokes(200), heights = strokes(200);
  for (std::size_t row = 0; row < 200; ++row)
    for (std::size_t y = 0; y < kSide; ++y)
      for (std::size_t x = 0; x < kSide; ++x) {
        const bool is_second = sides.labels.values[row] == 1;
        const std::size_t at = (row * kSide + y) * kSide + x;
        sides.features.pixels.bytes[at] = (x < kSide / 2) == is_second ? 200 : 20;
        heights.features.pixels.bytes[at] = (y < kSide / 2) == is_second ? 200 : 20;
      }
  EXPECT_FALSE(neural::mirrors_keep_their_class(sides.features.pixels, sides.labels));
  EXPECT_TRUE(neural::mirrors_keep_their_class(heights.features.pixels, heights.labels));
  Labels numbers = heights.labels;
  numbers.kind = TaskKind::regression;
  EXPECT_FALSE(neural::mirrors_keep_their_class(heights.features.pixels, numbers));
}

// Fits that go on as `run --from` has them.
std::unique_ptr<const Model> go_on(const TrainingData& data, const SettingValues& settings,
                                   const Model& start, std::vector<std::size_t> class_of = {0, 1}) {
  ThreadPool pool(2);
  const Budget budget;
  const StartMap map{.feature_of = {},
                     .missing = {.rows = 1, .info = data.features.info, .columns = {}},
                     .class_of = std::move(class_of)};
  return cnn_learner().fit({.train = data,
                            .settings = settings,
                            .key = Key::from_seed(1),
                            .pool = pool,
                            .budget = budget,
                            .start = &start,
                            .start_map = &map});
}

const StartFacts& facts_of(const Model& model) {
  return dynamic_cast<const StartedFit&>(model).start();
}

TEST(Cnn, goes_on_with_the_function_of_the_net_that_it_contains) {
  const TrainingData before = strokes(200), now = strokes(100, 2);
  const auto old = fit_cnn(before, small({{"epochs", std::int64_t{4}}}));
  const auto with = [](const char* net) {
    return small({{"architecture", std::string(net)}, {"epochs", std::int64_t{1}}});
  };
  const auto same = go_on(now, with("conv3x8-pool2-conv3x8-gap"), *old);
  EXPECT_TRUE(facts_of(*same).is_exact);
  EXPECT_EQ(facts_of(*same).difference, 0);  // to the bit
  EXPECT_EQ(facts_of(*same).rows, 100U);
  for (const char* const net : {"conv3x16-pool2-conv3x8-gap", "conv5x8-pool2-conv3x8-gap",
                                "conv3x8-pool2-conv3x8-res-gap", "conv5x12-res-pool2-conv3x16-res-gap"}) {
    const auto larger = go_on(now, with(net), *old);
    EXPECT_TRUE(facts_of(*larger).is_exact) << net << ": " << facts_of(*larger).why;
    EXPECT_LT(facts_of(*larger).difference, 1e-6) << net;
  }
  EXPECT_FALSE(facts_of(*go_on(now, with("conv3x8-pool2-conv1x8-gap"), *old)).is_warm);
}

TEST(Cnn, that_goes_on_takes_a_third_of_the_epochs_and_learns_a_new_class) {
  const auto old = fit_cnn(strokes(200), small({{"epochs", std::int64_t{15}}}));
  const TrainingData now = strokes(100, 2);
  SettingValues open = small();
  open.erase("epochs");
  open.erase("learning_rate");
  const auto epochs = [](const Model& model) {
    return std::get<std::int64_t>(model.settings_found().at("epochs"));
  };
  const auto warm = go_on(now, open, *old);
  EXPECT_EQ(epochs(*warm), 8);
  EXPECT_EQ(epochs(*fit_cnn(now, open)), 60);
  EXPECT_GT(share_right(*warm, strokes(200, 3)), 0.9);
  TrainingData three = now;
  three.labels.kind = TaskKind::multiclass;
  three.labels.classes = 3;
  for (std::size_t row = 0; row < three.labels.values.size(); row += 5) three.labels.values[row] = 2;
  const auto more = go_on(three, small({{"epochs", std::int64_t{1}}}), *old);
  EXPECT_TRUE(facts_of(*more).is_exact);
  EXPECT_LT(facts_of(*more).difference, 1e-6);
}

}  // namespace
}  // namespace astrolabe
