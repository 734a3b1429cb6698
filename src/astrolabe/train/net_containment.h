// SPDX-License-Identifier: Apache-2.0
// Whether a net contains another one, so that it can begin with that one's function (grow.h): block by block
// (containment.h, picture_grow.h), without new layers first, with them where they may begin as the identity.
//
//   const auto from = find_contained(child, parent);
//   from->blocks        // of each hidden block the parent's, or kNewBlock; from->trunk those of pictures
//   why_not_contained(parse_architecture("16"), parse_architecture("32"), Normalization::none, relu)
//   // "16 does not contain 32"
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "astrolabe/graph/expression.h"
#include "astrolabe/train/architecture.h"
#include "astrolabe/train/net.h"
#include "astrolabe/train/picture_architecture.h"

namespace astrolabe {

// Where a child's blocks come from: those of the hidden part, and those that read pictures. The parent's
// block, or kNewBlock.
struct ContainedNet {
  std::vector<std::size_t> blocks, trunk;
};

// Nothing when the child does not contain the parent. Inputs and outputs do not matter here.
[[nodiscard]] std::optional<ContainedNet> find_contained(const NetSpec& child, const NetSpec& parent);

// The same of hidden parts alone: the block of the parent for each of the child's, or kNewBlock.
[[nodiscard]] std::optional<std::vector<std::size_t>> find_contained(const Architecture& child,
                                                                     const Architecture& parent,
                                                                     Normalization normalization,
                                                                     const Expression& activation);

// Why a net of these texts does not contain another one, in a few words; empty when it does.
[[nodiscard]] std::string why_not_contained(const Architecture& child, const Architecture& parent,
                                            Normalization normalization, const Expression& activation);

// The same of nets of pictures, wherever the pictures are large enough for both.
[[nodiscard]] std::string why_not_contained(const PictureArchitecture& child,
                                            const PictureArchitecture& parent,
                                            PictureNormalization normalization, const Expression& activation);

// Whether f(f(x)) is f(x) to the bit wherever it was looked at: 97 points of either sign, in f64. False for
// activations with trainable constants.
[[nodiscard]] bool leaves_its_values_alone(const Expression& activation);

}  // namespace astrolabe
