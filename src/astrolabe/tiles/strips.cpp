// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/tiles/strips.h"

#include <bit>
#include <cstring>
#include <limits>
#include <span>

#include "astrolabe/base/error.h"
#include "astrolabe/tensor/narrow_float.h"

namespace astrolabe {
namespace {

template <class T>
void copy_typed(const StripCopy& copy) {
  constexpr std::int64_t kWidth = sizeof(T);
  for (std::size_t row = 0; row < copy.rows; ++row) {
    std::byte* to = copy.to + static_cast<std::int64_t>(row) * copy.to_row;
    const std::byte* from = copy.from + static_cast<std::int64_t>(row) * copy.from_row;
    if (copy.from_step == kWidth && copy.to_step == kWidth) {
      std::memcpy(to, from, copy.columns * sizeof(T));
    } else if (copy.from_step == 0 && copy.to_step == kWidth) {
      T value;
      std::memcpy(&value, from, sizeof(T));
      auto* const elements = reinterpret_cast<T*>(to);
      for (std::size_t i = 0; i < copy.columns; ++i) elements[i] = value;
    } else {
      for (std::size_t i = 0; i < copy.columns; ++i, to += copy.to_step, from += copy.from_step)
        std::memcpy(to, from, sizeof(T));
    }
  }
}

template <class T>
void fill_typed(const IndexFill& fill) {
  auto* to = static_cast<T*>(fill.to);
  for (std::size_t row = 0; row < fill.rows; ++row) {
    const std::int64_t first = fill.first + fill.row_step * static_cast<std::int64_t>(row);
    for (std::size_t i = 0; i < fill.columns; ++i)
      *to++ = static_cast<T>(first + fill.step * static_cast<std::int64_t>(i));
  }
}

template <class Narrow>
void widen_strip(void* result, const void* a, const void* /*b*/, const void* /*c*/, std::size_t blocks) {
  const std::size_t n = blocks * kTileBlock;
  widen(std::span(static_cast<const Narrow*>(a), n), std::span(static_cast<float*>(result), n));
}

template <class Narrow>
void narrow_strip(void* result, const void* a, const void* /*b*/, const void* /*c*/, std::size_t blocks) {
  const std::size_t n = blocks * kTileBlock;
  narrow(std::span(static_cast<const float*>(a), n), std::span(static_cast<Narrow*>(result), n),
         Rounding::nearest_even);
}

template <class T>
void put(std::byte* to, T value) {
  std::memcpy(to, &value, sizeof value);
}

template <class T>
void put_identity(std::byte* to, int kind) {
  using Limits = std::numeric_limits<T>;
  const T greatest = Limits::has_infinity ? Limits::infinity() : Limits::max();
  const T least = Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
  put(to, kind == 0 ? T{} : kind == 1 ? least : greatest);
}

}  // namespace

void copy_elements(const StripCopy& copy) {
  switch (copy.width) {
    case 1:
      return copy_typed<std::uint8_t>(copy);
    case 2:
      return copy_typed<std::uint16_t>(copy);
    case 4:
      return copy_typed<std::uint32_t>(copy);
    default:
      return copy_typed<std::uint64_t>(copy);
  }
}

void fill_index(const IndexFill& fill) {
  switch (fill.type) {
    case ElementType::i32:
    case ElementType::u32:
      return fill_typed<std::uint32_t>(fill);
    case ElementType::i64:
      return fill_typed<std::int64_t>(fill);
    case ElementType::f32:
      return fill_typed<float>(fill);
    case ElementType::f64:
      return fill_typed<double>(fill);
    default:
      ASTROLABE_CHECK(false, "an index is a number");
  }
}

Handler narrow_float_cast(ElementType from, ElementType to) {
  if (from == ElementType::bf16 && to == ElementType::f32) return widen_strip<Bf16>;
  if (from == ElementType::f16 && to == ElementType::f32) return widen_strip<F16>;
  if (from == ElementType::f32 && to == ElementType::bf16) return narrow_strip<Bf16>;
  if (from == ElementType::f32 && to == ElementType::f16) return narrow_strip<F16>;
  return nullptr;
}

void write_identity(std::byte* to, int kind, ElementType type) {
  switch (type) {
    case ElementType::i32:
      return put_identity<std::int32_t>(to, kind);
    case ElementType::u32:
      return put_identity<std::uint32_t>(to, kind);
    case ElementType::i64:
      return put_identity<std::int64_t>(to, kind);
    case ElementType::f32:
      return put_identity<float>(to, kind);
    case ElementType::f64:
      return put_identity<double>(to, kind);
    default:
      ASTROLABE_CHECK(false, "numbers are reduced");
  }
}

void write_constant(std::byte* to, ElementType type, std::int64_t value) {
  const auto number = std::bit_cast<double>(value);
  switch (type) {
    case ElementType::boolean:
      return put(to, static_cast<std::uint8_t>(value != 0 ? 1 : 0));
    case ElementType::i32:
    case ElementType::u32:
      return put(to, static_cast<std::uint32_t>(value));
    case ElementType::i64:
      return put(to, value);
    case ElementType::f32:
      return put(to, static_cast<float>(number));
    case ElementType::f64:
      return put(to, number);
    case ElementType::bf16:
      return put(to, to_bf16(static_cast<float>(number)).bits);
    case ElementType::f16:
      return put(to, to_f16(static_cast<float>(number)).bits);
  }
}

}  // namespace astrolabe
