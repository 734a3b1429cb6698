// SPDX-License-Identifier: Apache-2.0
// The rows of a fit, block by block and as often as they are asked for: those of a matrix in memory, or those
// of a source that is larger than memory.
//
//   FitRows rows(request.train);
//   rows.visit([&](const RowBlock& block) { ... block.features, block.begin, block.first_row ... });
//
//   fill_inputs(block.data.features, block.begin, block.end, factors, /*with_constant=*/false, places, pool,
//   x);
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "astrolabe/base/thread_pool.h"
#include "astrolabe/model/block_source.h"
#include "astrolabe/model/learner.h"

namespace astrolabe::kernel {

inline constexpr std::size_t kBlockRows = 4096;  // whatever the threads: sums are added block by block
inline constexpr std::size_t kChunkRows = 512;   // of a block, by one thread

// Rows [begin, end) of some data.
struct RowBlock {
  const TrainingData& data;
  std::size_t begin = 0, end = 0;
  std::uint64_t first_row = 0;  // which of all rows `begin` is

  [[nodiscard]] std::size_t rows() const { return end - begin; }
};

class FitRows {
 public:
  explicit FitRows(const TrainingData& data) : data_(&data) {}
  explicit FitRows(BlockSource& source) : source_(&source) {}

  [[nodiscard]] std::size_t rows() const;
  [[nodiscard]] std::size_t features() const;
  [[nodiscard]] bool in_memory() const { return data_ != nullptr; }
  // Calls body for blocks of at most kBlockRows, in order, until it returns false. False when it did. Blocks
  // do not depend on threads; those of a source also end where the source's blocks end.
  bool visit(const std::function<bool(const RowBlock& block)>& body) const;

 private:
  const TrainingData* data_ = nullptr;
  BlockSource* source_ = nullptr;
};

// What a kernel takes of rows [begin, end), x [rows, inputs]: each feature times its factor (1 / length),
// then a constant 1 for kernels of angles. NaN is 0; what is wider than 100 standard deviations ends there.
// Row begin + i becomes row places[i] of x; empty: row i.
void fill_inputs(const FeatureMatrix& features, std::size_t begin, std::size_t end,
                 std::span<const float> factors, bool with_constant, std::span<const std::uint32_t> places,
                 ThreadPool& pool, std::vector<float>& x);

}  // namespace astrolabe::kernel
