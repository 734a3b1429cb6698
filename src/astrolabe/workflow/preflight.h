// SPDX-License-Identifier: Apache-2.0
// What can be said before a star runs: how large the question is, what answering it in full would take, what
// this budget does instead, and how small a difference these data can show.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "astrolabe/base/budget.h"
#include "astrolabe/evaluate/cross_validation.h"
#include "astrolabe/system/system_space.h"

namespace astrolabe {

struct Preflight {
  std::vector<std::string> lines;  // for people; empty when there is nothing to search
  std::string warning;             // that the search is hopeless, and what would help
  std::string json;                // as kPreflightNote says
};

// `first`: a system that was just tried, over all folds. Below about ten trials nothing can be found but
// luck: a star that somebody wrote is then called hopeless. Where only settings are tuned, the defaults
// stand.
[[nodiscard]] Preflight look_ahead(const SystemSpace& space, const CrossValidation& first,
                                   const Budget& budget, std::optional<std::uint64_t> trials, bool has_star,
                                   const Labels& labels, const Task& task);

}  // namespace astrolabe
