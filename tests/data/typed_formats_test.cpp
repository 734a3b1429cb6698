// SPDX-License-Identifier: Apache-2.0
// Formats with types of their own. The fixtures are written by write_fixtures.py.
#include "tests/data/reading.h"

namespace astrolabe {
namespace {

class TypedFormat : public testing::TestWithParam<const char*> {};

TEST_P(TypedFormat, maps_every_flat_type) {
  const ReadResult read = read_file_at(fixture(GetParam()));
  const std::map<std::string, std::pair<ColumnType, std::string>> expected = {
      {"int32", {ColumnType::whole_number, "1|2||4"}},
      {"double", {ColumnType::number, "1.5||inf|2"}},
      {"half", {ColumnType::number, "1.5|2.5||1"}},
      {"decimal", {ColumnType::number, "1.25||3.5|2"}},
      {"bool", {ColumnType::boolean, "true|false||true"}},
      {"timestamp", {ColumnType::datetime, "2024-01-01T12:30:00||2024-01-02|2024-01-03"}},
      {"date", {ColumnType::datetime, "2024-01-01||2024-01-02|2024-01-03"}},
      {"time", {ColumnType::whole_number, "3723||1|2"}},
      {"string", {ColumnType::category, "a|b||a"}},
      {"large_string", {ColumnType::category, "x|y|z|"}},
      {"dictionary", {ColumnType::category, "u|v||u"}},
      {"whole_dictionary", {ColumnType::whole_number, "5|6||5"}},
      {"number_as_text", {ColumnType::whole_number, "1|2|3|"}},
      {"long_whole", {ColumnType::category, "1152921504606846976|1152921504606846977|1152921504606846978|"}},
      {"null", {ColumnType::number, "|||"}}};
  EXPECT_EQ(read.table.columns().size(), expected.size());
  for (const auto& [name, column] : expected) {
    EXPECT_EQ(type_of(read, name), column.first) << name;
    EXPECT_EQ(cells_of(read, name), column.second) << name;
  }
  EXPECT_EQ(reading_of(read, "double").infinities, 1U);
  EXPECT_EQ(reading_of(read, "int32").missing, 1U);
}

TEST_P(TypedFormat, types_as_told_and_drops) {
  const ReadResult read = read_file_at(
      fixture(GetParam()),
      {.types = {{"int32", ColumnType::category}, {"date", ColumnType::text}}, .drop = {"string"}});
  EXPECT_EQ(type_of(read, "int32"), ColumnType::category);
  EXPECT_EQ(cells_of(read, "int32"), "1|2||4");
  EXPECT_EQ(cells_of(read, "date"), "2024-01-01||2024-01-02|2024-01-03");
  EXPECT_FALSE(read.table.find("string"));
}

INSTANTIATE_TEST_SUITE_P(Files, TypedFormat, testing::Values("types.parquet", "types.feather"),
                         [](const auto& file) { return std::string(file.param).substr(6); });

TEST(Reader, knows_a_format_by_its_content) {
  EXPECT_EQ(read_file_at(fixture("types.parquet")).format, "Parquet");
  EXPECT_EQ(read_file_at(fixture("types.feather")).format, "Feather");
  EXPECT_EQ(read_file_at(fixture("parquet_named.csv")).format, "Parquet");
}

TEST(JsonLines, become_columns_and_absent_fields_are_missing) {
  const ReadResult read = read_text(
      "{\"a\":1,\"b\":\"x\",\"c\":true,\"t\":\"2024-01-01T06:00:00\"}\n"
      "{\"a\":2.5,\"b\":null,\"c\":false}\n\n{\"b\":\"y\",\"e\":7}\n",
      {}, "rows.jsonl");
  EXPECT_EQ(cells_of(read, "a"), "1|2.5|");
  EXPECT_EQ(cells_of(read, "b"), "x||y");
  EXPECT_EQ(cells_of(read, "c"), "true|false|");
  EXPECT_EQ(cells_of(read, "t"), "2024-01-01T06:00:00||");
  EXPECT_EQ(cells_of(read, "e"), "||7");
  EXPECT_EQ(read.format, "JSON lines");
}

TEST(JsonLines, are_known_without_a_name) {
  EXPECT_EQ(read_text("{\"a\":1}\n{\"a\":2}\n", {}, "rows.txt").format, "JSON lines");
}

}  // namespace
}  // namespace astrolabe
