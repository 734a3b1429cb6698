// SPDX-License-Identifier: Apache-2.0
// Text into words, for features made of them.
//
//   Words words;
//   words.split("Great VALUE, really!");   // "great", "value", "really"
//
// A word is a run of ASCII letters, digits and other characters beyond ASCII; general punctuation and spaces
// of Unicode separate words too. Upper case becomes lower case in ASCII, Latin-1, Greek and Cyrillic. Chinese
// and Japanese characters are words of their own. Invalid UTF-8 is taken byte by byte; nothing throws.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace astrolabe {

// Buffers are kept between calls. Not thread-safe.
class Words {
 public:
  void split(std::string_view text);
  [[nodiscard]] std::size_t size() const { return ends_.size(); }
  [[nodiscard]] std::string_view operator[](std::size_t index) const;

 private:
  void end_word();

  std::string bytes_;
  std::vector<std::size_t> ends_;
};

// Characters (code points) of a UTF-8 text.
[[nodiscard]] std::size_t count_characters(std::string_view text);

}  // namespace astrolabe
