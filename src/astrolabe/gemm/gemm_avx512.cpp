// SPDX-License-Identifier: Apache-2.0
// AVX-512: a tile of C is up to 14 rows by 2 vectors of 16 columns: 28 of the 32 registers hold it, 2 hold a
// row of B, the rest an element of A, broadcast. Few rows get wider tiles, so that enough chains run at once.
// Compiled with AVX-512 on: nothing here may come from a header that other sources share (kernels.h).
#include <immintrin.h>

#include "astrolabe/gemm/kernels.h"

namespace astrolabe {
namespace {

constexpr std::size_t kLanes = 16;
constexpr std::size_t kRows = 14;
constexpr std::size_t kPanel = 32;
constexpr std::size_t kGroup = 4;    // rows of A with one pointer
constexpr std::size_t kLongK = 128;  // steps in which memory has time to answer

struct Tile {
  const float* a;
  const float* b;
  float* c;
  std::ptrdiff_t a_row, a_column, b_row, c_row;
  std::size_t k;
  __mmask16 mask;  // of the last vector of columns
  bool accumulate;
  std::size_t segments;
  std::ptrdiff_t a_skip;           // from behind one run of k steps to the next one
  const std::ptrdiff_t* a_groups;  // where groups of rows begin; null: one behind the other
  std::ptrdiff_t fetch;            // how far ahead B is asked for, in elements
};

// A masked load costs a second instruction slot, which only the last columns of a matrix should pay.
template <bool Masked>
__m512 load(const float* from, __mmask16 mask) {
  return Masked ? _mm512_maskz_loadu_ps(mask, from) : _mm512_loadu_ps(from);
}

// Asks for the C of the tile below this one, which comes next. (Beyond the last row it asks in vain.)
template <int Rows, int Vectors>
void fetch_below(const Tile& tile) {
  const float* c = tile.c + Rows * tile.c_row;
#pragma GCC unroll 28
  for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; ++v) _mm_prefetch(c + v * kLanes, _MM_HINT_T1);
    c += tile.c_row;
  }
}

const float* group_of(const Tile& tile, std::ptrdiff_t g) {
  return tile.a +
         (tile.a_groups != nullptr ? tile.a_groups[g] : g * static_cast<std::ptrdiff_t>(kGroup) * tile.a_row);
}

// Rows by Vectors of 16 columns of C, the sums in registers throughout. Where one vector makes the elements
// of A the bottleneck, it pays to know how far apart they are (Apart; 0: any): an address with an index in it
// costs an operation more.
template <int Rows, int Vectors, bool Masked, int Apart = 0, bool Fetches = false>
void multiply_tile(const Tile& tile) {
  __m512 sum[Rows][Vectors];
  const __mmask16 mask = tile.mask;
#pragma GCC unroll 28
  for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; ++v) sum[i][v] = _mm512_setzero_ps();
  }
  if (tile.accumulate) {
    const float* c = tile.c;
#pragma GCC unroll 28
    for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 8
      for (int v = 0; v < Vectors; ++v)
        sum[i][v] = v + 1 < Vectors ? load<false>(c + v * kLanes, mask) : load<Masked>(c + v * kLanes, mask);
      c += tile.c_row;
    }
  }
  if (tile.k * tile.segments >= kLongK) fetch_below<Rows, Vectors>(tile);
  const std::ptrdiff_t row = Apart != 0 ? Apart : tile.a_row;
  const std::ptrdiff_t column = tile.a_column;
  // One pointer for every kGroup rows, or for all when it is known how far apart they are. (As an array they
  // would lie on the stack.)
  const float* a0 = group_of(tile, 0);
  const float* a1 = Apart == 0 && Rows > 4 ? group_of(tile, 1) : a0;
  const float* a2 = Apart == 0 && Rows > 8 ? group_of(tile, 2) : a0;
  const float* a3 = Apart == 0 && Rows > 12 ? group_of(tile, 3) : a0;
  const float* a4 = Apart == 0 && Rows > 16 ? group_of(tile, 4) : a0;
  const float* a5 = Apart == 0 && Rows > 20 ? group_of(tile, 5) : a0;
  const float* a6 = Apart == 0 && Rows > 24 ? group_of(tile, 6) : a0;
  const float* b = tile.b;
  for (std::size_t left_over = tile.segments;;) {
    for (std::size_t p = tile.k; p != 0; --p) {
      __m512 line[Vectors];
#pragma GCC unroll 8
      for (int v = 0; v < Vectors; ++v)
        line[v] = v + 1 < Vectors ? load<false>(b + v * kLanes, mask) : load<Masked>(b + v * kLanes, mask);
      if (Fetches) {
#pragma GCC unroll 8
        for (int v = 0; v < Vectors; ++v) _mm_prefetch(b + tile.fetch + v * kLanes, _MM_HINT_T0);
      }
#pragma GCC unroll 28
      for (int i = 0; i < Rows; ++i) {
        const float* const base = Apart != 0 ? a0 + i / 4 * 4 * row
                                  : i < 4    ? a0
                                  : i < 8    ? a1
                                  : i < 12   ? a2
                                  : i < 16   ? a3
                                  : i < 20   ? a4
                                  : i < 24   ? a5
                                             : a6;
        const __m512 left = _mm512_set1_ps(base[i % 4 * row]);
#pragma GCC unroll 8
        for (int v = 0; v < Vectors; ++v) sum[i][v] = _mm512_fmadd_ps(left, line[v], sum[i][v]);
      }
      a0 += column;
      if (Apart == 0 && Rows > 4) a1 += column;
      if (Apart == 0 && Rows > 8) a2 += column;
      if (Apart == 0 && Rows > 12) a3 += column;
      if (Apart == 0 && Rows > 16) a4 += column;
      if (Apart == 0 && Rows > 20) a5 += column;
      if (Apart == 0 && Rows > 24) a6 += column;
      b += tile.b_row;
    }
    if (--left_over == 0) break;
    a0 += tile.a_skip;
    if (Apart == 0 && Rows > 4) a1 += tile.a_skip;
    if (Apart == 0 && Rows > 8) a2 += tile.a_skip;
    if (Apart == 0 && Rows > 12) a3 += tile.a_skip;
    if (Apart == 0 && Rows > 16) a4 += tile.a_skip;
    if (Apart == 0 && Rows > 20) a5 += tile.a_skip;
    if (Apart == 0 && Rows > 24) a6 += tile.a_skip;
  }
  float* c = tile.c;
