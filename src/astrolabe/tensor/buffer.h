// SPDX-License-Identifier: Apache-2.0
// Owned memory for tensors: aligned to a cache line, zero at birth, in huge pages when it is large.
//
//   Buffer buffer(rows * sizeof(float));
//   std::span<float> values = buffer.as<float>();
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <span>
#include <type_traits>

#include "astrolabe/base/error.h"

namespace astrolabe {

inline constexpr std::size_t kBufferAlignment = 64;  // bytes: one cache line, one AVX-512 register
inline constexpr std::size_t kHugePageBytes = std::size_t{2}
                                              << 20;  // from this size on, aligned to huge pages

// The next multiple of kBufferAlignment: where another piece of one buffer may begin.
[[nodiscard]] constexpr std::size_t padded_bytes(std::size_t bytes) {
  return (bytes + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment;
}

// Move-only; a moved-from buffer is empty. Throws `failure` when the machine has no such memory.
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t bytes);
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  ~Buffer() = default;

  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] bool empty() const { return bytes_ == 0; }
  [[nodiscard]] std::byte* data() { return memory_.get(); }
  [[nodiscard]] const std::byte* data() const { return memory_.get(); }

  // All of it as elements of T; its bytes must be a whole number of them.
  template <class T>
  [[nodiscard]] std::span<T> as() {
    return {reinterpret_cast<T*>(memory_.get()), count_of<T>()};
  }
  template <class T>
  [[nodiscard]] std::span<const T> as() const {
    return {reinterpret_cast<const T*>(memory_.get()), count_of<T>()};
  }

 private:
  template <class T>
  [[nodiscard]] std::size_t count_of() const {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= kBufferAlignment);
    ASTROLABE_CHECK(bytes_ % sizeof(T) == 0, "a buffer that ends inside an element");
    return bytes_ / sizeof(T);
  }

  struct Free {
    void operator()(std::byte* memory) const { std::free(memory); }
  };
  std::unique_ptr<std::byte[], Free> memory_;
  std::size_t bytes_ = 0;
};

}  // namespace astrolabe
