// SPDX-License-Identifier: Apache-2.0
// The recurrent policy of the RL controller as programs of the engine: one cell that says the chances of the
// next decision, the likelihood of whole sequences, and one step of training on them.
//
//   const PolicyShape shape{.options = {5, 5, 3}, .hidden = 32};
//   Execution cell(compile(policy_cell_program(shape, 16)));
//   Execution step(compile(policy_step_program(shape, 32)));
//
// Decision d has options[d] options. A sequence is read as tokens: what the cell reads at decision d says how
// the decision before it came out, and every outcome of every decision has a vector of its own. The cell is a
// GRU (Cho et al. 2014, the form whose reset gate stands behind the product), and its input vectors are as
// wide as its gates: the product of an embedding with the input matrix is looked up as one.
//
// Leaves. State "w" f32 [policy_size], shared by all three. All other sizes follow from the shape.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/runtime/program.h"

namespace astrolabe {

struct PolicyShape {
  std::vector<std::size_t> options;  // of each decision, at least 1
  std::size_t hidden = 32;

  [[nodiscard]] std::size_t decisions() const { return options.size(); }
  [[nodiscard]] std::size_t most_options() const;  // of any decision
  [[nodiscard]] std::size_t tokens() const;
};

inline constexpr std::int32_t kNotDecided = -1;  // of a decision that does not exist in a sequence
// Tokens are numbered decision after decision: decision 0 reads the one token 0, decision d reads one of
// first_token(d) + token_before(d, choice of decision d - 1).
[[nodiscard]] std::size_t first_token(const PolicyShape& shape, std::size_t d);
[[nodiscard]] std::int32_t token_before(const PolicyShape& shape, std::size_t d, std::int32_t choice_before);

[[nodiscard]] std::size_t policy_size(const PolicyShape& shape);  // floats of w
// Small random vectors and recurrent weights; the heads begin at zero, so that every option is as likely as
// the others.
[[nodiscard]] std::vector<float> initial_policy(const PolicyShape& shape, Key key);
// [decisions, most_options] 0 where there is an option, and so far below that it is never drawn elsewhere.
[[nodiscard]] std::vector<float> option_mask(const PolicyShape& shape);

// One decision of `rows` sequences. Inputs: "tokens" i32 [rows], numbered over all decisions; "decision" i32
// [1]; "mask" f32 as option_mask. State "h" f32 [rows, hidden], zero before decision 0. Output 0: chances f32
// [rows, most_options].
[[nodiscard]] Program policy_cell_program(const PolicyShape& shape, std::size_t rows);

// Whole sequences. Inputs: "tokens" i32 [decisions, rows], as token_before; "chosen" f32 [decisions, rows,
// most_options], one where that option was chosen, all zero where nothing was decided; "mask". Output 0: the
// logarithm of the chance of each choice f32 [decisions, rows], 0 where nothing was decided.
[[nodiscard]] Program policy_likelihood_program(const PolicyShape& shape, std::size_t rows);

// One step of Adam on the clipped objective of PPO (Schulman et al. 2017), each decision with a ratio of its
// own. Inputs beside those of policy_likelihood_program: "old" f32 [decisions, rows], what
// policy_likelihood_program said before the first step (all equal to the present ones: REINFORCE);
// "advantage" f32 [rows]; "decided" f32 [decisions, rows], 1 or 0. Scalars: "lr", "clip" (the ratio stays
// within 1 - clip and 1 + clip), "entropy" (weight of the mean entropy of a sequence), "rows" (how many of
// the rows count), "k" (step, from 1). Output 0: that entropy, before the step.
[[nodiscard]] Program policy_step_program(const PolicyShape& shape, std::size_t rows);

}  // namespace astrolabe
