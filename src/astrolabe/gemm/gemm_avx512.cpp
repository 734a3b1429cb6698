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
constexpr std::size_t kGroup = 2;    // see Block::a_groups
constexpr std::size_t kLongK = 128;  // steps in which memory has time to answer

#include "astrolabe/gemm/tile_avx512.inc"

using TileFunction = void (*)(const Tile&);

// Tiles of 1 to Most rows; [rows - 1].
template <int Most, int Vectors, bool Masked, Fetch F, Known Is>
struct TileTable {
  TileFunction tiles[Most] = {};
  constexpr TileTable() { fill<Most>(); }
  template <int Rows>
  constexpr void fill() {
    tiles[Rows - 1] = multiply_tile<Rows, Vectors, Masked, F, Is>;
    if constexpr (Rows > 1) fill<Rows - 1>();
  }
};
template <int Most, int Vectors, bool Masked, Fetch F = Fetch::nothing, Known Is = Known{}>
constexpr TileTable<Most, Vectors, Masked, F, Is> kTiles{};

constexpr bool keeps_to(const Block& block, const Known& is) {
  return (is.row == 0 || block.a_row == is.row) && (is.column == 0 || block.a_column == is.column) &&
         (is.b_row == 0 || block.b_row == is.b_row) && block.k % static_cast<std::size_t>(is.steps) == 0;
}

// Of whole vectors: the first that know what is so of the block; the last ones always do.
template <int Most, int Vectors, Fetch F, Known Is, Known... Others>
const TileFunction* whole_tiles(const Block& block) {
  if constexpr (sizeof...(Others) > 0)
    if (!keeps_to(block, Is)) return whole_tiles<Most, Vectors, F, Others...>(block);
  return kTiles<Most, Vectors, false, F, Is>.tiles;
}

// One vector of columns leaves room for more rows: those of A that windows of 1, 3, 16 or 32 channels have,
// or the taps of any. (Unrolled steps of taps were a tenth slower.)
constexpr std::size_t kTallRows = 28;
const TileFunction* tall_tiles(bool is_masked, const Block& block) {
  if (is_masked) return kTiles<kTallRows, 1, true>.tiles;
  return whole_tiles<kTallRows, 1, Fetch::nothing, Known{16, 1, 16, 4, 0}, Known{32, 1, 16, 4, 0},
                     Known{1, 16, 16, 1, 0}, Known{1, 0, 0, 1, 0}, Known{3, 0, 0, 1, 0},
                     Known{16, 0, 0, 1, 0}, Known{32, 0, 0, 1, 0}, Known{}>(block);
}

// Rows in groups of two: of seven groups there are pointers.
template <int Vectors, Fetch F>
const TileFunction* grouped_tiles(bool is_masked, const Block& block) {
  constexpr Known kAny{0, 0, 0, 1, kGroup};
  if (is_masked) return kTiles<kRows, Vectors, true, Fetch::nothing, kAny>.tiles;
  return whole_tiles<kRows, Vectors, F, Known{0, 1, Vectors * kLanes, 4, kGroup}, kAny>(block);
}

// Two vectors: B in panels, or the taps of 32 or 64 channels by as many filters.
template <Fetch F>
const TileFunction* panel_tiles(bool is_masked, const Block& block) {
  if (block.a_groups != nullptr) return grouped_tiles<2, F>(is_masked, block);
  if (is_masked) return kTiles<kRows, 2, true>.tiles;
  return whole_tiles<kRows, 2, F, Known{0, 1, kPanel, 2, 4}, Known{1, 32, 32, 2, 0}, Known{1, 64, 64, 2, 0},
                     Known{}>(block);
}

// Tiles of 64 columns for 1 to 6 rows, of 128 columns for 1 and 2. With few steps (kShortK) fewer, longer
// rows of C are the faster way to write it.
constexpr std::size_t kWideRows = 6;
constexpr std::size_t kWidestRows = 2;
constexpr std::size_t kShortK = 64;

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
                                    multiply_tile<Rows, Vectors, false, Fetch::b>};

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
template <std::size_t Most>
void multiply_columns(const Block& block, Tile& tile, const TileFunction* functions) {
  const float* const a = tile.a;
  float* const c = tile.c;
  const std::size_t unit = block.a_groups != nullptr ? kGroup : 1;
  const std::size_t units = block.a_groups != nullptr ? block.m / kGroup : block.m;
  const std::size_t tiles = (block.m + Most - 1) / Most;
  // (A division takes as long as several steps.)
  const std::size_t low = tiles == 1 ? units : tiles == 2 ? units / 2 : units / tiles;
  const std::size_t taller = units - low * tiles;
  for (std::size_t t = 0; t < tiles; ++t) {
    const std::size_t count = low + (t < taller ? 1 : 0), height = count * unit;
    functions[height - 1](tile);
    if (block.a_groups != nullptr)
      tile.a_groups += count;
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
  const bool is_grouped = block.a_groups != nullptr;
  const bool is_short = block.k * block.segments <= kShortK || block.m <= kWideRows;
  if (block.b_panel == kPanel && is_short && !is_grouped) {
    for (; block.m <= kWidestRows && left >= 128; left -= 128, tile.b += 128, tile.c += 128)
      kTiles<kWidestRows, 8, false>.tiles[block.m - 1](tile);
    const TileFunction* const tiles =
        whole_tiles<kWideRows, 4, Fetch::nothing, Known{1, 64, 64, 4, 0}, Known{}>(block);
    for (; left >= 64; left -= 64, tile.b += 64, tile.c += 64)
      multiply_columns<kWideRows>(block, tile, tiles);
  }
  while (left != 0) {
    const std::size_t columns = left < kPanel ? left : kPanel;
    const std::size_t vectors = columns > kLanes ? 2 : 1;
    tile.mask = mask_of(columns - (vectors - 1) * kLanes);
    const bool is_masked = tile.mask != 0xFFFF;
    if (vectors == 1 && is_grouped)
      multiply_columns<kRows>(block, tile, grouped_tiles<1, Fetch::nothing>(is_masked, block));
    else if (vectors == 1)
      multiply_columns<kTallRows>(block, tile, tall_tiles(is_masked, block));
    else
      multiply_columns<kRows>(
          block, tile,
          asks ? panel_tiles<Fetch::ahead>(is_masked, block) : panel_tiles<Fetch::nothing>(is_masked, block));
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
