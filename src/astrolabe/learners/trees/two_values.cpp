// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/two_values.h"

#include <cmath>
#include <optional>

#include "astrolabe/learners/trees/row_routines.h"

namespace astrolabe::trees {
namespace {

constexpr std::uint32_t kNumbers = sizeof(Cell) / sizeof(std::int64_t);  // of a cell

// `places` as in CellCandidates.
SlotSplit find_among(const BinnedMatrix& matrix, std::span<const std::uint32_t> slots, const Cell* cells,
                     const std::uint32_t* places, const NodeToSearch& node, double least) {
  const double parent = leaf_score(node.scale.gradient(node.total), node.scale.hessian(node.total),
                                   node.rules.l1, node.rules.l2);
  const CellCandidates candidates = {.node = split_scale(node.total, node.scale, node.rules),
                                     .cells = &cells->gradient,
                                     .places = places,
                                     .count = slots.size(),
                                     .parent = parent,
                                     .least_score = least_score(parent, node.rules)};
  // The routine takes what is above: so it finds what gains just as much as well.
  double gain = least > 0 ? std::nextafter(least, 0.0) : 0.0;
  const std::size_t at = best_row_routines().find_best_cell(candidates, &gain);
  if (at == slots.size()) return {};
  const Cell& counted = places == nullptr ? cells[at] : cells[places[at] / kNumbers];
  SlotSplit best = {.split = {}, .slot = slots[at]};
  best.split.gain = gain;
  best.split.left = *matrix.counted_bin(best.slot) == 0 ? counted : node.total - counted;
  best.split.right = node.total - best.split.left;
  best.split = with_numeric_bins(best.split, 0, 2, std::nullopt, node.scale);
  return best;
}

}  // namespace

SlotSplit find_best_two_valued(const BinnedMatrix& matrix, std::span<const std::uint32_t> slots,
                               const Cell* cells, const NodeToSearch& node, double least) {
  return find_among(matrix, slots, cells, nullptr, node, least);
}

void TwoValuedSlots::choose(std::span<const std::uint32_t> slots, bool at_once) {
  slots_.clear();
  others_.clear();
  places_.clear();
  for (const std::uint32_t slot : slots) {
    const std::optional<std::uint8_t> counted = at_once ? matrix_.counted_bin(slot) : std::nullopt;
    if (!counted) {
      others_.push_back(slot);
      continue;
    }
    slots_.push_back(slot);
    places_.push_back(kNumbers * (matrix_.first_cell(slot) + *counted));
  }
  // A group is read whole.
  places_.resize(slots_.size() + kCandidateGroup, 0);
}

void TwoValuedSlots::subtract(const Part& part, const Cell* less, Cell* histogram) const {
  for (std::size_t i = part.begin; i < part.end; ++i) {
    const std::uint32_t cell = places_[i] / kNumbers;
    histogram[cell] -= less[cell];
  }
}

SlotSplit TwoValuedSlots::find_best(const Part& part, const Cell* histogram, const NodeToSearch& node,
                                    double least) const {
  if (part.begin == part.end) return {};
  return find_among(matrix_, std::span(slots_).subspan(part.begin, part.end - part.begin), histogram,
                    places_.data() + part.begin, node, least);
}

}  // namespace astrolabe::trees
