// SPDX-License-Identifier: Apache-2.0
// Small changes of a point: what evolution and local search are made of.
//
//   const Point child = mutated(space, parent, key);          // one dimension differs, and what hangs on it
//   const Point fresh = unseen_mutation(space, parent, seen, key);
//
// Pure. Children are points of the space (repaired). Cost: O(dimensions) for each try.
#pragma once

#include "astrolabe/base/random.h"
#include "astrolabe/search/seen_points.h"
#include "astrolabe/search/space.h"

namespace astrolabe {

// One dimension that exists and has more than one value, drawn evenly, is changed: a choice to another
// option, a number by a step along its scale whose size is drawn too (a tenth of the range, now and then a
// hundredth). A whole number always changes. The same point when nothing can change.
[[nodiscard]] Point mutated(const Space& space, const Point& parent, Key key);

// A child that was not seen before: one change, after some tries two, then three, at last a random point. One
// that was seen when there is no other within reach.
[[nodiscard]] Point unseen_mutation(const Space& space, const Point& parent, const SeenPoints& seen, Key key);

// A random point that was not seen before; one that was when some tries find no other.
[[nodiscard]] Point unseen_random(const Space& space, const SeenPoints& seen, Key key);

}  // namespace astrolabe
