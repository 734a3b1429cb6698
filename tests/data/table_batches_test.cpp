// SPDX-License-Identifier: Apache-2.0
// The rows that a reading under a memory cap left out: all of them, whole, typed as the others, twice alike.
#include "astrolabe/data/table_batches.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "tests/data/reading.h"

#include "astrolabe/data/writer.h"

namespace astrolabe {
namespace {

constexpr int kRows = 300'000;

std::string numbered_rows(bool quoted) {
  std::string text = "i,word\n";
  for (int i = 0; i < kRows; ++i)
    text += std::to_string(i) + (quoted && i % 7 == 0 ? ",\"a\nb\"\n" : i % 2 == 0 ? ",even\n" : ",odd\n");
  return text;
}

std::vector<WantedColumn> columns_of(const Table& table) {
  std::vector<WantedColumn> columns;
  for (const Column& column : table.columns()) columns.push_back({column.name, column.type});
  return columns;
}

TEST(RestOfTable, is_what_the_reading_left_out) {
  for (const bool quoted : {false, true}) {
    const TemporaryFile file(numbered_rows(quoted));
    const ReadOptions options = {.types = {{"i", ColumnType::whole_number}},
                                 .memory_bytes = 1'000'000,
                                 .sample_key = Key::from_seed(3)};
    const ReadResult read = read_file_at(file.path(), options);
    ASSERT_LT(read.table.rows(), 100'000U);
    RestOfTable rest(file.path(), columns_of(read.table), options);
    for (int pass = 0; pass < 2; ++pass) {
      std::vector<double> numbers;
      std::size_t batches = 0;
      for (Table batch; rest.next(batch); ++batches) {
        const Column& column = batch.require("i", "column");
        numbers.insert(numbers.end(), column.numbers.begin(), column.numbers.end());
        EXPECT_EQ(batch.column(1).type, ColumnType::category);
      }
      EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end()));
      const std::vector<double>& others = read.table.require("i", "column").numbers;
      numbers.insert(numbers.end(), others.begin(), others.end());
      EXPECT_EQ(std::set<double>(numbers.begin(), numbers.end()).size(), static_cast<std::size_t>(kRows));
      EXPECT_EQ(numbers.size(), static_cast<std::size_t>(kRows)) << quoted;
      rest.rewind();
    }
  }
}

// What was read and what was left out are the rows 0, 1, .. `rows`, each once and in order.
void expect_all_rows(const std::filesystem::path& path, const ReadOptions& options, std::size_t rows) {
  const ReadResult read = read_file_at(path, options);
  EXPECT_TRUE(has_note(read, "--memory: the table does not fit"));
  std::vector<double> numbers = read.table.require("i", "column").numbers;
  EXPECT_GT(numbers.size(), 500U);
  EXPECT_LT(numbers.size(), rows / 2);
  EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end()));
  EXPECT_EQ(read_file_at(path, options).table.require("i", "column").numbers, numbers) << "the same again";
  RestOfTable rest(path, columns_of(read.table), options);
  for (Table batch; rest.next(batch);) {
    const std::vector<double>& more = batch.require("i", "column").numbers;
    EXPECT_EQ(batch.require("word", "column").cell(0), std::fmod(more[0], 2) == 0 ? "even" : "odd");
    numbers.insert(numbers.end(), more.begin(), more.end());
  }
  std::ranges::sort(numbers);
  std::vector<double> all(rows);
  std::iota(all.begin(), all.end(), 0.0);
  EXPECT_EQ(numbers, all);
}

TEST(RestOfTable, of_parquet_is_what_the_reading_left_out) {
  constexpr std::size_t kMany = 600'000;  // two groups of rows
  std::vector<double> numbers(kMany);
  std::iota(numbers.begin(), numbers.end(), 0.0);
  std::vector<std::string> words(kMany);
  for (std::size_t i = 0; i < kMany; ++i) words[i] = i % 2 == 0 ? "even" : "odd";
  const TemporaryFile file("", "rows.parquet");
  write_parquet(file.path(), std::vector<OutputColumn>{{"i", numbers}, {"word", words}});
  expect_all_rows(file.path(), {.memory_bytes = 5'000'000, .sample_key = Key::from_seed(3)}, kMany);
}

TEST(RestOfTable, of_feather_is_what_the_reading_left_out) {
  expect_all_rows(fixture("rows.feather"), {.memory_bytes = 1, .sample_key = Key::from_seed(3)}, 5'000);
}

TEST(RestOfTable, of_json_lines_is_nothing_though_some_rows_alone_are_read) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "{\"i\":" + std::to_string(i) + ",\"word\":\"a\\nb, 'c'\"}\n";
  const TemporaryFile file(text, "rows.jsonl");
  const ReadOptions options = {.memory_bytes = 300'000, .sample_key = Key::from_seed(3)};
  const ReadResult read = read_file_at(file.path(), options);
  EXPECT_TRUE(has_note(read, "--memory: the table does not fit"));
  EXPECT_GT(read.table.rows(), 1'000U);
  EXPECT_LT(read.table.rows(), 10'000U);
  const std::vector<double>& numbers = read.table.require("i", "column").numbers;
  EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end()));
  EXPECT_GT(numbers.back(), 19'000) << "not only the beginning";
  RestOfTable rest(file.path(), columns_of(read.table), options);
  Table batch;
  EXPECT_FALSE(rest.next(batch));
}

TEST(RestOfTable, is_nothing_of_a_table_that_was_read) {
  const TemporaryFile file(numbered_rows(false));
  const ReadResult read = read_file_at(file.path());
  RestOfTable rest(file.path(), columns_of(read.table), {});
  Table batch;
  EXPECT_FALSE(rest.next(batch));
}

TEST(RestOfTable, names_the_line_of_a_ragged_row) {
  std::string text = numbered_rows(false) + "1,2,3\n" + numbered_rows(false).substr(7);
  const TemporaryFile file(text);
  const ReadOptions options = {.memory_bytes = 100'000, .sample_key = Key::from_seed(4)};
  std::vector<WantedColumn> columns = {{"i", ColumnType::number}, {"word", ColumnType::category}};
  RestOfTable rest(file.path(), columns, options);
  try {
    for (Table batch; rest.next(batch);) continue;
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    EXPECT_TRUE(says(error.what(), "300002")) << error.what();
  }
}

}  // namespace
}  // namespace astrolabe
