// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "tests/features/tables.h"
#include <gtest/gtest.h>

namespace astrolabe::testing {
namespace {

std::vector<std::string> names_of(const Encoder& encoder) {
  std::vector<std::string> names;
  for (const Feature& feature : *encoder.features()) names.push_back(feature.name);
  return names;
}

EncodingNeeds bytes_needs() {
  EncodingNeeds needs;
  needs.images = true;
  return needs;
}

std::shared_ptr<const Encoder> reloaded(const Encoder& encoder) {
  ArchiveWriter writer;
  encoder.save(writer);
  ArchiveReader reader(writer.bytes());
  std::shared_ptr<const Encoder> loaded = Encoder::load(reader);
  reader.require_end();
  return loaded;
}

// Two rows of two pixels; the first pixel never changes.
Table small_pictures() {
  return table_of(pictures("image", {1, 2, 1}, {7, 10, 7, 30, 7, 20}));
}

TEST(ImagePixels, are_one_feature_each_where_they_vary) {
  const FittedEncoding fitted = fit_all(small_pictures(), kTreesNeeds);
  EXPECT_EQ(names_of(*fitted.encoder), (std::vector<std::string>{"image[0,1]"}));
  EXPECT_EQ(fitted.train.columns[0].dense, (std::vector<float>{10, 30, 20}));
  EXPECT_TRUE(fitted.train.pixels.empty());
  EXPECT_EQ(fitted.encoder->columns()[0].picture, (ImageShape{1, 2, 1}));
}

TEST(ImagePixels, of_colours_say_row_column_and_colour) {
  const Table table = table_of(pictures("p", {2, 1, 3}, {1, 2, 3, 4, 5, 6, 9, 9, 9, 9, 9, 9}));
  EXPECT_EQ(
      names_of(*fit_all(table, kTreesNeeds).encoder),
      (std::vector<std::string>{"p[0,0,r]", "p[0,0,g]", "p[0,0,b]", "p[1,0,r]", "p[1,0,g]", "p[1,0,b]"}));
}

TEST(ImagePixels, are_centred_each_and_scaled_alike_for_learners_that_want_it) {
  // Means 2 and 20, variances 1 and 9: one unit, the root of their mean.
  const Table table = table_of(pictures("p", {1, 2, 1}, {1, 17, 3, 23}));
  const FittedEncoding fitted = fit_all(table, kLinearNeeds);
  const float unit = 1 / std::sqrt(5.0F);
  EXPECT_FLOAT_EQ(fitted.train.columns[0].dense[0], -unit);
  EXPECT_FLOAT_EQ(fitted.train.columns[1].dense[1], 3 * unit);
}

TEST(ImagePixels, of_a_missing_picture_are_missing_or_those_of_the_mean) {
  Column column = pictures("p", {1, 1, 1}, {10, 30, 0});
  column.no_picture = {false, false, true};
  const Table table = table_of(column);
  EXPECT_TRUE(std::isnan(fit_all(table, kTreesNeeds).train.columns[0].dense[2]));
  EXPECT_FLOAT_EQ(fit_all(table, kLinearNeeds).train.columns[0].dense[2], 0);
}

TEST(ImageBytes, come_beside_the_features_and_only_once) {
  const Table table =
      table_of(pictures("a", {1, 1, 1}, {1, 2}), numbers("x", {0.5, 1.5}), pictures("b", {1, 1, 1}, {3, 4}));
  const FittedEncoding fitted = fit_all(table, bytes_needs());
  EXPECT_EQ(names_of(*fitted.encoder), (std::vector<std::string>{"x", "b[0,0]"}));
  EXPECT_EQ(fitted.train.pixels.bytes, (std::vector<std::uint8_t>{1, 2}));
  EXPECT_EQ(encode_all(*fitted.encoder, table).pixels.bytes, (std::vector<std::uint8_t>{1, 2}));
}

TEST(ImageBytes, of_equal_pictures_say_nothing) {
  EXPECT_TRUE(fit_all(table_of(pictures("a", {1, 1, 1}, {5, 5})), bytes_needs()).encoder->columns().empty());
}

TEST(ImageEncoders, read_back_give_the_same_and_know_the_shape) {
  for (const EncodingNeeds& needs : {kTreesNeeds, kLinearNeeds, bytes_needs()}) {
    const Table table = small_pictures();
    const FittedEncoding fitted = fit_all(table, needs);
    const std::shared_ptr<const Encoder> loaded = reloaded(*fitted.encoder);
    EXPECT_EQ(loaded->columns()[0].picture, (ImageShape{1, 2, 1}));
    const FeatureMatrix again = encode_all(*loaded, table);
    EXPECT_EQ(again.pixels.bytes, fitted.train.pixels.bytes);
    ASSERT_EQ(again.features(), fitted.train.features());
    for (std::size_t i = 0; i < again.features(); ++i)
      EXPECT_EQ(again.columns[i].dense, fitted.train.columns[i].dense);
  }
}

TEST(ImageEncoders, resize_pictures_of_another_shape) {
  const FittedEncoding fitted = fit_all(small_pictures(), bytes_needs());
  const Table larger = table_of(pictures("image", {2, 4, 1}, std::vector<std::uint8_t>(8, 9)));
  EXPECT_EQ(encode_all(*fitted.encoder, larger).pixels.bytes, (std::vector<std::uint8_t>{9, 9}));
}

}  // namespace
}  // namespace astrolabe::testing
