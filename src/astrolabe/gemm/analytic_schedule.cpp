// SPDX-License-Identifier: Apache-2.0
// Where each rule comes from: benchmarks/schedules.
#include "astrolabe/gemm/analytic_schedule.h"

namespace astrolabe {
namespace {

constexpr std::size_t kFewColumns = 12;  // computed transposed anyway

// B by rows, A by rows: with few rows nothing pays for a copy of B, and its lines come too late unless they
// are asked for. A last tile of one vector would wait for its loads: columns just above one or two tiles of
// 32 are cut otherwise.
GemmSchedule of_rows(const Gemm& product) {
  const std::size_t floats = product.k * product.n;
  if (product.m <= 6) return {.copy_b = floats > kDirectFloats ? Copy::no : Copy::automatic};
  if (product.m <= 9 && (product.k >= 128 || floats > kDirectFloats))
    return {.tile_rows = 9, .tile_columns = 48, .fetch = 8, .copy_b = Copy::no};
  if (floats > kDirectFloats && floats * product.m <= kDirectWork)
    return {.tile_rows = 14, .tile_columns = 32, .fetch = 8, .copy_b = Copy::no};
  if (product.n > 32 && product.n <= 48) return {.tile_rows = 9, .tile_columns = 48};
  if (product.n > 64 && product.n <= 80) return {.tile_rows = 8, .tile_columns = 48};
  return {};
}

// B by columns, which is copied by transposing.
GemmSchedule of_turned_b(const Gemm& product) {
  if (product.n < 64) return {};
  // A fills whole vectors: transposing it instead, and C at the end, moves less.
  const bool is_whole = product.m == 16 || product.m == 32;
  if (is_whole && product.a_column == 1 && product.k >= 64) return {.turn = Turn::yes};
  // Few rows use a transposed block once or twice: it should not leave the first-level cache in between.
  if (product.m >= 7 && product.m <= 24 && product.n >= 128 && product.k >= 128)
    return {.block_columns = 64, .block_steps = 64};
  // Few steps: long rows of C are the faster way to write it.
  if (product.k <= 64 && product.m >= 32) return {.tile_rows = 6, .tile_columns = 64};
  return {};
}

// A by columns: each step reads another page. Short blocks of steps meet their pages again in time.
GemmSchedule of_turned_a(const Gemm& product) {
  if (product.k < 256 || product.m < 48 || product.n < 32) return {};
  return {.tile_rows = 6, .tile_columns = 64, .block_steps = 64};
}

// On AVX2 few rows mean the same: no copy of B, but its lines asked for. And where B lies by columns A is
// turned instead, whose rows fill vectors of 8 better than those of 16.
GemmSchedule of_few_rows_by_eights(const Gemm& product) {
  const std::size_t m = product.m, floats = product.k * product.n;
  if (product.a_column != 1) return {};
  if (product.b_column != 1) {
    const bool fills = m >= 7 && (m <= 16 || m == 24 || m == 32);
    return {.turn = fills && product.n >= 64 && product.k >= 64 ? Turn::yes : Turn::automatic};
  }
  if (floats <= kDirectFloats || floats * m > kDirectWork) return {};
  return {.tile_rows = 6, .tile_columns = 16, .fetch = 8, .copy_b = Copy::no};
}

}  // namespace

GemmSchedule analytic_schedule(const Gemm& product, InstructionSet set) {
  if (set == InstructionSet::plain || product.n <= kFewColumns) return {};
  if (set == InstructionSet::avx2) return of_few_rows_by_eights(product);
  if (product.b_column != 1) return of_turned_b(product);
  if (product.a_column == 1) return of_rows(product);
  return product.a_row == 1 ? of_turned_a(product) : GemmSchedule{};
}

}  // namespace astrolabe
