// SPDX-License-Identifier: Apache-2.0
// The routines for AVX-512.
// Compiled with its own flags (CMakeLists.txt): nothing here may come from a header that other sources share.
#include <immintrin.h>

#include "astrolabe/learners/trees/row_routines.h"

#define ASTROLABE_ROW_VECTOR_BYTES 64
#define ASTROLABE_ROW_ANY(mask) (_mm512_movepi64_mask(reinterpret_cast<__m512i>(mask)) != 0)
#define ASTROLABE_ROW_GATHER(base, places) \
  reinterpret_cast<Wholes>(                \
      _mm512_i32gather_epi64(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(places)), base, 8))

namespace astrolabe::trees {
namespace {

#include "astrolabe/learners/trees/row_routines.inc"

// The search of sixteen values at a time; its upper half in a register.
void assign(const float* table, unsigned first_step, const float* values, std::size_t count,
            std::uint8_t missing, std::uint8_t* bins) {
  const __m512i sixteenths =
      _mm512_setr_epi32(15, 31, 47, 63, 79, 95, 111, 127, 143, 159, 175, 191, 207, 223, 239, 255);
  const __m512 tops = _mm512_i32gather_ps(sixteenths, table, 4);
  std::size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const __m512 value = _mm512_loadu_ps(values + i);
    __m512i bin = _mm512_setzero_si512();
    for (unsigned step = first_step; step > 0; step /= 2) {
      const __m512i at = _mm512_add_epi32(bin, _mm512_set1_epi32(static_cast<int>(step - 1)));
      const __m512 number = step >= 16 ? _mm512_permutexvar_ps(_mm512_srli_epi32(at, 4), tops)
                                       : _mm512_i32gather_ps(at, table, 4);
      const __mmask16 is_below = _mm512_cmp_ps_mask(number, value, _CMP_LT_OQ);
      bin = _mm512_mask_add_epi32(bin, is_below, bin, _mm512_set1_epi32(static_cast<int>(step)));
    }
    bin = _mm512_mask_set1_epi32(bin, _mm512_cmp_ps_mask(value, value, _CMP_UNORD_Q), missing);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(bins + i), _mm512_cvtepi32_epi8(bin));
  }
  assign_plainly(table, first_step, values + i, count - i, missing, bins + i);
}

std::size_t collect(std::uint64_t* sums, std::size_t count, std::uint64_t* found, std::uint8_t* numbers) {
  std::size_t size = 0;
  __m512i number = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
  for (std::size_t i = 0; i < count; i += 8, number = _mm512_add_epi64(number, _mm512_set1_epi64(8))) {
    const __m512i sum = _mm512_loadu_si512(sums + i);
    const __mmask8 is_found = _mm512_test_epi64_mask(sum, sum);
    if (is_found == 0) continue;
    _mm512_storeu_si512(sums + i, _mm512_setzero_si512());
    _mm512_storeu_si512(found + size, _mm512_maskz_compress_epi64(is_found, sum));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(numbers + size),
                     _mm512_cvtepi64_epi8(_mm512_maskz_compress_epi64(is_found, number)));
    size += static_cast<unsigned>(__builtin_popcount(is_found));
  }
  return size;
}

constexpr std::size_t kAhead = 48;  // rows between the fetch of a byte and its use

// Bytes of sixteen rows, the lowest of each lane. Rows that lie within 64 are read at once.
__m512i bytes_of(const SideColumn& column, const std::uint32_t* rows, std::size_t left, __m512i sixteen) {
  if (column.shift == 0) {
    const std::uint32_t span = rows[15] - rows[0];
    if (span == 15)
      return _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(column.bytes + rows[0])));
    return _mm512_i32gather_epi32(sixteen, column.bytes, 1);
  }
  const std::size_t ahead = left > kAhead + 16 ? kAhead : 0;
  for (std::size_t i = 0; i < 16; ++i)
    __builtin_prefetch(column.bytes + (std::size_t{rows[ahead + i]} << column.shift));
  const __m512i at = _mm512_sll_epi32(sixteen, _mm_cvtsi32_si128(static_cast<int>(column.shift)));
  return _mm512_i32gather_epi32(at, column.bytes, 1);
}

// A bit for each of sixteen bytes: whether it is in the set, whose eight words are in `set` twice.
__mmask16 left_mask(__m512i set, __m512i bytes) {
  const __m512i word = _mm512_permutexvar_epi32(_mm512_srli_epi32(bytes, 5), set);
  return _mm512_test_epi32_mask(
      word, _mm512_sllv_epi32(_mm512_set1_epi32(1), _mm512_and_si512(bytes, _mm512_set1_epi32(31))));
}

__m512i twice(const std::uint32_t* set) {
  return _mm512_broadcast_i64x4(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(set)));
}

std::size_t count_left(const SideColumn& column, const std::uint32_t* rows, std::size_t count) {
  const __m512i set = twice(column.set);
  std::size_t lefts = 0;
  std::size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const __m512i bytes = bytes_of(column, rows + i, count - i, _mm512_loadu_si512(rows + i));
    lefts += static_cast<unsigned>(__builtin_popcount(left_mask(set, bytes)));
  }
  return lefts + count_left_plainly(column, rows + i, count - i);
}

std::size_t split(const SideColumn& column, const std::uint32_t* rows, std::size_t count, std::uint32_t* left,
                  std::uint32_t* right) {
  const std::uint32_t* const begin = left;
  const __m512i set = twice(column.set);
  std::size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const __m512i sixteen = _mm512_loadu_si512(rows + i);
    const __mmask16 mask = left_mask(set, bytes_of(column, rows + i, count - i, sixteen));
    const auto lefts = static_cast<unsigned>(__builtin_popcount(mask));
    const auto first = static_cast<__mmask16>((1U << lefts) - 1);
    const auto first_rights = static_cast<__mmask16>((1U << (16 - lefts)) - 1);
    _mm512_mask_storeu_epi32(left, first, _mm512_maskz_compress_epi32(mask, sixteen));
    const auto rights = static_cast<__mmask16>(~mask);
    _mm512_mask_storeu_epi32(right, first_rights, _mm512_maskz_compress_epi32(rights, sixteen));
    left += lefts;
    right += 16 - lefts;
  }
  left += split_plainly(column, rows + i, count - i, left, right);
  return static_cast<std::size_t>(left - begin);
}

}  // namespace

const RowRoutines& avx512_row_routines() {
  static constexpr RowRoutines kRoutines = {find_best,    find_best_cell, assign,  find_logistic, pack,
                                            find_largest, widen,          collect, count_left,    split};
  return kRoutines;
}

}  // namespace astrolabe::trees
