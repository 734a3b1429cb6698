// SPDX-License-Identifier: Apache-2.0
// The text of a net of pictures, both ways.
//
//   const PictureArchitecture net = parse_picture_architecture("conv3x32-conv3x64/2-res-gap-128");
//   net.blocks.size()                 // 4: two convolutions, a residual block, global average pooling
//   net.dense.blocks.size()           // 1: the dense layer behind them
//   picture_architecture_text(net)    // "conv3x32-conv3x64/2-res-gap-128"
//
// Words, with dashes between them:
// - convKxF, convHxWxF: act(norm(F filters of K x K)), zeros around the picture so that it keeps its size;
//   /S behind it: every S-th row and column only. @I behind it: it reads the values of block I too (0 is the
//   picture), side by side with those before it; :I in front of these: block I in place of the block in front
//   (Zoph and Le, "Neural architecture search with reinforcement learning", ICLR 2017). Of different sizes,
//   smaller ones stand in the upper left corner among zeros.
// - res: x + W1 act(norm(W0 x)), both 3 x 3, as wide as what comes in (He et al., "Deep residual learning",
//   CVPR 2016; W1 begins at zero). resF/S: F wide, every S-th row and column only, and in place of x its
//   means over S x S, mixed by filters of 1 x 1.
// - |o~0|+|o~0|o~1|+|o~0|o~1|o~2|: a cell of NAS-Bench-201 (Dong and Yang, ICLR 2020), o one of none,
//   skip_connect, nor_conv_1x1, nor_conv_3x3, avg_pool_3x3. xN behind it: N such cells, one behind the other.
//   Such a word alone is a net of the paper's shape, which has five cells a stage:
//   conv3x16-CELLx5-res32/2-CELLx5-res64/2-CELLx5-gap.
// - poolK, avgpoolK: the largest value, the mean of every K x K; what is left over at the edges is dropped.
// - gap: the mean over the picture; @I: of block I too. Without it dense layers read every value of every
//   place.
// - numbers, then "res" too: dense layers, as of architecture.h.
#pragma once

#include <array>
#include <cstdint>

#include "astrolabe/train/architecture.h"

namespace astrolabe {

inline constexpr std::size_t kMaxKernel = 15;
inline constexpr std::size_t kMaxFilters = 2048;
inline constexpr std::size_t kMaxStride = 8;
inline constexpr std::size_t kMaxPool = 64;
inline constexpr std::size_t kMaxCells = 16;  // behind each other in one word
inline constexpr std::size_t kCellNodes = 4;
inline constexpr std::size_t kCellEdges = 6;  // from every node to every later one

enum class CellOperation : std::uint8_t { none, skip, convolve1, convolve3, average3 };

struct PictureBlock {
  enum class Kind : std::uint8_t { convolution, residual, cell, max_pool, average_pool, global_pool };

  Kind kind = Kind::convolution;
  std::size_t height = 1, width = 1;  // of the filters, or of what is pooled
  std::size_t filters = 0;            // of a convolution; of a residual block that changes its width, else 0
  std::size_t stride = 1;
  bool reads_front = true;             // false: only what stands in `also`
  std::vector<std::size_t> also = {};  // blocks from 1 on that are read too, ascending; 0: the picture
  std::array<CellOperation, kCellEdges> edges{};  // 0-1, 0-2, 1-2, 0-3, 1-3, 2-3

  friend bool operator==(const PictureBlock&, const PictureBlock&) = default;
};

struct PictureArchitecture {
  std::vector<PictureBlock> blocks;
  Architecture dense;

  friend bool operator==(const PictureArchitecture&, const PictureArchitecture&) = default;
};

// Blanks around words are fine; "" and "none" have no hidden layer. Throws usage_error that points at the
// character: unknown words, sizes out of range, filters of even size, a residual block without a convolution
// before it, a block that is not before this one, more than kMaxBlocks blocks.
[[nodiscard]] PictureArchitecture parse_picture_architecture(std::string_view text);
[[nodiscard]] std::string picture_architecture_text(const PictureArchitecture& architecture);

// The words of a cell's operations, in the order of CellOperation.
[[nodiscard]] std::string_view cell_operation_name(CellOperation operation);

}  // namespace astrolabe
