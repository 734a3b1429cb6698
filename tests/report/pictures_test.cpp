// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/pictures.h"

#include <gtest/gtest.h>

namespace astrolabe {
namespace {

std::string decoded(std::string_view base64) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t word = 0;
  int bits = 0;
  for (const char digit : base64) {
    if (digit == '=') break;
    word = word << 6U | static_cast<std::uint32_t>(kDigits.find(digit));
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(word >> static_cast<unsigned>(bits));
  }
  return bytes;
}

std::string bitmap_of(const ShownPicture& picture) {
  const std::string uri = picture_uri(picture);
  const std::string_view prefix = "data:image/bmp;base64,";
  EXPECT_EQ(uri.substr(0, prefix.size()), prefix);
  EXPECT_EQ((uri.size() - prefix.size()) % 4, 0U);
  return decoded(std::string_view(uri).substr(prefix.size()));
}

TEST(Pictures, are_bitmaps_from_the_lowest_line_up_blue_first) {
  const std::string bytes = bitmap_of({.shape = {2, 1, 3}, .bytes = {1, 2, 3, 4, 5, 6}});
  ASSERT_EQ(bytes.size(), 54U + 8U);
  EXPECT_EQ(bytes.substr(0, 2), "BM");
  EXPECT_EQ(static_cast<unsigned char>(bytes[2]), bytes.size());
  EXPECT_EQ(bytes.substr(18, 1) + bytes.substr(22, 1), std::string("\x01\x02"));
  EXPECT_EQ(bytes.substr(54), std::string("\x06\x05\x04\0\x03\x02\x01\0", 8));
}

TEST(Pictures, of_grey_have_three_equal_channels) {
  EXPECT_EQ(bitmap_of({.shape = {1, 1, 1}, .bytes = {7}}).substr(54), std::string("\x07\x07\x07\0", 4));
}

TEST(Pictures, show_labels_escaped_and_what_they_were_taken_for) {
  const ShownPicture mistake{
      .shape = {1, 1, 1}, .bytes = {7}, .label = "<b>", .predicted = "a&b", .probability = 0.914};
  const std::string grid = picture_grid(std::vector{mistake});
  EXPECT_EQ(grid.find("<b>"), std::string::npos);
  EXPECT_NE(grid.find("&lt;b&gt;"), std::string::npos);
  EXPECT_NE(grid.find("a&amp;b"), std::string::npos);
  EXPECT_NE(grid.find("91 %"), std::string::npos);
  EXPECT_TRUE(picture_grid({}).empty());
}

}  // namespace
}  // namespace astrolabe
