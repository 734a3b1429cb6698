// SPDX-License-Identifier: Apache-2.0
// A value of the interpreter: elements, row-major, with their type and shape.
//
//   Array x = Array::of<float>(Shape{2, 3}, {1, 2, 3, 4, 5, 6});
//   x.as<float>()[4];   // 5
#pragma once

#include <span>
#include <vector>

#include "astrolabe/base/error.h"
#include "astrolabe/tensor/buffer.h"
#include "astrolabe/tensor/element_type.h"
#include "astrolabe/tensor/shape.h"

namespace astrolabe {

// A value; copies are deep. Zero at birth.
class Array {
 public:
  Array() : Array(ElementType::f32, Shape{0}) {}
  Array(ElementType type, const Shape& shape)
      : type_(type), shape_(shape), bytes_(shape.element_count() * element_bytes(type)) {}

  template <class T>
  [[nodiscard]] static Array of(const Shape& shape, const std::vector<T>& values) {
    Array array(element_type_of<T>, shape);
    ASTROLABE_CHECK(values.size() == shape.element_count(), "one value per element");
    const std::span<T> elements = array.as<T>();
    for (std::size_t i = 0; i < values.size(); ++i) elements[i] = values[i];
    return array;
  }

  [[nodiscard]] ElementType type() const { return type_; }
  [[nodiscard]] const Shape& shape() const { return shape_; }
  [[nodiscard]] std::size_t size() const { return shape_.element_count(); }
  [[nodiscard]] std::span<std::byte> bytes() { return bytes_; }
  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }

  template <class T>
  [[nodiscard]] std::span<T> as() {
    ASTROLABE_CHECK(element_type_of<T> == type_, "an array read as what it is");
    return {reinterpret_cast<T*>(bytes_.data()), size()};
  }
  template <class T>
  [[nodiscard]] std::span<const T> as() const {
    ASTROLABE_CHECK(element_type_of<T> == type_, "an array read as what it is");
    return {reinterpret_cast<const T*>(bytes_.data()), size()};
  }

  // The same bytes under another shape of as many elements, or another type of the same width.
  [[nodiscard]] Array with(ElementType type, const Shape& shape) const {
    Array result = *this;
    ASTROLABE_CHECK(shape.element_count() * element_bytes(type) == bytes_.size(), "as many bytes as before");
    result.type_ = type;
    result.shape_ = shape;
    return result;
  }

  friend bool operator==(const Array&, const Array&) = default;  // bit for bit

 private:
  ElementType type_;
  Shape shape_;
  std::vector<std::byte> bytes_;  // from the allocator: aligned for every element type
};

}  // namespace astrolabe
