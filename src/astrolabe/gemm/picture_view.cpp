// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/gemm/picture_view.h"

#include <algorithm>

namespace astrolabe {

bool lies_inside(const Picture& picture, const PictureArea& area) {
  return area.row >= 0 && area.column >= 0 && static_cast<std::size_t>(area.row) + area.rows <= picture.h &&
         static_cast<std::size_t>(area.column) + area.columns <= picture.w;
}

void copy_with_zeros(const Picture& picture, const PictureArea& area, float* memory) {
  const auto h = static_cast<std::ptrdiff_t>(picture.h), w = static_cast<std::ptrdiff_t>(picture.w);
  const auto c = static_cast<std::ptrdiff_t>(picture.c);
  const auto columns = static_cast<std::ptrdiff_t>(area.columns);
  const std::ptrdiff_t left = std::clamp<std::ptrdiff_t>(-area.column, 0, columns);
  const std::ptrdiff_t end = std::clamp<std::ptrdiff_t>(w - area.column, left, columns);
  float* to = memory;
  for (std::ptrdiff_t i = 0; i < static_cast<std::ptrdiff_t>(area.rows); ++i, to += columns * c) {
    const std::ptrdiff_t row = area.row + i;
    if (row < 0 || row >= h) {
      std::fill_n(to, columns * c, 0.0F);
      continue;
    }
    std::fill_n(to, left * c, 0.0F);
    if (end > left)
      std::copy_n(picture.pixels + (row * w + area.column + left) * c, (end - left) * c, to + left * c);
    std::fill_n(to + end * c, (columns - end) * c, 0.0F);
  }
}

PictureView see(const Picture& picture, const PictureArea& area, float* memory) {
  const auto w = static_cast<std::ptrdiff_t>(picture.w), c = static_cast<std::ptrdiff_t>(picture.c);
  if (lies_inside(picture, area)) return {picture.pixels + (area.row * w + area.column) * c, w * c};
  copy_with_zeros(picture, area, memory);
  return {memory, static_cast<std::ptrdiff_t>(area.columns) * c};
}

}  // namespace astrolabe
