// SPDX-License-Identifier: Apache-2.0
// The dimensions of a tensor, outermost first. Static and small: at most 8, kept in place.
//
//   const Shape images{64, 3, 28, 28};
//   images.element_count();      // 150528
//   images.row_major_strides();  // {2352, 784, 28, 1}, in elements
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>

namespace astrolabe {

inline constexpr std::size_t kMaxRank = 8;

// A value; thread-safe to read. A scalar has rank 0 and one element. Zero is a legal dimension: no elements.
class Shape {
 public:
  Shape() = default;
  // Checks that there are at most 8 dimensions and that the element count fits 63 bits.
  Shape(std::initializer_list<std::size_t> dimensions);
  explicit Shape(std::span<const std::size_t> dimensions);
  // For dimensions that come from outside: nothing where the constructor would fail.
  [[nodiscard]] static std::optional<Shape> from_untrusted(std::span<const std::size_t> dimensions);

  [[nodiscard]] std::size_t rank() const { return rank_; }
  [[nodiscard]] std::size_t operator[](std::size_t axis) const;
  [[nodiscard]] std::span<const std::size_t> dimensions() const { return {dimensions_.data(), rank_}; }
  [[nodiscard]] std::size_t element_count() const { return element_count_; }

  // How many elements apart neighbours along each axis are, when the last axis varies fastest.
  // Entries beyond the rank are 0.
  [[nodiscard]] std::array<std::ptrdiff_t, kMaxRank> row_major_strides() const;

  [[nodiscard]] std::string to_text() const;  // "[64, 3, 28, 28]"

  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  std::array<std::size_t, kMaxRank> dimensions_{};
  std::size_t rank_ = 0;
  std::size_t element_count_ = 1;
};

}  // namespace astrolabe
