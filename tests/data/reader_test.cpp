// SPDX-License-Identifier: Apache-2.0
// Text tables: separators, headers, quotes, line ends, compression, and what is said about them.
#include "tests/data/reading.h"

namespace astrolabe {
namespace {

TEST(Reader, finds_each_separator) {
  for (const char separator : {',', ';', '\t', '|'}) {
    std::string text = "name,x,y\nann,1,2.5\nbob,3,4.5\n";
    std::replace(text.begin(), text.end(), ',', separator);
    const ReadResult read = read_text(text);
    EXPECT_EQ(cells_of(read, "x"), "1|3") << separator;
    EXPECT_EQ(cells_of(read, "name"), "ann|bob") << separator;
  }
}

TEST(Reader, takes_runs_of_blanks_as_one_separator) {
  const ReadResult read = read_text("  1.5   2  -3\n 4.25  5 6  \n\n   7 8 9");
  EXPECT_EQ(read.table.names(), (std::vector<std::string>{"1", "2", "3"}));
  EXPECT_EQ(cells_of(read, "1"), "1.5|4.25|7");
  EXPECT_EQ(cells_of(read, "3"), "-3|6|9");
  EXPECT_EQ(read.format, "text, separated by blanks, no header");
}

TEST(Reader, keeps_quoted_cells_of_whitespace_separated_files_whole) {
  const ReadResult read = read_text("\"name\"   \"x\"\n\"ann b\"  1\n\"c  \"\"d\"\"\" 2\n");
  EXPECT_EQ(cells_of(read, "name"), "ann b|c  \"d\"");
}

TEST(Reader, prefers_semicolons_when_commas_are_inside_the_cells) {
  const ReadResult read = read_text("a;b\n1,5;2,5\n3,5;4,5\n");
  EXPECT_EQ(read.table.names(), (std::vector<std::string>{"a", "b"}));
}

TEST(Reader, reads_a_single_column) {
  EXPECT_EQ(cells_of(read_text("x\n1\n2\n3\n"), "x"), "1|2|3");
}

TEST(Reader, unquotes_and_keeps_newlines_and_separators_in_quotes) {
  const ReadResult read = read_text("a,b\n\"x, \"\"y\"\"\nz\",1\nplain,2\n");
  EXPECT_EQ(cells_of(read, "a"), "x, \"y\"\nz|plain");
  EXPECT_EQ(cells_of(read, "b"), "1|2");
}

TEST(Reader, finds_a_quoted_newline_far_behind_the_sample) {
  std::string text = "a,b\n";
  for (int i = 0; i < 100000; ++i) text += "word,1\n";
  text += "\"two\nlines\",2\n";
  const ReadResult read = read_text(text);
  EXPECT_EQ(read.table.rows(), 100001U);
  EXPECT_EQ(read.table.column(0).cell(100000), "two\nlines");
}

TEST(Reader, accepts_a_byte_order_mark_and_every_line_end) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    const ReadResult read = read_text("\xEF\xBB\xBFx,y" + end + "1,a" + end + "2,b" + end + end);
    EXPECT_EQ(read.table.names(), (std::vector<std::string>{"x", "y"}));
    EXPECT_EQ(cells_of(read, "x"), "1|2");
    EXPECT_EQ(cells_of(read, "y"), "a|b");
  }
}

TEST(Reader, does_not_need_a_newline_at_the_end) {
  EXPECT_EQ(cells_of(read_text("x,y\n1,2\n3,4"), "y"), "2|4");
}

TEST(Reader, sees_a_header_above_numbers_and_none_when_the_first_row_has_one) {
  EXPECT_TRUE(says(read_text("a,b\n1,x\n2,y\n").format, "with a header"));
  const ReadResult none = read_text("1,x\n2,y\n");
  EXPECT_TRUE(says(none.format, "no header"));
  EXPECT_EQ(none.table.rows(), 2U);
  EXPECT_TRUE(has_note(none, "No header was found"));
}