#pragma GCC unroll 28
  for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; ++v) {
      if (Masked && v + 1 == Vectors)
        _mm512_mask_storeu_ps(c + v * kLanes, mask, sum[i][v]);
      else
        _mm512_storeu_ps(c + v * kLanes, sum[i][v]);
    }
    c += tile.c_row;
  }
}

using TileFunction = void (*)(const Tile&);

template <int Vectors, bool Masked>
struct Tiles {
  static constexpr TileFunction kByRows[kRows] = {
      multiply_tile<1, Vectors, Masked>,  multiply_tile<2, Vectors, Masked>,
      multiply_tile<3, Vectors, Masked>,  multiply_tile<4, Vectors, Masked>,
      multiply_tile<5, Vectors, Masked>,  multiply_tile<6, Vectors, Masked>,
      multiply_tile<7, Vectors, Masked>,  multiply_tile<8, Vectors, Masked>,
      multiply_tile<9, Vectors, Masked>,  multiply_tile<10, Vectors, Masked>,
      multiply_tile<11, Vectors, Masked>, multiply_tile<12, Vectors, Masked>,
      multiply_tile<13, Vectors, Masked>, multiply_tile<14, Vectors, Masked>};
};

// One vector of columns leaves room for more rows.
constexpr std::size_t kTallRows = 28;
template <bool Masked, int Apart>
struct TallTiles {
  static constexpr TileFunction kByRows[kTallRows] = {
      multiply_tile<1, 1, Masked, Apart>,  multiply_tile<2, 1, Masked, Apart>,
      multiply_tile<3, 1, Masked, Apart>,  multiply_tile<4, 1, Masked, Apart>,
      multiply_tile<5, 1, Masked, Apart>,  multiply_tile<6, 1, Masked, Apart>,
      multiply_tile<7, 1, Masked, Apart>,  multiply_tile<8, 1, Masked, Apart>,
      multiply_tile<9, 1, Masked, Apart>,  multiply_tile<10, 1, Masked, Apart>,
      multiply_tile<11, 1, Masked, Apart>, multiply_tile<12, 1, Masked, Apart>,
      multiply_tile<13, 1, Masked, Apart>, multiply_tile<14, 1, Masked, Apart>,
      multiply_tile<15, 1, Masked, Apart>, multiply_tile<16, 1, Masked, Apart>,
      multiply_tile<17, 1, Masked, Apart>, multiply_tile<18, 1, Masked, Apart>,
      multiply_tile<19, 1, Masked, Apart>, multiply_tile<20, 1, Masked, Apart>,
      multiply_tile<21, 1, Masked, Apart>, multiply_tile<22, 1, Masked, Apart>,
      multiply_tile<23, 1, Masked, Apart>, multiply_tile<24, 1, Masked, Apart>,
      multiply_tile<25, 1, Masked, Apart>, multiply_tile<26, 1, Masked, Apart>,
      multiply_tile<27, 1, Masked, Apart>, multiply_tile<28, 1, Masked, Apart>};
};

