// SPDX-License-Identifier: Apache-2.0
// The routines for AVX2.
// Compiled with its own flags (CMakeLists.txt): nothing here may come from a header that other sources share.
#include <immintrin.h>

#include "astrolabe/learners/trees/row_routines.h"

#define ASTROLABE_ROW_VECTOR_BYTES 32
#define ASTROLABE_ROW_ANY(mask) (_mm256_movemask_pd(reinterpret_cast<__m256d>(mask)) != 0)
#define ASTROLABE_ROW_GATHER(base, places)                                                                   \
  reinterpret_cast<Wholes>(_mm256_i32gather_epi64(reinterpret_cast<const long long*>(base),                  \
                                                  _mm_loadu_si128(reinterpret_cast<const __m128i*>(places)), \
                                                  8))

namespace astrolabe::trees {
namespace {

#include "astrolabe/learners/trees/row_routines.inc"

// The search of eight values at a time.
void assign(const float* table, unsigned first_step, const float* values, std::size_t count,
            std::uint8_t missing, std::uint8_t* bins) {
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m256 value = _mm256_loadu_ps(values + i);
    __m256i bin = _mm256_setzero_si256();
    for (unsigned step = first_step; step > 0; step /= 2) {
      const __m256i at = _mm256_add_epi32(bin, _mm256_set1_epi32(static_cast<int>(step - 1)));
      const __m256 is_below = _mm256_cmp_ps(_mm256_i32gather_ps(table, at, 4), value, _CMP_LT_OQ);
      const __m256i more = _mm256_set1_epi32(static_cast<int>(step));
      bin = _mm256_add_epi32(bin, _mm256_and_si256(_mm256_castps_si256(is_below), more));
    }
    const __m256 is_missing = _mm256_cmp_ps(value, value, _CMP_UNORD_Q);
    bin = _mm256_blendv_epi8(bin, _mm256_set1_epi32(missing), _mm256_castps_si256(is_missing));
    alignas(32) std::uint32_t eight[8];
    _mm256_store_si256(reinterpret_cast<__m256i*>(eight), bin);
    for (std::size_t lane = 0; lane < 8; ++lane) bins[i + lane] = static_cast<std::uint8_t>(eight[lane]);
  }
  assign_plainly(table, first_step, values + i, count - i, missing, bins + i);
}

// For each of 256 masks the numbers of its bits, those that are set first.
struct PackTable {
  std::uint8_t of[256][8] = {};
  constexpr PackTable() {
    for (unsigned mask = 0; mask < 256; ++mask) {
      unsigned to = 0;
      for (unsigned bit = 0; bit < 8; ++bit)
        if ((mask >> bit & 1U) != 0) of[mask][to++] = static_cast<std::uint8_t>(bit);
      for (unsigned bit = 0; bit < 8; ++bit)
        if ((mask >> bit & 1U) == 0) of[mask][to++] = static_cast<std::uint8_t>(bit);
    }
  }
};
constexpr PackTable kPack;
alignas(32) constexpr std::uint32_t kOnes[16] = {~0U, ~0U, ~0U, ~0U, ~0U, ~0U, ~0U, ~0U,
                                                 0,   0,   0,   0,   0,   0,   0,   0};

__m256i eight_of(const std::uint32_t* rows) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows));
}

// A bit for each of eight rows: whether its byte is in the set.
unsigned left_mask(const SideColumn& column, __m256i set, __m256i rows) {
  const __m256i at = _mm256_sll_epi32(rows, _mm_cvtsi32_si128(static_cast<int>(column.shift)));
  const __m256i bytes = _mm256_i32gather_epi32(reinterpret_cast<const int*>(column.bytes), at, 1);
  const __m256i word = _mm256_permutevar8x32_epi32(set, _mm256_srli_epi32(bytes, 5));
  // The byte's bit to the sign.
  const __m256i bit = _mm256_sllv_epi32(word, _mm256_andnot_si256(bytes, _mm256_set1_epi32(31)));
  return static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(bit)));
}

std::size_t count_left(const SideColumn& column, const std::uint32_t* rows, std::size_t count) {
  const __m256i set = eight_of(column.set);
  std::size_t lefts = 0;
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8)
    lefts += static_cast<unsigned>(__builtin_popcount(left_mask(column, set, eight_of(rows + i))));
  return lefts + count_left_plainly(column, rows + i, count - i);
}

std::size_t split(const SideColumn& column, const std::uint32_t* rows, std::size_t count, std::uint32_t* left,
                  std::uint32_t* right) {
  const std::uint32_t* const begin = left;
  const __m256i set = eight_of(column.set);
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m256i eight = eight_of(rows + i);
    const unsigned mask = left_mask(column, set, eight);
    const auto lefts = static_cast<unsigned>(__builtin_popcount(mask));
    const __m256i order =
        _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(kPack.of[mask])));
    const __m256i sorted = _mm256_permutevar8x32_epi32(eight, order);
    const __m256i first = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(kOnes + 8 - lefts));
    _mm256_maskstore_epi32(reinterpret_cast<int*>(left), first, sorted);
    const __m256i rest = _mm256_xor_si256(first, _mm256_set1_epi32(-1));
    // The rights lie behind the lefts in the register: so they do in memory.
    _mm256_maskstore_epi32(reinterpret_cast<int*>(right - lefts), rest, sorted);
    left += lefts;
    right += 8 - lefts;
  }
  left += split_plainly(column, rows + i, count - i, left, right);
  return static_cast<std::size_t>(left - begin);
}

}  // namespace

const RowRoutines& avx2_row_routines() {
  static constexpr RowRoutines kRoutines = {find_best,  find_best_cell, assign, find_logistic,
                                            pack,       find_largest,   widen,  collect_plainly,
                                            count_left, split};
  return kRoutines;
}

}  // namespace astrolabe::trees
