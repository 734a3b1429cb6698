// SPDX-License-Identifier: Apache-2.0
// The learners that can be fitted with a guarantee for every row.
//
//   const PrivateFamily* family = find_private_family("mlp");   // null for "trees"
//   family->require(settings);
//   PrivateOutcome fitted = family->fit(request);
#pragma once

#include <span>
#include <string_view>

#include "astrolabe/train/private_fit.h"

namespace astrolabe {

struct PrivateFamily {
  std::string_view learner;
  bool takes_codes;     // categories as codes; else as indicators
  bool takes_pictures;  // which the rows must then have
  void (*require)(const SettingValues& settings);
  PrivateOutcome (*fit)(const PrivateFitRequest& request);
};

[[nodiscard]] std::span<const PrivateFamily> private_families();
[[nodiscard]] const PrivateFamily* find_private_family(std::string_view learner);  // null when there is none

}  // namespace astrolabe
