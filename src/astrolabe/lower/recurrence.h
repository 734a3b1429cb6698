// SPDX-License-Identifier: Apache-2.0
// A recurrence as a step of a plan: the plan of one of its steps, and how it walks over what it is given.
//
//   RecurrenceStep step = plan_recurrence(graph, scan);
#pragma once

#include "astrolabe/graph/graph.h"
#include "astrolabe/lower/plan.h"

namespace astrolabe {

// Of a node of Op::scan, all but where its inputs and its result lie. Throws NoLowering when the step has
// none, or the recurrence reads numbers that have no memory.
[[nodiscard]] RecurrenceStep plan_recurrence(const Graph& graph, NodeId scan);

}  // namespace astrolabe
