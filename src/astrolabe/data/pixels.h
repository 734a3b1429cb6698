// SPDX-License-Identifier: Apache-2.0
// Pictures of one size, as bytes: [rows, height, width, channels], channels last.
//
//   Pixels pixels{.shape = {.height = 28, .width = 28, .channels = 1}};
//   pixels.bytes.insert(pixels.bytes.end(), picture.begin(), picture.end());
//   pixels.rows(), pixels.picture(3)[0]     // the upper left pixel of the fourth
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace astrolabe {

struct ImageShape {
  std::size_t height = 0, width = 0;
  std::size_t channels = 0;  // 1: grey; 3: red, green, blue

  [[nodiscard]] std::size_t size() const { return height * width * channels; }
  friend bool operator==(const ImageShape&, const ImageShape&) = default;
};

// "28 x 28 grey", "32 x 32 colour": width first, as pictures are measured.
[[nodiscard]] std::string shape_words(const ImageShape& shape);

struct Pixels {
  ImageShape shape = {};
  std::vector<std::uint8_t> bytes = {};  // [rows, height, width, channels]

  [[nodiscard]] bool empty() const { return shape.size() == 0; }
  [[nodiscard]] std::size_t rows() const { return empty() ? 0 : bytes.size() / shape.size(); }
  [[nodiscard]] std::span<const std::uint8_t> picture(std::size_t row) const {
    return std::span(bytes).subspan(row * shape.size(), shape.size());
  }
  // Copies of some pictures, in the given order; repeats are allowed.
  [[nodiscard]] Pixels take_rows(std::span<const std::uint32_t> rows_wanted) const;
};

}  // namespace astrolabe
