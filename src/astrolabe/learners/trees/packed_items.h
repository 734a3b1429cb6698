// SPDX-License-Identifier: Apache-2.0
// Many numbers of which few differ, in an archive: those that differ once, and for each its number among them
// in as few bits as that takes. As they are where that is no longer.
//
//   put_packed<float>(archive, thresholds);                                  // 255 of them differ: a byte
//   each std::vector<float> again = get_packed<float>(archive, thresholds.size());
//
// An item may be several numbers, such as the shares of all classes in a leaf. Reading is safe with any
// bytes: an item takes a bit at least, so no more than 64 numbers are made of a byte of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/model/archive.h"

namespace astrolabe::trees {

// Items of `size` bytes, at least 1. Cost: a look-up an item.
void put_packed_bytes(ArchiveWriter& archive, std::string_view items, std::size_t size);
// So many of them. Throws bad_input where the archive holds another number, or is damaged.
[[nodiscard]] std::string get_packed_bytes(ArchiveReader& archive, std::size_t count, std::size_t size);

// Items of `width` numbers each.
template <class T>
void put_packed(ArchiveWriter& archive, std::span<const T> numbers, std::size_t width = 1) {
  put_packed_bytes(archive, {reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes()},
                   width * sizeof(T));
}

// `count` items.
template <class T>
[[nodiscard]] std::vector<T> get_packed(ArchiveReader& archive, std::size_t count, std::size_t width = 1) {
  const std::string bytes = get_packed_bytes(archive, count, width * sizeof(T));
  std::vector<T> numbers(count * width);
  if (!bytes.empty()) std::memcpy(numbers.data(), bytes.data(), bytes.size());
  return numbers;
}

}  // namespace astrolabe::trees
