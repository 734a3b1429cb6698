// SPDX-License-Identifier: Apache-2.0
// x86-64 without a fused multiply-add: the same bytes by software, in SSE2. The product of two floats is
// exact in double; adding c rounds once, to double, and converting to float rounds again. The second rounding
// goes wrong only where the sum in double looks like a tie of two floats, or where the float is subnormal. A
// tile is first computed the short way while every sum is watched; when any was suspicious, the tile is
// computed again with sums rounded to odd, after which the second rounding is right always. Source: Boldo and
// Melquiond, "Emulation of a FMA and correctly rounded sums: proved algorithms using rounding to odd", IEEE
// Transactions on Computers 57(4), 2008.
#include <emmintrin.h>

#include "astrolabe/gemm/kernels.h"

namespace astrolabe {
namespace {

constexpr std::size_t kRows = 4;
constexpr std::size_t kPanel = 4;

struct Tile {
  const float* a;
  const float* b;
  float* c;
  std::ptrdiff_t a_row, a_column, b_row, c_row;
  std::size_t k, columns;
  bool accumulate;
  std::size_t segments;
  std::ptrdiff_t a_skip;  // from behind one run of k steps to the next one
};

__m128 load_columns(const float* from, std::size_t columns) {
  if (columns == kPanel) return _mm_loadu_ps(from);
  return _mm_set_ps(0, columns > 2 ? from[2] : 0, columns > 1 ? from[1] : 0, from[0]);
}

void store_columns(float* to, __m128 values, std::size_t columns) {
  if (columns == kPanel) {
    _mm_storeu_ps(to, values);
    return;
  }
  alignas(16) float all[kPanel];
  _mm_store_ps(all, values);
  for (std::size_t j = 0; j < columns; ++j) to[j] = all[j];
}

// All ones where converting the double to float may round a second time in the wrong direction. In the low
// half of a double: its last 29 bits, which float lacks, are 100...0, a tie. In the high half: not zero, and
// smaller than the least normal float. Each half is moved so that what it looks for is least among signed
// numbers.
__m128i suspicion(__m128d sum) {
  const __m128i kept = _mm_set_epi32(0x7FFFFFFF, 0x1FFFFFFF, 0x7FFFFFFF, 0x1FFFFFFF);
  const __m128i shift = _mm_set_epi32(0x7FFFFFFF, 0x70000000, 0x7FFFFFFF, 0x70000000);
  constexpr int kLeast = -0x7FFFFFFF - 1;
  constexpr int kLeastNormal = 0x38100000;  // the high half of 2^-126
  const __m128i bound =
      _mm_set_epi32(kLeast + kLeastNormal - 1, kLeast + 1, kLeast + kLeastNormal - 1, kLeast + 1);
  const __m128i moved = _mm_add_epi32(_mm_and_si128(_mm_castpd_si128(sum), kept), shift);
  return _mm_cmplt_epi32(moved, bound);
}

// `sum` = the nearest double to product + c; gives that sum rounded to odd instead.
__m128d round_to_odd(__m128d product, __m128d c, __m128d sum) {
  // The error of the sum, exactly (TwoSum). NaN where the sum is infinite or NaN: nothing to correct there.
  const __m128d back = _mm_sub_pd(sum, product);
  const __m128d error = _mm_add_pd(_mm_sub_pd(product, _mm_sub_pd(sum, back)), _mm_sub_pd(c, back));
  const __m128d zero = _mm_setzero_pd();
  const __m128i inexact = _mm_castpd_si128(_mm_or_pd(_mm_cmplt_pd(error, zero), _mm_cmpgt_pd(error, zero)));
  // The sum cut towards zero is one less in its last place when it was rounded away from zero; then its last
  // bit is set.
  const __m128i signs = _mm_castpd_si128(_mm_xor_pd(error, sum));
  const __m128i away = _mm_srai_epi32(_mm_shuffle_epi32(signs, _MM_SHUFFLE(3, 3, 1, 1)), 31);
  const __m128i cut = _mm_add_epi64(_mm_castpd_si128(sum), _mm_and_si128(away, inexact));
  return _mm_castsi128_pd(_mm_or_si128(cut, _mm_and_si128(inexact, _mm_set_epi32(0, 1, 0, 1))));
}

// a * b + c for two columns, as doubles that are floats.
template <bool Exact>
__m128d multiply_add(__m128d a, __m128d b, __m128d c, __m128i& suspicious) {
  const __m128d product = _mm_mul_pd(a, b);
  __m128d sum = _mm_add_pd(product, c);
  if (Exact)
    sum = round_to_odd(product, c, sum);
  else
    suspicious = _mm_or_si128(suspicious, suspicion(sum));
  return _mm_cvtps_pd(_mm_cvtpd_ps(sum));
}

// Rows by 4 columns. False, and C untouched, when a sum was suspicious.
template <int Rows, bool Exact>
bool multiply_tile(const Tile& tile) {
  __m128d sum[Rows][2];
#pragma GCC unroll 4
  for (int i = 0; i < Rows; ++i) {
    const __m128 start =
        tile.accumulate ? load_columns(tile.c + i * tile.c_row, tile.columns) : _mm_setzero_ps();
    sum[i][0] = _mm_cvtps_pd(start);
    sum[i][1] = _mm_cvtps_pd(_mm_movehl_ps(start, start));
  }
  __m128i suspicious = _mm_setzero_si128();
  const float* a = tile.a;
  const float* b = tile.b;
  for (std::size_t left_over = tile.segments;;) {
    for (std::size_t p = tile.k; p != 0; --p) {
      const __m128 line = load_columns(b, tile.columns);
      const __m128d low = _mm_cvtps_pd(line);
      const __m128d high = _mm_cvtps_pd(_mm_movehl_ps(line, line));
#pragma GCC unroll 4
      for (int i = 0; i < Rows; ++i) {
        const __m128d left = _mm_cvtps_pd(_mm_set1_ps(a[i * tile.a_row]));
        sum[i][0] = multiply_add<Exact>(left, low, sum[i][0], suspicious);
        sum[i][1] = multiply_add<Exact>(left, high, sum[i][1], suspicious);
      }
      a += tile.a_column;
      b += tile.b_row;
    }
    if (--left_over == 0) break;
    a += tile.a_skip;
  }
  if (_mm_movemask_epi8(suspicious) != 0) return false;
#pragma GCC unroll 4
  for (int i = 0; i < Rows; ++i)
    store_columns(tile.c + i * tile.c_row, _mm_movelh_ps(_mm_cvtpd_ps(sum[i][0]), _mm_cvtpd_ps(sum[i][1])),
                  tile.columns);
  return true;
}

using TileFunction = bool (*)(const Tile&);

constexpr TileFunction kTiles[kRows] = {multiply_tile<1, false>, multiply_tile<2, false>,
                                        multiply_tile<3, false>, multiply_tile<4, false>};
constexpr TileFunction kExactTiles[kRows] = {multiply_tile<1, true>, multiply_tile<2, true>,
                                             multiply_tile<3, true>, multiply_tile<4, true>};

void multiply(const Block& block) {
  Tile tile{block.a,
            block.b,
            block.c,
            block.a_row,
            block.a_column,
            block.b_row,
            block.c_row,
            block.k,
            0,
            block.accumulate,
            block.segments,
            block.a_segment - static_cast<std::ptrdiff_t>(block.k) * block.a_column};
  for (std::size_t j = 0; j < block.n; j += kPanel, tile.b += block.b_panel) {
    tile.columns = block.n - j < kPanel ? block.n - j : kPanel;
    tile.a = block.a;
    tile.c = block.c + j;
    for (std::size_t i = 0; i < block.m; i += kRows) {
      const std::size_t rows = block.m - i < kRows ? block.m - i : kRows;
      if (!kTiles[rows - 1](tile)) kExactTiles[rows - 1](tile);
      tile.a += static_cast<std::ptrdiff_t>(kRows) * tile.a_row;
      tile.c += static_cast<std::ptrdiff_t>(kRows) * tile.c_row;
    }
  }
}

void copy(const Move& move) {
  const float* from = move.from;
  float* to = move.to;
  for (std::size_t i = 0; i < move.rows; ++i, from += move.from_row, to += move.to_row) {
    for (std::size_t j = 0; j < move.columns; ++j) to[j] = from[j];
  }
}

void transpose(const Move& move) {
  for (std::size_t i = 0; i < move.rows; ++i) {
    const float* from = move.from + static_cast<std::ptrdiff_t>(i) * move.from_row;
    float* to = move.to + i;
    for (std::size_t j = 0; j < move.columns; ++j, to += move.to_row) *to = from[j];
  }
}

constexpr Kernels kKernels = {kRows, kPanel, 0,        kPanel, {4, 0, 0, 0},
                              false, false,  multiply, copy,   transpose};

}  // namespace

const Kernels& plain_kernels() {
  return kKernels;
}

}  // namespace astrolabe
