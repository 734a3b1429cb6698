// SPDX-License-Identifier: Apache-2.0
// The routines for any x86-64 (SSE2).
#include <emmintrin.h>

#include "astrolabe/learners/trees/plane_routines.h"

#define ASTROLABE_PLANE_VECTOR_BYTES 16

namespace astrolabe::trees {
namespace {

// A byte of bits as eight bytes of 0 or 1.
struct SpreadTable {
  std::uint64_t of[256] = {};
  constexpr SpreadTable() {
    for (unsigned bits = 0; bits < 256; ++bits)
      for (unsigned i = 0; i < 8; ++i) of[bits] |= std::uint64_t{bits >> i & 1U} << (8 * i);
  }
};
constexpr SpreadTable kSpread;

void add_leaves(const Plane* index, std::size_t index_planes, const double* leaves, double* scores) {
  for (std::size_t eight = 0; eight < kPlaneRows / 8; ++eight) {
    std::uint64_t parts[2] = {0, 0};  // low and high bytes of eight leaf numbers
    for (std::size_t plane = 0; plane < index_planes; ++plane) {
      const std::uint64_t bits = index[plane].words[eight / 8] >> (8 * (eight % 8)) & 255U;
      parts[plane / 8] |= kSpread.of[bits] << (plane % 8);
    }
    for (std::size_t i = 0; i < 8; ++i) {
      const std::uint64_t leaf = (parts[0] >> (8 * i) & 255U) | (parts[1] >> (8 * i) & 255U) << 8;
      scores[8 * eight + i] += leaves[leaf];
    }
  }
}

#include "astrolabe/learners/trees/plane_routines.inc"

// How many of 16 ascending floats are below the value.
unsigned count_below(const float* sixteen, __m128 value) {
  __m128i counts = _mm_setzero_si128();
  for (std::size_t i = 0; i < 16; i += 4) {
    const __m128 is_below = _mm_cmplt_ps(_mm_loadu_ps(sixteen + i), value);
    counts = _mm_sub_epi32(counts, _mm_castps_si128(is_below));
  }
  counts = _mm_add_epi32(counts, _mm_shuffle_epi32(counts, 0x4E));
  counts = _mm_add_epi32(counts, _mm_shuffle_epi32(counts, 0xB1));
  return static_cast<unsigned>(_mm_cvtsi128_si32(counts));
}

// codes[i]: how many thresholds are below column[i]; NaN is above all. The table of 256, which ends with an
// infinity, is 16 segments of 16: first which segment, then which place in it.
void find_codes(const float* column, const float* table, std::size_t count, std::uint8_t* codes) {
  alignas(16) float ends[16];
  for (std::size_t i = 0; i < 16; ++i) ends[i] = table[16 * i + 15];
  for (std::size_t row = 0; row < kPlaneRows; ++row) {
    const __m128 value = _mm_set1_ps(column[row]);
    const unsigned segment = 16 * count_below(ends, value);
    const unsigned code = segment + count_below(table + segment, value);
    codes[row] = static_cast<std::uint8_t>(column[row] != column[row] ? count : code);
  }
}

void compare(const float* column, const float* thresholds, std::size_t count, Plane* planes) {
  alignas(16) std::uint8_t codes[kPlaneRows];
  float table[kMostThresholds + 1];
  fill_table(thresholds, count, table);
  find_codes(column, table, count, codes);
  const auto* const from = reinterpret_cast<const __m128i*>(codes);
  for (std::size_t t = 0; t < count; ++t) {
    const __m128i last = _mm_set1_epi8(static_cast<char>(t));
    for (std::size_t word = 0; word < kPlaneRows / 64; ++word) {
      std::uint64_t bits = 0;
      for (std::size_t part = 0; part < 4; ++part) {
        const __m128i code = from[4 * word + part];
        const __m128i is_low = _mm_cmpeq_epi8(_mm_min_epu8(code, last), code);
        bits |= static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(is_low))) << (16 * part);
      }
      planes[t].words[word] = bits;
    }
  }
}

void find_missing(const float* column, Plane* plane) {
  for (std::size_t word = 0; word < kPlaneRows / 64; ++word) {
    std::uint64_t bits = 0;
    for (std::size_t part = 0; part < 16; ++part) {
      const __m128 cells = _mm_loadu_ps(column + 64 * word + 4 * part);
      const auto missing = static_cast<unsigned>(_mm_movemask_ps(_mm_cmpunord_ps(cells, cells)));
      bits |= std::uint64_t{missing} << (4 * part);
    }
    plane->words[word] = bits;
  }
}

void test_set(const std::uint32_t* codes, const std::uint32_t* set, std::size_t words, bool missing_left,
              Plane* plane) {
  const std::uint64_t beyond = missing_left ? 1 : 0;
  for (std::size_t word = 0; word < kPlaneRows / 64; ++word) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < 64; ++i) {
      const std::uint32_t code = codes[64 * word + i];
      const std::uint64_t left = code / 32 < words ? set[code / 32] >> (code % 32) & 1U : beyond;
      bits |= left << i;
    }
    plane->words[word] = bits;
  }
}

}  // namespace

const PlaneRoutines& plain_plane_routines() {
  static constexpr PlaneRoutines kRoutines = {compare, find_missing, test_set, add_tree};
  return kRoutines;
}

}  // namespace astrolabe::trees