// The rows of A that windows of 1, 3, 16 or 32 channels have, or the taps of any.
const TileFunction* tall_tiles(bool is_masked, const Block& block) {
  if (is_masked) return TallTiles<true, 0>::kByRows;
  if (block.a_groups != nullptr) return TallTiles<false, 0>::kByRows;
  switch (block.a_row) {
    case 1:
      return TallTiles<false, 1>::kByRows;
    case 3:
      return TallTiles<false, 3>::kByRows;
    case 16:
      return TallTiles<false, 16>::kByRows;
    case 32:
      return TallTiles<false, 32>::kByRows;
    default:
      return TallTiles<false, 0>::kByRows;
  }
}

// Two vectors; [rows - 1]
constexpr const TileFunction* kTiles[2] = {Tiles<2, false>::kByRows, Tiles<2, true>::kByRows};

// Tiles of 64 columns for 1 to 6 rows, of 128 columns for 1 and 2. With few steps (kShortK) fewer, longer
// rows of C are the faster way to write it.
constexpr std::size_t kWideRows = 6;
constexpr std::size_t kShortK = 64;
constexpr TileFunction kWideTiles[kWideRows] = {multiply_tile<1, 4, false>, multiply_tile<2, 4, false>,
                                                multiply_tile<3, 4, false>, multiply_tile<4, 4, false>,
                                                multiply_tile<5, 4, false>, multiply_tile<6, 4, false>};
constexpr TileFunction kWidestTiles[2] = {multiply_tile<1, 8, false>, multiply_tile<2, 8, false>};

__mmask16 mask_of(std::size_t columns) {
  return columns >= kLanes ? static_cast<__mmask16>(0xFFFF) : static_cast<__mmask16>((1U << columns) - 1U);
}

// Of a schedule: tiles of 1 to 4 vectors, as many rows as registers hold. The first kind masks its last
// vector, the second does not, the third fetches ahead.
constexpr std::size_t kMostVectors = 4;
constexpr std::size_t kMostRows[kMostVectors] = {14, 14, 9, 6};
enum Kind : std::size_t { masked, whole, fetching };

template <int Rows, int Vectors>
constexpr TileFunction kKinds[3] = {multiply_tile<Rows, Vectors, true>, multiply_tile<Rows, Vectors, false>,
                                    multiply_tile<Rows, Vectors, false, 0, true>};

template <int Rows>
TileFunction tile_of_rows(std::size_t rows, std::size_t vectors, Kind kind) {
  if (rows != Rows) {
    if constexpr (Rows > 1) return tile_of_rows<Rows - 1>(rows, vectors, kind);
    return nullptr;
  }
  if (vectors == 1) return kKinds<Rows, 1>[kind];
  if (vectors == 2) return kKinds<Rows, 2>[kind];
  if constexpr (Rows <= 9)
    if (vectors == 3) return kKinds<Rows, 3>[kind];
  if constexpr (Rows <= 6)
    if (vectors == 4) return kKinds<Rows, 4>[kind];
  return nullptr;
}

// All rows of some columns, in tiles of about equal height. The tile is changed and changed back: a copy of
// it would read in one piece what was written in several, and so wait until the last tile's C has left for
// the cache.
void multiply_columns(const Block& block, Tile& tile, const TileFunction* functions, std::size_t most) {
  const float* const a = tile.a;
  float* const c = tile.c;
  const std::size_t unit = block.a_groups != nullptr ? kGroup : 1;
  const std::size_t units = block.m / unit;
  const std::size_t tiles = (units + most / unit - 1) / (most / unit);
  const std::size_t low = units / tiles;
  const std::size_t taller = units % tiles;
  for (std::size_t t = 0; t < tiles; ++t) {
    const std::size_t height = (low + (t < taller ? 1 : 0)) * unit;
    functions[height - 1](tile);
    if (block.a_groups != nullptr)
      tile.a_groups += height / kGroup;
    else
      tile.a += static_cast<std::ptrdiff_t>(height) * tile.a_row;
    tile.c += static_cast<std::ptrdiff_t>(height) * tile.c_row;
  }
  tile.a = a;
  tile.a_groups = block.a_groups;
  tile.c = c;
}

// The columns of a schedule's tile, and what computes it.
struct Columns {
  std::size_t count, vectors, most_rows;
  __mmask16 mask;
  Kind kind;
};

