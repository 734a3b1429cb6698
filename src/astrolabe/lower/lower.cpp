// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/lower.h"

#include "astrolabe/lower/order_steps.h"
#include "astrolabe/lower/places.h"
#include "astrolabe/lower/recompute.h"

namespace astrolabe {

Plan lower(const LowerRequest& request) {
  // 1. When each value is computed, and which are kept.
  std::vector<NodeId> roots(request.outputs.begin(), request.outputs.end());
  for (const auto& [state, next] : request.updates) roots.push_back(next);
  const Phases phases = find_phases(request.graph, roots);
  // 2. Steps in order, still between nodes.
  OrderedSteps steps = order_steps(request, phases);
  // 3. Memory for every node that is kept; in place where that is safe.
  if (request.memory_limit == 0) return place_steps(request, phases, std::move(steps));
  LowerRequest without_limit = request;
  without_limit.memory_limit = 0;
  if (Plan plan = place_steps(without_limit, phases, steps); plan.arena_bytes <= request.memory_limit)
    return plan;
  Plan plan = place_steps(request, phases, steps);  // every step by itself
  if (plan.arena_bytes <= request.memory_limit) return plan;
  // 4. What does not fit is let go and computed again.
  return recompute_within_limit(request, phases, steps, plan);
}

}  // namespace astrolabe
