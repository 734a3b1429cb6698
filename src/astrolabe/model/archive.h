// SPDX-License-Identifier: Apache-2.0
// Bytes of fitted things. A writer appends; a reader checks every length and throws bad_input ("the model
// file is damaged") rather than trust one. Little-endian, no padding, no pointers, no code.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "astrolabe/base/bytes.h"

namespace astrolabe {

class ArchiveWriter {
 public:
  template <class T>
    requires std::is_arithmetic_v<T>
  void put(T value) {
    append_bytes(bytes_, value);
  }
  void put_text(std::string_view text);
  template <class T>
    requires std::is_arithmetic_v<T>
  void put_array(std::span<const T> values) {
    put<std::uint64_t>(values.size());
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

class ArchiveReader {
 public:
  // The bytes must outlive the reader.
  explicit ArchiveReader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
    requires std::is_arithmetic_v<T>
  [[nodiscard]] T get() {
    if constexpr (std::is_same_v<T, bool>) {
      return get_between<std::uint8_t>(0, 1, "a flag") == 1;
    } else {
      T value;
      copy(&value, sizeof value);
      return value;
    }
  }
  // As get, but the value must be in [low, high].
  template <class T>
    requires std::is_arithmetic_v<T>
  [[nodiscard]] T get_between(T low, T high, std::string_view what) {
    const T value = get<T>();
    if (!(value >= low && value <= high)) damaged(what);
    return value;
  }
  [[nodiscard]] std::string get_text(std::size_t max_bytes = 1 << 20);
  // Refuses a count that the remaining bytes cannot hold, before allocating.
  template <class T>
    requires std::is_arithmetic_v<T>
  [[nodiscard]] std::vector<T> get_array(std::uint64_t max_count = UINT64_MAX) {
    const auto count = get<std::uint64_t>();
    if (count > max_count || count > remaining() / sizeof(T)) damaged("an array's length");
    std::vector<T> values(count);
    copy(values.data(), count * sizeof(T));
    return values;
  }
  // A count of things that take at least `min_bytes` each.
  [[nodiscard]] std::size_t get_count(std::size_t max_count, std::size_t min_bytes, std::string_view what);
  [[nodiscard]] std::size_t remaining() const { return bytes_.size() - at_; }
  void require_end() const;

  // Throws bad_input: the file is damaged; `what` says where.
  [[noreturn]] static void damaged(std::string_view what);

 private:
  void copy(void* to, std::size_t size);
  std::string_view bytes_;
  std::size_t at_ = 0;
};

}  // namespace astrolabe
