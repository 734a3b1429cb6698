// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/pictures.h"

#include <algorithm>

#include <fmt/format.h>

#include "astrolabe/base/bytes.h"
#include "astrolabe/report/html.h"

namespace astrolabe {
namespace {

constexpr std::size_t kShownSide = 72;  // pixels of the page

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < 3; ++i)
      word = word << 8U | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i)
      text += at + i > bytes.size() ? '=' : kDigits[word >> (18 - 6 * i) & 63U];
  }
  return text;
}

// Windows bitmap: a header of 54 bytes, then lines from the lowest up, blue first, each padded to 4 bytes.
std::string bitmap(const ShownPicture& picture) {
  constexpr std::uint32_t kHeader = 54;
  const auto width = static_cast<std::uint32_t>(picture.shape.width);
  const auto height = static_cast<std::uint32_t>(picture.shape.height);
  const std::uint32_t line = (3 * width + 3) / 4 * 4;
  std::string bytes = "BM";
  for (const std::uint32_t word : {kHeader + line * height, 0U, kHeader, 40U, width, height})
    append_bytes(bytes, word);
  append_bytes(bytes, std::uint16_t{1});
  append_bytes(bytes, std::uint16_t{24});
  for (const std::uint32_t word : {0U, line * height, 2835U, 2835U, 0U, 0U}) append_bytes(bytes, word);
  const std::size_t channels = picture.shape.channels;
  for (std::size_t y = height; y-- > 0;) {
    const std::size_t begin = bytes.size();
    for (std::size_t x = 0; x < width; ++x)
      for (std::size_t c = 3; c-- > 0;)
        bytes += static_cast<char>(picture.bytes[(y * width + x) * channels + (channels == 3 ? c : 0)]);
    bytes.resize(begin + line, '\0');
  }
  return bytes;
}

}  // namespace

std::string picture_uri(const ShownPicture& picture) {
  return "data:image/bmp;base64," + base64(bitmap(picture));
}

std::string picture_grid(std::span<const ShownPicture> pictures) {
  if (pictures.empty()) return {};
  std::string grid = "<div class=\"pictures\">";
  for (const ShownPicture& picture : pictures) {
    const std::size_t longest = std::max(picture.shape.width, picture.shape.height);
    const std::string label = escape_html_short(picture.label, 24);
    std::string words = label;
    if (!picture.predicted.empty())
      words +=
          fmt::format("<br><span class=\"quiet\">taken for</span> {} <span class=\"quiet\">{:.0f} %</span>",
                      escape_html_short(picture.predicted, 24), 100 * picture.probability);
    grid += fmt::format(
        "<figure><img src=\"{}\" width=\"{}\" height=\"{}\" alt=\"{}\"><figcaption>{}</figcaption></figure>",
        picture_uri(picture), picture.shape.width * kShownSide / longest,
        picture.shape.height * kShownSide / longest, label, words);
  }
  return grid + "</div>";
}

}  // namespace astrolabe
