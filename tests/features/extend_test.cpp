// SPDX-License-Identifier: Apache-2.0
// Encoders that go on from others: old columns mean what they meant, whatever comes or goes.
#include "astrolabe/features/extend.h"

#include <cmath>

#include "tests/features/tables.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe::testing {
namespace {

constexpr EncodingNeeds kNetNeeds{.native_categories = true, .native_missing = false, .standardized = true};

ExtendedEncoding extend(const Encoder& old, const Table& table) {
  ThreadPool pool(1);
  const std::vector<RowIndex> rows = all_rows(table);
  Labels labels;
  labels.values.assign(rows.size(), 0.0);
  for (std::size_t i = 0; i < rows.size(); ++i) labels.values[i] = static_cast<double>(i % 3);
  return extend_encoder(
      old, {.table = table, .rows = rows, .labels = labels, .needs = kNetNeeds, .key = Key::from_seed(1)},
      pool);
}

TEST(Extend, leaves_the_columns_that_stay_as_they_were) {
  const Table before = table_of(numbers("a", {1, 2, 3, 4}), levels("c", {"x", "x", "y", "y"}));
  const FittedEncoding old = fit_all(before, kNetNeeds);
  const Table now =
      table_of(numbers("new", {5, 7, 5, 9}), levels("c", {"y", "x", "x", "y"}), numbers("a", {4, 40, 2, 1}));
  const ExtendedEncoding extended = extend(*old.encoder, now);
  ThreadPool pool(1);
  const FeatureMatrix expected = old.encoder->encode(now, all_rows(now), pool);
  EXPECT_EQ(values_of(extended.train, "a"), values_of(expected, "a"));
  EXPECT_EQ(values_of(extended.train, "c"), values_of(expected, "c"));
  EXPECT_EQ(values_of(extended.train, "new").size(), 4U);
  EXPECT_EQ(extended.map.feature_of, (std::vector<std::size_t>{0, 1}));
  const ColumnChanges changes = column_changes(*old.encoder, *extended.encoder);
  EXPECT_EQ(changes.added, std::vector<std::string>{"new"});
  EXPECT_TRUE(changes.gone.empty());
}

TEST(Extend, gives_new_levels_a_feature_of_their_own_and_the_old_one_reads_them_as_before) {
  const FittedEncoding old = fit_all(table_of(levels("c", {"x", "x", "y", "y"})), kNetNeeds);
  const Table now = table_of(levels("c", {"z", "z", "x", "once", "y", "w", "w", "w", ""}));
  const ExtendedEncoding extended = extend(*old.encoder, now);
  const std::vector<float> own = values_of(extended.train, "c"), fresh = values_of(extended.train, "c.new");
  EXPECT_EQ(own[0], own[3]);  // z, as something never seen
  EXPECT_EQ(fresh[0], 1.0F);
  EXPECT_EQ(fresh[5], 0.0F);  // w is commoner
  for (const std::size_t row : {2U, 3U, 4U, 8U}) EXPECT_TRUE(std::isnan(fresh[row])) << row;
  EXPECT_EQ(column_changes(*old.encoder, *extended.encoder).levels,
            (std::vector<std::pair<std::string, std::size_t>>{{"c", 2}}));
}

TEST(Extend, knows_both_levels_of_a_boolean) {
  const FittedEncoding old =
      fit_all(table_of(levels("b", {"no", "no", "no", "yes", "yes"}, ColumnType::boolean)), kNetNeeds);
  const ExtendedEncoding extended =
      extend(*old.encoder, table_of(levels("b", {"no", "yes", "yes", "no", "perhaps", "perhaps"})));
  EXPECT_EQ(column_changes(*old.encoder, *extended.encoder).levels,
            (std::vector<std::pair<std::string, std::size_t>>{{"b", 1}}));
}

TEST(Extend, goes_on_from_an_extended_encoder) {
  const FittedEncoding old = fit_all(table_of(levels("c", {"x", "x", "y", "y"})), kNetNeeds);
  const ExtendedEncoding once = extend(*old.encoder, table_of(levels("c", {"z", "z", "x", "y"})));
  const Table later = table_of(levels("c", {"w", "w", "z", "x"}));
  const ExtendedEncoding twice = extend(*once.encoder, later);
  EXPECT_EQ(values_of(twice.train, "c.new")[2], 0.0F);
  EXPECT_EQ(values_of(twice.train, "c.new2")[1], 0.0F);
  EXPECT_TRUE(std::isnan(values_of(twice.train, "c.new2")[2]));
  EXPECT_EQ(column_changes(*once.encoder, *twice.encoder).levels.size(), 1U);
  EXPECT_EQ(twice.map.feature_of, (std::vector<std::size_t>{0, 1}));
}

TEST(Extend, does_without_columns_that_are_gone_and_knows_what_they_read_as) {
  const Table before = table_of(numbers("a", {1, 2, 3, kMissing}), levels("c", {"x", "x", "y", "y"}),
                                numbers("b", {0, 1, 5, 2}));
  const FittedEncoding old = fit_all(before, kNetNeeds);
  const ExtendedEncoding extended = extend(*old.encoder, table_of(numbers("b", {3, 4, 1})));
  EXPECT_EQ(extended.encoder->columns().size(), 1U);
  EXPECT_TRUE(extended.map.has_gone());
  ThreadPool pool(1);
  const FeatureMatrix missing =
      old.encoder->encode(table_of(numbers("a", {kMissing}), levels("c", {""}), numbers("b", {kMissing})),
                          std::vector<RowIndex>{0}, pool);
  for (std::size_t f = 0; f < missing.columns.size(); ++f)
    EXPECT_EQ(extended.map.missing.columns[f].dense, missing.columns[f].dense) << f;
  EXPECT_EQ(column_changes(*old.encoder, *extended.encoder).gone, (std::vector<std::string>{"a", "c"}));
}

TEST(Extend, is_read_back_from_an_archive) {
  const FittedEncoding old = fit_all(table_of(levels("c", {"x", "x", "y", "y"})), kNetNeeds);
  const Table now = table_of(levels("c", {"z", "z", "x", "y"}), numbers("n", {1, 2, 3, 4}));
  const ExtendedEncoding extended = extend(*old.encoder, now);
  ArchiveWriter writer;
  extended.encoder->save(writer);
  ArchiveReader reader(writer.bytes());
  const std::shared_ptr<const Encoder> loaded = Encoder::load(reader);
  ThreadPool pool(1);
  const FeatureMatrix a = extended.encoder->encode(now, all_rows(now), pool),
                      b = loaded->encode(now, all_rows(now), pool);
  ASSERT_EQ(a.features(), b.features());
  EXPECT_EQ((*b.info)[1].name, (*a.info)[1].name);
  EXPECT_EQ(b.columns[1].dense[0], a.columns[1].dense[0]);
}

TEST(Extend, two_plain_encoders_of_one_column_are_a_damaged_archive) {
  const FittedEncoding old = fit_all(table_of(numbers("a", {1, 2, 3})), kNetNeeds);
  ArchiveWriter one;
  old.encoder->save(one);
  ArchiveWriter two;
  two.put<std::uint64_t>(2);
  std::string bytes = two.bytes();
  for (int i = 0; i < 2; ++i) bytes += one.bytes().substr(sizeof(std::uint64_t));
  ArchiveReader reader(bytes);
  EXPECT_THROW((void)Encoder::load(reader), Error);
}

}  // namespace
}  // namespace astrolabe::testing
