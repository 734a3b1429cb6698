// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/binning.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <gtest/gtest.h>

#include "astrolabe/base/random.h"

namespace astrolabe {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(Binning, gives_every_value_a_bin_when_there_are_few) {
  const std::vector<float> values = {3, 1, 2, 1, 3, 3};
  EXPECT_EQ(quantile_cuts(values, {}, 3), (std::vector<float>{1.5F, 2.5F}));
  EXPECT_EQ(quantile_cuts(values, {}, 255), (std::vector<float>{1.5F, 2.5F}));
}

TEST(Binning, cuts_equal_weights_into_equal_bins) {
  std::vector<float> values;
  for (int i = 0; i < 100; ++i) values.push_back(static_cast<float>((i * 37) % 100));
  EXPECT_EQ(quantile_cuts(values, {}, 4), (std::vector<float>{24.5F, 49.5F, 74.5F}));
}

TEST(Binning, a_row_of_weight_two_counts_as_two_rows) {
  std::vector<float> values, repeated;
  std::vector<double> weights;
  RandomStream random(Key::from_seed(3));
  for (int i = 0; i < 5000; ++i) {
    const auto value = static_cast<float>(random.normal());
    const auto times = random.below(4);
    values.push_back(value);
    weights.push_back(static_cast<double>(times));
    for (std::uint64_t k = 0; k < times; ++k) repeated.push_back(value);
  }
  EXPECT_EQ(quantile_cuts(values, weights, 32), quantile_cuts(repeated, {}, 32));
}

TEST(Binning, implicit_zeros_are_zeros) {
  const std::vector<float> listed = {-1, 2, 5};
  const std::vector<float> all = {0, -1, 0, 2, 0, 5, 0};
  EXPECT_EQ(quantile_cuts(listed, {}, 3, 4), quantile_cuts(all, {}, 3));
  EXPECT_EQ(quantile_cuts(listed, std::vector<double>{1, 1, 1}, 3, 4), quantile_cuts(all, {}, 3));
  EXPECT_EQ(quantile_cuts(std::vector<float>{}, {}, 3, 4), std::vector<float>{});
}

TEST(Binning, missing_values_take_no_part_in_the_cuts_and_have_their_own_bin) {
  const std::vector<float> values = {1, kMissing, 2, kMissing};
  const std::vector<float> cuts = quantile_cuts(values, {}, 8);
  EXPECT_EQ(cuts, std::vector<float>{1.5F});
  std::vector<std::uint8_t> bins(values.size());
  assign_bins(cuts, values, 2, bins);
  EXPECT_EQ(bins, (std::vector<std::uint8_t>{0, 2, 1, 2}));
}

TEST(Binning, infinities_count_as_the_largest_numbers) {
  const std::vector<float> values = {-kInfinity, 0, kInfinity, 1};
  const std::vector<float> cuts = quantile_cuts(values, {}, 8);
  ASSERT_EQ(cuts.size(), 3U);
  for (const float cut : cuts) EXPECT_TRUE(std::isfinite(cut));
  std::vector<std::uint8_t> bins(values.size());
  assign_bins(cuts, values, 4, bins);
  EXPECT_EQ(bins, (std::vector<std::uint8_t>{0, 1, 3, 2}));
}

TEST(Binning, neighbouring_floats_are_still_parted) {
  const float low = 1.0F;
  const float high = std::nextafter(low, 2.0F);
  const std::vector<float> cuts = quantile_cuts(std::vector<float>{low, high}, {}, 8);
  ASSERT_EQ(cuts.size(), 1U);
  EXPECT_EQ(bin_of(cuts, low), 0U);
  EXPECT_EQ(bin_of(cuts, high), 1U);
}

TEST(Binning, minus_zero_is_zero) {
  EXPECT_TRUE(quantile_cuts(std::vector<float>{0.0F, -0.0F}, {}, 8).empty());
}

TEST(Binning, nothing_but_missing_values_makes_no_cut) {
  EXPECT_TRUE(quantile_cuts(std::vector<float>{kMissing, kMissing}, {}, 8).empty());
  EXPECT_TRUE(quantile_cuts(std::vector<float>{}, {}, 8).empty());
  EXPECT_TRUE(quantile_cuts(std::vector<float>{1, 2}, std::vector<double>{0, 0}, 8).empty());
}

TEST(Binning, of_a_sketch_of_values_is_that_of_their_summaries) {
  RandomStream random(Key::from_seed(4));
  QuantileSketch fast(0.002, 200'000, 1 << 14), slow(0.002, 200'000, 1 << 14);
  for (int block = 0; block < 9; ++block) {
    std::vector<float> values(block == 8 ? 777 : 1 << 14);
    for (float& value : values) {
      value = static_cast<float>(random.normal());
      if (random.uniform() < 0.1) value = random.uniform() < 0.5 ? kMissing : -kMissing;
      if (random.uniform() < 0.1) value = block % 2 == 0 ? -0.0F : 0.0F;
      if (random.uniform() < 0.01) value = block % 3 == 0 ? kInfinity : -kInfinity;
    }
    sketch_values(values, std::size_t{1} << 14, fast);
    slow.merge(summarise(values, {}));
  }
  EXPECT_EQ(quantile_cuts(fast.finish(), 255), quantile_cuts(slow.finish(), 255));
  EXPECT_EQ(fast.finish().total(), slow.finish().total());
}

TEST(Binning, of_a_pruned_summary_is_as_uneven_as_its_error_allows) {
  RandomStream random(Key::from_seed(11));
  std::vector<float> values;
  std::vector<double> weights;
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(static_cast<float>(random.normal()));
    weights.push_back(std::exp(6 * random.uniform()));
  }
  QuantileSummary summary = summarise(values, weights);
  ASSERT_TRUE(summary.is_exact());
  EXPECT_EQ(quantile_cuts(summary, 32), quantile_cuts(values, weights, 32));
  summary.prune(256);
  const std::vector<float> cuts = quantile_cuts(summary, 32);
  EXPECT_EQ(cuts.size(), 31U);
  std::vector<double> weight_of_bin(cuts.size() + 1, 0.0);
  for (std::size_t i = 0; i < values.size(); ++i) weight_of_bin[bin_of(cuts, values[i])] += weights[i];
  for (const double weight : weight_of_bin) {
    EXPECT_LE(weight, (1.05 / 32 + summary.error()) * summary.total());
    EXPECT_GT(weight, 0);
  }
}

