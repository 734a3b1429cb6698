// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <memory>

#include "tests/features/tables.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe::testing {
namespace {

std::string archive_of(const Table& table, EncodingNeeds needs) {
  ArchiveWriter writer;
  fit_all(table, needs).encoder->save(writer);
  return writer.bytes();
}

// Every family in a few hundred bytes.
std::vector<std::string> small_archives() {
  const Table table = table_of(numbers("x", {1, kMissing, 3, 4, 0, 0}),
                               levels("b", {"n", "y", "n", "y", "", "y"}, ColumnType::boolean),
                               levels("c", {"u", "v", "u", "v", "w", "w"}),
                               numbers("d", {0, 1e6, 2e6, 3e6, 4e6, 5e6}, ColumnType::datetime),
                               texts("t", {"a b", "a b", "c", "c", "", "a"}));
  const Table photos = table_of(pictures("p", {1, 2, 3}, {1, 2, 3, 4, 5, 6, 1, 9, 3, 4, 8, 7}));
  EncodingNeeds bytes_needs = kPlainNeeds;
  bytes_needs.images = true;
  return {archive_of(table, kTreesNeeds), archive_of(table, kLinearNeeds), archive_of(photos, kLinearNeeds),
          archive_of(photos, bytes_needs)};
}

// Loads it, and encodes a table of the columns that it asks for. Bad input is fine; anything else is not.
void try_to_use(const std::string& bytes) {
  try {
    ArchiveReader reader(bytes);
    const std::shared_ptr<const Encoder> encoder = Encoder::load(reader);
    std::vector<Column> columns;
    for (const WantedColumn& wanted : encoder->columns()) {
      Column column;
      switch (wanted.type) {
        case ColumnType::boolean:
        case ColumnType::category:
          column = levels(wanted.name, {"u", "", "new", "y"});
          break;
        case ColumnType::text:
        case ColumnType::identifier:
          column = texts(wanted.name, {"a b", "", "c c", "z"});
          break;
        case ColumnType::number:
        case ColumnType::whole_number:
        case ColumnType::datetime:
          column = numbers(wanted.name, {1, kMissing, -1e308, 5e6});
          break;
        case ColumnType::image:
          column = pictures(wanted.name, {1, 1, 1}, {1, 2, 3, 4});
          break;
      }
      column.type = wanted.type;
      columns.push_back(std::move(column));
    }
    const FeatureMatrix encoded = encode_all(*encoder, Table(std::move(columns)));
    for (std::size_t i = 0; i < encoded.features(); ++i) {
      const Feature& info = (*encoded.info)[i];
      if (info.kind != FeatureKind::categorical) continue;
      for (const float code : encoded.columns[i].dense) {
        EXPECT_TRUE(std::isnan(code) || code < static_cast<float>(info.categories));
      }
    }
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input) << error.what();
  }
}

TEST(DamagedArchive, of_any_length_is_refused) {
  for (const std::string& bytes : small_archives()) {
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      // A copy of its own, so that a sanitizer sees a read past the end.
      const std::unique_ptr<char[]> cut(new char[length]);
      std::copy_n(bytes.begin(), length, cut.get());
      ArchiveReader reader({cut.get(), length});
      EXPECT_THROW((void)Encoder::load(reader), Error) << length;
    }
  }
}

TEST(DamagedArchive, with_any_bit_flipped_is_refused_or_harmless) {
  for (const std::string& bytes : small_archives()) {
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
      std::string damaged = bytes;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
      try_to_use(damaged);
    }
  }
}

TEST(DamagedArchive, of_target_statistics_is_refused_or_harmless) {
  std::vector<std::string> cells;
  for (int i = 0; i < 602; ++i) cells.push_back(std::to_string(i % 301));
  const std::string bytes = archive_of(table_of(levels("c", cells)), kTreesNeeds);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
    try_to_use(damaged);
  }
}

TEST(DamagedArchive, with_an_encoder_of_another_type_is_refused) {
  const std::string bytes = archive_of(table_of(numbers("x", {1, 2, 3})), kTreesNeeds);
  // Count, name length, name, type, tag.
  constexpr std::size_t kType = 8 + 8 + 1;
  for (const ColumnType type : {ColumnType::category, ColumnType::datetime, ColumnType::text}) {
    std::string damaged = bytes;
    damaged[kType] = static_cast<char>(type);
    ArchiveReader reader(damaged);
    EXPECT_THROW((void)Encoder::load(reader), Error);
  }
}

TEST(DamagedArchive, with_two_columns_of_one_name_is_refused) {
  std::string bytes = archive_of(table_of(numbers("x", {1, 2, 3}), numbers("y", {1, 2, 3})), kTreesNeeds);
  bytes[bytes.rfind('y')] = 'x';
  ArchiveReader reader(bytes);
  EXPECT_THROW((void)Encoder::load(reader), Error);
}

}  // namespace
}  // namespace astrolabe::testing
