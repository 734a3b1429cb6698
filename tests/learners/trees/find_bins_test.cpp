// SPDX-License-Identifier: Apache-2.0
// Bins of columns that are long enough to be sketched, and of those that are not.
#include <set>

#include "tests/learners/trees/tables.h"
#include <gtest/gtest.h>

#include "astrolabe/learners/trees/binned_matrix.h"

namespace astrolabe::trees {
namespace {

using namespace testing;  // NOLINT: the tables of these tests

constexpr std::size_t kLong = 1'200'000;  // several blocks and parts of blocks

std::vector<FeatureBins> bins_of(const FeatureMatrix& table, std::span<const double> weights = {},
                                 std::size_t max_bins = 255, std::size_t min_rows = 20,
                                 std::size_t threads = 1) {
  ThreadPool pool(threads);
  return find_bins(table, weights, max_bins, min_rows, pool, Budget());
}

// [bins + 1] the share of the total weight that each bin has; the last is that of the missing.
std::vector<double> shares_of(const FeatureMatrix& table, const FeatureBins& bins,
                              std::span<const double> weights = {}) {
  std::vector<double> shares(bins.bins + 1, 0.0);
  const FeatureColumn& column = table.columns[0];
  const auto weight = [&](std::size_t row) { return weights.empty() ? 1 : weights[row]; };
  double total = 0;
  for (std::size_t row = 0; row < table.rows; ++row) total += weight(row);
  double listed = 0;
  const std::size_t count = column.is_sparse ? column.sparse_rows.size() : table.rows;
  for (std::size_t i = 0; i < count; ++i) {
    const float value = column.is_sparse ? column.sparse_values[i] : column.dense[i];
    const double share = weight(column.is_sparse ? column.sparse_rows[i] : i) / total;
    shares[bins.bin(value)] += share;
    listed += share;
  }
  if (column.is_sparse) shares[bins.zero_bin] += 1 - listed;
  return shares;
}

// A long column: a skewed spread with some zeros and some missing values.
FeatureMatrix long_table() {
  RandomStream random(Key::from_seed(5));
  std::vector<float> values(kLong);
  for (float& value : values) {
    const double u = random.uniform();
    value = u < 0.02 ? kMissing : u < 0.1 ? 0.0F : static_cast<float>(u * u / (1.001 - u) - 0.3);
  }
  return TableMaker(kLong).add(std::move(values)).make();
}

std::vector<double> uneven_weights(std::size_t rows) {
  std::vector<double> weights(rows);
  for (std::size_t row = 0; row < rows; ++row) weights[row] = static_cast<double>(row * 7919 % 401);
  return weights;
}

TEST(FindBins, of_a_long_column_share_its_weight_evenly) {
  const FeatureMatrix dense = long_table();
  const FeatureMatrix sparse = to_sparse(dense);
  const std::vector<double> weights = uneven_weights(kLong);
  for (const FeatureMatrix* table : {&dense, &sparse}) {
    for (const bool weighted : {false, true}) {
      const auto used = weighted ? std::span<const double>(weights) : std::span<const double>();
      const FeatureBins bins = bins_of(*table, used, 64)[0];
      ASSERT_GT(bins.bins, 55U) << "the zeros alone are worth some";
      const std::vector<double> shares = shares_of(*table, bins, used);
      EXPECT_NEAR(shares.back(), 0.02, 0.001);
      for (std::size_t bin = 0; bin < bins.bins; ++bin) {
        EXPECT_GT(shares[bin], 0);
        if (bin != bins.zero_bin) {
          EXPECT_LT(shares[bin], 1.25 / 64) << bin;
        }
      }
      EXPECT_LT(shares[bins.zero_bin], 0.08 + 1.25 / 64);
    }
  }
}

TEST(FindBins, do_not_depend_on_the_number_of_threads) {
  FeatureMatrix table = long_table();
  const FeatureMatrix sparse = to_sparse(table);
  table.columns.push_back(sparse.columns[0]);
  table.info = std::make_shared<const std::vector<Feature>>(std::vector<Feature>(2));
  const std::vector<double> weights = uneven_weights(kLong);
  for (const bool weighted : {false, true}) {
    const auto used = weighted ? std::span<const double>(weights) : std::span<const double>();
    const std::vector<FeatureBins> one = bins_of(table, used, 255, 20, 1);
    for (const std::size_t threads : {2U, 7U}) {
      const std::vector<FeatureBins> other = bins_of(table, used, 255, 20, threads);
      for (std::size_t feature = 0; feature < 2; ++feature) {
        EXPECT_EQ(one[feature].cuts, other[feature].cuts);
        EXPECT_TRUE(other[feature].usable);
      }
    }
  }
}

TEST(FindBins, of_a_long_column_of_few_values_are_its_values) {
  std::vector<float> values(kLong);
  for (std::size_t row = 0; row < kLong; ++row) values[row] = static_cast<float>(row * 31 % 200);
  const FeatureBins bins = bins_of(TableMaker(kLong).add(std::move(values)).make())[0];
  ASSERT_EQ(bins.bins, 200U);
  for (std::size_t i = 0; i < bins.cuts.size(); ++i) EXPECT_EQ(bins.cuts[i], static_cast<float>(i) + 0.5F);
}

TEST(FindBins, of_a_long_column_give_a_heavy_value_its_own_bin) {
  RandomStream random(Key::from_seed(8));
  std::vector<float> values(300'000);
  for (float& value : values) value = random.uniform() < 0.5 ? 0.25F : static_cast<float>(random.uniform());
  const FeatureBins bins = bins_of(TableMaker(300'000).add(values).make())[0];
  const std::uint8_t heavy = bins.bin(0.25F);
  std::set<float> inside;
  for (const float value : values)
    if (bins.bin(value) == heavy) inside.insert(value);
  EXPECT_LT(inside.size(), 900U) << "of 150,000 others, what one bin more or less may hold";
}

TEST(FindBins, make_a_column_usable_when_min_rows_lie_outside_of_its_heaviest_bin) {
  for (const std::size_t rows : {5'000U, 300'000U}) {
    for (const std::size_t others : {19U, 20U}) {
      std::vector<float> values(rows, 0.0F);
      for (std::size_t i = 0; i < others; ++i) values[rows - 1 - 3 * i] = static_cast<float>(i % 5 + 1);
      const FeatureMatrix dense = TableMaker(rows).add(values).make();
      EXPECT_EQ(bins_of(dense)[0].usable, others == 20) << rows;
      EXPECT_EQ(bins_of(to_sparse(dense))[0].usable, others == 20) << rows;
      for (float& value : values) value = value > 0 ? kMissing : 0.0F;
      EXPECT_EQ(bins_of(TableMaker(rows).add(values).make())[0].usable, others == 20) << "missing is a side";
      std::vector<double> weights(rows, 1.0);
      weights[rows - 1] = 0;  // one of the others
      EXPECT_FALSE(bins_of(dense, weights)[0].usable);
    }
  }
}

TEST(FindBins, of_nothing_are_not_usable) {
  EXPECT_FALSE(bins_of(TableMaker(0).add({}).make())[0].usable);
  EXPECT_FALSE(bins_of(TableMaker(300'000).add(std::vector<float>(300'000, kMissing)).make())[0].usable);
}

TEST(FindBins, stop_with_the_budget) {
  ThreadPool pool(1);
  const FeatureMatrix table = long_table();
  EXPECT_FALSE(find_bins(table, {}, 255, 20, pool, Budget({.seconds = 0}))[0].usable);
}

}  // namespace
}  // namespace astrolabe::trees