TEST(Reader, sees_no_header_when_words_of_the_first_row_come_again) {
  EXPECT_EQ(read_text("red,small\nblue,big\nred,big\n").table.rows(), 3U);
  EXPECT_EQ(read_text("colour,size\nblue,big\nred,big\n").table.rows(), 2U);
}

TEST(Reader, believes_what_it_is_told_about_the_header) {
  EXPECT_EQ(read_text("a,b\n1,2\n", {.header = Header::absent}).table.rows(), 2U);
  const ReadResult read = read_text("1,2\n3,4\n", {.header = Header::present});
  EXPECT_EQ(read.table.names(), (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(read.table.rows(), 1U);
}

TEST(Reader, names_columns_without_a_name_by_position) {
  const ReadResult read = read_text(",b,\n1,x,5\n2,y,6\n");
  EXPECT_EQ(read.table.names(), (std::vector<std::string>{"1", "b", "3"}));
  EXPECT_TRUE(has_note(read, "2 columns had no name"));
}

TEST(Reader, trims_cells_and_says_so) {
  const ReadResult read = read_text("a, b\n 1, x\n 2, ?\n");
  EXPECT_EQ(cells_of(read, "b"), "x|");
  EXPECT_EQ(reading_of(read, "b").markers.at("?"), 1U);
  EXPECT_TRUE(has_note(read, "trimmed"));
}

TEST(Reader, drops_columns_without_typing_them) {
  const ReadResult read = read_text("a,b,c\n1,2,3\n4,5,6\n", {.drop = {"b"}});
  EXPECT_EQ(read.table.names(), (std::vector<std::string>{"a", "c"}));
}

TEST(Reader, reads_gzip_and_zstandard_and_hashes_the_bytes_on_disk) {
  const ReadResult plain = read_file_at(fixture("plain.csv"));
  for (const char* name : {"plain.csv.gz", "plain.csv.zst"}) {
    const ReadResult packed = read_file_at(fixture(name));
    EXPECT_EQ(hash_table(packed.table), hash_table(plain.table)) << name;
    EXPECT_NE(packed.file_hash, plain.file_hash) << name;
    EXPECT_EQ(packed.file_bytes, std::filesystem::file_size(fixture(name)));
  }
  EXPECT_EQ(read_file_at(fixture("plain.csv.gz")).format, "CSV, separated by ',', with a header, gzip");
}

TEST(Reader, reads_members_of_a_gzip_file_one_after_the_other) {
  EXPECT_EQ(read_file_at(fixture("two_members.csv.gz")).table.rows(), 4U);
}

TEST(Reader, gives_the_same_table_for_any_number_of_threads) {
  std::string text = "i,x,word\n";
  for (int i = 0; i < 60000; ++i)
    text += std::to_string(i % 977) + "," + std::to_string(i * 0.25) + ",w" + std::to_string(i % 31) + "\n";
  const TemporaryFile file(text);
  ThreadPool one(1);
  ThreadPool four(4);
  const ReadResult a = read_table(file.path(), {}, one);
  const ReadResult b = read_table(file.path(), {}, four);
  EXPECT_EQ(hash_table(a.table), hash_table(b.table));
  EXPECT_EQ(a.file_hash, b.file_hash);
  EXPECT_EQ(a.notes, b.notes);
}

TEST(Reader, reads_a_cell_larger_than_a_block) {
  std::string large;
  large.resize(9'000'000, 'x');
  const ReadResult read = read_text("a,b\n1," + large + "\n2,y\n");
  EXPECT_EQ(read.table.require("b", "column").cell(0).size(), large.size());
}

TEST(Reader, reads_fifty_thousand_columns) {
  std::string header;
  std::string row;
  for (int i = 0; i < 50000; ++i) {
    header += (i == 0 ? "c" : ",c") + std::to_string(i);
    row += i == 0 ? "1" : ",1";
  }
  const ReadResult read = read_text(header + "\n" + row + "\n" + row + "\n" + row + "\n");
  EXPECT_EQ(read.table.columns().size(), 50000U);
  EXPECT_EQ(read.table.rows(), 3U);
}

}  // namespace
}  // namespace astrolabe
