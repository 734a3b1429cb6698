// SPDX-License-Identifier: Apache-2.0
// What a comparison comes to, in one word. Pure; thread-safe.
//
//   decide({.value = 0.4, .low = 0.1, .high = 0.7}, 0.05)   // better
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "astrolabe/stats/interval.h"

namespace astrolabe {

enum class Verdict : std::uint8_t {
  better,
  worse,
  tie,        // the difference lies within what makes no difference in practice
  undecided,  // there is not enough evidence for any of these
};
[[nodiscard]] std::string_view verdict_name(Verdict verdict);
[[nodiscard]] std::optional<Verdict> find_verdict(std::string_view name);

// Of one interval of a difference, above 0 where the finding is better. `rope` >= 0: differences up to it
// make no difference in practice. A tie comes first: a proved difference that small is one. Bounds that are
// not known decide nothing.
[[nodiscard]] Verdict decide(const Estimate& difference, double rope);

// An interval for a difference that two independent chances blur: of training (`by_seeds`) and of the rows
// that judge (`by_rows`). About the mean of the seeds; distances to the bounds add up like errors, in
// squares. Bounds that are not known stay so.
[[nodiscard]] Estimate over_both_chances(const Estimate& by_seeds, const Estimate& by_rows);

}  // namespace astrolabe
