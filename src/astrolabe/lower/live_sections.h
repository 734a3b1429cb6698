// SPDX-License-Identifier: Apache-2.0
// Time cut where it matters: the largest sets of buffers that live together, in order of time.
//
//   const LiveSections sections = find_live_sections(buffers);
//   // buffers i and j share time if [first[i], end[i]) and [first[j], end[j]) share a section
//
// Between two of these sets only fewer live, so a plan that is sound in each is sound at all times. There are
// at most as many as buffers, whatever the unit of time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "astrolabe/lower/lifetime.h"

namespace astrolabe {

struct LiveSections {
  std::size_t count = 0;
  std::vector<std::uint32_t> first, end;  // [buffers], half open
  std::vector<std::size_t> bytes;         // [count]: of all that live there
};

// Lifetimes with lower < upper. Cost: a sort of the ends.
[[nodiscard]] LiveSections find_live_sections(std::span<const Lifetime> buffers);

}  // namespace astrolabe
