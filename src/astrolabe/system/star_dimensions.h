// SPDX-License-Identifier: Apache-2.0
// A star of one setting of one learner as dimensions.
//
//   const StarField field{.learner = "mlp", .field = require_field("mlp", fields, "activation")};
//   const WrittenStar star = write_star(SpaceWriter(draft).under("activation"), field,
//                                       parse_star("activation", "relu,gelu,*"), context, {});
//   star.text(point)   // "gelu", "leaky_relu(0.02)", "x*sigmoid(beta*x)"
//
// One alternative writes its own dimensions under the slot's name; several are a choice of that name, and
// each has its own under it. Pure; the functions returned are thread-safe.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/graph/expression.h"
#include "astrolabe/model/settings.h"
#include "astrolabe/system/grammar.h"
#include "astrolabe/system/space_catalog.h"
#include "astrolabe/system/star.h"

namespace astrolabe {

struct StarField {
  std::string_view learner;  // as messages and parse_setting name it
  const SettingField& field;
  std::optional<Vocabulary> parts = {};  // of a slot whose values are formulas
};

struct WrittenStar {
  PointText text;                                  // what to write in the setting
  std::vector<WrittenSpace::Member> members = {};  // worth trying first
  std::vector<std::string> spaces = {};            // "parts", "ramachandran(1)", "x*sigmoid(*)", "1e-4..0.1"
};

// Throws usage_error that points at the character: an unknown space (the nearest is offered), a space of a
// table, a setting of a space out of range, a range of a text or beyond the field, a hole in what is no
// formula, a value that the field does not take, a star where nobody knows what belongs there.
[[nodiscard]] WrittenStar write_star(const SpaceWriter& at, const StarField& field, const Star& star,
                                     const SpaceContext& context, std::span<const Grammar> grammars);

}  // namespace astrolabe