// Data of many shapes: the promises of the header.
class BinningOf : public ::testing::TestWithParam<int> {};

std::pair<std::vector<float>, std::vector<double>> sample(int shape) {
  RandomStream random(Key::from_seed(static_cast<std::uint64_t>(shape)));
  std::vector<float> values;
  std::vector<double> weights;
  const std::size_t rows = shape % 2 == 0 ? 300 : 7000;
  for (std::size_t i = 0; i < rows; ++i) {
    const double u = random.uniform();
    float value = static_cast<float>(random.normal());
    if (shape % 5 == 1) value = std::floor(value * 40);                   // many repeats
    if (shape % 5 == 2) value = u < 0.7 ? 0.0F : value;                   // one heavy value
    if (shape % 5 == 3) value = static_cast<float>(std::exp(value * 8));  // a long tail
    if (shape % 5 == 4) value = u < 0.1 ? kMissing : std::floor(value * 200);
    values.push_back(value);
    weights.push_back(shape % 3 == 0 ? std::exp(6 * random.uniform()) : 1.0);
  }
  return {values, weights};
}

TEST_P(BinningOf, keeps_its_promises) {
  const auto [values, weights] = sample(GetParam());
  for (const std::size_t max_bins : {2U, 3U, 16U, 63U, 255U}) {
    const std::vector<float> cuts = quantile_cuts(values, weights, max_bins);
    ASSERT_LT(cuts.size(), max_bins);
    ASSERT_TRUE(std::ranges::is_sorted(cuts, std::less_equal{}));
    std::map<float, double> weight_of_value;
    double total = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::isnan(values[i])) continue;
      weight_of_value[values[i]] += weights[i];
      total += weights[i];
    }
    if (weight_of_value.size() <= max_bins) {
      ASSERT_EQ(cuts.size() + 1, weight_of_value.size());
    }
    std::vector<double> weight_of_bin(cuts.size() + 1, 0);
    std::vector<int> distinct(cuts.size() + 1, 0);
    for (const auto& [value, weight] : weight_of_value) {
      const std::size_t bin = bin_of(cuts, value);
      weight_of_bin[bin] += weight;
      ++distinct[bin];
      ASSERT_TRUE(bin == cuts.size() || value <= cuts[bin]);
      ASSERT_TRUE(bin == 0 || value > cuts[bin - 1]);
    }
    for (std::size_t bin = 0; bin < distinct.size(); ++bin) {
      ASSERT_GT(distinct[bin], 0);
      ASSERT_TRUE(distinct[bin] == 1 || weight_of_bin[bin] <= 2.01 * total / static_cast<double>(max_bins));
    }
    std::vector<std::uint8_t> bins(values.size());
    assign_bins(cuts, values, 255, bins);
    for (std::size_t i = 0; i < values.size(); ++i)
      ASSERT_EQ(bins[i], std::isnan(values[i]) ? 255 : bin_of(cuts, values[i]));
  }
}

INSTANTIATE_TEST_SUITE_P(ManyShapes, BinningOf, ::testing::Range(0, 30));

}  // namespace
}  // namespace astrolabe
