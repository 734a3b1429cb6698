// SPDX-License-Identifier: Apache-2.0
// A space as text: what a study keeps of it (StudyHead::space), so that anybody who opens the study later can
// read its points without the program that made it.
//
//   store.create({.space = space_text(space), ...});
//   const Space same = parse_space(store.head()->space);
//
// JSON, one object per dimension in order:
//   [{"name":"optimizer","options":["sgd","adam"]},
//    {"name":"momentum","low":0,"high":0.99,"when":{"dimension":0,"options":[0]}},
//    {"name":"layers","low":1,"high":8,"whole":true,"log":true}]
// Pure; thread-safe. Cost: microseconds.
#pragma once

#include <string>
#include <string_view>

#include "astrolabe/search/space.h"

namespace astrolabe {

// Equal spaces give equal texts, others different ones.
[[nodiscard]] std::string space_text(const Space& space);
// Throws bad_input for what is not the text of a space.
[[nodiscard]] Space parse_space(std::string_view text);

}  // namespace astrolabe
