// SPDX-License-Identifier: Apache-2.0
// Random search: every point drawn anew, so that it owes nothing to what was seen. The arm that others have
// to beat.
//
//   const std::unique_ptr<Proposer> proposer = make_random_proposer(space);
#pragma once

#include <memory>

#include "astrolabe/search/proposer.h"

namespace astrolabe {

[[nodiscard]] std::unique_ptr<Proposer> make_random_proposer(const Space& space);

}  // namespace astrolabe
