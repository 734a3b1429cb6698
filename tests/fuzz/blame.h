// SPDX-License-Identifier: Apache-2.0
// What a fuzz target of a text expects: that it is understood or refused, and that a refusal blames the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/base/error.h"

namespace astrolabe::fuzz {

// False when `read` refused its input; what is nobody's fault but ours escapes.
inline bool is_understood(const std::function<void()>& read) {
  try {
    read();
    return true;
  } catch (const Error& error) {
    ASTROLABE_CHECK(error.kind() == ErrorKind::usage || error.kind() == ErrorKind::bad_input, error.what());
    return false;
  }
}

// The input without its first byte, which chooses among `ways` of reading it.
struct Chosen {
  std::size_t way;
  std::string text;
};
inline Chosen choose(const std::uint8_t* data, std::size_t size, std::size_t ways) {
  if (size == 0) return {};
  return {data[0] % ways, std::string(reinterpret_cast<const char*>(data) + 1, size - 1)};
}

inline std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines(1);
  for (const char c : text) {
    if (c == '\n')
      lines.emplace_back();
    else
      lines.back() += c;
  }
  return lines;
}

}  // namespace astrolabe::fuzz
