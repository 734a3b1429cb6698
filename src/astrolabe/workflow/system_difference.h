// SPDX-License-Identifier: Apache-2.0
// Which settings tell two systems of one learner apart, and systems between them.
//
//   const FilledSystem defaults = defaults_of(space, found.learner);
//   for (const std::string& setting : differing_settings(found, defaults))
//     fits.add(with_setting_of(defaults, found, setting));       // the defaults with one setting as found
//   label_of(found, differing_settings(found, defaults))         // "mlp(activation=silu)"
#pragma once

#include <string>
#include <vector>

#include "astrolabe/system/system_space.h"

namespace astrolabe {

// The first point of the learner: what a run tries before it searches. The space has the learner.
[[nodiscard]] FilledSystem defaults_of(const SystemSpace& space, const std::string& learner);

// Names of settings that one has and the other has not, or has otherwise; ascending.
[[nodiscard]] std::vector<std::string> differing_settings(const FilledSystem& a, const FilledSystem& b);

// As people would type it: only what differs from the learner's own defaults is worth a word.
[[nodiscard]] std::string label_of(const FilledSystem& system, const std::vector<std::string>& shown);

// `system` with one setting as `other` has it, which may be not at all.
[[nodiscard]] FilledSystem with_setting_of(const FilledSystem& system, const FilledSystem& other,
                                           const std::string& setting);

}  // namespace astrolabe
