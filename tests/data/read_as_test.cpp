// SPDX-License-Identifier: Apache-2.0
// Reading for a model that exists.
#include "tests/data/reading.h"

namespace astrolabe {
namespace {

ReadResult read_as(std::string_view content, const std::vector<WantedColumn>& wanted,
                   const std::vector<WantedColumn>& optional = {}) {
  const TemporaryFile file(content);
  ThreadPool pool(2);
  return read_table_as(file.path(), wanted, optional, {}, pool);
}

const std::vector<WantedColumn> kWanted = {{"x", ColumnType::number}, {"colour", ColumnType::category}};

TEST(ReadAs, keeps_the_order_that_is_wanted_and_leaves_the_rest_out) {
  const ReadResult read = read_as("colour,extra,x\nred,9,1\nblue,9,2\n", kWanted);
  EXPECT_EQ(read.table.names(), (std::vector<std::string>{"x", "colour"}));
  EXPECT_EQ(cells_of(read, "x"), "1|2");
}

TEST(ReadAs, never_infers) {
  const ReadResult read = read_as("x,colour\n1,1\n2,0\n", kWanted);
  EXPECT_EQ(type_of(read, "x"), ColumnType::number);
  EXPECT_EQ(type_of(read, "colour"), ColumnType::category);
}

TEST(ReadAs, takes_cells_that_do_not_fit_as_missing_and_says_so) {
  const ReadResult read = read_as("x,colour\n1,red\nmany,blue\n", kWanted);
  EXPECT_EQ(cells_of(read, "x"), "1|");
  EXPECT_TRUE(has_note(read, "\"many\" on line 3"));
}

TEST(ReadAs, reads_one_row) {
  EXPECT_EQ(cells_of(read_as("x,colour\n1,red\n", kWanted), "colour"), "red");
}

TEST(ReadAs, knows_a_header_by_the_names_it_wants) {
  const std::vector<WantedColumn> words = {{"a", ColumnType::category}, {"b", ColumnType::category}};
  EXPECT_EQ(read_as("a,b\na,b\n", words).table.rows(), 1U);
  const std::vector<WantedColumn> numbered = {{"1", ColumnType::category}, {"2", ColumnType::category}};
  EXPECT_EQ(read_as("red,big\nblue,small\n", numbered).table.rows(), 2U);
  EXPECT_EQ(read_as("1,2\nblue,small\n", numbered).table.rows(), 1U);
}

TEST(ReadAs, may_miss_optional_columns_only) {
  const ReadResult without = read_as("x,colour\n1,red\n", kWanted, {{"y", ColumnType::number}});
  EXPECT_FALSE(without.table.find("y"));
  const ReadResult with = read_as("y,x,colour\n5,1,red\n", kWanted, {{"y", ColumnType::number}});
  EXPECT_EQ(with.table.names(), (std::vector<std::string>{"x", "colour", "y"}));
}

TEST(ReadAs, reads_open_dates_by_the_order_that_the_model_remembers) {
  const ReadResult read =
      read_as("when,x\n03/04/2024,1\n", {{"when", ColumnType::datetime, DateOrder::month_first}});
  EXPECT_EQ(cells_of(read, "when"), "2024-03-04");
  EXPECT_EQ(cells_of(read_as("when,x\n03/04/2024,1\n", {{"when", ColumnType::datetime}}), "when"), "");
}

}  // namespace
}  // namespace astrolabe
