// SPDX-License-Identifier: Apache-2.0
// A table written as RFC 4180 wants it is read back as it was.
#include <algorithm>

#include "tests/data/reading.h"
#include <fmt/format.h>
#include <rapidcheck/gtest.h>

#include "astrolabe/base/text.h"

namespace astrolabe {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string quoted(const std::string& cell) {
  std::string text = "\"";
  for (const char c : cell) text += c == '"' ? "\"\"" : std::string(1, c);
  return text + "\"";
}

std::string written(const Rows& rows, char separator, const std::string& line_end) {
  std::string text;
  for (const std::vector<std::string>& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i)
      text += (i == 0 ? "" : std::string(1, separator)) + quoted(row[i]);
    text += line_end;
  }
  return text;
}

// Cells of everything that is awkward in a text table.
rc::Gen<std::string> any_cell() {
  const auto piece =
      rc::gen::element<std::string>("a", "Z", "0", "7", ",", ";", "\t", "|", "\"", "\n", "\r\n", " ", "-",
                                    ".", "?", "NA", "\xC3\xA9", "\xF0\x9F\x90\x88", "{", "'", "\\", "#");
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece), [](const auto& pieces) {
    std::string cell;
    for (const std::string& each : pieces) cell += each;
    return cell;
  });
}

RC_GTEST_PROP(ReaderProperty, cells_of_any_bytes_come_back_trimmed, ()) {
  const auto columns = *rc::gen::inRange<std::size_t>(2, 5);
  const auto count = *rc::gen::inRange<std::size_t>(1, 12);
  const char separator = *rc::gen::element(',', ';', '\t', '|');
  const auto line_end = *rc::gen::element<std::string>("\n", "\r\n");
  Rows rows(1);
  ReadOptions options{.header = Header::present};
  for (std::size_t i = 0; i < columns; ++i) {
    rows[0].push_back("column" + std::to_string(i));
    options.types[rows[0].back()] = ColumnType::text;
  }
  for (std::size_t row = 0; row < count; ++row)
    rows.push_back(*rc::gen::container<std::vector<std::string>>(columns, any_cell()));
  // A separator that some cell happens to hold in every row would be as good a guess.
  const std::string text = written(rows, separator, line_end);
  const ReadResult read = read_text(text, options);
  RC_ASSERT(read.table.names() == rows[0]);
  RC_ASSERT(read.table.rows() == count);
  for (std::size_t row = 0; row < count; ++row) {
    for (std::size_t i = 0; i < columns; ++i) {
      const Column& column = read.table.column(i);
      const std::string cell(trim(rows[row + 1][i]));
      if (column.is_missing(row)) {
        RC_ASSERT(cell.empty() || cell == "?" || cell == "NA");
      } else {
        RC_ASSERT(column.cell(row) == cell);
      }
    }
  }
}

RC_GTEST_PROP(ReaderProperty, doubles_come_back_bit_for_bit, (const std::vector<double>& numbers)) {
  RC_PRE(!numbers.empty());
  std::string text = "x,y\n";
  for (const double number : numbers) text += fmt::format("{},0.5\n", number);
  const ReadResult read = read_text(text, {.types = {{"x", ColumnType::number}}});
  RC_ASSERT(read.table.column(0).numbers == numbers);
}

RC_GTEST_PROP(ReaderProperty, columns_keep_their_cells_whatever_their_order, ()) {
  const auto count = *rc::gen::inRange<std::size_t>(2, 30);
  const auto words = *rc::gen::container<std::vector<std::string>>(
      count, rc::gen::element<std::string>("red", "blue", "green", "", "NA"));
  const auto numbers = *rc::gen::container<std::vector<int>>(count, rc::gen::inRange(-1000, 1000));
  std::string forth = "word,number\n";
  std::string back = "number,word\n";
  for (std::size_t i = 0; i < count; ++i) {
    forth += words[i] + "," + std::to_string(numbers[i]) + "\n";
    back += std::to_string(numbers[i]) + "," + words[i] + "\n";
  }
  const ReadResult a = read_text(forth);
  const ReadResult b = read_text(back);
  RC_ASSERT(cells_of(a, "word") == cells_of(b, "word"));
  RC_ASSERT(cells_of(a, "number") == cells_of(b, "number"));
}

}  // namespace
}  // namespace astrolabe
