// SPDX-License-Identifier: Apache-2.0
// From an element type at run time to a C++ type at compile time.
//
//   visit_number(array.type(), [&]<class T>() {
//     for (T& element : array.as<T>()) element = T{1};
//   });
#pragma once

#include <cstdint>

#include "astrolabe/base/error.h"
#include "astrolabe/tensor/element_type.h"

namespace astrolabe {

// f32 and f64; anything else is our bug, as in the next two. What the calls return must be of one type.
template <class Function>
decltype(auto) visit_floating(ElementType type, Function&& function) {
  ASTROLABE_CHECK(type == ElementType::f32 || type == ElementType::f64, "a type that floating sums have");
  if (type == ElementType::f32) return function.template operator()<float>();
  return function.template operator()<double>();
}

// i32, u32 and i64.
template <class Function>
decltype(auto) visit_whole(ElementType type, Function&& function) {
  switch (type) {
    case ElementType::i32:
      return function.template operator()<std::int32_t>();
    case ElementType::u32:
      return function.template operator()<std::uint32_t>();
    default:
      ASTROLABE_CHECK(type == ElementType::i64, "a type of whole numbers");
      return function.template operator()<std::int64_t>();
  }
}

// Whatever is computed with.
template <class Function>
decltype(auto) visit_number(ElementType type, Function&& function) {
  if (is_floating(type)) return visit_floating(type, function);
  return visit_whole(type, function);
}

[[nodiscard]] inline bool is_whole(ElementType type) {
  return !is_floating(type) && type != ElementType::boolean;
}
[[nodiscard]] inline bool is_number(ElementType type) {
  return type != ElementType::boolean && !is_storage_only(type);
}

}  // namespace astrolabe
