// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evaluate/weak_slices.h"

#include <cmath>

#include <gtest/gtest.h>

#include "astrolabe/base/random.h"

namespace astrolabe {
namespace {

struct Drawn {
  Table features;
  std::vector<double> losses;
};

// Losses around 1; `extra` is added where the city is Oslo.
Drawn draw(double extra, std::size_t rows = 600) {
  RandomStream random(Key::from_seed(2));
  Column city, age;
  city.name = "city";
  city.type = ColumnType::category;
  city.levels = {"Bern", "Oslo", "Rome"};
  age.name = "age";
  std::vector<double> losses;
  for (std::size_t row = 0; row < rows; ++row) {
    city.codes.push_back(static_cast<std::int32_t>(random.below(3)));
    age.numbers.push_back(row % 10 == 0 ? std::nan("") : 90 * random.uniform());
    losses.push_back(1 + 0.5 * random.normal() + (city.codes.back() == 1 ? extra : 0));
  }
  return {Table({city, age}), losses};
}

TEST(WeakSlices, are_where_predictions_are_worse) {
  const Drawn drawn = draw(1);
  const std::vector<WeakSlice> slices = find_weak_slices(drawn.features, drawn.losses);
  ASSERT_EQ(slices.size(), 1U);
  EXPECT_EQ(slices[0].words, "city is Oslo");
  EXPECT_NEAR(slices[0].loss.value, 2, 0.15);
  EXPECT_NEAR(slices[0].elsewhere, 1, 0.1);
  EXPECT_LT(slices[0].p_value, 1e-6);
}

TEST(WeakSlices, of_nothing_are_none) {
  const Drawn drawn = draw(0);
  EXPECT_TRUE(find_weak_slices(drawn.features, drawn.losses).empty());
}

TEST(WeakSlices, of_missing_cells_and_numbers_are_named) {
  Drawn drawn = draw(0);
  const Column& age = drawn.features.column(1);
  for (std::size_t row = 0; row < drawn.losses.size(); ++row) {
    if (std::isnan(age.numbers[row])) drawn.losses[row] += 2;
    if (age.numbers[row] > 67.5) drawn.losses[row] += 1;
  }
  const std::vector<WeakSlice> slices = find_weak_slices(drawn.features, drawn.losses);
  ASSERT_EQ(slices.size(), 2U);
  EXPECT_EQ(slices[0].words, "age is missing");
  EXPECT_TRUE(slices[1].words.starts_with("age from 6")) << slices[1].words;
}

TEST(WeakSlices, of_few_rows_are_not_looked_at) {
  Drawn drawn = draw(5, 60);
  EXPECT_TRUE(find_weak_slices(drawn.features, drawn.losses).empty());
}

}  // namespace
}  // namespace astrolabe
