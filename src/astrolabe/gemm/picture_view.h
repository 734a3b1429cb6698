// SPDX-License-Identifier: Apache-2.0
// A part of a picture, channels last, that may reach over its rim: read where it lies when it does not, else
// copied with zeros around it.
//
//   // rows -1 to 4 and columns -1 to 28 of 28 x 28 x 16: the zeros of a 3 x 3 window are there
//   const PictureView view = see({x, 28, 28, 16}, {-1, -1, 6, 30}, memory);
//   view.at[0 * view.row];   // 0
#pragma once

#include <cstddef>

namespace astrolabe {

struct Picture {
  const float* pixels = nullptr;
  std::size_t h = 0, w = 0, c = 0;
};

struct PictureArea {
  std::ptrdiff_t row = 0, column = 0;  // of its first pixel; below 0 beyond the rim
  std::size_t rows = 0, columns = 0;
};

struct PictureView {
  const float* at = nullptr;  // the first channel of the first pixel
  std::ptrdiff_t row = 0;     // floats from row to row
};

// `memory` has rows * columns * c floats; it may be null when the area lies inside. Cost: a copy of the area,
// or nothing.
[[nodiscard]] PictureView see(const Picture& picture, const PictureArea& area, float* memory);
// The same, copied in any case.
void copy_with_zeros(const Picture& picture, const PictureArea& area, float* memory);
[[nodiscard]] bool lies_inside(const Picture& picture, const PictureArea& area);

}  // namespace astrolabe
