// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/wide_sums.h"

#include <algorithm>
#include <utility>

#include "astrolabe/learners/trees/touched_bits.h"

namespace astrolabe::trees {

void WideSummer::choose(std::span<const std::uint32_t> slots) {
  slots_.clear();
  std::ranges::copy_if(slots, std::back_inserter(slots_),
                       [&](std::uint32_t slot) { return matrix_.is_wide(slot); });
}

template <class ValueOf>
void WideSummer::add(std::uint32_t slot, std::span<const std::uint32_t> rows, ValueOf value_of,
                     Place& place) const {
  const std::size_t missing = matrix_.bins(slot).bins;
  if (place.sums.bytes() < (missing + 1) * sizeof(Cell)) place.sums = Buffer((missing + 1) * sizeof(Cell));
  if (place.touched.size() < missing / 64 + 1) place.touched.resize(missing / 64 + 1);
  const std::span<Cell> sums = place.sums.as<Cell>();
  const std::uint16_t* const bins = matrix_.wide(slot);
  for (const std::uint32_t row : rows) {
    const std::size_t bin = bins[row];
    sums[bin] += value_of(row);
    place.touched[bin / 64] |= std::uint64_t{1} << (bin % 64);
  }
  place.found.bins.clear();
  place.found.cells.clear();
  Cell of_missing;
  take_bits(place.touched, [&](std::size_t bin) {
    const Cell cell = std::exchange(sums[bin], {});
    if (bin == missing) {
      of_missing = cell;
    } else {
      place.found.bins.push_back(static_cast<std::uint16_t>(bin));
      place.found.cells.push_back(cell);
    }
  });
  place.found.cells.push_back(of_missing);
}

const WideSums& WideSummer::sum_up(std::uint32_t slot, const NodeRows& node, std::size_t place) {
  if (node.packed != nullptr) {
    const PackedLayout& layout = node.packed->layout();
    const std::span<const std::uint64_t> words = node.packed->words();
    add(slot, node.rows, [&](std::uint32_t row) { return layout.widen(words[row]); }, places_[place]);
  } else {
    add(slot, node.rows, [&](std::uint32_t row) { return node.gradients[row]; }, places_[place]);
  }
  return places_[place].found;
}

}  // namespace astrolabe::trees
