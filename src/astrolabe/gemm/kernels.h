// SPDX-License-Identifier: Apache-2.0
// What each instruction set gives to the driver (gemm.cpp). Only plain data and function names live here: an
// inline function seen by sources with different instruction sets would be merged by the linker, and the
// plain path could then run AVX-512.
//
//   const Kernels& kernels = avx512_kernels();
//   kernels.multiply({.m = 64, .n = 64, .k = 16, .a = x, .a_row = 16, .a_column = 1, .b = w, .b_row = 64,
//                     .b_panel = 32, .c = z, .c_row = 64});
#pragma once

#include <cstddef>

namespace astrolabe {

// C = A B or C += A B, where B lies in panels of `Kernels::panel` columns: B(p, j) =
// b[j / panel * b_panel + p * b_row + j % panel]; of a schedule's tiles `panel` is their width. b_panel ==
// panel is a matrix as it lies in memory.
struct Block {
  std::size_t m = 0, n = 0, k = 0;
  const float* a = nullptr;  // A(i, p) = a[i * a_row + p * a_column]
  std::ptrdiff_t a_row = 0, a_column = 1;
  const float* b = nullptr;
  std::ptrdiff_t b_row = 0, b_panel = 0;
  float* c = nullptr;  // C(i, j) = c[i * c_row + j]
  std::ptrdiff_t c_row = 0;
  bool accumulate = false;
  // The steps of A in runs of k, as the windows of a picture have them: step s * k + p is p steps behind
  // a + s * a_segment. B has segments * k rows.
  std::size_t segments = 1;
  std::ptrdiff_t a_segment = 0;
  // Not null: the rows of A come in groups of Kernels::group_rows, of which m is a multiple; group g begins
  // at a + a_groups[g].
  const std::ptrdiff_t* a_groups = nullptr;
  // Read after this block: asked for while the block is multiplied, where `Kernels::has_ahead` and no
  // schedule's tile. May be null.
  const float* ahead = nullptr;
  std::size_t ahead_floats = 0;
  // Of a schedule; 0 columns leave the tiles to the instruction set. At most `Kernels::most_rows` for the
  // columns, which are a multiple of `Kernels::lanes`. Without segments and groups.
  std::size_t tile_rows = 0, tile_columns = 0;
  std::size_t fetch = 0;    // steps that B is asked for ahead
  bool rows_first = false;  // all panels for a strip of rows, then the next strip
};

// A matrix that is moved: rows lie `from_row` and `to_row` elements apart.
struct Move {
  const float* from = nullptr;
  std::ptrdiff_t from_row = 0;
  float* to = nullptr;
  std::ptrdiff_t to_row = 0;
  std::size_t rows = 0, columns = 0;  // of `from`
};

struct Kernels {
  std::size_t tile_rows;           // most rows of a tile of C
  std::size_t panel;               // columns of a panel of B
  std::size_t group_rows;          // see Block; 0: groups are not known here
  std::size_t lanes;               // columns of a vector
  std::size_t most_rows[4];        // of a tile of 1, 2, 3, 4 vectors; 0: there is none
  bool has_fetch;                  // heeds `Block::fetch`
  bool has_ahead;                  // heeds `Block::ahead`
  void (*multiply)(const Block&);  // m, n, k > 0
  void (*copy)(const Move&);       // to(i, j) = from(i, j)
  void (*transpose)(const Move&);  // to(j, i) = from(i, j)
};

// Of AVX-512 (moves_avx512.cpp).
void copy_avx512(const Move& move);
void transpose_avx512(const Move& move);

const Kernels& plain_kernels();
const Kernels& avx2_kernels();
const Kernels& avx512_kernels();

}  // namespace astrolabe
