// SPDX-License-Identifier: Apache-2.0
// Text tables that do not fit into memory: some of their rows are read, whole ones, and the same ones again.
#include <set>

#include "tests/data/reading.h"

namespace astrolabe {
namespace {

constexpr int kRows = 20'000;

// Row i says i twice, and in between a cell that may hold a newline.
std::string numbered_rows(bool quoted) {
  std::string text = "i,note,twin\n";
  for (int i = 0; i < kRows; ++i) {
    const std::string number = std::to_string(i);
    text += number + (quoted && i % 3 == 0 ? ",\"two\nlines \"\"" + number + "\"\"\"," : ",one line,") +
            number + "\n";
  }
  return text;
}

ReadOptions small_memory(std::uint64_t seed = 1) {
  return {.memory_bytes = 500'000, .sample_key = Key::from_seed(seed)};
}

TEST(LineSample, reads_whole_rows_in_their_order) {
  for (const bool quoted : {false, true}) {
    const ReadResult read = read_text(numbered_rows(quoted), small_memory());
    EXPECT_LT(read.table.rows(), 10'000U) << quoted;
    EXPECT_GT(read.table.rows(), 1'500U) << quoted;
    EXPECT_TRUE(has_note(read, "--memory: the table does not fit")) << quoted;
    const std::vector<double>& numbers = read.table.require("i", "column").numbers;
    EXPECT_EQ(numbers, read.table.require("twin", "column").numbers) << quoted;
    EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end()));
    EXPECT_EQ(std::set<double>(numbers.begin(), numbers.end()).size(), numbers.size());
    EXPECT_GT(numbers.back(), 0.99 * kRows) << "not only the beginning";
  }
}

TEST(LineSample, draws_the_same_rows_by_the_same_key) {
  const TemporaryFile file(numbered_rows(false));
  const auto numbers = [&](std::uint64_t seed) {
    return read_file_at(file.path(), small_memory(seed)).table.require("i", "column").numbers;
  };
  EXPECT_EQ(numbers(1), numbers(1));
  EXPECT_NE(numbers(1), numbers(2));
}

TEST(LineSample, reads_everything_that_fits) {
  const ReadResult read = read_text(numbered_rows(false), {.memory_bytes = 100'000'000});
  EXPECT_EQ(read.table.rows(), static_cast<std::size_t>(kRows));
  EXPECT_FALSE(has_note(read, "--memory"));
}

TEST(LineSample, reads_a_thousand_rows_whatever_the_memory) {
  EXPECT_NEAR(static_cast<double>(read_text(numbered_rows(false), {.memory_bytes = 0}).table.rows()), 1'000,
              200);
  EXPECT_EQ(read_text("x\n1\n2\n3\n", {.memory_bytes = 0}).table.rows(), 3U);
}

TEST(LineSample, names_the_line_of_the_file_for_a_cell_that_does_not_fit) {
  std::string text = "i\n";
  for (int i = 0; i < kRows; ++i) text += i < kRows / 2 ? "1\n" : "x\n";
  ReadOptions options = small_memory();
  options.memory_bytes = 100'000;
  options.types["i"] = ColumnType::number;
  const std::string message = complaint_about_text(text, options);
  const std::size_t at = message.find("on line ");
  ASSERT_NE(at, std::string::npos) << message;
  const int line = std::stoi(message.substr(at + 8));
  EXPECT_GT(line, kRows / 2) << message;
  EXPECT_LT(line, kRows / 2 + 200) << message;
}

}  // namespace
}  // namespace astrolabe
