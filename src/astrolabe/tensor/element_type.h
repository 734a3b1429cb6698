// SPDX-License-Identifier: Apache-2.0
// What one element of a tensor is, and how many bytes it takes.
//
//   element_bytes(ElementType::f32)                 // 4
//   element_name(element_type_of<std::int64_t>)     // "i64"
//   parse_element_type("bf16")                      // ElementType::bf16
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace astrolabe {

// bf16 and f16 are for storage only: they are widened to f32 before anything is computed. The numbers are
// written to files: never reorder.
enum class ElementType : std::uint8_t {
  boolean = 0,
  i32 = 1,
  u32 = 2,
  i64 = 3,
  f32 = 4,
  f64 = 5,
  bf16 = 6,
  f16 = 7
};

inline constexpr std::size_t kElementTypes = 8;

[[nodiscard]] std::size_t element_bytes(ElementType type);
[[nodiscard]] std::string_view element_name(ElementType type);  // "bool", "i32", ...
[[nodiscard]] bool is_floating(ElementType type);
[[nodiscard]] bool is_storage_only(ElementType type);

// The type of that name; nothing when there is none.
[[nodiscard]] std::optional<ElementType> parse_element_type(std::string_view name);

// The element type of a C++ type: element_type_of<float>. Other types do not compile.
template <class T>
inline constexpr ElementType element_type_of = T::has_no_element_type;
template <>
inline constexpr ElementType element_type_of<bool> = ElementType::boolean;
template <>
inline constexpr ElementType element_type_of<std::int32_t> = ElementType::i32;
template <>
inline constexpr ElementType element_type_of<std::uint32_t> = ElementType::u32;
template <>
inline constexpr ElementType element_type_of<std::int64_t> = ElementType::i64;
template <>
inline constexpr ElementType element_type_of<float> = ElementType::f32;
template <>
inline constexpr ElementType element_type_of<double> = ElementType::f64;

}  // namespace astrolabe
