// SPDX-License-Identifier: Apache-2.0
// Histograms of the leaves of a tree, in few large pieces of memory (huge pages where the machine has them).
//
//   HistogramArena arena(matrix.cells(), memory_bytes);
//   Cell* histogram = arena.take();      // null: none is free and the limit is reached
//   arena.give_back(histogram);
//
// What was given back is taken again, latest first, with its old contents. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "astrolabe/learners/trees/fixed_point.h"
#include "astrolabe/tensor/buffer.h"

namespace astrolabe::trees {

class HistogramArena {
 public:
  // At least 3 histograms of `cells` cells, however little the memory.
  HistogramArena(std::size_t cells, std::uint64_t memory_bytes);

  [[nodiscard]] Cell* take();
  void give_back(Cell* histogram);  // null: nothing
  // How many may still be taken.
  [[nodiscard]] std::size_t room() const { return free_.size() + most_ - made_; }

 private:
  std::size_t cells_;
  std::size_t most_;
  std::size_t made_ = 0;
  std::vector<Buffer> slabs_;
  std::vector<Cell*> free_;
};

}  // namespace astrolabe::trees
