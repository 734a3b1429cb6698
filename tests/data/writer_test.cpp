// SPDX-License-Identifier: Apache-2.0
// Parquet out, read back through the reader.
#include "astrolabe/data/writer.h"

#include <cmath>
#include <limits>

#include "tests/data/reading.h"

#include "astrolabe/base/file.h"

namespace astrolabe {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

std::vector<OutputColumn> sample() {
  return {{"prediction", std::vector<std::string>{"yes", "no, thanks", "=1+1", "nö \"quoted\""}},
          {"probability:yes", std::vector<double>{0.1, 1.0 / 3.0, 5e-324, kMissing}},
          {"low", std::vector<double>{-1e308, 0.5, std::numeric_limits<double>::infinity(), 2}}};
}

ReadResult written_and_read(const std::vector<OutputColumn>& columns) {
  const TemporaryFile file("", "out.parquet");
  write_parquet(file.path(), columns);
  return read_file_at(file.path());
}

TEST(WriteParquet, gives_back_what_was_written) {
  const ReadResult read = written_and_read(sample());
  EXPECT_EQ(read.format, "Parquet");
  EXPECT_EQ(read.table.names(), (std::vector<std::string>{"prediction", "probability:yes", "low"}));
  EXPECT_EQ(cells_of(read, "prediction"), "yes|no, thanks|=1+1|nö \"quoted\"");
  const std::vector<double>& numbers = read.table.require("probability:yes", "column").numbers;
  EXPECT_EQ(numbers[0], 0.1);
  EXPECT_EQ(numbers[1], 1.0 / 3.0);
  EXPECT_EQ(numbers[2], 5e-324);
  EXPECT_TRUE(std::isnan(numbers[3]));
  EXPECT_EQ(read.table.require("low", "column").numbers[0], -1e308);
  EXPECT_TRUE(std::isinf(read.table.require("low", "column").numbers[2]));
}

TEST(WriteParquet, keeps_rows_in_order_over_several_row_groups) {
  constexpr std::size_t kRows = 1'200'000;
  std::vector<double> numbers(kRows);
  std::vector<std::string> texts(kRows);
  for (std::size_t row = 0; row < kRows; ++row) {
    numbers[row] = static_cast<double>(row) / 8;
    texts[row] = row % 3 == 0 ? "a" : "b";
  }
  const ReadResult read = written_and_read({{"x", numbers}, {"t", texts}});
  EXPECT_EQ(read.table.require("x", "column").numbers, numbers);
  const Column& column = read.table.require("t", "column");
  for (std::size_t row = 0; row < kRows; row += 999) EXPECT_EQ(column.cell(row), texts[row]);
}

TEST(WriteParquet, writes_the_same_bytes_for_the_same_columns) {
  const TemporaryFile first("", "a.parquet"), second("", "b.parquet");
  write_parquet(first.path(), sample());
  write_parquet(second.path(), sample());
  EXPECT_EQ(read_file(first.path(), "file"), read_file(second.path(), "file"));
}

TEST(WriteParquet, replaces_a_file_and_leaves_nothing_else_behind) {
  const TemporaryFile file("old", "out.parquet");
  write_parquet(file.path(), sample());
  EXPECT_EQ(read_file(file.path(), "file").substr(0, 4), "PAR1");
  const auto files = std::filesystem::directory_iterator(file.folder());
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST(WriteParquet, into_a_folder_that_is_not_there_is_a_failure) {
  const TemporaryFile file("", "out.parquet");
  try {
    write_parquet(file.folder() / "absent" / "out.parquet", sample());
    ADD_FAILURE() << "it was written";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::failure);
    EXPECT_TRUE(says(error.what(), "No such file or directory")) << error.what();
  }
}

}  // namespace
}  // namespace astrolabe
