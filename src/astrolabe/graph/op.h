// SPDX-License-Identifier: Apache-2.0
// The operations of the one IR. What an operation means is declared once, as a row of the table in
// op_table.cpp: its name, how many inputs, its shape and type rule, its gradient, how vmap treats it, and its
// value in the interpreter, which is the oracle of every faster path. How it becomes loops is one rule in
// `lower`.
//
//   op_rule(Op::add).name        // "add"
//   op_rule(Op::add).batching    // Batching::elementwise
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "astrolabe/graph/array.h"
#include "astrolabe/graph/node.h"

namespace astrolabe {

class Graph;

// How a batch axis in front passes through an operation (vmap.h).
enum class Batching : std::uint8_t {
  leaf,         // has no inputs
  elementwise,  // the axis goes in front of every input
  movement,     // axes in the attributes move up by one
  reduction,    // the same, and the batch axis is never reduced
  dot,          // a batch axis of the product
  windows,      // a batch axis of the convolution
  index,        // take and add_at: one gather or scatter per member of the batch
};

// What the interpreter passes to the value of an operation: arrays of the inputs, in order.
struct Evaluation {
  const Node& node;
  std::span<const Array* const> inputs;
};

// What autodiff passes to the gradient of an operation. Nodes are added to `graph`; the result has one entry
// per input, kNoNode where nothing flows back (integers, indices, flat functions).
struct GradientRequest {
  Graph& graph;
  NodeId node;      // whose inputs want their share
  NodeId gradient;  // of the final value by `node`, of its shape
};

struct OpRule {
  Op op;
  std::string_view name;
  int inputs;  // -1: one or more
  Batching batching;
  // Type and shape of the result from the inputs and the attributes. Throws usage_error on what does not fit.
  // Leaves have none: they say their type and shape themselves.
  TypedShape (*infer)(const Graph& graph, const NodeDraft& draft);
  std::vector<NodeId> (*gradient)(const GradientRequest& request);  // null: nothing flows back
  Array (*evaluate)(const Evaluation& evaluation);                  // null: the interpreter is fed it
  std::string_view doc;  // one sentence: the value in terms of the inputs
};

[[nodiscard]] const OpRule& op_rule(Op op);
[[nodiscard]] std::span<const OpRule> op_rules();  // in the order of the enum

}  // namespace astrolabe
