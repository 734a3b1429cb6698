// SPDX-License-Identifier: Apache-2.0
// A nest that writes less: some of its stores and reductions, and what they need.
//
//   // the nest wrote h and h'; h alone is wanted again
//   const NestStep again = prune_nest(nest, [&](const Region& region) { return region.buffer == h; });
#pragma once

#include <functional>

#include "astrolabe/lower/plan.h"

namespace astrolabe {

// What it still writes has the same bytes. Something must be left to write.
[[nodiscard]] NestStep prune_nest(const NestStep& nest, const std::function<bool(const Region&)>& is_wanted);

}  // namespace astrolabe
