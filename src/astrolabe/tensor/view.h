// SPDX-License-Identifier: Apache-2.0
// A typed window on memory that somebody else owns: dimensions and strides. Slices and transposes copy
// nothing.
//
//   const View<float> table(values.data(), Shape{rows, features});
//   table.at(3, 1) = 0.5F;
//   for (float value : table.slice(0, 10, 20).row(0)) { ... }
//   View<const float> columns_first = table.transpose();
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>

#include "astrolabe/base/error.h"
#include "astrolabe/tensor/shape.h"

namespace astrolabe {

// A value that costs about 150 bytes to copy; the memory must outlive it. Every access is checked, so inner
// loops take row() or data() once. Thread-safe where the elements are.
template <class T>
class View {
 public:
  using Strides = std::array<std::ptrdiff_t, kMaxRank>;  // in elements

  // Over shape.element_count() elements, the last axis fastest.
  View(T* data, const Shape& shape) : View(data, shape, shape.row_major_strides()) {}
  // The caller answers for every element the strides reach.
  View(T* data, const Shape& shape, const Strides& strides) : data_(data), shape_(shape), strides_(strides) {}

  // A view that may write serves where one that reads is wanted.
  template <class U>
    requires std::same_as<T, const U>
  View(const View<U>& other)  // NOLINT(google-explicit-constructor): adding const is no conversion
      : View(other.data(), other.shape(), other.strides()) {}

  [[nodiscard]] T* data() const { return data_; }
  [[nodiscard]] const Shape& shape() const { return shape_; }
  [[nodiscard]] const Strides& strides() const { return strides_; }
  [[nodiscard]] std::size_t rank() const { return shape_.rank(); }
  [[nodiscard]] std::size_t size(std::size_t axis) const { return shape_[axis]; }

  // The element at one index per axis.
  template <class... Indices>
    requires(std::convertible_to<Indices, std::size_t> && ...)
  [[nodiscard]] T& at(Indices... indices) const {
    ASTROLABE_CHECK(sizeof...(indices) == rank(), "one index per axis is needed");
    std::ptrdiff_t offset = 0;
    std::size_t axis = 0;
    ((offset += offset_of(axis, static_cast<std::size_t>(indices)), ++axis), ...);
    return data_[offset];
  }

  // Indices begin, begin + step, ... below end along one axis.
  [[nodiscard]] View slice(std::size_t axis, std::size_t begin, std::size_t end, std::size_t step = 1) const {
    ASTROLABE_CHECK(axis < rank() && begin <= end && end <= size(axis), "a slice outside its view");
    ASTROLABE_CHECK(step > 0, "a slice that never moves on");
    const std::size_t length = end - begin;
    View result = with_size(axis, length / step + (length % step != 0 ? 1 : 0));
    if (result.size(axis) > 0) result.data_ += static_cast<std::ptrdiff_t>(begin) * strides_[axis];
    if (result.size(axis) > 1) result.strides_[axis] *= static_cast<std::ptrdiff_t>(step);
    return result;
  }

  // One index of an axis, which disappears: pick(0, 5) of [rows, features] is [features].
  [[nodiscard]] View pick(std::size_t axis, std::size_t index) const {
    ASTROLABE_CHECK(axis < rank(), "an axis beyond the rank of a view");
    T* const data = data_ + offset_of(axis, index);
    std::array<std::size_t, kMaxRank> dimensions{};
    Strides strides{};
    std::size_t kept = 0;
    for (std::size_t from = 0; from < rank(); ++from) {
      if (from == axis) continue;
      dimensions[kept] = size(from);
      strides[kept++] = strides_[from];
    }
    return View(data, Shape(std::span<const std::size_t>(dimensions.data(), kept)), strides);
  }

  // The axes in reverse order.
  [[nodiscard]] View transpose() const {
    std::array<std::size_t, kMaxRank> dimensions{};
    Strides strides{};
    for (std::size_t axis = 0; axis < rank(); ++axis) {
      dimensions[axis] = size(rank() - 1 - axis);
      strides[axis] = strides_[rank() - 1 - axis];
    }
    return View(data_, Shape(std::span<const std::size_t>(dimensions.data(), rank())), strides);
  }

  // Whether the elements lie in memory one after another, the last axis fastest.
  [[nodiscard]] bool is_contiguous() const {
    const Strides expected = shape_.row_major_strides();
    if (shape_.element_count() == 0) return true;
    for (std::size_t axis = 0; axis < rank(); ++axis) {
      if (size(axis) > 1 && strides_[axis] != expected[axis]) return false;
    }
    return true;
  }

  // All elements of a contiguous view.
  [[nodiscard]] std::span<T> elements() const {
    ASTROLABE_CHECK(is_contiguous(), "the elements do not lie one after another");
    return {data_, shape_.element_count()};
  }

  // Row i of [rows, features], whose features lie one after another; the rows may be apart.
  [[nodiscard]] std::span<T> row(std::size_t i) const {
    ASTROLABE_CHECK(rank() == 2, "only a view of two axes has rows");
    ASTROLABE_CHECK(size(1) <= 1 || strides_[1] == 1, "the elements of a row do not lie one after another");
    return {data_ + offset_of(0, i), size(1)};
  }

 private:
  [[nodiscard]] std::ptrdiff_t offset_of(std::size_t axis, std::size_t index) const {
    ASTROLABE_CHECK(index < size(axis), "an index outside its view");
    return static_cast<std::ptrdiff_t>(index) * strides_[axis];
  }

  [[nodiscard]] View with_size(std::size_t axis, std::size_t new_size) const {
    std::array<std::size_t, kMaxRank> dimensions{};
    for (std::size_t i = 0; i < rank(); ++i) dimensions[i] = i == axis ? new_size : size(i);
    return View(data_, Shape(std::span<const std::size_t>(dimensions.data(), rank())), strides_);
  }

  T* data_;
  Shape shape_;
  Strides strides_;
};

}  // namespace astrolabe
