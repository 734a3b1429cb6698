// SPDX-License-Identifier: Apache-2.0
// What may be done about a training that does not move, cause by cause, as systems to be tried.
//
//   for (const Treatment& treatment : treatments_of(system, rate, epochs)) fits.add(treatment.system);
#pragma once

#include <string>
#include <vector>

#include "astrolabe/evidence/diagnosis.h"
#include "astrolabe/system/system_space.h"

namespace astrolabe {

struct Treatment {
  Cause against = Cause::none;
  std::string what;  // "activation=silu"
  FilledSystem system;
};

// Only settings that the learner has, and only what would change something: smaller and larger learning
// rates, other activations, a normalization, fewer layers, more epochs or rounds, another optimizer; and
// other learners with their defaults. `steps`: epochs or rounds that the fit had; 0: unknown.
[[nodiscard]] std::vector<Treatment> treatments_of(const FilledSystem& system, std::size_t steps);

}  // namespace astrolabe
