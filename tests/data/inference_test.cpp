// SPDX-License-Identifier: Apache-2.0
// What a column of text is.
#include "astrolabe/data/inference.h"

#include <cmath>
#include <limits>

#include "tests/data/reading.h"
#include <fmt/format.h>

#include "astrolabe/data/cells.h"

namespace astrolabe {
namespace {

RawColumn raw(const std::vector<std::string>& cells, const std::string& name = "column") {
  struct Buffers {
    std::string bytes;
    std::vector<std::int32_t> offsets = {0};
  };
  const auto buffers = std::make_shared<Buffers>();
  for (const std::string& cell : cells) {
    buffers->bytes += cell;
    buffers->offsets.push_back(static_cast<std::int32_t>(buffers->bytes.size()));
  }
  RawColumn column;
  column.name = name;
  column.chunks.push_back({buffers->bytes.data(), buffers->offsets.data(), nullptr, cells.size(), buffers});
  return column;
}
TypedColumn inferred(const std::vector<std::string>& cells, const std::string& name = "column") {
  return infer_column(raw(cells, name));
}
ColumnType type_for(const std::vector<std::string>& cells, const std::string& name = "column") {
  return inferred(cells, name).column.type;
}
std::vector<std::string> numbered(int count, const std::string& format, int first = 0, int step = 1) {
  std::vector<std::string> cells;
  for (int i = 0; i < count; ++i) cells.push_back(fmt::format(fmt::runtime(format), first + i * step));
  return cells;
}

TEST(Inference, numbers_are_read_exactly) {
  const TypedColumn typed = inferred({"0.1", "-1e-3", "+.5", "1E5", " 7 ", "123456789.123456789", "5e-324"});
  EXPECT_EQ(typed.column.type, ColumnType::number);
  EXPECT_EQ(typed.column.numbers, (std::vector<double>{0.1, -1e-3, .5, 1e5, 7, 123456789.123456789, 5e-324}));
}

TEST(Inference, numbers_without_fractions_are_whole) {
  EXPECT_EQ(type_for({"1", "-2", "3.0"}), ColumnType::whole_number);
  EXPECT_EQ(type_for({"1", "2.5"}), ColumnType::number);
}

TEST(Inference, infinities_are_kept_and_counted) {
  const TypedColumn typed = inferred({"inf", "-Infinity", "1e999", "2"});
  EXPECT_EQ(typed.column.type, ColumnType::number);
  EXPECT_EQ(typed.reading.infinities, 3U);
  EXPECT_EQ(typed.column.numbers[1], -std::numeric_limits<double>::infinity());
}

TEST(Inference, every_marker_is_missing_and_reported_by_its_spelling) {
  const TypedColumn typed = inferred({"1", "", "NA", "?", "NaN", "null", "None", "-", "  ", "NA"});
  EXPECT_EQ(typed.column.type, ColumnType::whole_number);
  EXPECT_EQ(typed.reading.missing, 9U);
  EXPECT_EQ(typed.reading.markers,
            (std::map<std::string, std::uint64_t>{
                {"", 2}, {"NA", 2}, {"?", 1}, {"NaN", 1}, {"null", 1}, {"None", 1}, {"-", 1}}));
}

TEST(Inference, none_and_a_dash_are_words_among_words) {
  const TypedColumn typed = inferred({"BrkFace", "None", "-", "NA"});
  EXPECT_EQ(typed.column.levels, (std::vector<std::string>{"-", "BrkFace", "None"}));
  EXPECT_EQ(typed.reading.missing, 1U);
}

TEST(Inference, a_column_of_nothing_is_a_number_column_of_missing_cells) {
  const TypedColumn typed = inferred({"", "NA", "?"});
  EXPECT_EQ(typed.column.type, ColumnType::number);
  EXPECT_TRUE(typed.column.is_missing(0) && typed.column.is_missing(1) && typed.column.is_missing(2));
}

TEST(Inference, leading_zeros_make_codes) {
  const TypedColumn typed = inferred({"00501", "10115", "00501"});
  EXPECT_EQ(typed.column.type, ColumnType::category);
  EXPECT_EQ(typed.column.cell(0), "00501");
  EXPECT_TRUE(says(typed.notes.at(0), "leading zeros"));
  EXPECT_EQ(type_for({"0.5", "0", "00.5"}), ColumnType::number);
}

TEST(Inference, whole_numbers_too_long_for_a_double_are_codes) {
  EXPECT_EQ(type_for({"12345678901234567", "12345678901234568", "1", "1"}), ColumnType::category);
  EXPECT_EQ(type_for({"12345678901234567", "0.5"}), ColumnType::number);
}

TEST(Inference, two_sides_of_a_pair_are_boolean) {
  for (const auto& [yes, no] :
       {std::pair("yes", "no"), std::pair("True", "False"), std::pair("t", "f"), std::pair("Y", "N")}) {
    EXPECT_EQ(type_for({yes, no, "", yes}), ColumnType::boolean) << yes;
  }
  EXPECT_EQ(type_for({"yes", "false"}), ColumnType::category);
  EXPECT_EQ(type_for({"yes", "no", "maybe"}), ColumnType::category);
  EXPECT_EQ(type_for({"yes", "yes"}), ColumnType::category);
  EXPECT_EQ(inferred({"Yes", "No"}).column.levels, (std::vector<std::string>{"No", "Yes"}));
}

TEST(Inference, iso_dates_and_times_are_seconds) {
  const TypedColumn typed =
      inferred({"1970-01-02", "1970-01-01T01:00:00Z", "1970-01-01 00:00:01.5", "1970-01-01T02:00:00+02:00",
                "1969-12-31T23:59:59", "NA", "1970-01-01T00:00:00-0030", "2024/02/29"});
  EXPECT_EQ(typed.column.type, ColumnType::datetime);
  const std::vector<double> seconds(typed.column.numbers.begin(), typed.column.numbers.begin() + 5);
  EXPECT_EQ(seconds, (std::vector<double>{86400, 3600, 1.5, 0, -1}));
  EXPECT_TRUE(typed.column.is_missing(5));
  EXPECT_EQ(typed.column.numbers[6], 1800);
  EXPECT_EQ(typed.column.cell(7), "2024-02-29");
}

TEST(Inference, days_that_do_not_exist_are_no_dates) {
  EXPECT_EQ(type_for({"2023-02-29", "2024-01-01"}), ColumnType::category);
  EXPECT_EQ(type_for({"2024-01-01T24:00", "2024-01-01"}), ColumnType::category);
}

TEST(Inference, all_rows_settle_the_order_of_day_and_month) {
  const TypedColumn day = inferred({"03/04/2024", "25/12/2024", "3/4/2024"});
  EXPECT_EQ(day.column.type, ColumnType::datetime);
  EXPECT_EQ(day.column.cell(0), "2024-04-03");
  EXPECT_EQ(day.reading.date_order, DateOrder::day_first);
  const TypedColumn month = inferred({"03/04/2024 10:00", "12/25/2024 11:30"});
  EXPECT_EQ(month.column.cell(0), "2024-03-04T10:00:00");
  EXPECT_EQ(month.reading.date_order, DateOrder::month_first);
  EXPECT_EQ(inferred({"03.04.2024", "01.02.2024"}).column.cell(0), "2024-04-03");
  const TypedColumn open = inferred({"03/04/2024", "01/02/2024"});
  EXPECT_EQ(open.column.type, ColumnType::category);
  EXPECT_TRUE(says(open.notes.at(0), "day from month"));
  EXPECT_EQ(type_for({"25/12/2024", "12/25/2024"}), ColumnType::category);
}

TEST(Inference, levels_are_sorted_and_distinct) {
  const TypedColumn typed = inferred({"b", "a", " b", "c", "?", "a"});
  EXPECT_EQ(typed.column.levels, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(typed.column.codes, (std::vector<std::int32_t>{1, 0, 1, 2, -1, 0}));
}

TEST(Inference, distinct_words_without_blanks_identify) {
  EXPECT_EQ(type_for(numbered(50, "C-{:04}")), ColumnType::identifier);
  EXPECT_EQ(type_for(numbered(50, "Mr {} Smith of York")), ColumnType::text);
  EXPECT_EQ(type_for(numbered(10, "C-{:04}")), ColumnType::category);
}

TEST(Inference, many_repeated_words_are_a_category_and_sentences_are_text) {
  std::vector<std::string> words = numbered(300, "w{}");
  std::vector<std::string> sentences = numbered(300, "the quick fox {}");
  for (int i = 0; i < 300; ++i) {
    words.push_back(words[i]);
    sentences.push_back(sentences[i]);
  }
  EXPECT_EQ(type_for(words), ColumnType::category);
  EXPECT_EQ(type_for(sentences), ColumnType::text);
}

TEST(Inference, a_running_number_identifies_but_other_distinct_whole_numbers_do_not) {
  EXPECT_EQ(type_for(numbered(30, "{}", 1)), ColumnType::identifier);
  EXPECT_EQ(type_for(numbered(30, "{}", 0)), ColumnType::identifier);
  EXPECT_EQ(type_for(numbered(30, "{}", 1990)), ColumnType::whole_number);
  EXPECT_EQ(type_for(numbered(30, "{}", 1, 7)), ColumnType::whole_number);
  EXPECT_EQ(type_for(numbered(10, "{}", 1)), ColumnType::whole_number);
}

TEST(Inference, a_name_can_make_distinct_whole_numbers_identifiers) {
  for (const char* name : {"id", "ID", "user_id", "customerID", "PID", "IDpol", "Id", "uuid", "row.index"})
    EXPECT_EQ(type_for({"17", "4", "99"}, name), ColumnType::identifier) << name;
  for (const char* name : {"paid", "grid", "solid", "idle", "width", "humidity"})
    EXPECT_EQ(type_for({"17", "4", "99"}, name), ColumnType::whole_number) << name;
  EXPECT_EQ(type_for({"17", "4", "17"}, "id"), ColumnType::whole_number);
  EXPECT_EQ(type_for({"17", "4", ""}, "id"), ColumnType::whole_number);
}

TEST(Inference, almost_numbers_are_not_numbers_and_the_odd_cell_is_named) {
  std::vector<std::string> cells = numbered(99, "{}", 5, 3);
  cells.emplace_back("12 km");
  const TypedColumn typed = inferred(cells);
  EXPECT_FALSE(typed.column.is_numeric());
  EXPECT_TRUE(says(typed.notes.at(0), "\"12 km\" in row 100"));
}

TEST(ToldType, holds_where_inference_would_say_otherwise) {
  EXPECT_EQ(type_column_as(raw({"00501", "2"}), ColumnType::number).column.numbers,
            (std::vector<double>{501, 2}));
  EXPECT_EQ(type_column_as(raw({"1", "0", "1"}), ColumnType::boolean).column.levels,
            (std::vector<std::string>{"0", "1"}));
  EXPECT_EQ(type_column_as(raw({"3", "1", "3"}), ColumnType::category).column.levels,
            (std::vector<std::string>{"1", "3"}));
  EXPECT_EQ(type_column_as(raw({"3", "1"}), ColumnType::text).column.cell(0), "3");
  EXPECT_EQ(type_column_as(raw({"03/04/2024"}), ColumnType::datetime, DateOrder::day_first).column.cell(0),
            "2024-04-03");
}

TEST(ToldType, counts_the_cells_that_do_not_fit) {
  const TypedColumn number = type_column_as(raw({"1", "x", "", "y"}), ColumnType::number);
  EXPECT_EQ(number.misfits, 2U);
  EXPECT_EQ(number.first_misfit, "x");
  EXPECT_EQ(number.first_misfit_row, 1U);
  EXPECT_EQ(number.reading.missing, 3U);
  EXPECT_EQ(type_column_as(raw({"1", "1.5"}), ColumnType::whole_number).misfits, 1U);
  EXPECT_EQ(type_column_as(raw({"yes", "perhaps"}), ColumnType::boolean).misfits, 1U);
  EXPECT_EQ(type_column_as(raw({"2024-01-01", "soon"}), ColumnType::datetime).misfits, 1U);
  EXPECT_EQ(type_column_as(raw({"03/04/2024"}), ColumnType::datetime).misfits, 1U);
}

TEST(ToldType, gives_both_spellings_of_a_side_one_level) {
  const TypedColumn typed = type_column_as(raw({"Yes", "yes", "Yes", "NO", ""}), ColumnType::boolean);
  EXPECT_EQ(typed.column.levels, (std::vector<std::string>{"NO", "Yes"}));
  EXPECT_EQ(typed.column.codes, (std::vector<std::int32_t>{1, 1, 1, 0, -1}));
}

}  // namespace
}  // namespace astrolabe
