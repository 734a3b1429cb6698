// SPDX-License-Identifier: Apache-2.0
// Which slots a system has, and what fits where. The command line, `parts` and the documentation read this
// one table.
//
//   for (const SlotRow& row : slot_rows()) add_flag("--" + dashed(row.name), row.doc);   // --batch-size
//   slots()[1].parts[1].expression   // "max(x,0)+a*min(0,x)"
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/graph/expression.h"
#include "astrolabe/model/settings.h"

namespace astrolabe {

// A slot inside learners: every learner whose field table has a field of this name has the slot.
struct SlotRow {
  std::string_view name;                           // of the field: "batch_size"
  std::string_view doc;                            // one sentence
  std::string_view takes = {};                     // what may be written there; empty: what the field says
  std::optional<Vocabulary> parts = std::nullopt;  // parts and expressions of this kind fit in
};

// In the order in which people should see them.
[[nodiscard]] std::span<const SlotRow> slot_rows();
// Null when there is none.
[[nodiscard]] const SlotRow* find_slot(std::string_view name);
// The name of a slot or a setting as flags spell it: "batch-size".
[[nodiscard]] std::string dashed(std::string_view name);
// Names of the learners that have a slot, in the catalogue's order.
[[nodiscard]] std::vector<std::string> learners_with(std::string_view slot);

// Throws usage_error that points at the character where a text of a language that is no formula is wrong: an
// architecture of that learner's nets, an augmentation. Texts of other slots are not looked at.
void require_slot_text(std::string_view learner, std::string_view slot, std::string_view text);

struct Part {
  std::string name;
  std::string doc;                     // one sentence; may be empty
  std::vector<SettingField> settings;  // with defaults
  std::string expression = {};         // in the language of expressions, where it is written in it
};

struct SystemSlot {
  std::string name;  // "learner"; with dashes on the command line
  std::string doc;
  std::string takes = {};                  // what else than the parts may be written there
  std::vector<std::string> learners = {};  // that have the slot; empty for the slot "learner" itself
  // Of slots that take parts: learner -> words of its own beside them ("squared" of trees).
  std::map<std::string, std::vector<std::string>> words = {};
  std::vector<Part> parts = {};
};

// All slots with all parts, built from the catalogues; a slot that no learner has is left out. Cheap enough
// to call whenever it is needed.
[[nodiscard]] std::vector<SystemSlot> slots();

}  // namespace astrolabe
