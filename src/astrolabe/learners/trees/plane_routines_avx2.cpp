// SPDX-License-Identifier: Apache-2.0
// The routines for AVX2.
// Compiled with its own flags (CMakeLists.txt): nothing here may come from a header that other sources share.
#include <immintrin.h>

#include "astrolabe/learners/trees/plane_routines.h"

#define ASTROLABE_PLANE_VECTOR_BYTES 32

namespace astrolabe::trees {
namespace {

// 32 bits as 32 bytes of all ones or zeros.
__m256i spread(std::uint32_t bits) {
  const __m256i byte_of_row = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1,  //
                                               2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
  const __m256i bit_of_row = _mm256_set1_epi64x(static_cast<long long>(0x8040201008040201ULL));
  const __m256i bytes = _mm256_shuffle_epi8(_mm256_set1_epi32(static_cast<int>(bits)), byte_of_row);
  return _mm256_cmpeq_epi8(_mm256_and_si256(bytes, bit_of_row), bit_of_row);
}

void add_leaves(const Plane* index, std::size_t index_planes, const double* leaves, double* scores) {
  alignas(32) std::uint8_t parts[2][32];  // low and high bytes of 32 leaf numbers
  for (std::size_t some = 0; some < kPlaneRows / 32; ++some) {
    __m256i numbers[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
    for (std::size_t plane = 0; plane < index_planes; ++plane) {
      const auto bits = static_cast<std::uint32_t>(index[plane].words[some / 2] >> (32 * (some % 2)));
      const __m256i bit = _mm256_set1_epi8(static_cast<char>(1U << (plane % 8)));
      numbers[plane / 8] = _mm256_or_si256(numbers[plane / 8], _mm256_and_si256(spread(bits), bit));
    }
    _mm256_store_si256(reinterpret_cast<__m256i*>(parts[0]), numbers[0]);
    double* const to = scores + 32 * some;
    if (index_planes <= 8) {
      for (std::size_t i = 0; i < 32; ++i) to[i] += leaves[parts[0][i]];
      continue;
    }
    _mm256_store_si256(reinterpret_cast<__m256i*>(parts[1]), numbers[1]);
    for (std::size_t i = 0; i < 32; ++i)
      to[i] += leaves[static_cast<std::size_t>(parts[0][i]) | static_cast<std::size_t>(parts[1][i]) << 8];
  }
}

#include "astrolabe/learners/trees/plane_routines.inc"

// How many of 16 ascending floats are below the value.
unsigned count_below(const float* sixteen, __m256 value) {
  const __m256 low = _mm256_cmp_ps(_mm256_loadu_ps(sixteen), value, _CMP_LT_OQ);
  const __m256 high = _mm256_cmp_ps(_mm256_loadu_ps(sixteen + 8), value, _CMP_LT_OQ);
  const auto low_bits = static_cast<unsigned>(_mm256_movemask_ps(low));
  const auto high_bits = static_cast<unsigned>(_mm256_movemask_ps(high));
  return static_cast<unsigned>(__builtin_popcount(low_bits | high_bits << 8));
}

// codes[i]: how many thresholds are below column[i]; NaN is above all. The table of 256, which ends with an
// infinity, is 16 segments of 16: first which segment, then which place in it.
void find_codes(const float* column, const float* table, std::size_t count, std::uint8_t* codes) {
  alignas(32) float ends[16];
  for (std::size_t i = 0; i < 16; ++i) ends[i] = table[16 * i + 15];
  for (std::size_t row = 0; row < kPlaneRows; ++row) {
    const __m256 value = _mm256_set1_ps(column[row]);
    const unsigned segment = 16 * count_below(ends, value);
    const unsigned code = segment + count_below(table + segment, value);
    codes[row] = static_cast<std::uint8_t>(column[row] != column[row] ? count : code);
  }
}

void compare(const float* column, const float* thresholds, std::size_t count, Plane* planes) {
  alignas(32) std::uint8_t codes[kPlaneRows];
  float table[kMostThresholds + 1];
  fill_table(thresholds, count, table);
  find_codes(column, table, count, codes);
  const auto* const from = reinterpret_cast<const __m256i*>(codes);
  for (std::size_t t = 0; t < count; ++t) {
    const __m256i last = _mm256_set1_epi8(static_cast<char>(t));
    for (std::size_t word = 0; word < kPlaneRows / 64; ++word) {
      const __m256i low = from[2 * word];
      const __m256i high = from[2 * word + 1];
      const int low_bits = _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_min_epu8(low, last), low));
      const int high_bits = _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_min_epu8(high, last), high));
      planes[t].words[word] = std::uint64_t{static_cast<unsigned>(low_bits)} |
                              std::uint64_t{static_cast<unsigned>(high_bits)} << 32;
    }
  }
}

void find_missing(const float* column, Plane* plane) {
  for (std::size_t word = 0; word < kPlaneRows / 64; ++word) {
    std::uint64_t bits = 0;
    for (std::size_t part = 0; part < 8; ++part) {
      const __m256 cells = _mm256_loadu_ps(column + 64 * word + 8 * part);
      const int missing = _mm256_movemask_ps(_mm256_cmp_ps(cells, cells, _CMP_UNORD_Q));
      bits |= std::uint64_t{static_cast<unsigned>(missing)} << (8 * part);
    }
    plane->words[word] = bits;
  }
}

void test_set(const std::uint32_t* codes, const std::uint32_t* set, std::size_t words, bool missing_left,
              Plane* plane) {
  const __m256i count = _mm256_set1_epi32(static_cast<int>(words));
  const __m256i beyond = _mm256_set1_epi32(missing_left ? -1 : 0);
  const auto* const from = reinterpret_cast<const __m256i*>(codes);
  for (std::size_t word = 0; word < kPlaneRows / 64; ++word) {
    std::uint64_t bits = 0;
    for (std::size_t part = 0; part < 8; ++part) {
      const __m256i code = _mm256_loadu_si256(from + 8 * word + part);
      const __m256i at = _mm256_srli_epi32(code, 5);  // below 2^27, so signed comparison does
      const __m256i is_inside = _mm256_cmpgt_epi32(count, at);
      const __m256i members =
          _mm256_mask_i32gather_epi32(beyond, reinterpret_cast<const int*>(set), at, is_inside, 4);
      const __m256i place = _mm256_and_si256(code, _mm256_set1_epi32(31));
      // The wanted bit becomes the sign; where the code is beyond the set, all bits are the same.
      const __m256i sign = _mm256_sllv_epi32(members, _mm256_sub_epi32(_mm256_set1_epi32(31), place));
      const int left = _mm256_movemask_ps(_mm256_castsi256_ps(sign));
      bits |= std::uint64_t{static_cast<unsigned>(left)} << (8 * part);
    }
    plane->words[word] = bits;
  }
}

}  // namespace

const PlaneRoutines& avx2_plane_routines() {
  static constexpr PlaneRoutines kRoutines = {compare, find_missing, test_set, add_tree};
  return kRoutines;
}

}  // namespace astrolabe::trees
