// SPDX-License-Identifier: Apache-2.0
// Encoders that read no row, and scales that are paid for.
#include "astrolabe/features/private_encoder.h"

#include <cmath>

#include "tests/features/tables.h"
#include <gtest/gtest.h>

#include "astrolabe/features/noisy_scales.h"

namespace astrolabe::testing {
namespace {

std::vector<float> encoded(const NumberScale& scale, const std::vector<double>& cells) {
  const BoundedNumberEncoder encoder("x", scale);
  const Table table = table_of(numbers("x", cells));
  return encoder.encode(table.column(0), all_rows(table))[0].dense;
}

TEST(BoundedNumber, of_bounds_that_hold_zero_keeps_it) {
  EXPECT_EQ(encoded(scale_of_bounds(0, 255), {0, 255, 51, 300, -7, kMissing}),
            (std::vector<float>{0, 1, 0.2F, 1, 0, 0}));
  EXPECT_EQ(encoded(scale_of_bounds(-4, 2), {-4, 2, -100}), (std::vector<float>{-1, 0.5F, -1}));
}

TEST(BoundedNumber, of_other_bounds_is_between_minus_one_and_one) {
  EXPECT_EQ(encoded(scale_of_bounds(1990, 2020), {1990, 2005, 2020, 1800}),
            (std::vector<float>{-1, 0, 1, -1}));
}

TEST(BoundedNumber, is_finite_whatever_the_cell) {
  const double inf = std::numeric_limits<double>::infinity();
  for (const float value : encoded({.low = -1e15, .high = 1e15, .bends = true}, {1e300, -inf, inf, kMissing}))
    EXPECT_LE(std::abs(value), 3);
}

TEST(HashedCategory, depends_on_the_text_alone) {
  const HashedCategoryEncoder encoder("c", 64, CategoryForm::codes);
  const Table one = table_of(levels("c", {"Oslo", "Rome", "", "Oslo"}));
  const Table other = table_of(levels("c", {"Athens", "Oslo", "Rome"}));
  const std::vector<float> a = encoder.encode(one.column(0), all_rows(one))[0].dense;
  const std::vector<float> b = encoder.encode(other.column(0), all_rows(other))[0].dense;
  EXPECT_EQ(a[0], a[3]);
  EXPECT_EQ(a[0], b[1]);
  EXPECT_EQ(a[1], b[2]);
  EXPECT_EQ(a[2], 0);
  EXPECT_NE(a[0], a[1]);  // of these two, in 64 buckets
  EXPECT_EQ(encoder.features()[0].categories, 65U);
}

TEST(HashedCategory, as_indicators_has_the_bucket_of_its_code) {
  const HashedCategoryEncoder codes("c", 8, CategoryForm::codes),
      indicators("c", 8, CategoryForm::indicators);
  const Table table = table_of(levels("c", {"a", "b", "", "c", "a"}));
  const std::vector<float> code = codes.encode(table.column(0), all_rows(table))[0].dense;
  const std::vector<FeatureColumn> shown = indicators.encode(table.column(0), all_rows(table));
  ASSERT_EQ(shown.size(), 9U);
  for (std::uint32_t row = 0; row < code.size(); ++row)
    for (std::size_t bucket = 0; bucket < shown.size(); ++bucket)
      EXPECT_EQ(std::ranges::count(shown[bucket].sparse_rows, row), static_cast<float>(bucket) == code[row]);
}

TEST(PrivateEncoder, is_the_same_for_any_rows_of_the_same_columns) {
  const auto bytes = [](const Table& table) {
    const std::vector<NumberScale> scales{scale_of_bounds(0, 1)};
    ArchiveWriter archive;
    private_encoder(table, scales, {})->save(archive);
    return archive.bytes();
  };
  const Table one = table_of(numbers("x", {0.5, 1}), levels("c", {"a", "b"}), texts("t", {"some", "words"}));
  const Table other = table_of(numbers("x", {7, -1}), levels("c", {"z", ""}), texts("t", {"", ""}));
  EXPECT_EQ(bytes(one), bytes(other));
  EXPECT_EQ(left_out_columns(one), (std::vector<std::string>{"t"}));
  const std::string written = bytes(one);
  ArchiveReader reader(written);
  EXPECT_EQ(Encoder::load(reader)->features()->size(), 2U);
}

TEST(PrivateEncoder, gives_the_first_pictures_to_learners_that_take_them) {
  const Table table = table_of(numbers("x", {0.5, 1}), pictures("p", {1, 2, 1}, {1, 2, 3, 4}),
                               pictures("q", {1, 1, 1}, {9, 9}));
  EXPECT_EQ(left_out_columns(table), (std::vector<std::string>{"p", "q"}));
  EXPECT_EQ(left_out_columns(table, true), (std::vector<std::string>{"q"}));
  const std::vector<NumberScale> scales{scale_of_bounds(0, 1)};
  ThreadPool pool(1);
  const FeatureMatrix shown =
      private_encoder(table, scales, {.takes_pictures = true})->encode(table, all_rows(table), pool);
  EXPECT_EQ(shown.features(), 1U);
  EXPECT_EQ(shown.pixels.bytes, (std::vector<std::uint8_t>{1, 2, 3, 4}));
  EXPECT_TRUE(private_encoder(table, scales, {})->encode(table, all_rows(table), pool).pixels.empty());
}

TEST(NoisyScales, find_median_and_quartiles_where_there_are_rows_enough) {
  RandomStream random(Key::from_seed(3));
  std::vector<double> years, money;
  for (int i = 0; i < 20'000; ++i) {
    years.push_back(2005 + 6 * random.normal());
    money.push_back(std::exp(10 + random.normal()));
  }
  const Table table = table_of(numbers("year", years), numbers("money", money));
  const std::vector<NumberScale> scales =
      noisy_scales(number_columns(table), all_rows(table), 10, Key::from_seed(4));
  EXPECT_NEAR(scales[0].centre, 2005, 2);
  EXPECT_NEAR(1 / scales[0].scale, 1.349 * 6, 3);
  EXPECT_NEAR(std::log(scales[1].centre), 10, 0.3);
  EXPECT_GT(scales[1].high, std::exp(12));
  EXPECT_EQ(scales, noisy_scales(number_columns(table), all_rows(table), 10, Key::from_seed(4)));
  EXPECT_NE(scales, noisy_scales(number_columns(table), all_rows(table), 10, Key::from_seed(5)));
}

TEST(NoisyScales, do_not_see_a_handful_of_rows) {
  // One row far away moves nothing but a count that the noise hides.
  std::vector<double> cells(5000, 1.5);
  for (std::size_t i = 0; i < cells.size(); ++i) cells[i] += 0.0001 * static_cast<double>(i);
  const Table without = table_of(numbers("x", cells));
  cells[0] = 1e9;
  const Table with = table_of(numbers("x", cells));
  const auto high = [](const Table& table) {
    return noisy_scales(number_columns(table), all_rows(table), 10, Key::from_seed(6))[0].high;
  };
  EXPECT_EQ(high(without), high(with));
  EXPECT_LT(high(with), 10);
}

}  // namespace
}  // namespace astrolabe::testing
