// SPDX-License-Identifier: Apache-2.0
// Slots as people fill them, with values or stars: `--activation 'x*sigmoid(x)'` counts for every chosen
// learner that has the slot.
//
//   fill_slots({{"loss", "focal(2)"}}, options.learners);   // none chosen: trees and mlp are, with that loss
//   require_sound_texts(options.learners);                  // 'focl(2)' ends here, with a caret under it
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/stats/metric.h"
#include "astrolabe/workflow/run_options.h"

namespace astrolabe {

// Slot, as in slot_rows(), -> text.
using SlotTexts = std::map<std::string, std::string>;

// Whether a text asks for a search. One of a setting that is a text of its own, without choices and no slot,
// never does: age:+,price:- has commas, and is no list of candidates.
[[nodiscard]] bool is_star(const SettingField& field, std::string_view text);

// One setting of a choice, a value or a star; what the choice says already stays. Throws usage_error for a
// value out of the field's range and for a star that cannot be read.
void fill(LearnerChoice& choice, const std::string& setting, std::string_view text);

// Gives each text to every choice whose learner has the slot; what a choice says itself stays. Without
// choices, those of `among` are chosen that have all of the slots; none named: those of all learners, with
// learners of pictures only where no other one will do. Throws usage_error for a slot that no choice has, and
// for values out of the field's range.
void fill_slots(const SlotTexts& texts, std::vector<LearnerChoice>& choices,
                std::span<const std::string> among = {});

// Reads every text that is a part, an expression or an architecture, as fitting will. Throws usage_error that
// points at the character. Cost: some microseconds a text.
void require_sound_texts(std::span<const LearnerChoice> choices);

// Throws usage_error for a loss that has no meaning in a task of this kind: one of classes for numbers.
void require_fitting_losses(std::span<const LearnerChoice> choices, TaskKind kind);

// Throws usage_error for a batch of more rows than there are to fit on. A fold of these rows may still be
// smaller than a batch that is let through: then its batch is all of the fold.
void require_fitting_batches(std::span<const LearnerChoice> choices, std::size_t rows);

}  // namespace astrolabe
