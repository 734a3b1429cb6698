// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/recurrence.h"

#include "astrolabe/graph/scan.h"
#include "astrolabe/lower/lower.h"

namespace astrolabe {

RecurrenceStep plan_recurrence(const Graph& graph, NodeId scan) {
  for (const NodeId input : graph.inputs(scan))
    if (graph[input].op == Op::constant || graph[input].op == Op::iota)
      throw NoLowering("a recurrence that reads numbers without memory");
  const std::shared_ptr<const ScanBody>& body = graph.body_of(scan);
  const ScanInputs how = scan_inputs(graph, scan);
  RecurrenceStep step;
  step.body = body;
  step.plan = std::make_shared<const Plan>(
      lower({.graph = body->graph, .outputs = std::span(&body->next, 1), .updates = {}}));
  step.steps = how.steps;
  step.stepped = body->stepped;
  step.backwards = how.backwards;
  for (std::size_t i = 0; i <= body->stepped; ++i) {
    const Node& leaf = body->graph[body->leaves[i]];
    step.row_bytes.push_back(leaf.shape.element_count() * element_bytes(leaf.type));
  }
  return step;
}

}  // namespace astrolabe
