// SPDX-License-Identifier: Apache-2.0
// AVX2 and FMA: a tile of C is up to 6 rows by 2 vectors of 8 columns: 12 of the 16 registers hold it. A
// schedule may ask for B some steps ahead.
// Compiled with AVX2 on: nothing here may come from a header that other sources share (kernels.h).
#include <immintrin.h>

#include "astrolabe/gemm/kernels.h"

namespace astrolabe {
namespace {

constexpr std::size_t kLanes = 8;
constexpr std::size_t kRows = 6;
constexpr std::size_t kPanel = 16;

struct Tile {
  const float* a;
  const float* b;
  float* c;
  std::ptrdiff_t a_row, a_column, b_row, c_row;
  std::size_t k;
  __m256i mask;  // of the last vector of columns
  bool accumulate;
  std::size_t segments;
  std::ptrdiff_t a_skip;  // from behind one run of k steps to the next one
  std::ptrdiff_t fetch;   // how far ahead B is asked for, in elements
};

// Rows by Vectors of 8 columns of C, the sums in registers throughout.
template <int Rows, int Vectors, bool Fetches>
void multiply_tile(const Tile& tile) {
  __m256 sum[Rows][Vectors];
  const __m256i mask = tile.mask;
#pragma GCC unroll 8
  for (int i = 0; i < Rows; ++i) {
    if (Vectors == 2) sum[i][0] = _mm256_setzero_ps();
    sum[i][Vectors - 1] = _mm256_setzero_ps();
  }
  if (tile.accumulate) {
    const float* c = tile.c;
#pragma GCC unroll 8
    for (int i = 0; i < Rows; ++i) {
      if (Vectors == 2) sum[i][0] = _mm256_loadu_ps(c);
      sum[i][Vectors - 1] = _mm256_maskload_ps(c + (Vectors - 1) * kLanes, mask);
      c += tile.c_row;
    }
  }
  const std::ptrdiff_t row = tile.a_row;
  const float* a0 = tile.a;
  const float* a1 = a0 + 3 * row;
  const float* b = tile.b;
  for (std::size_t left_over = tile.segments;;) {
    for (std::size_t p = tile.k; p != 0; --p) {
      __m256 line[Vectors];
      if (Vectors == 2) line[0] = _mm256_loadu_ps(b);
      line[Vectors - 1] = _mm256_maskload_ps(b + (Vectors - 1) * kLanes, mask);
      if (Fetches) _mm_prefetch(reinterpret_cast<const char*>(b + tile.fetch), _MM_HINT_T0);
#pragma GCC unroll 8
      for (int i = 0; i < Rows; ++i) {
        const __m256 left = _mm256_broadcast_ss((i < 3 ? a0 : a1) + i % 3 * row);
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v) sum[i][v] = _mm256_fmadd_ps(left, line[v], sum[i][v]);
      }
      a0 += tile.a_column;
      a1 += tile.a_column;
      b += tile.b_row;
    }
    if (--left_over == 0) break;
    a0 += tile.a_skip;
    a1 += tile.a_skip;
  }
  float* c = tile.c;
#pragma GCC unroll 8
  for (int i = 0; i < Rows; ++i) {
    if (Vectors == 2) _mm256_storeu_ps(c, sum[i][0]);
    _mm256_maskstore_ps(c + (Vectors - 1) * kLanes, mask, sum[i][Vectors - 1]);
    c += tile.c_row;
  }
}

using TileFunction = void (*)(const Tile&);

template <int Vectors, bool Fetches>
struct Tiles {
  static constexpr TileFunction kByRows[kRows] = {
      multiply_tile<1, Vectors, Fetches>, multiply_tile<2, Vectors, Fetches>,
      multiply_tile<3, Vectors, Fetches>, multiply_tile<4, Vectors, Fetches>,
      multiply_tile<5, Vectors, Fetches>, multiply_tile<6, Vectors, Fetches>};
};

// [fetches][vectors - 1][rows - 1]
constexpr const TileFunction* kTiles[2][2] = {{Tiles<1, false>::kByRows, Tiles<2, false>::kByRows},
                                              {Tiles<1, true>::kByRows, Tiles<2, true>::kByRows}};

__m256i mask_of(std::size_t columns) {
  alignas(32) static const int kOnes[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
  const std::size_t ones = columns < kLanes ? columns : kLanes;
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(kOnes + kLanes - ones));
}

// All rows of some columns; tiles of about equal height. The tile is changed and changed back: a copy of it
// would read in one piece what was written in several, and so wait until the last tile's C has left for the
// cache.
void multiply_columns(Tile& tile, std::size_t left, const TileFunction* functions, std::size_t most) {
  const float* const a = tile.a;
  float* const c = tile.c;
  for (std::size_t t = (left + most - 1) / most; t != 0; --t) {
    const std::size_t rows = (left + t - 1) / t;
    functions[rows - 1](tile);
    tile.a += static_cast<std::ptrdiff_t>(rows) * tile.a_row;
    tile.c += static_cast<std::ptrdiff_t>(rows) * tile.c_row;
    left -= rows;
  }
  tile.a = a;
  tile.c = c;
}

// `rows` rows of all columns, in tiles of `panel` columns and at most `most` rows.
void multiply_rows(const Block& block, Tile& tile, std::size_t rows, std::size_t panel, std::size_t most) {
  const float* const b = tile.b;
  float* const c = tile.c;
  for (std::size_t left = block.n; left != 0;) {
    const std::size_t columns = left < panel ? left : panel;
    const std::size_t vectors = columns > kLanes ? 2 : 1;
    tile.mask = mask_of(columns - (vectors - 1) * kLanes);
    multiply_columns(tile, rows, kTiles[block.fetch != 0 ? 1 : 0][vectors - 1], most);
    tile.b += block.b_panel;
    tile.c += panel;
    left -= columns;
  }
  tile.b = b;
  tile.c = c;
}

void multiply(const Block& block) {
  Tile tile{block.a,
            block.b,
            block.c,
            block.a_row,
            block.a_column,
            block.b_row,
            block.c_row,
            block.k,
            mask_of(kLanes),
            block.accumulate,
            block.segments,
            block.a_segment - static_cast<std::ptrdiff_t>(block.k) * block.a_column,
            static_cast<std::ptrdiff_t>(block.fetch) * block.b_row};
  const std::size_t panel = block.tile_columns != 0 ? block.tile_columns : kPanel;
  const std::size_t most = block.tile_columns != 0 ? block.tile_rows : kRows;
  if (!block.rows_first) return multiply_rows(block, tile, block.m, panel, most);
  for (std::size_t i = 0; i < block.m; i += most) {
    multiply_rows(block, tile, block.m - i < most ? block.m - i : most, panel, most);
    tile.a += static_cast<std::ptrdiff_t>(most) * tile.a_row;
    tile.c += static_cast<std::ptrdiff_t>(most) * tile.c_row;
  }
}

void copy(const Move& move) {
  const float* from = move.from;
  float* to = move.to;
  const std::size_t whole = move.columns / kLanes * kLanes;
  for (std::size_t i = 0; i < move.rows; ++i, from += move.from_row, to += move.to_row) {
    for (std::size_t j = 0; j < whole; j += kLanes) _mm256_storeu_ps(to + j, _mm256_loadu_ps(from + j));
    for (std::size_t j = whole; j < move.columns; ++j) to[j] = from[j];
  }
}

// Rows i and i + 4 of a block, 4 columns of each.
__m256 load_halves(const float* from, std::ptrdiff_t row) {
  return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(from)), _mm_loadu_ps(from + 4 * row), 1);
}

