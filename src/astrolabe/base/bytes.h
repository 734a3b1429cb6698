// SPDX-License-Identifier: Apache-2.0
// Numbers as they lie in memory, one behind the other: files and cache keys.
//
//   std::string key;
//   append_bytes(key, std::uint32_t{7});   // four bytes more
#pragma once

#include <string>
#include <type_traits>

namespace astrolabe {

template <class T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T>
void append_bytes(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace astrolabe
