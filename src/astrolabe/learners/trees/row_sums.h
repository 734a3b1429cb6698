// SPDX-License-Identifier: Apache-2.0
// The hot loop of training: each row's word is added to one sum per column of a row-major block.
//
//   std::vector<std::uint64_t> sums(kBlockSums);                 // zero
//   add_rows({.bins = block.data(), .width = 32, .columns = 28, .list = {}}, rows, words, sums.data());
//   // sums[column * kSumStride + byte] += words[row] for each row and each column's byte
//
// The loop over the columns is unrolled with fixed offsets, one read-modify-write each; rows are fetched
// ahead. Cost: about one cycle a row and column while the sums fit the first cache.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "astrolabe/learners/trees/binned_matrix.h"

namespace astrolabe::trees {

// Not a power of two, so that equal bytes of two columns do not fall on one another in the cache.
inline constexpr std::size_t kSumStride = 264;
inline constexpr std::size_t kBlockSums = BinnedMatrix::kBlockColumns * kSumStride;

struct RowBytes {
  const std::uint8_t* bins = nullptr;  // [rows, width]
  std::size_t width = 0;               // a power of two
  std::size_t columns = 0;             // how many are summed: at most kBlockColumns
  const std::uint8_t* list = nullptr;  // which: [columns] places in a row; null: the first ones
};

// The column `list[i]` is summed at sums + i * kSumStride.
void add_rows(const RowBytes& bytes, std::span<const std::uint32_t> rows, const std::uint64_t* words,
              std::uint64_t* sums);

}  // namespace astrolabe::trees
