// SPDX-License-Identifier: Apache-2.0
// One private step: the gradient of every row clipped by itself, their sum, and noise on it.
//
//   const Program step = private_step_program(spec, layout, RowClipping::fixed);   // spec.batch: rows at
//   most const Program more = private_sum_program(spec, layout, RowClipping::fixed);    // for batches beyond
//   that
//
// A row's gradient is never formed. Of a dense layer that reads a and whose outputs have the slopes b, the
// row's gradient is the outer product of the two, so that its squared norm is |a|^2 |b|^2, and |b|^2 of the
// bias; the clipped sum is one product a' (C b), C being what each row is scaled by. So the slopes of one
// backward pass serve twice (Goodfellow, "Efficient per-example gradient computations", 2015; Bu et al.,
// "Differentially private optimization on large model at small cost", ICML 2023: book-keeping). Of a
// convolution filter_rows.h knows both; what every place of a picture reads, biases and scales, is summed
// over its places first.
//
// Inputs as of a step (programs.h), and "present" f32 [batch], 1 of the rows that are there and 0 of those
// that fill up the batch; "noise_key" u32 [2]; "noise_scale" f32 [size], the standard deviation of the noise
// on each parameter. Scalars: "row_clip" when fixed, and "share", by which the sum is multiplied: one over
// the expected number of rows, never over the real one. State: "sum" f32 [size], what earlier parts of the
// same batch gave. No output: nothing that a batch says may leave it without noise.
#pragma once

#include "astrolabe/train/programs.h"

namespace astrolabe {

// fixed: a gradient longer than "row_clip" is cut to it. automatic: every gradient g counts as
// g / (|g| + 0.01), so that there is no length to choose and none counts more than 1 (Bu et al., "Automatic
// clipping", NeurIPS 2023).
enum class RowClipping : std::uint8_t { fixed, automatic };

// Whether nothing in the net mixes rows, and each row's gradient has the form above: no batch normalization,
// no periodic embeddings. Of pictures that are laid over each other it says nothing: a step that mixes has
// none.
[[nodiscard]] bool has_row_gradients(const NetSpec& net);

struct ClippedSum {
  NodeId w = kNoNode;             // the state
  NodeId square_norms = kNoNode;  // f32 [batch]: of each row's gradient. Only tests may let them out
  NodeId sum = kNoNode;           // f32 [layout.size]
};
// The net must have row gradients, and the spec neither weights nor clips of its own, nor mixes.
[[nodiscard]] ClippedSum place_clipped_sum(Graph& graph, const StepSpec& spec, const ParameterLayout& layout,
                                           RowClipping clipping);

// Adds the clipped sum of these rows to "sum".
[[nodiscard]] Program private_sum_program(const StepSpec& spec, const ParameterLayout& layout,
                                          RowClipping clipping);
// A batch at once: the clipped sum of these rows, noise, the optimizer's step. No state "sum", which costs
// small batches on many weights more than their gradients do.
[[nodiscard]] Program private_whole_program(const StepSpec& spec, const ParameterLayout& layout,
                                            RowClipping clipping);
// The last part of a batch: adds to "sum", then noise, the optimizer's step, and "sum" zero again.
[[nodiscard]] Program private_step_program(const StepSpec& spec, const ParameterLayout& layout,
                                           RowClipping clipping);

}  // namespace astrolabe
