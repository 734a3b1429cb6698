// SPDX-License-Identifier: Apache-2.0
// The others, raced within one study: a bandit decides who is asked, by what came of the proposals of each.
// All of them observe everything, so that the one which takes over knows what the others found.
//
//   const std::unique_ptr<Proposer> proposer = make_auto_proposer(space, {}, key);
//   proposer->summary()    // "surrogate: 83 proposals, 5 best so far; evolution: 12, 1; random: 5, 1"
//
// A proposal that becomes the best so far earns its arm 1, one in the best tenth of the newest trials a half;
// what was earned fades. Arms are drawn with shares that grow with what they earn; none ever falls silent,
// for the best one at the start is not always the best one later. The arms are the rows of
// proposer_catalog.h; where the space is countable, enumeration takes random's place, so that no point is
// proposed twice and a small space comes to its end. Sources: Auer et al., "The nonstochastic multiarmed
// bandit problem", 2002 (shares with a floor); Fialho et al., "Analyzing bandit-based adaptive operator
// selection", 2010 (credit by rank among recent trials).
#pragma once

#include <memory>

#include "astrolabe/search/proposer.h"

namespace astrolabe {

struct AutoSettings {
  double floor = 0.03;
};
[[nodiscard]] std::span<const Field<AutoSettings>> auto_settings_table();

[[nodiscard]] std::unique_ptr<Proposer> make_auto_proposer(const Space& space, const AutoSettings& settings,
                                                           Key key);

}  // namespace astrolabe
