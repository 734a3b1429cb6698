// SPDX-License-Identifier: Apache-2.0
// The grower's search of nodes that have a histogram.
#include <algorithm>
#include <array>
#include <vector>

#include "astrolabe/learners/trees/grower.h"

namespace astrolabe::trees {
namespace {

constexpr std::size_t kParallelCells = 16384;  // fewer cells are searched by one thread
constexpr std::size_t kSearchTasks = 16;

}  // namespace

Split TreeGrower::search_cells(std::uint32_t slot, std::span<const Cell> cells, const Leaf& leaf,
                               double least) const {
  const FeatureBins& bins = matrix_.bins(slot);
  if (rules_.constraints != nullptr)
    return find_constrained_split(*rules_.constraints,
                                  {.index = matrix_.feature(slot), .is_category = bins.categorical}, cells,
                                  leaf.total, scale_, rules_.split, leaf.path);
  if (bins.categorical) return find_categorical_split(cells, leaf.total, scale_, rules_.split);
  return find_better_numeric_split(cells, leaf.total, scale_, rules_.split, least);
}

Split TreeGrower::search_slot(std::uint32_t slot, const Leaf& leaf, double least) const {
  const FeatureBins& bins = matrix_.bins(slot);
  const std::span<const Cell> cells(leaf.histogram + matrix_.first_cell(slot), bins.bins + 1);
  if (!matrix_.is_sparse(slot)) return search_cells(slot, cells, leaf, least);
  std::array<Cell, 256> with_zero;
  std::ranges::copy(cells, with_zero.begin());
  Cell& zero = with_zero[bins.zero_bin];
  zero = leaf.total;
  for (std::size_t bin = 0; bin < cells.size(); ++bin)
    if (bin != bins.zero_bin) zero -= with_zero[bin];
  // Whichever side zero is on, the other has no more rows than this.
  if (scale_.rows(leaf.total) - scale_.rows(zero) < rules_.split.min_rows) return {};
  return search_cells(slot, std::span<const Cell>(with_zero).first(cells.size()), leaf, least);
}

// Finds the best splits of up to two leaves, on all two-valued slots at once and on the others one by one;
// where `less` is given, the last one's histogram is still its parent's and loses that of `less` on the way.
void TreeGrower::search(std::span<Leaf* const> leaves, const Leaf* less, ThreadPool& pool) {
  const std::span<const std::uint32_t> others = two_valued_.others();
  const std::size_t at_once = two_valued_.slots().size();
  const std::size_t tasks = pool.size() == 1 || matrix_.cells() < kParallelCells
                                ? 1
                                : std::min(kSearchTasks, at_once + others.size());
  std::vector<std::array<SlotSplit, 2>> found(tasks);
  const auto search_part = [&](std::size_t task) {
    const TwoValuedSlots::Part part = {at_once * task / tasks, at_once * (task + 1) / tasks};
    if (less != nullptr) two_valued_.subtract(part, less->histogram, leaves.back()->histogram);
    for (std::size_t leaf = 0; leaf < leaves.size(); ++leaf)
      found[task][leaf] = two_valued_.find_best(part, leaves[leaf]->histogram,
                                                {leaves[leaf]->total, scale_, rules_.split}, 0);
    for (std::size_t i = others.size() * task / tasks; i < others.size() * (task + 1) / tasks; ++i) {
      const std::uint32_t slot = others[i];
      if (less != nullptr) {
        const std::size_t end = matrix_.first_cell(slot) + matrix_.bins(slot).bins + 1;
        for (std::size_t cell = matrix_.first_cell(slot); cell < end; ++cell)
          leaves.back()->histogram[cell] -= less->histogram[cell];
      }
      for (std::size_t leaf = 0; leaf < leaves.size(); ++leaf) {
        SlotSplit& best = found[task][leaf];
        const Split split = search_slot(slot, *leaves[leaf], best.split.gain);
        if (is_better(split, slot, best.split, best.slot)) best = {.split = split, .slot = slot};
      }
    }
  };
  if (tasks == 1) {
    search_part(0);
  } else {
    pool.for_each(tasks, search_part);
  }
  for (std::size_t leaf = 0; leaf < leaves.size(); ++leaf)
    for (const auto& part : found) leaves[leaf]->take_better(part[leaf]);
}

}  // namespace astrolabe::trees
