// SPDX-License-Identifier: Apache-2.0
// Patterns: formulas with holes, and parts with stars among their settings.
//
//   write_pattern(writer, Vocabulary::activation, star, star.items[0], context).text(point)
//   // of x*sigmoid(*): "x*sigmoid(beta*x)"; of leaky_relu(*): "leaky_relu(0.02)"
//
// A hole becomes: in an activation one of the unary functions of `ramachandran` at x; in an optimizer an
// operand of `bello` under one of its unary functions; in a loss a leaf of `glo`; in a schedule a decay.
#pragma once

#include "astrolabe/graph/expression.h"
#include "astrolabe/system/space_catalog.h"
#include "astrolabe/system/star.h"

namespace astrolabe {

// Throws usage_error that points at the character: what is no formula around its holes, a setting that may
// not be searched, ranges that are no setting of a part.
[[nodiscard]] WrittenSpace write_pattern(const SpaceWriter& writer, Vocabulary slot, const Star& star,
                                         const StarItem& item, const SpaceContext& context);

}  // namespace astrolabe
