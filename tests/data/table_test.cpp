// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/table.h"

#include "tests/data/tables.h"
#include <gtest/gtest.h>

#include "astrolabe/data/cell_hash.h"

namespace astrolabe {
namespace {

Table animals() {
  return Table({numbers("weight", {4, kMissing, 12.5}), categories("kind", {"cat", "dog", ""}),
                texts("note", {"grey", "", "old"})});
}

TEST(Column, types_are_found_by_the_names_they_are_given) {
  for (int i = 0; i < 7; ++i) {
    const auto type = static_cast<ColumnType>(i);
    EXPECT_EQ(find_column_type(column_type_name(type)), type);
  }
  EXPECT_EQ(find_column_type("float"), std::nullopt);
}

TEST(Column, knows_its_missing_cells_whatever_its_type) {
  const Table table = animals();
  EXPECT_TRUE(table.column(0).is_missing(1));
  EXPECT_TRUE(table.column(1).is_missing(2));
  EXPECT_TRUE(table.column(2).is_missing(1));
  EXPECT_FALSE(table.column(2).is_missing(0));
  for (const Column& column : table.columns()) EXPECT_EQ(column.rows(), 3U);
}

TEST(Column, writes_cells_as_people_do) {
  const Table table = animals();
  EXPECT_EQ(table.column(0).cell(0), "4");
  EXPECT_EQ(table.column(0).cell(2), "12.5");
  EXPECT_EQ(table.column(0).cell(1), "");
  EXPECT_EQ(table.column(1).cell(1), "dog");
  EXPECT_EQ(table.column(2).cell(2), "old");
  const Column large = numbers("large", {1e300, -1234567, INFINITY});
  EXPECT_EQ(large.cell(0), "1e+300");
  EXPECT_EQ(large.cell(1), "-1234567");
  EXPECT_EQ(large.cell(2), "inf");
}

TEST(Column, writes_dates_in_iso_order) {
  const Column dates = numbers("when", {0, 951782400, 1293858000, -1, 0.25, 1e300}, ColumnType::datetime);
  EXPECT_EQ(dates.cell(0), "1970-01-01");
  EXPECT_EQ(dates.cell(1), "2000-02-29");
  EXPECT_EQ(dates.cell(2), "2011-01-01T05:00:00");
  EXPECT_EQ(dates.cell(3), "1969-12-31T23:59:59");
  EXPECT_EQ(dates.cell(4), "1970-01-01T00:00:00.25");
  EXPECT_EQ(dates.cell(5), "1e+300");
}

TEST(Table, finds_columns_by_name) {
  const Table table = animals();
  EXPECT_EQ(table.find("kind"), 1U);
  EXPECT_EQ(table.find("Kind"), std::nullopt);
  EXPECT_EQ(table.names(), (std::vector<std::string>{"weight", "kind", "note"}));
}

TEST(Table, takes_rows_in_any_order_and_more_than_once) {
  const std::vector<RowIndex> rows{2, 0, 0};
  const Table taken = animals().take_rows(rows);
  ASSERT_EQ(taken.rows(), 3U);
  EXPECT_EQ(taken.column(0).cell(0), "12.5");
  EXPECT_EQ(taken.column(1).cell(0), "");
  EXPECT_EQ(taken.column(1).cell(2), "cat");
  EXPECT_EQ(taken.column(2).cell(0), "old");
  EXPECT_EQ(taken.column(1).levels.size(), 2U);
}

TEST(Table, without_columns_keeps_the_others_and_the_number_of_rows) {
  const std::vector<std::string> names{"weight", "note"};
  EXPECT_EQ(animals().without_columns(names).names(), std::vector<std::string>{"kind"});
  const std::vector<std::string> all{"weight", "note", "kind"};
  EXPECT_EQ(animals().without_columns(all).rows(), 3U);
}

TEST(Table, refuses_columns_of_unequal_length_and_of_one_name) {
  EXPECT_THROW(Table({numbers("a", {1}), numbers("b", {1, 2})}), InternalError);
  EXPECT_THROW(Table({numbers("a", {1}), numbers("a", {2})}), InternalError);
}

TEST(TableHash, does_not_depend_on_unused_levels_or_the_sign_of_zero) {
  Table table({categories("kind", {"cat", "dog"}), numbers("x", {0.0, 1})});
  Column kind = categories("kind", {"ant", "cat", "dog"});
  kind.codes.erase(kind.codes.begin());
  EXPECT_EQ(hash_table(table), hash_table(Table({kind, numbers("x", {-0.0, 1})})));
}

TEST(TableHash, changes_with_a_name_a_type_a_cell_and_the_order_of_rows) {
  const std::uint64_t hash = hash_table(Table({numbers("x", {1, 2, kMissing})}));
  EXPECT_NE(hash, hash_table(Table({numbers("y", {1, 2, kMissing})})));
  EXPECT_NE(hash, hash_table(Table({numbers("x", {1, 2, kMissing}, ColumnType::whole_number)})));
  EXPECT_NE(hash, hash_table(Table({numbers("x", {1, 3, kMissing})})));
  EXPECT_NE(hash, hash_table(Table({numbers("x", {1, 2, 0})})));
  EXPECT_NE(hash, hash_table(Table({numbers("x", {2, 1, kMissing})})));
}

TEST(CellHash, is_equal_for_equal_cells_only) {
  const auto words = cell_hashes(categories("kind", {"cat", "dog", "cat", ""}));
  EXPECT_EQ(words[0], words[2]);
  EXPECT_NE(words[0], words[1]);
  EXPECT_EQ(words[3], kMissingCellHash);
  const std::vector<RowIndex> rows{3, 1};
  EXPECT_EQ(cell_hashes(texts("kind", {"cat", "dog", "cat", ""}), rows),
            (std::vector<std::uint64_t>{words[3], words[1]}));
}

}  // namespace
}  // namespace astrolabe
