// SPDX-License-Identifier: Apache-2.0
// Nets that learn from what another model says, beside the labels: `--loss 'distill(MODEL, T, a, LOSS)'`.
//
//   SlotTexts slots = {{"loss", "distill(runs/big/model.astro, 4, 0.7)"}};
//   take_teacher(slots, options);              // options.teacher; loss stays auto, two settings say T and a
//   run.teacher = teacher_of(options);
//   prepared.taught = taught_rows(run, features);
//
// Any model may teach: its answers are computed once, for open rows alone. The loss is
// a T^2 CE(softmax(z_t / T), softmax(z / T)) + (1 - a) LOSS (train/taught_loss.h). T, a and LOSS may be
// stars: distill(MODEL, *, 0.2..0.9).
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "astrolabe/workflow/run_state.h"
#include "astrolabe/workflow/slot_choices.h"

namespace astrolabe {

// Takes distill(...) out of the slot texts and of the learners' own losses; learners that nobody teaches are
// left as they are, and without any choice mlp is chosen. Throws usage_error for a text that cannot be read,
// two teachers, a learner that cannot be taught.
void take_teacher(SlotTexts& slots, RunOptions& options);

// Reads the model. Throws bad_input.
[[nodiscard]] std::optional<ShippedModel> teacher_of(const RunOptions& options);

// Whether the teacher answers this run's question and has not been told the answers to its sealed rows.
// Throws bad_input; notes what of the scores leans on it.
void require_teacher(Run& run);

// What it says of every row of a table of features, [rows * outputs]; null without one. Columns that the
// teacher reads and the table has not are missing cells to it.
[[nodiscard]] std::shared_ptr<const std::vector<double>> taught_rows(Run& run, const Table& features);

}  // namespace astrolabe
