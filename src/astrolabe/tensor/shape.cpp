// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/tensor/shape.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "astrolabe/base/error.h"

namespace astrolabe {

namespace {

// The product of the dimensions that are not 0 must fit as well: strides are products of some of them.
std::optional<std::size_t> count_elements(std::span<const std::size_t> dimensions) {
  constexpr auto kMost = static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max());
  std::size_t product = 1;
  bool empty = false;
  for (const std::size_t dimension : dimensions) {
    if (dimension == 0) {
      empty = true;
      continue;
    }
    if (product > kMost / dimension) return std::nullopt;
    product *= dimension;
  }
  return empty ? 0 : product;
}

}  // namespace

Shape::Shape(std::initializer_list<std::size_t> dimensions)
    : Shape(std::span<const std::size_t>(dimensions.begin(), dimensions.size())) {}

Shape::Shape(std::span<const std::size_t> dimensions) : rank_(dimensions.size()) {
  ASTROLABE_CHECK(rank_ <= kMaxRank, "a shape of too many dimensions");
  const auto count = count_elements(dimensions);
  ASTROLABE_CHECK(count.has_value(), "a shape of more elements than can be counted");
  std::copy(dimensions.begin(), dimensions.end(), dimensions_.begin());
  element_count_ = *count;
}

std::optional<Shape> Shape::from_untrusted(std::span<const std::size_t> dimensions) {
  if (dimensions.size() > kMaxRank || !count_elements(dimensions)) return std::nullopt;
  return Shape(dimensions);
}

std::size_t Shape::operator[](std::size_t axis) const {
  ASTROLABE_CHECK(axis < rank_, "an axis beyond the rank of a shape");
  return dimensions_[axis];
}

std::array<std::ptrdiff_t, kMaxRank> Shape::row_major_strides() const {
  std::array<std::ptrdiff_t, kMaxRank> strides{};
  std::ptrdiff_t stride = 1;
  for (std::size_t axis = rank_; axis-- > 0;) {
    strides[axis] = stride;
    stride *= static_cast<std::ptrdiff_t>(std::max<std::size_t>(dimensions_[axis], 1));
  }
  return strides;
}

std::string Shape::to_text() const {
  return fmt::format("[{}]", fmt::join(dimensions(), ", "));
}

}  // namespace astrolabe
