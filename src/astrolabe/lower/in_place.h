// SPDX-License-Identifier: Apache-2.0
// Memory that one value takes over from another which dies as it is made.
//
//   p = e / s      // e is read for the last time, element i of p needs element i of e alone: p lies where e
//   lay
//
// A nest may overwrite what it reads when it walks both alike: each element is loaded before anything is
// stored at its address, by the same turn of the loops, so strips, vectors and threads change nothing.
#pragma once

#include <span>
#include <vector>

#include "astrolabe/lower/plan.h"

namespace astrolabe {

// Whether two accesses of a nest have the same offset and strides.
[[nodiscard]] bool is_same_walk(const NestStep& nest, std::size_t a, std::size_t b);

// For every buffer the one whose memory it shares: itself, or the first of a chain of buffers of the arena,
// of one type and size, each of which dies in the nest that writes the next. `buffers` know their first and
// last steps.
[[nodiscard]] std::vector<std::size_t> find_in_place(std::span<const PlanBuffer> buffers,
                                                     std::span<const Step> steps);

}  // namespace astrolabe
