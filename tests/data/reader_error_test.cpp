// SPDX-License-Identifier: Apache-2.0
// Every way a file can be wrong, and what is said then.
#include "tests/data/reading.h"
#include <sys/stat.h>
#include <unistd.h>

#include "astrolabe/base/budget.h"

namespace astrolabe {
namespace {

TEST(ReaderError, an_absent_file_is_named) {
  const std::string message = complaint_about("no-such-folder/no-such.csv");
  EXPECT_TRUE(says(message, "no-such-folder/no-such.csv"));
  EXPECT_TRUE(says(message, "nothing of that name"));
}

TEST(ReaderError, a_directory_is_no_table) {
  const TemporaryFile file("x");
  EXPECT_TRUE(says(complaint_about(file.folder()), "a directory"));
}

TEST(ReaderError, a_pipe_is_no_table) {
  const TemporaryFile file("x");
  const std::filesystem::path pipe = file.folder() / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_TRUE(says(complaint_about(pipe), "a pipe or a device"));
}

TEST(ReaderError, an_unreadable_file_says_why) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read every file";
  const TemporaryFile file("a,b\n1,2\n");
  chmod(file.path().c_str(), 0);
  EXPECT_TRUE(says(complaint_about(file.path()), "Permission denied"));
}

TEST(ReaderError, an_empty_file_is_no_table) {
  EXPECT_TRUE(says(complaint_about_text(""), "an empty file"));
  EXPECT_TRUE(says(complaint_about_text("\n\n \n"), "found"));
  EXPECT_TRUE(says(complaint_about_text("\n\n\n"), "nothing but empty lines"));
}

TEST(ReaderError, a_header_alone_is_no_table) {
  EXPECT_TRUE(says(complaint_about_text("a,b,c\n"), "a header of 3 names and nothing below it"));
  EXPECT_TRUE(says(complaint_about_text("a\n\n"), "a header of one name and nothing below it"));
}

TEST(ReaderError, a_ragged_row_is_named_by_its_line) {
  const std::string short_row = complaint_about_text("a,b,c\n1,2,3\n\n1,2\n1,2,3\n");
  EXPECT_TRUE(says(short_row, "3 cells on line 4")) << short_row;
  EXPECT_TRUE(says(short_row, "found 2 cells")) << short_row;
  const std::string after_newlines = complaint_about_text("a,b\n\"x\ny\nz\",1\n1,2,3\n");
  EXPECT_TRUE(says(after_newlines, "2 cells on line 5")) << after_newlines;
  const std::string blanks = complaint_about_text(
      " 1 2 3\n 4  5 6\n 1 2 3\n 1 2 3\n 1 2 3\n 1 2 3\n 1 2 3\n"
      " 1 2 3\n 1 2 3\n 1 2 3\n 1 2 3\n7 8\n");
  EXPECT_TRUE(says(blanks, "3 cells on line 12")) << blanks;
}

TEST(ReaderError, a_quote_that_never_closes_is_named_by_its_line) {
  EXPECT_TRUE(says(complaint_about_text("a,b\n1,2\n3,\"x\n4,5\n6,7\n"), "one on line 3 that never is"));
}

TEST(ReaderError, invalid_utf8_is_named_by_its_offset) {
  EXPECT_TRUE(says(complaint_about_text("a,b\n1,x\n2,\xFFy\n"), "at offset 10"));
  std::string far = "a,b\n";
  while (far.size() < 3'000'000) far += "1,\xC3\xA9t\xC3\xA9\n";
  const std::size_t offset = far.size() + 2;
  EXPECT_TRUE(says(complaint_about_text(far + "2,\xC3(\n"), "at offset " + std::to_string(offset)));
}

TEST(ReaderError, a_field_over_64_megabytes_is_named_by_its_line) {
  std::string huge;
  huge.resize(100'000'000, 'x');
  const std::string message = complaint_about_text("a,b\n1,2\n3," + huge + "\n");
  EXPECT_TRUE(says(message, "fields of at most")) << message;
  EXPECT_TRUE(says(message, "a larger one on line 3")) << message;
}

TEST(ReaderError, equal_column_names_are_named_with_their_positions) {
  EXPECT_TRUE(says(complaint_about_text("a,b, a\n1,2,3\n"), "\"a\" as the name of columns 1 and 3"));
}

TEST(ReaderError, a_dropped_or_typed_column_that_is_not_there_offers_the_nearest) {
  const std::string drop = complaint_about_text("colour,x\nred,1\n", {.drop = {"color"}});
  EXPECT_TRUE(says(drop, "named by --drop") && says(drop, "Did you mean \"colour\"?")) << drop;
  const std::string types = complaint_about_text("colour,x\nred,1\n", {.types = {{"zz", ColumnType::text}}});
  EXPECT_TRUE(says(types, "named by --types") && says(types, "Check the spelling")) << types;
}

TEST(ReaderError, dropping_every_column_leaves_no_table) {
  EXPECT_TRUE(says(complaint_about_text("a,b\n1,2\n", {.drop = {"a", "b"}}), "--drop names all of them"));
}

TEST(ReaderError, a_cell_that_does_not_fit_the_told_type_is_named_by_its_line) {
  const std::string one =
      complaint_about_text("a,b\n1,x\n\n\"z\",y\n", {.types = {{"a", ColumnType::number}}});
  EXPECT_TRUE(says(one, "column \"a\" to be number")) << one;
  EXPECT_TRUE(says(one, "\"z\" on line 4")) << one;
  const std::string more =
      complaint_about_text("a,b\nu,x\nz,y\n", {.types = {{"a", ColumnType::whole_number}}});
  EXPECT_TRUE(says(more, "and 1 more such cell")) << more;
}

TEST(ReaderError, archives_and_other_packings_are_named) {
  EXPECT_TRUE(says(complaint_about_text(std::string_view("PK\x03\x04rest", 8)), "a zip archive"));
  EXPECT_TRUE(says(complaint_about_text("BZh91AY"), "bzip2"));
  EXPECT_TRUE(says(complaint_about_text(std::string_view("\xFD"
                                                         "7zXZ\0",
                                                         6)),
                   "xz"));
  EXPECT_TRUE(says(complaint_about_text("7z\xBC\xAF\x27\x1C"), "a 7-zip archive"));
  EXPECT_TRUE(says(complaint_about_text("Rar!\x1A\x07"), "a RAR archive"));
}

TEST(ReaderError, binary_data_and_utf16_are_no_text) {
  EXPECT_TRUE(says(complaint_about_text(std::string_view("a\0b\n", 4)), "a zero byte at offset 1"));
  EXPECT_TRUE(says(complaint_about_text(std::string_view("\xFF\xFE"
                                                         "a\0",
                                                         4)),
                   "text in UTF-16"));
}

TEST(ReaderError, a_cut_gzip_file_is_damaged) {
  std::ifstream stream(fixture("plain.csv.gz"), std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  bytes.resize(bytes.size() / 2);
  EXPECT_TRUE(says(complaint_about_text(bytes, {}, "cut.csv.gz"), "a whole, undamaged file"));
}

TEST(ReaderError, damaged_columnar_files_are_damaged) {
  for (const char* name : {"types.parquet", "types.feather"}) {
    std::ifstream stream(fixture(name), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    bytes.resize(bytes.size() - 20);
    EXPECT_TRUE(says(complaint_about_text(bytes, {}, name), "a whole, undamaged file")) << name;
  }
}

TEST(ReaderError, feather_of_version_1_and_encrypted_parquet_are_named) {
  EXPECT_TRUE(says(complaint_about_text("FEA1...."), "a Feather file of version 1"));
  EXPECT_TRUE(says(complaint_about_text("PARE...."), "an encrypted Parquet file"));
}

TEST(ReaderError, a_nested_column_is_named_unless_it_is_dropped) {
  EXPECT_TRUE(says(complaint_about(fixture("nested.parquet")), "column \"list\" of type list"));
  EXPECT_EQ(read_file_at(fixture("nested.parquet"), {.drop = {"list"}}).table.rows(), 2U);
  EXPECT_TRUE(says(complaint_about_text("{\"a\":[1]}\n", {}, "t.jsonl"), "column \"a\" of type list"));
}

TEST(ReaderError, a_columnar_file_without_rows_is_no_table) {
  EXPECT_TRUE(says(complaint_about(fixture("no_rows.parquet")), "found none"));
}

TEST(ReaderError, a_line_that_is_no_json_object_is_named) {
  const std::string message = complaint_about_text("{\"a\":1}\n\n{\"a\":2\n", {}, "t.jsonl");
  EXPECT_TRUE(says(message, "a JSON object on line 3")) << message;
}

TEST(ReaderError, a_json_field_of_two_types_is_named) {
  const std::string message = complaint_about_text("{\"a\":1}\n{\"a\":\"x\"}\n", {}, "t.jsonl");
  EXPECT_TRUE(says(message, "each field of one type") && says(message, "/a")) << message;
}

TEST(ReaderError, a_json_array_is_not_json_lines) {
  EXPECT_TRUE(says(complaint_about_text("[{\"a\":1}]", {}, "t.json"), "a JSON array"));
}

TEST(ReaderError, a_wanted_column_that_is_absent_offers_the_nearest) {
  const TemporaryFile file("colour,x\nred,1\n");
  ThreadPool pool(1);
  try {
    static_cast<void>(read_table_as(file.path(), {{"color", ColumnType::category}}, {}, {}, pool));
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    EXPECT_TRUE(says(error.what(), "which the model was trained on")) << error.what();
    EXPECT_TRUE(says(error.what(), "Is it \"colour\"?")) << error.what();
  }
}

TEST(ReaderError, a_file_with_none_of_the_optional_columns_is_the_wrong_one) {
  const TemporaryFile file("colour,x\nred,1\n");
  ThreadPool pool(1);
  try {
    static_cast<void>(read_table_as(file.path(), {}, {{"y", ColumnType::number}}, {}, pool));
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_TRUE(says(error.what(), "a column that the model knows")) << error.what();
  }
}

TEST(ReaderError, a_request_to_stop_ends_the_reading) {
  const TemporaryFile file("a,b\n1,2\n3,4\n");
  request_cancel(2);
  try {
    static_cast<void>(read_file_at(file.path()));
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::cancelled);
  }
  clear_cancel();
}

}  // namespace
}  // namespace astrolabe
