// SPDX-License-Identifier: Apache-2.0
// Steps that can be done a few pictures at a time: what one makes of a picture is read by the next while a
// near cache still holds it.
//
//   convolve [64, 28, 28, 1], nest (the largest of 2 x 2, bias, relu), convolve [64, 14, 14, 16], nest
//   find_picture_runs(plan, lies_at)[0]   // {.first = 0, .count = 4, .chunks = 8}: all four for 8 pictures,
//   ..
//
// A run holds at least one convolution, and nests that walk over as many pictures. Whatever a later step does
// for the first pictures touches nothing that an earlier step reads or writes for pictures that come after
// them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "astrolabe/lower/plan.h"

namespace astrolabe {

// Bytes: what the steps of a chunk may touch, to fit a second-level cache beside filters; how many a whole
// run touches at least, since fewer stay there anyway; and what of a step is not of a picture, its filters
// mostly: they are laid out anew for every chunk.
struct RunLimits {
  std::int64_t chunk = std::int64_t{1} << 20;
  std::int64_t least = std::int64_t{1} << 20;
  std::int64_t shared = std::int64_t{1} << 16;
};

// Runs in order and apart, of a plan whose buffers have no offsets in the arena yet; `lies_at` as in
// in_place.h. Buffers that one run alone touches, picture by picture, are marked as holding one chunk
// (PlanBuffer::chunks). Whoever places buffers in the arena keeps all that a run touches apart, as if they
// lived throughout the run. Cost: a few comparisons per step, the steps of its run, and the accesses of both.
[[nodiscard]] std::vector<PictureRun> find_picture_runs(std::span<const Step> steps,
                                                        std::span<PlanBuffer> buffers,
                                                        std::span<const std::size_t> lies_at,
                                                        const RunLimits& limits = {});

}  // namespace astrolabe
