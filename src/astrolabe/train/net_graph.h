// SPDX-License-Identifier: Apache-2.0
// A net as nodes of a graph: from inputs and the state "w" to its raw outputs.
//
//   const NetNodes nodes = place_net(graph, net, layout, {.rows = 64, .x = x});
//   gradient(graph, loss, nodes.parameters);
//
// Leaves that it adds: the state "w"; the scalars "activation.c0".. and, while training with dropout,
// "dropout"; the inputs "bin_low" and "bin_scale" f32 [embedded, bins] of piecewise linear embeddings; with
// batch normalization the state "running".
#pragma once

#include <vector>

#include "astrolabe/graph/graph.h"
#include "astrolabe/train/net.h"

namespace astrolabe {

// What vectors of categories are multiplied by.
inline constexpr double kEmbeddingScale = 0.5;

struct NetInputs {
  std::size_t rows = 0;
  NodeId x = kNoNode;              // f32 [rows, numbers]; unused without numbers
  NodeId pictures = kNoNode;       // f32 [rows, height, width, channels]; unused without a trunk
  std::vector<NodeId> codes = {};  // i32 [rows], one per category
  bool is_training = false;        // dropout, and the batch's own statistics in batch normalization
  NodeId key = kNoNode;            // u32 [2], for dropout while training
  // Added in front of the activation of each dense block, f32 [rows, width] by block; empty: nothing.
  std::vector<NodeId> added = {};
};

// Where a parameter enters the net, row by row: what gradients of single rows are made of. Nothing but the
// parameter leads to `spread`, so the loss's gradient by it is the rows' own.
struct ParameterUse {
  std::size_t parameter = 0;  // of the layout: a bias, a scale or shift, a constant, a table of vectors
  NodeId spread = kNoNode;    // f32 [rows, width]: as each row gets it; [rows * places, width] of a trunk
  NodeId codes = kNoNode;     // i32 [rows] when it is a table: which of its vectors
  // Of a dense layer, whose bias `parameter` is: its matrix and what that is multiplied by, f32 [rows, in].
  std::size_t matrix = 0;
  NodeId reads = kNoNode;
};

// A convolution of a trunk: which filters, what they read, f32 [rows, height, width, in], and what they made
// of it. The gradients of single rows by the filters follow from these (filter_rows.h).
struct ConvolutionUse {
  std::size_t filters = 0;  // of the layout
  NodeId reads = kNoNode;
  NodeId answers = kNoNode;
  ConvolveShape how;
};

struct NetNodes {
  NodeId z = kNoNode;                        // f32 [rows, outputs]
  NodeId w = kNoNode;                        // the state, f32 [layout.size]
  std::vector<NodeId> parameters;            // of the layout, each of its shape, in order
  std::vector<NodeId> before;                // what each activation reads, in order, f32 [rows, width]
  std::vector<NodeId> after;                 // and its values, before dropout
  std::vector<NodeId> embedded;              // the vector of each category, f32 [rows, width]
  NodeId running = kNoNode;                  // the state of batch normalization, if any
  NodeId next_running = kNoNode;             // and its value after the step, while training
  std::vector<ParameterUse> uses;            // of each parameter one, those of periodic embeddings left out
  std::vector<ConvolutionUse> convolutions;  // of each parameter that is filters one
};

[[nodiscard]] NetNodes place_net(Graph& graph, const NetSpec& net, const ParameterLayout& layout,
                                 const NetInputs& inputs);

// count floats of a state [size], from offset on, as a tensor.
[[nodiscard]] NodeId view_of(Graph& graph, NodeId state, std::size_t offset, const Shape& shape);
// A vector of pieces, each at a multiple of 16 floats, zeros between: the layout's own order.
[[nodiscard]] NodeId join_aligned(Graph& graph, std::span<const NodeId> pieces);

// The leaves "c0".. of an expression as scalars "prefix.c0".., ready for place().
[[nodiscard]] std::unordered_map<std::string, NodeId> constant_leaves(Graph& graph,
                                                                      const Expression& expression,
                                                                      std::string_view prefix);

}  // namespace astrolabe
