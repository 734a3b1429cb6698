// SPDX-License-Identifier: Apache-2.0
// A child net whose inputs and outputs are not those of its parent: which of them is which.
//
//   NetEnds ends{.numbers = {0, kNewBlock, 1}, .categories = {0}, .outputs = {0, 1, kNewBlock}, .bias = {0,
//   0, -2}}; const Grown grown = grow_weights(child, parent, Initialization::he, key, &ends);
//
// What is new counts nothing at first, so that the child says of the rest what its parent says: the units
// that the parent has read nothing of a new input, and a new output is its bias alone. What is gone is a
// constant from now on, which the bias of the first layer takes over. (Chen et al., "Net2Net", ICLR 2016, for
// layers; here for the ends.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/train/containment.h"
#include "astrolabe/train/net.h"
#include "astrolabe/train/trainer.h"

namespace astrolabe {

struct NetEnds {
  std::vector<std::size_t> numbers;     // [child.numbers] the parent's column of x, or kNewBlock
  std::vector<std::size_t> categories;  // [child.categories] the parent's category, or kNewBlock
  std::vector<std::size_t> outputs;     // [child.outputs] the parent's output, or kNewBlock
  std::vector<float> bias;              // [child.outputs] of those that are new
  double slope = 1, shift = 0;          // the others become shift + slope * what the parent says
  // [parent.input_width()] What the parent's input units hold where nothing is known of those that are gone;
  // empty: none is gone.
  std::vector<float> gone;
};

// Why the child cannot go on from these inputs and outputs; empty when it can.
[[nodiscard]] std::string ends_difference(const NetSpec& child, const NetSpec& parent, const NetEnds& ends);

// [child.input_width()] What each input unit is among the parent's, or kNewBlock: numbers, their embeddings,
// vectors of categories.
[[nodiscard]] std::vector<std::size_t> input_units(const NetSpec& child, const NetSpec& parent,
                                                   const NetEnds& ends);

// [net.input_width()] What the first layer reads of one row: x [numbers], codes [categories]. By plain loops,
// as place_net has it.
[[nodiscard]] std::vector<float> input_of_row(const NetSpec& net, std::span<const float> w,
                                              const NetBins& bins, std::span<const float> x,
                                              std::span<const std::int32_t> codes);

}  // namespace astrolabe
