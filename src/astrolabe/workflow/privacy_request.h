// SPDX-License-Identifier: Apache-2.0
// What --privacy asks for.
//
//   const PrivacyRequest request = parse_privacy("epsilon=3,delta=1e-5,low=0,high=255");
//   require_private_options(options);        // what a private run cannot do is refused before a row is read
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "astrolabe/privacy/guarantee.h"
#include "astrolabe/workflow/run_options.h"

namespace astrolabe {

struct PrivacyRequest {
  PrivacyBudget budget;
  std::optional<double> clip = {};            // length that gradients of rows are cut to; absent: automatic
  std::optional<double> low = {}, high = {};  // bounds of every number column; absent: paid for
  std::optional<double> target_low = {}, target_high = {};  // of a regression
  std::optional<std::size_t> batch = {};                    // rows that a step expects
  std::optional<std::size_t> epochs = {};
  std::uint32_t buckets = 64;           // that the levels of a category share
  std::optional<double> held_out = {};  // share of the rows that are scored; absent: as a plain run seals
  std::optional<std::uint64_t> noise_seed = {};  // absent: from the operating system, kept nowhere
};

// "name=value,..": epsilon and delta must be there. Throws usage_error that names what is wrong: an unknown
// name, no number, NaN, epsilon not above 0, delta not between 0 and 1, bounds the wrong way round or one
// without the other.
[[nodiscard]] PrivacyRequest parse_privacy(std::string_view text);

// Throws usage_error for what would read rows without paying, or has no private form: anything but one
// learner with a private form, stars and lists of candidates, more than one trial, --stack, --refit,
// --warm-start, --study, --proposer and what else only a search reads, --test, --weight, --group, a split
// that is not random, settings that the learner's private form refuses.
void require_private_options(const RunOptions& options);

// The command without the value of noise_seed.
[[nodiscard]] std::string without_noise_seed(std::string command);

}  // namespace astrolabe
