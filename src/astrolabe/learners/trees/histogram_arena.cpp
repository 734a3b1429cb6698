// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/histogram_arena.h"

#include <algorithm>

namespace astrolabe::trees {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{4} << 20;

}

HistogramArena::HistogramArena(std::size_t cells, std::uint64_t memory_bytes)
    : cells_(std::max<std::size_t>(padded_bytes(cells * sizeof(Cell)) / sizeof(Cell), 1)),
      most_(static_cast<std::size_t>(
          std::clamp<std::uint64_t>(memory_bytes / (cells_ * sizeof(Cell)), 3, 1U << 20))) {}

Cell* HistogramArena::take() {
  if (free_.empty()) {
    // A piece doubles what there is, from 3 histograms to kPieceBytes.
    const std::size_t most = std::max<std::size_t>(kPieceBytes / (cells_ * sizeof(Cell)), 3);
    const std::size_t more = std::min(most_ - made_, std::clamp<std::size_t>(made_, 3, most));
    if (more == 0) return nullptr;
    slabs_.emplace_back(more * cells_ * sizeof(Cell));
    Cell* const first = slabs_.back().as<Cell>().data();
    for (std::size_t i = more; i > 0; --i) free_.push_back(first + (i - 1) * cells_);
    made_ += more;
  }
  Cell* const histogram = free_.back();
  free_.pop_back();
  return histogram;
}

void HistogramArena::give_back(Cell* histogram) {
  if (histogram != nullptr) free_.push_back(histogram);
}

}  // namespace astrolabe::trees
