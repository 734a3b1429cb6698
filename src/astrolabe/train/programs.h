// SPDX-License-Identifier: Apache-2.0
// The three programs of a net: one training step, the loss of some rows, and what it says about some rows.
//
//   const Program step = step_program({.net = net, .head = Head::binary, .loss = loss, .optimizer = adam,
//                                      .schedule = constant, .rows = 1000, .batch = 64}, layout);
//   Execution run(compile(step));
//
// Inputs of a step: "x" f32 [rows, numbers], "codes0".. i32 [rows], "y" f32 [rows], when weighted "weight"
// f32 [rows]; "pictures" f32 [batch, height, width, channels] of the rows of this step, and where they are
// mixed "mix_with" i32 [batch], the row that each is mixed with, and "mix_share" f32 [batch], its own share;
// "batch" i32 [batch], the rows of this step, gathered inside; with dropout "key" u32 [2]; with weight decay
// "decay" f32 [size], how strongly each weight is pulled; when taught "taught" f32 [rows, outputs]. Scalars:
// "lr", "k", "t", "smoothing", "clip", "dropout", "temperature", "taught_share", and the constants of the
// expressions, "activation.c0".. States: "w", "running", "optimizer.m0".. Output 0: the mean loss of the
// batch before the step.
//
// The step subtracted from w is optimizer(g, w, lr schedule(k, t), k, t) + lr schedule(k, t) decay w; weight
// decay that is part of the optimizer's own text pulls at all of w, biases included.
#pragma once

#include "astrolabe/runtime/executable.h"
#include "astrolabe/runtime/program.h"
#include "astrolabe/train/loss_graph.h"
#include "astrolabe/train/net.h"

namespace astrolabe {

struct StepSpec {
  NetSpec net;
  Head head = Head::number;
  Expression loss;
  Expression optimizer;
  Expression schedule;
  std::size_t rows = 0;
  std::size_t batch = 0;
  bool weighted = false;
  bool smooths = false;
  bool clips = false;  // the gradient, to a norm of at most "clip"
  bool decays = false;
  bool mixes = false;   // pictures are laid over each other: inputs "mix_with" and "mix_share"
  bool taught = false;  // the loss leans on what a teacher says (taught_loss.h)
};

[[nodiscard]] Program step_program(const StepSpec& spec, const ParameterLayout& layout);

// Output 0 is the sum over the batch of weight times loss, as the loss is when predicting: no dropout, no
// smoothing, running statistics. Inputs "x", "codes0".., "y" and "batch" as of a step; "weight" f32 [batch]
// is of the rows of the batch, in its order, so that a row can fill up a batch with weight 0.
[[nodiscard]] Program loss_program(const StepSpec& spec, const ParameterLayout& layout);

// Inputs "x" f32 [rows, numbers] and "codes0".. i32 [rows]; the states are read. Outputs by head: number: z
// [rows], or exp(z) when `is_logarithm`; binary: z and exp(-|z|), both [rows]; classes: exp(z - max z)
// [classes, rows].
[[nodiscard]] Program answer_program(const NetSpec& net, const ParameterLayout& layout, Head head,
                                     bool is_logarithm, std::size_t rows);

// How much each input moves an output: inputs as answer_program and "seed" f32 [rows, outputs], which chooses
// the output; outputs: d (seed . z) / d x [rows, numbers] if there are numbers, then for each category its
// vectors [rows, width] and the gradient by them.
[[nodiscard]] Program influence_program(const NetSpec& net, const ParameterLayout& layout, std::size_t rows);

// The optimizer and the schedule of a step, of a gradient f32 [layout.size]: leaves as of a step_program.
struct OptimizerStep {
  NodeId next_w = kNoNode;
  std::vector<Program::Update> memories;
};
[[nodiscard]] OptimizerStep place_optimizer(Graph& graph, const StepSpec& spec, NodeId w, NodeId g);

// Sets "prefix.c0".. to the numbers of an expression's text.
void set_constants(Execution& run, const Expression& expression, std::string_view prefix);

}  // namespace astrolabe
