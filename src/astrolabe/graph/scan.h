// SPDX-License-Identifier: Apache-2.0
// Recurrences: one step as a graph of its own, run many times by one node. For recurrent nets, leapfrog steps
// of Hamiltonian Monte Carlo, power iteration, k steps of training.
//
//   // h[t] = tanh(x[t] u + h[t-1] w), x f32 [steps, batch, in]: all of h, f32 [steps, batch, units]
//   const NodeId h = scan(graph, {.first = h0, .stepped = {x}, .shared = {u, w}},
//                         [](Graph& step, const ScanLeaves& at) {
//                           return step.math("tanh", step.add(step.dot(at.stepped[0], at.shared[0]),
//                                                             step.dot(at.carry, at.shared[1])));
//                         });
//   const NodeId last = last_carry(graph, h);
//
// The value of the node is the carry after every step, one behind the other: what a gradient needs anyway. A
// step that carries several things carries them side by side in one array. Gradients run a second recurrence
// the other way round (its carry is what flows back) and then all steps' shares of what they read side by
// side, by vmap; so a gradient by something shared costs memory for one of its size per step until they are
// added up. Gradients of gradients, vmap, printing, passes and every tier know scans; a compiled program runs
// the plan of the step in a loop, each step's result written where the next one reads it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "astrolabe/graph/graph.h"

namespace astrolabe {

// One step. Its graph has no leaves that a run fills but `leaves`, in the order of its input slots: the
// carry, then what each step gets a row of, then what all steps share.
struct ScanBody {
  Graph graph;
  std::vector<NodeId> leaves;
  std::size_t stepped = 0;  // how many get a row
  NodeId next = kNoNode;    // the carry after the step, of the carry's type and shape
  std::string text;         // printed; equal texts are equal steps
};
// Writes the text of a body that is complete otherwise.
[[nodiscard]] std::shared_ptr<const ScanBody> finished(ScanBody body);

struct ScanInputs {
  NodeId first = kNoNode;            // the carry before the first step
  std::vector<NodeId> stepped = {};  // [steps, ..]: step i reads row i
  std::vector<NodeId> shared = {};   // every step reads all of it
  std::size_t steps = 0;             // needed only when nothing is stepped
  bool backwards = false;  // from the last row to the first; the value's rows stay where they belong
};

struct ScanLeaves {
  NodeId carry = kNoNode;
  std::vector<NodeId> stepped, shared;
};
// The carry after one step, built into a graph of its own from these leaves and constants alone.
using StepBuilder = std::function<NodeId(Graph& step, const ScanLeaves& at)>;

// [steps, ..] of the carry. Throws usage_error when steps is 0 or differs between what is stepped, or when
// the step does not give back the carry's type and shape. Equal steps on equal inputs are one node. Cost: of
// building the step once.
NodeId scan(Graph& graph, const ScanInputs& inputs, const StepBuilder& step);

// The carry when all steps are done, of what scan() returned; and [steps, ..] what it was before each step,
// of a node of Op::scan.
NodeId last_carry(Graph& graph, NodeId scanned);
NodeId carries_before(Graph& graph, NodeId scan);

// Of a node of Op::scan: how it was asked for.
[[nodiscard]] ScanInputs scan_inputs(const Graph& graph, NodeId scan);

// The step placed into another graph on other leaves.
NodeId place_step(const ScanBody& body, Graph& to, const ScanLeaves& at);

}  // namespace astrolabe
