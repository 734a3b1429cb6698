// SPDX-License-Identifier: Apache-2.0
// AVX-512: a tile of C is up to 14 rows by 2 vectors of 16 columns: 28 of the 32 registers hold it, 2 hold a
// row of B, the rest an element of A, broadcast. Few rows get wider tiles, so that enough chains run at once.
// Compiled with AVX-512 on: nothing here may come from a header that other sources share (kernels.h).
#include <cstdint>

#include <immintrin.h>

#include "astrolabe/gemm/kernels.h"

namespace astrolabe {
namespace {

constexpr std::size_t kLanes = 16;
constexpr std::size_t kRows = 14;
constexpr std::size_t kPanel = 32;
constexpr std::size_t kGroup = 4;    // rows of A with one pointer
constexpr std::size_t kLongK = 128;  // steps in which memory has time to answer

#include "astrolabe/gemm/tile_avx512.inc"

using TileFunction = void (*)(const Tile&);

template <int Vectors, bool Masked, Fetch F = Fetch::nothing>
struct Tiles {
  static constexpr TileFunction kByRows[kRows] = {
      multiply_tile<1, Vectors, Masked, 0, F>,  multiply_tile<2, Vectors, Masked, 0, F>,
      multiply_tile<3, Vectors, Masked, 0, F>,  multiply_tile<4, Vectors, Masked, 0, F>,
      multiply_tile<5, Vectors, Masked, 0, F>,  multiply_tile<6, Vectors, Masked, 0, F>,
      multiply_tile<7, Vectors, Masked, 0, F>,  multiply_tile<8, Vectors, Masked, 0, F>,
      multiply_tile<9, Vectors, Masked, 0, F>,  multiply_tile<10, Vectors, Masked, 0, F>,
      multiply_tile<11, Vectors, Masked, 0, F>, multiply_tile<12, Vectors, Masked, 0, F>,
      multiply_tile<13, Vectors, Masked, 0, F>, multiply_tile<14, Vectors, Masked, 0, F>};
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
constexpr const TileFunction* kAskingTiles = Tiles<2, false, Fetch::ahead>::kByRows;

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
                                    multiply_tile<Rows, Vectors, false, 0, Fetch::b>};

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
    tile.ahead += tile.ahead_tile;
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

// Whether the tiles of a block ask for what comes next, a few floats in every step: those of two vectors have
// room for that beside the loads of B. For those of one vector some lines are asked for at once.
bool asks_in_steps(const Block& block, Tile& tile) {
  constexpr std::size_t kMostAtOnce = 1024;  // floats
  if (block.ahead == nullptr) return false;
  if (block.n < kPanel || block.m <= kWideRows || block.k * block.segments <= kShortK) {
    for (std::size_t i = 0; i < block.ahead_floats && i < kMostAtOnce; i += kLanes)
      _mm_prefetch(block.ahead + i, _MM_HINT_T1);
    return false;
  }
  const std::size_t steps = block.k * block.segments;
  const std::size_t all = (block.m + kRows - 1) / kRows * (block.n / kPanel) * steps;
  const std::size_t each = (block.ahead_floats + all - 1) / all;
  const std::size_t step = each < kLanes ? each : kLanes;
  tile.ahead_step = static_cast<std::ptrdiff_t>(step);
  tile.ahead_tile = static_cast<std::ptrdiff_t>(step * steps);
  return true;
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
            0xFFFF,
            block.accumulate,
            block.segments,
            block.a_segment - static_cast<std::ptrdiff_t>(block.k) * block.a_column,
            block.a_groups,
            0,
            block.ahead,
            0,
            0};
  if (block.tile_columns != 0) return multiply_strips(block, tile);
  std::size_t left = block.n;
  const bool asks = asks_in_steps(block, tile);
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
      multiply_columns(block, tile, asks && !is_masked ? kAskingTiles : kTiles[is_masked ? 1 : 0], kRows);
    tile.b += block.b_panel;
    tile.c += kPanel;
    left -= columns;
  }
}

constexpr Kernels kKernels = {kRows, kPanel, kGroup,   kLanes,      {14, 14, 9, 6},
                              true,  true,   multiply, copy_avx512, transpose_avx512};

}  // namespace

const Kernels& avx512_kernels() {
  return kKernels;
}

}  // namespace astrolabe
