// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <numeric>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "astrolabe/base/hash.h"
#include "astrolabe/base/text.h"

namespace astrolabe {
namespace {

// The definition in the Unicode standard, decoded the slow way: what find_invalid_utf8 must agree with.
std::optional<std::size_t> find_invalid_slowly(const std::string& text) {
  static constexpr std::array<char32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
  for (std::size_t at = 0; at < text.size();) {
    const auto first = static_cast<unsigned char>(text[at]);
    const std::size_t length = first < 0x80       ? 1
                               : first >> 5 == 6  ? 2
                               : first >> 4 == 14 ? 3
                               : first >> 3 == 30 ? 4
                                                  : 0;
    if (length == 0 || at + length > text.size()) return at;
    char32_t point = length == 1 ? first : first & (0x7F >> length);
    for (std::size_t k = 1; k < length; ++k) {
      const auto byte = static_cast<unsigned char>(text[at + k]);
      if (byte >> 6 != 2) return at;
      point = point << 6 | (byte & 0x3F);
    }
    if (point < kSmallest.at(length) || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return at;
    at += length;
  }
  return std::nullopt;
}

RC_GTEST_PROP(FindInvalidUtf8, agrees_with_the_definition, ()) {
  // Bytes near the borders of the definition, so that most texts are nearly right.
  const auto byte = rc::gen::map(rc::gen::element(0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC1, 0xC2,
                                                  0xDF, 0xE0, 0xE1, 0xED, 0xEF, 0xF0, 0xF1, 0xF4, 0xF5, 0xFF),
                                 [](int value) { return static_cast<char>(value); });
  const auto text = *rc::gen::container<std::string>(byte);
  RC_ASSERT(find_invalid_utf8(text) == find_invalid_slowly(text));
}

RC_GTEST_PROP(ParseNumber, gives_back_every_printed_number, (double value)) {
  RC_ASSERT(parse_number(fmt::format("{}", value)) == value);
}

RC_GTEST_PROP(ParseNumber, never_fails_on_arbitrary_text, (const std::string& text)) {
  const auto number = parse_number(text);
  RC_ASSERT(!std::isnan(number.value_or(0)));
}

RC_GTEST_PROP(Split, is_undone_by_join, (const std::string& text)) {
  const auto items = split(text, ',');
  RC_ASSERT(join(items, ",") == text);
}

RC_GTEST_PROP(StreamingHash, does_not_depend_on_the_pieces, (const std::vector<std::string>& pieces)) {
  StreamingHash hash;
  for (const std::string& piece : pieces) hash.add(piece.data(), piece.size());
  RC_ASSERT(hash.value() == hash_text(std::accumulate(pieces.begin(), pieces.end(), std::string())));
}

}  // namespace
}  // namespace astrolabe
