// SPDX-License-Identifier: Apache-2.0
// The steps of a program in the order in which they run. Their regions name nodes, whose memory is chosen
// later (places.h).
#pragma once

#include <vector>

#include "astrolabe/lower/lower.h"
#include "astrolabe/lower/phases.h"

namespace astrolabe {

struct OrderedSteps {
  std::vector<Step> steps;
  // What a step writes: nodes, by step.
  std::vector<std::vector<NodeId>> writes;
  // Parts of a concat that are computed right into it: at an offset in elements of another node's memory.
  struct Inside {
    NodeId part, whole;
    std::int64_t offset;
  };
  std::vector<Inside> inside;
  // Copies of values that are computed again (recompute.h): ids from the graph's end on, each standing for a
  // node.
  std::vector<NodeId> copies;
};

[[nodiscard]] OrderedSteps order_steps(const LowerRequest& request, const Phases& phases);

}  // namespace astrolabe
