// SPDX-License-Identifier: Apache-2.0
// Rows that come block by block, as often as they are asked for: a table that is larger than memory.
//
//   source.rewind();
//   for (TrainingData block; source.next(block);) use(block);
//
// Whoever reads a file, or makes the rows, implements it.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "astrolabe/model/learner.h"

namespace astrolabe {

class BlockSource {
 public:
  virtual ~BlockSource() = default;
  // Of all blocks together, the same in every pass.
  [[nodiscard]] virtual std::size_t rows() const = 0;
  // What every block's features carry.
  [[nodiscard]] virtual std::shared_ptr<const std::vector<Feature>> info() const = 0;
  // Goes back to the first block.
  virtual void rewind() = 0;
  // The next block overwrites `block`; false at the end. Blocks may be of any size, and every pass gives the
  // same rows in the same order. All labels are of one kind, with the same number of classes, and all of them
  // have weights or none has. Not thread-safe.
  [[nodiscard]] virtual bool next(TrainingData& block) = 0;
};

}  // namespace astrolabe
