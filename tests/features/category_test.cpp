// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/features/category.h"

#include <cmath>

#include "tests/features/tables.h"
#include <gtest/gtest.h>

#include "astrolabe/features/category_codes.h"
#include "astrolabe/features/one_hot.h"

namespace astrolabe::testing {
namespace {

TEST(CategoryCodes, count_from_the_commonest_level_down) {
  const Table table = table_of(levels("c", {"x", "y", "y", "z", "z", "z", "x"}));
  const FeatureMatrix train = fit_all(table, kTreesNeeds).train;
  EXPECT_EQ(values_of(train, "c"), (std::vector<float>{1, 2, 2, 0, 0, 0, 1}));
  EXPECT_EQ((*train.info)[0].kind, FeatureKind::categorical);
  EXPECT_EQ((*train.info)[0].categories, 3U);
}

TEST(CategoryCodes, of_missing_and_unseen_are_nan) {
  const Table table = table_of(levels("c", {"x", "x", "y", "y", ""}));
  const FittedEncoding fitted = fit_all(table, kTreesNeeds);
  const FeatureMatrix encoded = encode_all(*fitted.encoder, table_of(levels("c", {"", "new", "y"})));
  const std::vector<float> c = values_of(encoded, "c");
  EXPECT_TRUE(std::isnan(c[0]));
  EXPECT_TRUE(std::isnan(c[1]));
  EXPECT_EQ(c[2], 1.0F);
}

TEST(CategoryCodes, share_other_among_levels_held_once_and_those_never_seen) {
  const Table table = table_of(levels("c", {"x", "x", "y", "y", "once", "only"}));
  const FittedEncoding fitted = fit_all(table, kTreesNeeds);
  EXPECT_EQ(values_of(fitted.train, "c"), (std::vector<float>{0, 0, 1, 1, 2, 2}));
  EXPECT_EQ((*fitted.train.info)[0].categories, 3U);
  EXPECT_EQ(values_of(encode_all(*fitted.encoder, table_of(levels("c", {"new"}))), "c"),
            std::vector<float>{2});
}

TEST(CategoryCodes, are_at_most_a_thousand_and_other) {
  std::vector<std::string> cells;
  for (int i = 0; i < 3000; ++i) cells.push_back("level" + std::to_string(i % 1500));
  const FeatureMatrix train = fit_all(table_of(levels("c", cells)), kTreesNeeds).train;
  EXPECT_EQ((*train.info)[0].categories, kMaxNativeLevels + 1);
  for (const float code : values_of(train, "c")) EXPECT_LE(code, 1000.0F);
}

TEST(CategoryCodes, have_no_nan_for_learners_that_cannot_take_it) {
  const Table table = table_of(levels("c", {"x", "x", "y", "y", ""}));
  const FittedEncoding fitted =
      fit_all(table, {.native_categories = true, .native_missing = false, .standardized = false});
  EXPECT_EQ(values_of(fitted.train, "c"), (std::vector<float>{0, 0, 1, 1, 2}));
  EXPECT_EQ(values_of(encode_all(*fitted.encoder, table_of(levels("c", {"new"}))), "c"),
            std::vector<float>{2});
}

TEST(CategoryCodes, match_levels_by_text_whatever_their_order) {
  const FittedEncoding fitted = fit_all(table_of(levels("c", {"a", "a", "b", "b", "b"})), kTreesNeeds);
  Column turned = levels("c", {"a", "b"});
  turned.levels = {"b", "a"};
  turned.codes = {0, 1};
  EXPECT_EQ(values_of(encode_all(*fitted.encoder, table_of(turned)), "c"), (std::vector<float>{0, 1}));
}

TEST(OneHot, is_one_feature_per_level_and_one_for_missing) {
  const Table table = table_of(levels("c", {"x", "y", "z", "x", "y", "z", "", ""}));
  const FeatureMatrix train = fit_all(table, kLinearNeeds).train;
  EXPECT_EQ(names_of(train), (std::vector<std::string>{"c=x", "c=y", "c=z", "c.missing"}));
  EXPECT_EQ(values_of(train, "c=y"), (std::vector<float>{0, 1, 0, 0, 1, 0, 0, 0}));
  EXPECT_EQ(values_of(train, "c.missing"), (std::vector<float>{0, 0, 0, 0, 0, 0, 1, 1}));
}

TEST(OneHot, is_sparse_where_most_cells_are_zero) {
  const Table table = table_of(levels("c", {"x", "x", "x", "x", "x", "y", "y", "z", "z", "x"}));
  const FeatureMatrix train = fit_all(table, kLinearNeeds).train;
  EXPECT_FALSE(train.columns[0].is_sparse);
  EXPECT_TRUE(train.columns[1].is_sparse);
  EXPECT_EQ(train.columns[1].sparse_rows, (std::vector<std::uint32_t>{5, 6}));
}

TEST(OneHot, of_two_levels_is_the_rarer_one) {
  const FeatureMatrix train = fit_all(table_of(levels("c", {"n", "y", "n", "n", "y"})), kLinearNeeds).train;
  EXPECT_EQ(names_of(train), std::vector<std::string>{"c=y"});
  EXPECT_EQ(values_of(train, "c=y"), (std::vector<float>{0, 1, 0, 0, 1}));
}

TEST(OneHot, of_one_level_and_missing_is_the_rarer_one) {
  EXPECT_EQ(names_of(fit_all(table_of(levels("c", {"x", "", "x", "", "x"})), kLinearNeeds).train),
            std::vector<std::string>{"c.missing"});
  EXPECT_EQ(names_of(fit_all(table_of(levels("c", {"x", "", "x", "", ""})), kLinearNeeds).train),
            std::vector<std::string>{"c=x"});
}

TEST(OneHot, of_rare_levels_and_missing_is_the_rarer_one) {
  EXPECT_EQ(names_of(fit_all(table_of(levels("c", {"x", "", "y", "", ""})), kLinearNeeds).train),
            std::vector<std::string>{"c.other"});
  EXPECT_EQ(names_of(fit_all(table_of(levels("c", {"x", "", "y", "", "z"})), kLinearNeeds).train),
            std::vector<std::string>{"c.missing"});
}

TEST(OneHot, gives_rare_and_unseen_levels_to_other) {
  const Table table = table_of(levels("c", {"x", "x", "y", "y", "once", "only"}));
  const FittedEncoding fitted = fit_all(table, kLinearNeeds);
  EXPECT_EQ(names_of(fitted.train), (std::vector<std::string>{"c=x", "c=y", "c.other"}));
  const FeatureMatrix encoded = encode_all(*fitted.encoder, table_of(levels("c", {"new", "x"})));
  EXPECT_EQ(values_of(encoded, "c.other"), (std::vector<float>{1, 0}));
}

TEST(OneHot, of_an_unseen_level_is_all_zero_where_there_is_no_other) {
  const FittedEncoding fitted = fit_all(table_of(levels("c", {"x", "x", "y", "y", "z", "z"})), kLinearNeeds);
  const FeatureMatrix encoded = encode_all(*fitted.encoder, table_of(levels("c", {"new", ""})));
  for (const std::string& name : names_of(encoded)) {
    EXPECT_EQ(values_of(encoded, name), (std::vector<float>{0, 0}));
  }
}

TEST(Category, that_never_varies_gives_no_feature) {
  for (const EncodingNeeds& needs : {kTreesNeeds, kLinearNeeds}) {
    EXPECT_EQ(fit_all(table_of(levels("c", {"x", "x", "x"})), needs).train.features(), 0U);
    EXPECT_EQ(fit_all(table_of(levels("c", {"", "", ""})), needs).train.features(), 0U);
    EXPECT_EQ(fit_all(table_of(levels("c", {"a", "b", "c"})), needs).train.features(), 0U);
  }
}

TEST(Category, of_many_levels_has_target_statistics_beside) {
  EXPECT_EQ(names_of(fit_all(many_levels_table(), kTreesNeeds).train),
            (std::vector<std::string>{"shop", "shop.target_share"}));
  EXPECT_EQ(fit_all(many_levels_table(), kLinearNeeds).train.features(), 301U);
}

TEST(Category, reads_only_the_fitting_rows) {
  const Table table = table_of(levels("c", {"x", "x", "y", "y", "z", "z", "z"}));
  const FittedEncoding fitted = fit_rows(table, {0, 1, 2, 3}, alternating(4), kTreesNeeds);
  EXPECT_EQ((*fitted.train.info)[0].categories, 2U);
  EXPECT_TRUE(std::isnan(values_of(encode_all(*fitted.encoder, table), "c")[4]));
}

TEST(Boolean, is_one_for_the_greater_level) {
  const Table table = table_of(levels("b", {"no", "yes", "yes", "no"}, ColumnType::boolean));
  for (const EncodingNeeds& needs : {kTreesNeeds, kLinearNeeds, kPlainNeeds}) {
    const FeatureMatrix train = fit_all(table, needs).train;
    EXPECT_EQ(values_of(train, "b"), (std::vector<float>{0, 1, 1, 0}));
    EXPECT_EQ((*train.info)[0].kind, FeatureKind::numeric);
  }
}

TEST(Boolean, of_missing_and_unseen_is_missing) {
  const Table table = table_of(levels("b", {"0", "1", "", "1"}, ColumnType::boolean));
  const FittedEncoding fitted = fit_all(table, kTreesNeeds);
  EXPECT_TRUE(std::isnan(values_of(fitted.train, "b")[2]));
  const Table other = table_of(levels("b", {"maybe", "1"}, ColumnType::boolean));
  EXPECT_TRUE(std::isnan(values_of(encode_all(*fitted.encoder, other), "b")[0]));
  EXPECT_EQ(values_of(encode_all(*fitted.encoder, other), "b")[1], 1.0F);
  EXPECT_EQ(names_of(fit_all(table, kLinearNeeds).train), (std::vector<std::string>{"b", "b.missing"}));
}

}  // namespace
}  // namespace astrolabe::testing
