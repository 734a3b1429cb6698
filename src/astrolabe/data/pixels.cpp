// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/pixels.h"

#include <fmt/format.h>

#include "astrolabe/base/error.h"

namespace astrolabe {

std::string shape_words(const ImageShape& shape) {
  return fmt::format("{} x {} {}", shape.width, shape.height, shape.channels == 1 ? "grey" : "colour");
}

Pixels Pixels::take_rows(std::span<const std::uint32_t> rows_wanted) const {
  Pixels taken{.shape = shape};
  if (empty()) return taken;
  taken.bytes.reserve(rows_wanted.size() * shape.size());
  for (const std::uint32_t row : rows_wanted) {
    ASTROLABE_CHECK(row < rows(), "a picture that is taken is there");
    const auto from = picture(row);
    taken.bytes.insert(taken.bytes.end(), from.begin(), from.end());
  }
  return taken;
}

}  // namespace astrolabe
