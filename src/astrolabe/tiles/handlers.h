// SPDX-License-Identifier: Apache-2.0
// Handlers: loops over strips of elements, one per operation, type and kind of operand, compiled once per
// instruction set. Included by sources that are compiled for other processors: nothing but plain
// declarations, lest the linker keep a shared function that this processor cannot run.
//
//   const Handler add = avx2_handlers().compute[int(TileOp::add)][int(ElementType::f32)][0];
//   add(sum, a, b, nullptr, 4);   // 64 elements
//
// Same bytes for every set. `-ffp-contract=off`; multiply-add in one rounding only where TileOp says so.
#pragma once

#include <cstddef>
#include <cstdint>

namespace astrolabe {

// Handlers work in whole blocks of elements; what is not a whole block is copied to a register first.
inline constexpr std::size_t kTileBlock = 16;
inline constexpr std::size_t kTileLanes = 32;  // kReductionLanes

enum class TileOp : std::uint8_t {
  negate,
  square_root,
  floor,
  round,  // ties to even
  add,
  subtract,
  multiply,
  divide,  // f32 and f64
  minimum,
  maximum,
  less,
  equal,
  logical_and,
  logical_or,
  exclusive_or,
  shift_left,
  shift_right,
  select,  // boolean, then two of the type
  fused_multiply_add,
};
inline constexpr std::size_t kTileOps = 19;
inline constexpr std::size_t kTileTypes = 8;  // as ElementType
inline constexpr std::size_t kUniformities =
    8;                                        // bit i: operand i is uniform, its first element stands for all
inline constexpr std::size_t kTileJoins = 3;  // as ReduceKind

// Elements [16 * blocks] of the result from those of up to three operands. The result may be one of the
// operands.
using Handler = void (*)(void* result, const void* a, const void* b, const void* c, std::size_t blocks);
// lanes [32] = start [32], where element i of values [n] joins lane i mod 32. Both may be the same.
using LaneHandler = void (*)(void* lanes, const void* start, const void* values, std::size_t n);
// lanes [32] as one: lane j is joined with lane j + half for half = 16, 8, .. 1; the result is in lane 0.
using TreeHandler = void (*)(void* lanes);
// results [rows]: each row of values [rows, n] by lanes and tree; lanes start from the first element of
// identity. For short rows: several are worked on at once.
using ShortRowHandler = void (*)(void* results, const void* identity, const void* values, std::size_t rows,
                                 std::size_t n);
// accumulators [n]: the rows of values [rows, n] join one after the other.
using RowHandler = void (*)(void* accumulators, const void* values, std::size_t rows, std::size_t n);

// Null where nothing of that kind is needed.
struct HandlerTable {
  Handler compute[kTileOps][kTileTypes][kUniformities];
  Handler cast[kTileTypes][kTileTypes];  // from, to; not those of bf16 and f16
  LaneHandler lanes[kTileJoins][kTileTypes];
  TreeHandler tree[kTileJoins][kTileTypes];
  ShortRowHandler short_rows[kTileJoins][kTileTypes];
  RowHandler rows[kTileJoins][kTileTypes];
};

[[nodiscard]] const HandlerTable& plain_handlers();
[[nodiscard]] const HandlerTable& avx2_handlers();
[[nodiscard]] const HandlerTable& avx512_handlers();

}  // namespace astrolabe
