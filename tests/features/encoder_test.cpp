// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cmath>

#include "tests/features/tables.h"
#include "tests/support/patience.h"
#include <gtest/gtest.h>

namespace astrolabe::testing {
namespace {

TEST(Encoder, gives_finite_features_to_learners_that_cannot_take_missing) {
  for (const EncodingNeeds& needs : {kLinearNeeds, kPlainNeeds}) {
    const FeatureMatrix train = fit_all(mixed_table(), needs).train;
    for (std::size_t i = 0; i < train.features(); ++i) {
      for (const float value : values_of(train.columns[i], train.rows)) {
        EXPECT_TRUE(std::isfinite(value)) << (*train.info)[i].name;
      }
    }
  }
}

TEST(Encoder, encodes_the_fitting_rows_as_it_fitted_them_without_target_statistics) {
  for (const EncodingNeeds& needs : {kTreesNeeds, kLinearNeeds, kPlainNeeds}) {
    const FittedEncoding fitted = fit_all(mixed_table(), needs);
    EXPECT_TRUE(same_bytes(fitted.train, encode_all(*fitted.encoder, mixed_table())));
  }
}

TEST(Encoder, shares_one_description_of_the_features) {
  const FittedEncoding fitted = fit_all(mixed_table(), kTreesNeeds);
  EXPECT_EQ(fitted.train.info, fitted.encoder->features());
  EXPECT_EQ(encode_all(*fitted.encoder, mixed_table()).info, fitted.encoder->features());
  for (const Feature& info : *fitted.train.info) EXPECT_TRUE(info.name.starts_with(info.source));
}

TEST(Encoder, encodes_the_same_bytes_on_any_number_of_threads) {
  for (const Table& table : {mixed_table(), many_levels_table()}) {
    for (const EncodingNeeds& needs : {kTreesNeeds, kLinearNeeds}) {
      const FittedEncoding one = fit_all(table, needs, 1);
      ArchiveWriter first;
      one.encoder->save(first);
      for (const std::size_t threads : {2, 7}) {
        const FittedEncoding many = fit_all(table, needs, threads);
        ArchiveWriter second;
        many.encoder->save(second);
        EXPECT_EQ(first.bytes(), second.bytes());
        EXPECT_TRUE(same_bytes(one.train, many.train));
        EXPECT_TRUE(
            same_bytes(encode_all(*one.encoder, table, 1), encode_all(*many.encoder, table, threads)));
      }
    }
  }
}

TEST(Encoder, does_not_mind_reordered_and_extra_columns) {
  const Table table = mixed_table();
  const FittedEncoding fitted = fit_all(table, kTreesNeeds);
  std::vector<Column> columns(table.columns().begin(), table.columns().end());
  std::reverse(columns.begin(), columns.end());
  columns.push_back(numbers("extra", std::vector<double>(table.rows(), 1.0)));
  EXPECT_TRUE(same_bytes(fitted.train, encode_all(*fitted.encoder, Table(std::move(columns)))));
}

TEST(Encoder, takes_whole_numbers_for_numbers_and_booleans_for_categories) {
  const FittedEncoding fitted =
      fit_all(table_of(numbers("x", {1.5, 2, 3, 4}), levels("c", {"0", "1", "1", "0"})), kTreesNeeds);
  const Table other =
      table_of(levels("c", {"1", "0"}, ColumnType::boolean), numbers("x", {3, 4}, ColumnType::whole_number));
  EXPECT_EQ(values_of(encode_all(*fitted.encoder, other), "x"), (std::vector<float>{3, 4}));
  EXPECT_EQ(values_of(encode_all(*fitted.encoder, other), "c"), (std::vector<float>{1, 0}));
}

TEST(Encoder, encodes_rows_in_the_order_asked_for) {
  const Table table = table_of(numbers("x", {1, 2, 3}), levels("c", {"a", "b", "c"}));
  const FittedEncoding fitted = fit_all(table, kTreesNeeds);
  ThreadPool pool(1);
  const std::vector<RowIndex> rows{2, 0, 0};
  EXPECT_EQ(values_of(fitted.encoder->encode(table, rows, pool), "x"), (std::vector<float>{3, 1, 1}));
}

TEST(Encoder, of_no_rows_has_no_features) {
  const FittedEncoding fitted = fit_rows(mixed_table(), {}, alternating(0), kTreesNeeds);
  EXPECT_EQ(fitted.train.rows, 0U);
  EXPECT_EQ(fitted.train.features(), 0U);
  EXPECT_EQ(encode_all(*fitted.encoder, mixed_table()).rows, 40U);
}

TEST(Encoder, encodes_no_rows) {
  for (const EncodingNeeds& needs : {kTreesNeeds, kLinearNeeds}) {
    const FittedEncoding fitted = fit_all(mixed_table(), needs);
    ThreadPool pool(1);
    const FeatureMatrix none = fitted.encoder->encode(mixed_table(), {}, pool);
    EXPECT_EQ(none.rows, 0U);
    EXPECT_EQ(none.features(), fitted.train.features());
  }
}

TEST(Encoder, never_reads_rows_that_it_is_not_given) {
  const Table table = mixed_table();
  std::vector<RowIndex> rows;
  for (RowIndex row = 0; row < 30; ++row) rows.push_back(row);
  const Table cut = table.take_rows(rows);
  for (const EncodingNeeds& needs : {kTreesNeeds, kLinearNeeds, kPlainNeeds}) {
    ArchiveWriter from_whole, from_cut;
    fit_rows(table, rows, alternating(30), needs).encoder->save(from_whole);
    fit_rows(cut, rows, alternating(30), needs).encoder->save(from_cut);
    EXPECT_EQ(from_whole.bytes(), from_cut.bytes());
  }
}

TEST(Encoder, loaded_encodes_the_same_bytes) {
  for (const Table& table : {mixed_table(), many_levels_table()}) {
    for (const EncodingNeeds& needs : {kTreesNeeds, kLinearNeeds, kPlainNeeds}) {
      const FittedEncoding fitted = fit_all(table, needs);
      ArchiveWriter writer;
      fitted.encoder->save(writer);
      ArchiveReader reader(writer.bytes());
      const std::shared_ptr<const Encoder> loaded = Encoder::load(reader);
      reader.require_end();
      EXPECT_TRUE(same_bytes(encode_all(*fitted.encoder, table), encode_all(*loaded, table)));
      ArchiveWriter again;
      loaded->save(again);
      EXPECT_EQ(writer.bytes(), again.bytes());
    }
  }
}

TEST(Encoder, of_fifty_thousand_columns_takes_no_time_in_looking_for_names) {
  std::vector<Column> columns;
  for (int i = 0; i < 50'000; ++i) {
    columns.push_back(numbers("column" + std::to_string(i), {0.5 * i, 1, 2, 3}));
  }
  const Table table(std::move(columns));
  const auto start = std::chrono::steady_clock::now();
  const FittedEncoding fitted = fit_all(table, kLinearNeeds);
  EXPECT_TRUE(same_bytes(fitted.train, encode_all(*fitted.encoder, table)));
  // A quadratic search takes minutes; the limit leaves room for a busy machine.
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20 * kPatience));
}

}  // namespace
}  // namespace astrolabe::testing
