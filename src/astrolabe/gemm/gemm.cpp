// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/gemm/gemm.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "astrolabe/gemm/analytic_schedule.h"
#include "astrolabe/gemm/kernel_choice.h"
#include "astrolabe/gemm/kernels.h"

namespace astrolabe {
namespace {

constexpr std::size_t kLine = 16;  // floats of a cache line

// A block of A (kBlockM x kBlockK) and one of B (kBlockK x kBlockN) fit the second-level cache together. A is
// read where it lies, except when all its columns fall into the same few sets of a cache (kBadStride):
// elsewhere copies of it cost more than they saved (benchmarks/gemm). B is copied when its columns do not lie
// one after another, or when it is larger than kDirectFloats.
constexpr std::size_t kBlockM = 224;
constexpr std::size_t kBlockN = 256;
constexpr std::size_t kBlockK = 1024;
constexpr std::ptrdiff_t kBadStride = 256;  // floats; any multiple of it
constexpr std::size_t kBadFloats = 32 * 1024;
constexpr std::size_t kFewRows = 6;  // these get tiles that are wider than a panel

enum class CopyOfA : std::uint8_t { none, as_it_lies, turned };

struct Plan {
  CopyOfA copy_a = CopyOfA::none;
  bool pack_b = false;
  std::size_t panel = 0;                                   // columns of a copied panel of B
  std::size_t tile_rows = 0, tile_columns = 0, fetch = 0;  // of a schedule, as Block knows them
  bool rows_first = false;
  std::size_t mc = 0, nc = 0, kc = 0;  // sizes of a block
  std::ptrdiff_t a_stride = 0;         // of the copy of A
  std::size_t a_floats = 0;            // of that copy, which stands before that of B
  std::size_t floats = 0;              // of both
};

std::size_t round_up(std::size_t value, std::size_t unit) {
  return (value + unit - 1) / unit * unit;
}

// `size` in equal blocks of at most `limit`.
std::size_t even_block(std::size_t size, std::size_t limit, std::size_t unit) {
  if (size <= limit) return size;
  const std::size_t blocks = (size + limit - 1) / limit;
  return std::min(size, round_up((size + blocks - 1) / blocks, unit));
}

// What the schedule says of A, or what its strides ask for.
CopyOfA choose_copy_of_a(const Gemm& product, const Kernels& kernels, Copy wanted) {
  if (wanted == Copy::automatic) {
    const bool is_bad = product.a_row == 1 && product.a_column % kBadStride == 0 &&
                        product.m * product.k >= kBadFloats && product.n > kernels.panel;
    return is_bad ? CopyOfA::as_it_lies : CopyOfA::none;
  }
  if (wanted == Copy::no || (product.a_row != 1 && product.a_column != 1)) return CopyOfA::none;
  return wanted == Copy::yes ? CopyOfA::as_it_lies : CopyOfA::turned;
}

// The schedule's tile, if the set has it.
void choose_tile(const GemmSchedule& schedule, const Kernels& kernels, Plan& plan) {
  if (!has_tile(kernels, schedule.tile_rows, schedule.tile_columns)) return;
  plan.tile_rows = schedule.tile_rows;
  plan.tile_columns = schedule.tile_columns;
  plan.panel = schedule.tile_columns;
  plan.fetch = kernels.has_fetch ? schedule.fetch : 0;
  plan.rows_first = schedule.order == TileOrder::rows;
}

std::size_t limit_of(std::uint32_t wanted, std::size_t otherwise) {
  return wanted != 0 ? wanted : otherwise;
}

Plan make_plan(const Gemm& product, const Kernels& kernels, const GemmSchedule& schedule) {
  Plan plan;
  plan.panel = kernels.panel;
  choose_tile(schedule, kernels, plan);
  const bool wants_copy = schedule.copy_b == Copy::automatic ? product.k * product.n > kDirectFloats
                                                             : schedule.copy_b == Copy::yes;
  plan.pack_b = (product.b_column != 1 && product.n > 1) || wants_copy;
  plan.kc = even_block(product.k, limit_of(schedule.block_steps, kBlockK), kLine);
  plan.mc = even_block(product.m, limit_of(schedule.block_rows, kBlockM),
                       plan.tile_rows != 0 ? plan.tile_rows : kernels.tile_rows);
  plan.nc = plan.pack_b || schedule.block_columns != 0
                ? even_block(product.n, limit_of(schedule.block_columns, kBlockN), plan.panel)
                : product.n;
  plan.copy_a = choose_copy_of_a(product, kernels, schedule.copy_a);
  if (plan.copy_a != CopyOfA::none) {
    // An odd number of cache lines spreads the rows of the copy over all sets.
    const bool by_columns = (product.a_row == 1) == (plan.copy_a == CopyOfA::as_it_lies);
    const std::size_t length = by_columns ? plan.mc : plan.kc;
    const std::size_t stride = (round_up(length, kLine) / kLine | 1U) * kLine;
    plan.a_stride = static_cast<std::ptrdiff_t>(stride);
    plan.a_floats = stride * (by_columns ? plan.kc : plan.mc);
  }
  plan.floats = plan.a_floats + (plan.pack_b ? round_up(plan.nc, plan.panel) * plan.kc : 0);
  return plan;
}

// Any strides: for operands that a caller has cut in unusual ways.
void copy_slowly(const Move& move, std::ptrdiff_t from_column) {
  for (std::size_t i = 0; i < move.rows; ++i) {
    const float* from = move.from + static_cast<std::ptrdiff_t>(i) * move.from_row;
    float* to = move.to + static_cast<std::ptrdiff_t>(i) * move.to_row;
    for (std::size_t j = 0; j < move.columns; ++j, from += from_column) *to++ = *from;
  }
}

// A block of B as it lies in memory or copied into panels.
void place_b(const Gemm& product, const Plan& plan, const Kernels& kernels, float* memory, Block& block) {
  const auto panel = static_cast<std::ptrdiff_t>(plan.panel);
  const float* from = block.b;
  if (!plan.pack_b) {
    block.b_row = product.b_row;
    block.b_panel = panel;
    return;
  }
  if (product.b_row == 1 && product.m <= kFewRows) {
    block.b = memory;
    block.b_row = static_cast<std::ptrdiff_t>(round_up(block.n, plan.panel));
    block.b_panel = panel;
    kernels.transpose({from, product.b_column, memory, block.b_row, block.n, block.k});
    return;
  }
  float* to = memory;
  const std::ptrdiff_t panel_floats = panel * static_cast<std::ptrdiff_t>(block.k);
  for (std::size_t left = block.n; left != 0;) {
    const std::size_t columns = std::min(left, plan.panel);
    if (product.b_column == 1)
      kernels.copy({from, product.b_row, to, panel, block.k, columns});
    else if (product.b_row == 1)
      kernels.transpose({from, product.b_column, to, panel, columns, block.k});
    else
      copy_slowly({from, product.b_row, to, panel, block.k, columns}, product.b_column);
    from += panel * product.b_column;
    to += panel_floats;
    left -= columns;
  }
  block.b = memory;
  block.b_row = panel;
  block.b_panel = panel_floats;
}

// A block of A as it lies in memory or copied.
void place_a(const Gemm& product, const Plan& plan, const Kernels& kernels, float* memory, Block& block) {
  block.a_row = product.a_row;
  block.a_column = product.a_column;
  if (plan.copy_a == CopyOfA::none) return;
  const bool lies_by_columns = product.a_row == 1;
  const bool is_turned = plan.copy_a == CopyOfA::turned;
  const Move move{.from = block.a,
                  .from_row = lies_by_columns ? product.a_column : product.a_row,
                  .to = memory,
                  .to_row = plan.a_stride,
                  .rows = lies_by_columns ? block.k : block.m,
                  .columns = lies_by_columns ? block.m : block.k};
  (is_turned ? kernels.transpose : kernels.copy)(move);
  block.a = memory;
  block.a_row = lies_by_columns != is_turned ? 1 : plan.a_stride;
  block.a_column = lies_by_columns != is_turned ? plan.a_stride : 1;
}

// Blocks of B outside, blocks of A inside: each copied block of B is used for all of A.
void multiply_blocks(const Gemm& product, const Kernels& kernels, const Plan& plan, float* memory) {
  Block part;
  part.c_row = product.c_row;
  part.tile_rows = plan.tile_rows;
  part.tile_columns = plan.tile_columns;
  part.fetch = plan.fetch;
  part.rows_first = plan.rows_first;
  for (std::size_t j = 0; j < product.n; j += plan.nc) {
    for (std::size_t p = 0; p < product.k; p += plan.kc) {
      part.n = std::min(plan.nc, product.n - j);
      part.k = std::min(plan.kc, product.k - p);
      part.b = product.b + static_cast<std::ptrdiff_t>(p) * product.b_row +
               static_cast<std::ptrdiff_t>(j) * product.b_column;
      place_b(product, plan, kernels, memory + plan.a_floats, part);
      for (std::size_t i = 0; i < product.m; i += plan.mc) {
        part.m = std::min(plan.mc, product.m - i);
        part.a = product.a + static_cast<std::ptrdiff_t>(i) * product.a_row +
                 static_cast<std::ptrdiff_t>(p) * product.a_column;
        place_a(product, plan, kernels, memory, part);
        part.c = product.c + static_cast<std::ptrdiff_t>(i) * product.c_row + static_cast<std::ptrdiff_t>(j);
        part.accumulate = product.accumulate || p != 0;
        kernels.multiply(part);
      }
    }
  }
}

// Few columns waste most of each vector. The transposed product C' = B' A' has vectors along the rows of A:
// worth it when A lies that way, or when transposing A costs less than the waste.
bool wants_transposed(const Gemm& product, Turn turn) {
  if (turn != Turn::automatic) return turn == Turn::yes;
  if (product.m < 2 * kLine) return false;
  return product.n <= (product.a_row == 1 ? std::size_t{12} : std::size_t{7});
}

void multiply_transposed(const Gemm& product, const Kernels& kernels, const GemmSchedule& schedule,
                         GemmScratch& scratch) {
  const bool in_place = product.n == 1 && product.c_row == 1;
  const std::size_t c_stride = round_up(product.m, kLine);
  Gemm turned{.m = product.n,
              .n = product.m,
              .k = product.k,
              .a = product.b,
              .a_row = product.b_column,
              .a_column = product.b_row,
              .b = product.a,
              .b_row = product.a_column,
              .b_column = product.a_row,
              .c = product.c,
              .c_row = static_cast<std::ptrdiff_t>(c_stride),
              .accumulate = product.accumulate};
  const Plan plan = make_plan(turned, kernels, schedule);
  const std::size_t c_floats = in_place ? 0 : c_stride * product.n;
  float* const memory = scratch.reserve(c_floats + plan.floats);
  if (!in_place) turned.c = memory;
  if (!in_place && product.accumulate)
    kernels.transpose({product.c, product.c_row, turned.c, turned.c_row, product.m, product.n});
  multiply_blocks(turned, kernels, plan, memory + c_floats);
  if (!in_place) kernels.transpose({turned.c, turned.c_row, product.c, product.c_row, product.n, product.m});
}

}  // namespace

float* GemmScratch::reserve(std::size_t floats) {
  if (memory_.bytes() < floats * sizeof(float)) {
    memory_ = Buffer();
    memory_ = Buffer(floats * sizeof(float));
  }
  return reinterpret_cast<float*>(memory_.data());
}

void gemm(const Gemm& product, InstructionSet set, GemmScratch& scratch, const GemmSchedule& wanted) {
  if (product.m == 0 || product.n == 0) return;
  if (product.k == 0) {
    for (std::size_t i = 0; i < product.m && !product.accumulate; ++i)
      std::fill_n(product.c + static_cast<std::ptrdiff_t>(i) * product.c_row, product.n, 0.0F);
    return;
  }
  GemmSchedule schedule = wanted;
  schedule.split = Split::automatic;  // of whoever cut the parts
  if (schedule == GemmSchedule{}) schedule = analytic_schedule(product, set);
  const Kernels& kernels = kernels_of(set);
  if (wants_transposed(product, schedule.turn)) {
    multiply_transposed(product, kernels, schedule, scratch);
    return;
  }
  const Plan plan = make_plan(product, kernels, schedule);
  float* const memory = plan.floats != 0 ? scratch.reserve(plan.floats) : nullptr;
  multiply_blocks(product, kernels, plan, memory);
}

std::vector<TileShape> largest_tiles(InstructionSet set) {
  const Kernels& kernels = kernels_of(set);
  std::vector<TileShape> tiles;
  for (std::size_t vectors = 1; vectors <= std::size(kernels.most_rows); ++vectors) {
    const std::size_t rows = kernels.most_rows[vectors - 1];
    if (rows != 0) tiles.push_back({.rows = rows, .columns = vectors * kernels.lanes});
  }
  return tiles;
}

bool is_runnable(const GemmSchedule& schedule, InstructionSet set) {
  if (schedule.fetch != 0 && (schedule.tile_rows == 0 || !kernels_of(set).has_fetch)) return false;
  if (schedule.tile_rows == 0 && schedule.tile_columns == 0) return true;
  Plan plan;
  choose_tile(schedule, kernels_of(set), plan);
  return plan.tile_rows != 0;
}

Gemm gemm_part(const Gemm& whole, std::size_t parts, std::size_t part, Split split) {
  constexpr std::size_t kTileRows = 14;
  constexpr std::size_t kTileColumns = 32;
  constexpr std::size_t kFewestRows = 8;  // fewer are not worth cutting
  // Cut by columns, no part copies what another one copies, too; cut by rows, the parts share B as it lies.
  const std::size_t column_tiles = (whole.n + kTileColumns - 1) / kTileColumns;
  const bool is_copied = whole.b_column != 1 || whole.k * whole.n > kDirectFloats;
  Gemm result = whole;
  const bool by_columns =
      split == Split::automatic ? is_copied || whole.m < kFewestRows * parts : split == Split::columns;
  if (column_tiles >= parts && by_columns) {
    const std::size_t begin = std::min(whole.n, column_tiles * part / parts * kTileColumns);
    const std::size_t end = std::min(whole.n, column_tiles * (part + 1) / parts * kTileColumns);
    result.n = end - begin;
    result.b += static_cast<std::ptrdiff_t>(begin) * whole.b_column;
    result.c += begin;
    return result;
  }
  // With few tiles equal heights matter more than whole tiles.
  const std::size_t unit = whole.m >= 10 * kTileRows * parts ? kTileRows : 1;
  const std::size_t units = (whole.m + unit - 1) / unit;
  const std::size_t begin = std::min(whole.m, units * part / parts * unit);
  const std::size_t end = std::min(whole.m, units * (part + 1) / parts * unit);
  result.m = end - begin;
  result.a += static_cast<std::ptrdiff_t>(begin) * whole.a_row;
  result.c += static_cast<std::ptrdiff_t>(begin) * whole.c_row;
  return result;
}

}  // namespace astrolabe
