// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/model/archive.h"

#include <array>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

template <class Body>
std::string bad_input_of(Body body) {
  try {
    body();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    return error.what();
  }
  return "nothing was thrown";
}

std::string sample_bytes() {
  ArchiveWriter writer;
  writer.put<std::uint32_t>(7);
  writer.put(true);
  writer.put_text("dark \0 sky");
  writer.put_array<double>(std::array{1.5, -2.0});
  return writer.bytes();
}

void read_sample(std::string_view bytes) {
  ArchiveReader reader(bytes);
  EXPECT_EQ(reader.get<std::uint32_t>(), 7u);
  EXPECT_TRUE(reader.get<bool>());
  EXPECT_EQ(reader.get_text(), std::string("dark \0 sky"));
  EXPECT_EQ(reader.get_array<double>(), (std::vector{1.5, -2.0}));
  reader.require_end();
}

TEST(Archive, gives_back_what_was_put) {
  read_sample(sample_bytes());
}

TEST(Archive, cut_anywhere_is_damaged) {
  const std::string bytes = sample_bytes();
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_NE(bad_input_of([&] { read_sample(std::string_view(bytes).substr(0, size)); }).find("damaged"),
              std::string::npos)
        << size;
}

TEST(Archive, with_bytes_after_its_end_is_damaged) {
  EXPECT_EQ(bad_input_of([] { read_sample(sample_bytes() + "x"); }),
            "reading the model file: it is damaged (bytes after the end). Take a whole copy of the file, or "
            "run again.");
}

TEST(Archive, refuses_an_array_longer_than_its_bytes_before_allocating) {
  ArchiveWriter writer;
  writer.put<std::uint64_t>(UINT64_MAX / 8);
  EXPECT_NE(bad_input_of([&] {
              ArchiveReader reader(writer.bytes());
              (void)reader.get_array<double>();
            }).find("an array's length"),
            std::string::npos);
}

TEST(Archive, refuses_an_array_longer_than_its_cap) {
  ArchiveWriter writer;
  writer.put_array<double>(std::array{1.0, 2.0, 3.0});
  ArchiveReader reader(writer.bytes());
  EXPECT_THROW((void)reader.get_array<double>(2), Error);
}

TEST(Archive, refuses_a_text_longer_than_its_cap) {
  ArchiveWriter writer;
  writer.put_text("four");
  ArchiveReader reader(writer.bytes());
  EXPECT_NE(bad_input_of([&] { (void)reader.get_text(3); }).find("a text's length"), std::string::npos);
}

TEST(Archive, refuses_a_count_above_its_cap_or_its_bytes) {
  ArchiveWriter writer;
  writer.put<std::uint64_t>(3);
  writer.put<std::uint64_t>(0);
  EXPECT_THROW((void)ArchiveReader(writer.bytes()).get_count(2, 1, "trees"), Error);
  EXPECT_THROW((void)ArchiveReader(writer.bytes()).get_count(10, 4, "trees"), Error);
  EXPECT_EQ(ArchiveReader(writer.bytes()).get_count(10, 2, "trees"), 3u);
}

TEST(Archive, refuses_values_outside_their_range_and_nan) {
  ArchiveWriter writer;
  writer.put(2.0);
  writer.put(std::numeric_limits<double>::quiet_NaN());
  ArchiveReader reader(writer.bytes());
  EXPECT_NE(bad_input_of([&] { (void)reader.get_between(0.0, 1.0, "a share"); }).find("a share"),
            std::string::npos);
  EXPECT_THROW((void)reader.get_between(0.0, 1.0, "a share"), Error);
}

TEST(Archive, refuses_a_flag_that_is_neither_0_nor_1) {
  ArchiveWriter writer;
  writer.put<std::uint8_t>(2);
  EXPECT_THROW((void)ArchiveReader(writer.bytes()).get<bool>(), Error);
}

}  // namespace
}  // namespace astrolabe
