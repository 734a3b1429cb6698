// SPDX-License-Identifier: Apache-2.0
// The routines for AVX-512.
// Compiled with its own flags (CMakeLists.txt): nothing here may come from a header that other sources share.
#include <immintrin.h>

#include "astrolabe/learners/trees/plane_routines.h"

#define ASTROLABE_PLANE_VECTOR_BYTES 64

namespace astrolabe::trees {
namespace {

// Bits first .. last-1 of 64 leaf numbers, as bytes.
__m512i number_bytes(const Plane* index, std::size_t first, std::size_t last, std::size_t word) {
  __m512i numbers = _mm512_setzero_si512();
  __m512i bit = _mm512_set1_epi8(1);
  for (std::size_t plane = first; plane < last; ++plane) {
    numbers = _mm512_mask_add_epi8(numbers, index[plane].words[word], numbers, bit);
    bit = _mm512_add_epi8(bit, bit);
  }
  return numbers;
}

__m256i eight_numbers(const std::uint8_t* bytes) {
  return _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(bytes)));
}

void add_leaves(const Plane* index, std::size_t index_planes, const double* leaves, double* scores) {
  const std::size_t low_planes = index_planes < 8 ? index_planes : 8;
  alignas(64) std::uint8_t low[64];
  alignas(64) std::uint8_t high[64];
  for (std::size_t word = 0; word < kPlaneRows / 64; ++word) {
    _mm512_store_si512(low, number_bytes(index, 0, low_planes, word));
    if (index_planes > 8) _mm512_store_si512(high, number_bytes(index, 8, index_planes, word));
    for (std::size_t i = 0; i < 64; i += 8) {
      __m256i numbers = eight_numbers(low + i);
      if (index_planes > 8) numbers = _mm256_or_si256(numbers, _mm256_slli_epi32(eight_numbers(high + i), 8));
      double* const to = scores + 64 * word + i;
      _mm512_storeu_pd(to, _mm512_add_pd(_mm512_loadu_pd(to), _mm512_i32gather_pd(numbers, leaves, 8)));
    }
  }
}

#include "astrolabe/learners/trees/plane_routines.inc"

// codes[i]: how many thresholds are below column[i]; NaN is above all. The table of 256 is 16 segments of 16:
// which segment, sixteen rows at a time by permutations; which place in it, one comparison for each row.
void find_codes(const float* column, const float* table, std::size_t count, std::uint8_t* codes) {
  const __m512i ends =
      _mm512_setr_epi32(15, 31, 47, 63, 79, 95, 111, 127, 143, 159, 175, 191, 207, 223, 239, 255);
  const __m512 last_of_segment = _mm512_i32gather_ps(ends, table, 4);
  alignas(64) std::uint32_t segments[16];
  for (std::size_t row = 0; row < kPlaneRows; row += 16) {
    const __m512 value = _mm512_loadu_ps(column + row);
    __m512i segment = _mm512_setzero_si512();
    for (int half = 8; half > 0; half /= 2) {
      const __m512i at = _mm512_add_epi32(segment, _mm512_set1_epi32(half - 1));
      const __m512 end = _mm512_permutexvar_ps(at, last_of_segment);
      const __mmask16 is_below = _mm512_cmp_ps_mask(end, value, _CMP_LT_OQ);
      segment = _mm512_mask_add_epi32(segment, is_below, segment, _mm512_set1_epi32(half));
    }
    _mm512_store_si512(segments, _mm512_slli_epi32(segment, 4));
    for (std::size_t i = 0; i < 16; ++i) {
      const __m512 all = _mm512_set1_ps(column[row + i]);
      const __m512 some = _mm512_loadu_ps(table + segments[i]);
      const unsigned below = _mm512_cmp_ps_mask(some, all, _CMP_LT_OQ);
      codes[row + i] =
          static_cast<std::uint8_t>(segments[i] + static_cast<unsigned>(__builtin_popcount(below)));
    }
    const __mmask16 missing = _mm512_cmp_ps_mask(value, value, _CMP_UNORD_Q);
    if (missing != 0) {
      const __m128i top = _mm_set1_epi8(static_cast<char>(count));
      _mm_mask_storeu_epi8(codes + row, missing, top);
    }
  }
}

void compare(const float* column, const float* thresholds, std::size_t count, Plane* planes) {
  alignas(64) std::uint8_t codes[kPlaneRows];
  alignas(64) float table[kMostThresholds + 1];
  fill_table(thresholds, count, table);
  find_codes(column, table, count, codes);
  __m512i code[kPlaneRows / 64];
  for (std::size_t word = 0; word < kPlaneRows / 64; ++word)
    code[word] = _mm512_load_si512(codes + 64 * word);
  __m512i last = _mm512_setzero_si512();
  for (std::size_t t = 0; t < count; ++t) {
    for (std::size_t word = 0; word < kPlaneRows / 64; ++word)
      planes[t].words[word] = _mm512_cmple_epu8_mask(code[word], last);
    last = _mm512_add_epi8(last, _mm512_set1_epi8(1));
  }
}

void find_missing(const float* column, Plane* plane) {
  for (std::size_t word = 0; word < kPlaneRows / 64; ++word) {
    std::uint64_t bits = 0;
    for (std::size_t part = 0; part < 4; ++part) {
      const __m512 cells = _mm512_loadu_ps(column + 64 * word + 16 * part);
      bits |= std::uint64_t{_mm512_cmp_ps_mask(cells, cells, _CMP_UNORD_Q)} << (16 * part);
    }
    plane->words[word] = bits;
  }
}

void test_set(const std::uint32_t* codes, const std::uint32_t* set, std::size_t words, bool missing_left,
              Plane* plane) {
  const bool is_small = words <= 16;
  const __m512i whole = is_small ? _mm512_maskz_loadu_epi32(static_cast<__mmask16>((1U << words) - 1), set)
                                 : _mm512_setzero_si512();
  const __m512i count = _mm512_set1_epi32(static_cast<int>(words));
  const __mmask16 beyond = missing_left ? 0xFFFF : 0;
  for (std::size_t word = 0; word < kPlaneRows / 64; ++word) {
    std::uint64_t bits = 0;
    for (std::size_t part = 0; part < 4; ++part) {
      const __m512i code = _mm512_loadu_si512(codes + 64 * word + 16 * part);
      const __m512i at = _mm512_srli_epi32(code, 5);
      const __mmask16 is_inside = _mm512_cmplt_epu32_mask(at, count);
      const __m512i members =
          is_small ? _mm512_permutexvar_epi32(at, whole)
                   : _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), is_inside, at, set, 4);
      const __m512i bit =
          _mm512_sllv_epi32(_mm512_set1_epi32(1), _mm512_and_si512(code, _mm512_set1_epi32(31)));
      const __mmask16 is_member = _mm512_test_epi32_mask(members, bit);
      const auto left = static_cast<std::uint16_t>((is_inside & is_member) | (~is_inside & beyond));
      bits |= std::uint64_t{left} << (16 * part);
    }
    plane->words[word] = bits;
  }
}

}  // namespace

const PlaneRoutines& avx512_plane_routines() {
  static constexpr PlaneRoutines kRoutines = {compare, find_missing, test_set, add_tree};
  return kRoutines;
}

}  // namespace astrolabe::trees