// The next of `left` columns. Where B lies as one piece the tiles get about equal widths: a last tile of one
// vector would wait for its loads.
Columns next_columns(const Block& block, std::size_t left) {
  std::size_t most = block.tile_columns / kLanes;
  const std::size_t vectors = (left + kLanes - 1) / kLanes;
  if (block.b_panel == static_cast<std::ptrdiff_t>(block.tile_columns)) {
    const std::size_t tiles = (vectors + most - 1) / most;
    most = (vectors + tiles - 1) / tiles;
  }
  Columns next{};
  next.vectors = vectors < most ? vectors : most;
  next.count = left < next.vectors * kLanes ? left : next.vectors * kLanes;
  next.mask = mask_of(next.count - (next.vectors - 1) * kLanes);
  next.kind = next.mask != 0xFFFF ? Kind::masked : block.fetch != 0 ? Kind::fetching : Kind::whole;
  next.most_rows =
      next.vectors * kLanes == block.tile_columns ? block.tile_rows : kMostRows[next.vectors - 1];
  return next;
}

// `rows` rows of all columns of the block, which begin at the tile.
void multiply_scheduled(const Block& block, Tile& tile, std::size_t rows) {
  const float* const a = tile.a;
  const float* const b = tile.b;
  float* const begin = tile.c;
  float* c = begin;
  for (std::size_t left = block.n; left != 0;) {
    const Columns next = next_columns(block, left);
    tile.mask = next.mask;
    tile.a = a;
    tile.c = c;
    const std::size_t tiles = (rows + next.most_rows - 1) / next.most_rows;
    const std::size_t height = rows / tiles;
    const std::size_t taller = rows % tiles;
    const TileFunction low = tile_of_rows<kRows>(height, next.vectors, next.kind);
    const TileFunction high = taller != 0 ? tile_of_rows<kRows>(height + 1, next.vectors, next.kind) : low;
    for (std::size_t t = 0; t < tiles; ++t) {
      const std::size_t tall = height + (t < taller ? 1 : 0);
      (t < taller ? high : low)(tile);
      tile.a += static_cast<std::ptrdiff_t>(tall) * tile.a_row;
      tile.c += static_cast<std::ptrdiff_t>(tall) * tile.c_row;
    }
    tile.b += block.b_panel == static_cast<std::ptrdiff_t>(block.tile_columns)
                  ? static_cast<std::ptrdiff_t>(next.count)
                  : block.b_panel;
    c += next.count;
    left -= next.count;
  }
  tile.a = a;
  tile.b = b;
  tile.c = begin;
}

void multiply_strips(const Block& block, Tile& tile) {
  tile.fetch = static_cast<std::ptrdiff_t>(block.fetch) * block.b_row;
  if (!block.rows_first) return multiply_scheduled(block, tile, block.m);
  const std::size_t strips = (block.m + block.tile_rows - 1) / block.tile_rows;
  const std::size_t rows = block.m / strips;
  const std::size_t taller = block.m % strips;
  for (std::size_t t = 0; t < strips; ++t) {
    const std::size_t height = rows + (t < taller ? 1 : 0);
    multiply_scheduled(block, tile, height);
    tile.a += static_cast<std::ptrdiff_t>(height) * tile.a_row;
    tile.c += static_cast<std::ptrdiff_t>(height) * tile.c_row;
  }
}

void multiply(const Block& block) {
  Tile tile{block.a,        block.b,
            block.c,        block.a_row,
            block.a_column, block.b_row,
            block.c_row,    block.k,
            0xFFFF,         block.accumulate,
            block.segments, block.a_segment - static_cast<std::ptrdiff_t>(block.k) * block.a_column,
            block.a_groups, 0};
  if (block.tile_columns != 0) return multiply_strips(block, tile);
  std::size_t left = block.n;
  if (block.b_panel == kPanel && (block.k * block.segments <= kShortK || block.m <= kWideRows)) {
    for (; block.m <= 2 && left >= 128; left -= 128, tile.b += 128, tile.c += 128)
      kWidestTiles[block.m - 1](tile);
    for (; left >= 64; left -= 64, tile.b += 64, tile.c += 64)
      multiply_columns(block, tile, kWideTiles, kWideRows);
  }
  while (left != 0) {
    const std::size_t columns = left < kPanel ? left : kPanel;
    const std::size_t vectors = columns > kLanes ? 2 : 1;
    tile.mask = mask_of(columns - (vectors - 1) * kLanes);
    const bool is_masked = tile.mask != 0xFFFF;
    if (vectors == 1)
      multiply_columns(block, tile, tall_tiles(is_masked, block), kTallRows);
    else
      multiply_columns(block, tile, kTiles[is_masked ? 1 : 0], kRows);
    tile.b += block.b_panel;
    tile.c += kPanel;
    left -= columns;
  }
}

constexpr Kernels kKernels = {kRows, kPanel,   kGroup,      kLanes,          {14, 14, 9, 6},
                              true,  multiply, copy_avx512, transpose_avx512};

}  // namespace

const Kernels& avx512_kernels() {
  return kKernels;
}

}  // namespace astrolabe
