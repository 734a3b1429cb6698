// SPDX-License-Identifier: Apache-2.0
// Elements between memory and the registers of tiles, and what is not worth an instruction set of its own.
//
//   // 8 rows of 10 elements of f32 from memory, rows 64 bytes apart, into a register
//   copy_elements({.to = reg, .to_row = 40, .to_step = 4, .from = x, .from_row = 64, .from_step = 4,
//                  .rows = 8, .columns = 10, .width = 4});
#pragma once

#include <cstddef>
#include <cstdint>

#include "astrolabe/tensor/element_type.h"
#include "astrolabe/tiles/handlers.h"

namespace astrolabe {

// Steps in bytes; a step of 0 repeats what it reads. `width` is the size of an element: 1, 2, 4 or 8.
struct StripCopy {
  std::byte* to = nullptr;
  std::int64_t to_row = 0, to_step = 0;
  const std::byte* from = nullptr;
  std::int64_t from_row = 0, from_step = 0;
  std::size_t rows = 1, columns = 0;
  std::size_t width = 4;
};
void copy_elements(const StripCopy& copy);

// Indices into a register: first + row_step * row + step * column, as i32, i64, u32, f32 or f64.
struct IndexFill {
  void* to = nullptr;
  ElementType type = ElementType::i32;
  std::int64_t first = 0, row_step = 0, step = 0;
  std::size_t rows = 1, columns = 0;
};
void fill_index(const IndexFill& fill);

// Between f32 and bf16 or f16, one of them being `from`; null for other types.
[[nodiscard]] Handler narrow_float_cast(ElementType from, ElementType to);

// What a reduction of `kind` starts from (0, -inf, inf, or the end of whole numbers), as the bytes of an
// element.
void write_identity(std::byte* to, int kind, ElementType type);
// A constant of a nest (NestOp::constant) as the bytes of an element.
void write_constant(std::byte* to, ElementType type, std::int64_t value);

}  // namespace astrolabe
