// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/neural/input_plan.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe::neural {
namespace {

FeatureMatrix matrix(std::size_t rows, std::vector<std::pair<Feature, FeatureColumn>> features) {
  FeatureMatrix made;
  made.rows = rows;
  std::vector<Feature> info;
  for (auto& [feature, column] : features) {
    info.push_back(feature);
    made.columns.push_back(std::move(column));
  }
  made.info = std::make_shared<const std::vector<Feature>>(std::move(info));
  return made;
}

Feature number(const std::string& name) {
  return {.name = name, .source = name};
}
Feature category(const std::string& name, std::uint32_t codes) {
  return {.name = name, .source = name, .kind = FeatureKind::categorical, .categories = codes};
}
FeatureColumn dense(std::vector<float> values) {
  return {.dense = std::move(values), .sparse_rows = {}, .sparse_values = {}};
}
FeatureColumn sparse(std::vector<std::uint32_t> rows, std::vector<float> values) {
  return {.dense = {}, .sparse_rows = std::move(rows), .sparse_values = std::move(values), .is_sparse = true};
}

InputPlan plan_of(const FeatureMatrix& features) {
  ThreadPool pool(2);
  return InputPlan::fit(features, {}, pool);
}

TEST(InputPlan, puts_numbers_around_zero_and_bends_the_far_ones) {
  const FeatureMatrix features = matrix(5, {{number("a"), dense({10, 20, 30, 40, 1e30F})}});
  const EncodedRows rows = plan_of(features).encode(features, 0, 5);
  EXPECT_EQ(rows.x[2], 0);
  EXPECT_NEAR(rows.x[1], -0.5 / std::sqrt(1 + 0.25 / 9), 1e-6);
  EXPECT_NEAR(rows.x[4], 3, 1e-5);
}

TEST(InputPlan, keeps_every_cell_finite) {
  const float most = std::numeric_limits<float>::max(), infinite = std::numeric_limits<float>::infinity();
  const FeatureMatrix train = matrix(3, {{number("a"), dense({-1, 0, 1})}});
  const FeatureMatrix odd = matrix(5, {{number("a"), dense({most, -most, infinite, -infinite, NAN})}});
  for (const float cell : plan_of(train).encode(odd, 0, 5).x) EXPECT_TRUE(std::isfinite(cell));
}

TEST(InputPlan, gives_small_categories_columns_and_large_ones_an_index) {
  const FeatureMatrix features = matrix(
      4, {{category("small", 3), dense({0, 2, NAN, 7})}, {category("large", 50), dense({0, 49, NAN, 50})}});
  const InputPlan plan = plan_of(features);
  EXPECT_EQ(plan.numbers(), 3u);
  const EncodedRows rows = plan.encode(features, 0, 4);
  EXPECT_EQ(rows.x, (std::vector<float>{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(rows.codes[0], (std::vector<std::int32_t>{1, 50, 0, 0}));
  EXPECT_EQ(plan.categories()[0].codes, 51u);
}

TEST(InputPlan, encodes_a_part_of_the_rows_as_it_does_all) {
  const FeatureMatrix features = matrix(6, {{number("a"), dense({1, 2, 3, 4, 5, 6})},
                                            {number("b"), sparse({0, 3, 5}, {1, 2, 3})},
                                            {category("c", 2), dense({0, 1, 0, 1, 0, 1})}});
  const InputPlan plan = plan_of(features);
  const EncodedRows all = plan.encode(features, 0, 6);
  const EncodedRows part = plan.encode(features, 2, 5);
  EXPECT_TRUE(std::ranges::equal(part.x, std::span(all.x).subspan(2 * plan.numbers(), 3 * plan.numbers())));
  EXPECT_EQ(all.x[plan.routes()[1].at], 1 / std::sqrt(1 + 1.0F / 9));
}

TEST(InputPlan, does_not_look_at_rows_that_weigh_nothing) {
  const FeatureMatrix features = matrix(4, {{number("a"), dense({1, 2, 3, 1e9F})}});
  ThreadPool pool(1);
  const InputPlan plan = InputPlan::fit(features, std::vector<double>{1, 1, 1, 0}, pool);
  EXPECT_EQ(plan.routes()[0].centre, 2);
}

TEST(InputPlan, lets_too_many_columns_share_buckets) {
  std::vector<std::pair<Feature, FeatureColumn>> wide;
  for (std::uint32_t i = 0; i < 20'000; ++i)
    wide.emplace_back(number("w" + std::to_string(i)), sparse({i % 3}, {1}));
  wide.emplace_back(number("dense"), dense({1, 2, 3}));
  const FeatureMatrix features = matrix(3, std::move(wide));
  const InputPlan plan = plan_of(features);
  EXPECT_EQ(plan.numbers(), kMaxColumns);
  EXPECT_EQ(plan.routes().back().way, InputPlan::Way::number);
  const EncodedRows rows = plan.encode(features, 0, 3);
  EXPECT_TRUE(std::ranges::all_of(rows.x, [](float cell) { return std::isfinite(cell); }));
}

TEST(InputPlan, has_bins_of_even_rows) {
  std::vector<float> values;
  for (int i = 0; i < 160; ++i) values.push_back(static_cast<float>(i));
  const FeatureMatrix features =
      matrix(160, {{number("a"), dense(values)}, {number("b"), dense(std::vector<float>(160, 1))}});
  const InputPlan plan = plan_of(features);
  ThreadPool pool(1);
  const EncodedRows rows = plan.encode(features, 0, 160);
  const NetBins bins = plan.bins(rows, {}, pool);
  for (std::size_t bin = 1; bin < kBins; ++bin) EXPECT_GT(bins.low[bin], bins.low[bin - 1]);
  // A tenth of the rows of a bin further on, a tenth further through it.
  const float place = (rows.x[2 * 85] - bins.low[8]) * bins.scale[8];
  EXPECT_GT(place, 0.3F);
  EXPECT_LT(place, 0.8F);
  EXPECT_EQ(bins.scale[kBins], 0) << "a constant has no bins";
}

TEST(InputPlan, is_read_back_as_it_was) {
  const FeatureMatrix features = matrix(6, {{number("a"), dense({1, 2, 3, 4, 5, 6})},
                                            {number("b"), sparse({0, 3, 5}, {1, 2, 3})},
                                            {category("c", 20), dense({0, 1, 0, 1, 0, 1})}});
  const InputPlan plan = plan_of(features);
  ArchiveWriter archive;
  plan.save(archive);
  ArchiveReader reader(archive.bytes());
  const InputPlan loaded = InputPlan::load(reader, 3);
  reader.require_end();
  EXPECT_EQ(loaded.encode(features, 0, 6).x, plan.encode(features, 0, 6).x);
  EXPECT_EQ(loaded.encode(features, 0, 6).codes, plan.encode(features, 0, 6).codes);
}

}  // namespace
}  // namespace astrolabe::neural
