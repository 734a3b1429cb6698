// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/base/hash.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace astrolabe {
namespace {

// XXH3 of nothing, as published; identities in written files rest on it.
TEST(HashBytes, of_nothing_is_the_published_one) {
  EXPECT_EQ(hash_to_hex(hash_bytes(nullptr, 0)), "2d06800538d394c2");
}

TEST(HashBytes, depends_on_the_seed) {
  EXPECT_NE(hash_text("adult"), hash_text("adult", 1));
}

TEST(HashToHex, keeps_leading_zeros) {
  EXPECT_EQ(hash_to_hex(0xAB), "00000000000000ab");
}

TEST(StreamingHash, equals_the_hash_of_the_whole) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += std::to_string(i);
  for (const std::size_t piece : {1U, 7U, 1000U, 100'000U}) {
    StreamingHash hash;
    for (std::size_t at = 0; at < text.size(); at += piece) {
      hash.add(text.data() + at, std::min(piece, text.size() - at));
    }
    EXPECT_EQ(hash.value(), hash_text(text)) << piece;
  }
  EXPECT_EQ(StreamingHash().value(), hash_text(""));
}

}  // namespace
}  // namespace astrolabe
