// SPDX-License-Identifier: Apache-2.0
// AVX-512: matrices that are copied and turned, 16 x 16 at a time. Compiled with AVX-512 on: nothing here may
// come from a header that other sources share (kernels.h).
#include <immintrin.h>

#include "astrolabe/gemm/kernels.h"

namespace astrolabe {
namespace {

constexpr std::size_t kLanes = 16;

__mmask16 mask_of(std::size_t columns) {
  return columns >= kLanes ? static_cast<__mmask16>(0xFFFF) : static_cast<__mmask16>((1U << columns) - 1U);
}

// Rows i, i + 4, i + 8 and i + 12 of a block, 4 columns of each: inserting while loading spares shuffles.
__m512 load_quarters(const float* from, std::ptrdiff_t row) {
  __m512 x = _mm512_castps128_ps512(_mm_loadu_ps(from));
  x = _mm512_insertf32x4(x, _mm_loadu_ps(from + 4 * row), 1);
  x = _mm512_insertf32x4(x, _mm_loadu_ps(from + 8 * row), 2);
  return _mm512_insertf32x4(x, _mm_loadu_ps(from + 12 * row), 3);
}

struct Quarters {
  __m512 column[4];
};

// Four registers that each hold 4 x 4 in a lane, every lane turned.
Quarters turn_lanes(__m512 r0, __m512 r1, __m512 r2, __m512 r3) {
  const __m512d low01 = _mm512_castps_pd(_mm512_unpacklo_ps(r0, r1));
  const __m512d low23 = _mm512_castps_pd(_mm512_unpacklo_ps(r2, r3));
  const __m512d high01 = _mm512_castps_pd(_mm512_unpackhi_ps(r0, r1));
  const __m512d high23 = _mm512_castps_pd(_mm512_unpackhi_ps(r2, r3));
  return {{_mm512_castpd_ps(_mm512_unpacklo_pd(low01, low23)),
           _mm512_castpd_ps(_mm512_unpackhi_pd(low01, low23)),
           _mm512_castpd_ps(_mm512_unpacklo_pd(high01, high23)),
           _mm512_castpd_ps(_mm512_unpackhi_pd(high01, high23))}};
}

// to(j, i) = from(i, j) for 16 x 16, 4 columns at a time.
void transpose_square(const float* from, std::ptrdiff_t from_row, float* to, std::ptrdiff_t to_row) {
  for (std::size_t j = 0; j < kLanes; j += 4, from += 4, to += 4 * to_row) {
    const Quarters turned = turn_lanes(
        load_quarters(from, from_row), load_quarters(from + from_row, from_row),
        load_quarters(from + 2 * from_row, from_row), load_quarters(from + 3 * from_row, from_row));
#pragma GCC unroll 4
    for (int x = 0; x < 4; ++x) _mm512_storeu_ps(to + x * to_row, turned.column[x]);
  }
}

// The same for 1 to 4 rows and 1 to 16 columns: what a product with few columns ends with.
void transpose_few(const Move& move) {
  const __mmask16 mask = mask_of(move.columns);
  __m512 row[4];
#pragma GCC unroll 4
  for (std::size_t i = 0; i < 4; ++i)
    row[i] = i < move.rows
                 ? _mm512_maskz_loadu_ps(mask, move.from + static_cast<std::ptrdiff_t>(i) * move.from_row)
                 : _mm512_setzero_ps();
  const Quarters turned = turn_lanes(row[0], row[1], row[2], row[3]);
  const auto rows = static_cast<__mmask8>((1U << move.rows) - 1U);
  float* to = move.to;
  const std::ptrdiff_t four = 4 * move.to_row;
#pragma GCC unroll 4
  for (std::size_t x = 0; x < 4; ++x, to += move.to_row) {
    const __m512 column = turned.column[x];
    if (x < move.columns) _mm_mask_storeu_ps(to, rows, _mm512_castps512_ps128(column));
    if (x + 4 < move.columns) _mm_mask_storeu_ps(to + four, rows, _mm512_extractf32x4_ps(column, 1));
    if (x + 8 < move.columns) _mm_mask_storeu_ps(to + 2 * four, rows, _mm512_extractf32x4_ps(column, 2));
    if (x + 12 < move.columns) _mm_mask_storeu_ps(to + 3 * four, rows, _mm512_extractf32x4_ps(column, 3));
  }
}

// The rims: fewer than 16 rows or columns.
void transpose_rim(const float* from, std::ptrdiff_t from_row, float* to, std::ptrdiff_t to_row,
                   std::size_t rows, std::size_t columns) {
  alignas(64) float source[kLanes * kLanes];
  alignas(64) float target[kLanes * kLanes];
  const __mmask16 column_mask = mask_of(columns);
  for (std::size_t i = 0; i < kLanes; ++i) {
    const __mmask16 mask = i < rows ? column_mask : static_cast<__mmask16>(0);
    _mm512_store_ps(source + i * kLanes, _mm512_maskz_loadu_ps(mask, from));
    if (i + 1 < rows) from += from_row;
  }
  transpose_square(source, kLanes, target, kLanes);
  const __mmask16 row_mask = mask_of(rows);
  for (std::size_t j = 0; j < columns; ++j, to += to_row)
    _mm512_mask_storeu_ps(to, row_mask, _mm512_load_ps(target + j * kLanes));
}

}  // namespace

void copy_avx512(const Move& move) {
  const float* from = move.from;
  float* to = move.to;
  const std::size_t whole = move.columns / kLanes * kLanes;
  const __mmask16 mask = mask_of(move.columns - whole);
  for (std::size_t i = 0; i < move.rows; ++i, from += move.from_row, to += move.to_row) {
    for (std::size_t j = 0; j < whole; j += kLanes) _mm512_storeu_ps(to + j, _mm512_loadu_ps(from + j));
    if (mask != 0) _mm512_mask_storeu_ps(to + whole, mask, _mm512_maskz_loadu_ps(mask, from + whole));
  }
}

void transpose_avx512(const Move& move) {
  for (std::size_t i = 0; i < move.rows; i += kLanes) {
    const std::size_t rows = move.rows - i < kLanes ? move.rows - i : kLanes;
    for (std::size_t j = 0; j < move.columns; j += kLanes) {
      const std::size_t columns = move.columns - j < kLanes ? move.columns - j : kLanes;
      const float* const from = move.from + static_cast<std::ptrdiff_t>(i) * move.from_row + j;
      float* const to = move.to + static_cast<std::ptrdiff_t>(j) * move.to_row + i;
      if (rows == kLanes && columns == kLanes)
        transpose_square(from, move.from_row, to, move.to_row);
      else if (rows <= 4)
        transpose_few({from, move.from_row, to, move.to_row, rows, columns});
      else
        transpose_rim(from, move.from_row, to, move.to_row, rows, columns);
    }
  }
}

}  // namespace astrolabe
