// SPDX-License-Identifier: Apache-2.0
// The convolutional part of a child net that begins with its parent's function; grow.h asks it.
//
//   const auto from = find_contained_trunk(child.trunk, parent.trunk, false);
//   const TrunkGrowth growth = grow_trunk({child, child_layout}, {parent, parent_layout}, *from, w, running);
//   growth.units     // what each feature of the child is in the parent
//
// What a child may have more than its parent, without another function:
// - more filters. New ones are drawn afresh, and what is behind them reads nothing of them. Where a picture
// is
//   normalised over its channels that is another function, if a near one.
// - larger filters, zeros around what they were (Wei et al., "Network morphism", ICML 2016).
// - reading earlier blocks too (@I), with weights of zero.
// - residual blocks anywhere behind a convolution: they begin as the identity.
// - operations on edges of a cell that had none, and 3 x 3 filters where they were 1 x 1.
// - convolutions behind convolutions and their pools, without normalization and with an activation that
//   leaves its own values alone: their filters begin as the identity.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/train/net.h"

namespace astrolabe {

// For each block of the child the block of the parent that it was, or kNewBlock (containment.h); nothing when
// the child does not contain the parent. New convolutions only when `may_add_convolutions`. Both read the
// same pictures.
[[nodiscard]] std::optional<std::vector<std::size_t>> find_contained_trunk(const PictureTrunk& child,
                                                                           const PictureTrunk& parent,
                                                                           bool may_add_convolutions);

struct SpecWithLayout {
  const NetSpec& net;
  const ParameterLayout& layout;
};

struct ParentValues {
  std::span<const float> w, running;
};
struct ChildValues {
  std::span<float> w, running;  // as initial_weights and initial_running give them
};

struct TrunkGrowth {
  std::vector<std::size_t> units;  // of each feature of the child: the parent's, or kNewBlock
  std::string why;                 // it is another function, in a few words; empty when it is the same
};

// Writes what the child's trunk takes over. Same picture and normalization in both. Pure but for that.
[[nodiscard]] TrunkGrowth grow_trunk(const SpecWithLayout& child, const SpecWithLayout& parent,
                                     std::span<const std::size_t> from, const ParentValues& values,
                                     const ChildValues& grown);

}  // namespace astrolabe