// to(j, i) = from(i, j) for 8 x 8, 4 columns at a time.
void transpose_square(const float* from, std::ptrdiff_t from_row, float* to, std::ptrdiff_t to_row) {
  for (std::size_t j = 0; j < kLanes; j += 4, from += 4, to += 4 * to_row) {
    const __m256 r0 = load_halves(from, from_row);
    const __m256 r1 = load_halves(from + from_row, from_row);
    const __m256 r2 = load_halves(from + 2 * from_row, from_row);
    const __m256 r3 = load_halves(from + 3 * from_row, from_row);
    const __m256d low01 = _mm256_castps_pd(_mm256_unpacklo_ps(r0, r1));
    const __m256d low23 = _mm256_castps_pd(_mm256_unpacklo_ps(r2, r3));
    const __m256d high01 = _mm256_castps_pd(_mm256_unpackhi_ps(r0, r1));
    const __m256d high23 = _mm256_castps_pd(_mm256_unpackhi_ps(r2, r3));
    _mm256_storeu_ps(to, _mm256_castpd_ps(_mm256_unpacklo_pd(low01, low23)));
    _mm256_storeu_ps(to + to_row, _mm256_castpd_ps(_mm256_unpackhi_pd(low01, low23)));
    _mm256_storeu_ps(to + 2 * to_row, _mm256_castpd_ps(_mm256_unpacklo_pd(high01, high23)));
    _mm256_storeu_ps(to + 3 * to_row, _mm256_castpd_ps(_mm256_unpackhi_pd(high01, high23)));
  }
}

void transpose(const Move& move) {
  for (std::size_t i = 0; i < move.rows; i += kLanes) {
    const std::size_t rows = move.rows - i < kLanes ? move.rows - i : kLanes;
    for (std::size_t j = 0; j < move.columns; j += kLanes) {
      const std::size_t columns = move.columns - j < kLanes ? move.columns - j : kLanes;
      const float* const from = move.from + static_cast<std::ptrdiff_t>(i) * move.from_row + j;
      float* const to = move.to + static_cast<std::ptrdiff_t>(j) * move.to_row + i;
      if (rows == kLanes && columns == kLanes) {
        transpose_square(from, move.from_row, to, move.to_row);
        continue;
      }
      for (std::size_t x = 0; x < rows; ++x) {
        for (std::size_t y = 0; y < columns; ++y)
          to[static_cast<std::ptrdiff_t>(y) * move.to_row + static_cast<std::ptrdiff_t>(x)] =
              from[static_cast<std::ptrdiff_t>(x) * move.from_row + static_cast<std::ptrdiff_t>(y)];
      }
    }
  }
}

constexpr Kernels kKernels = {kRows, kPanel, 0, kLanes, {6, 6, 0, 0}, true, false, multiply, copy, transpose};

}  // namespace

const Kernels& avx2_kernels() {
  return kKernels;
}

}  // namespace astrolabe
