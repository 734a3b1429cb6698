// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/pipeline/private_catalog.h"

#include <algorithm>
#include <array>

#include "astrolabe/learners/linear/private_linear.h"
#include "astrolabe/learners/neural/private_cnn.h"
#include "astrolabe/learners/neural/private_mlp.h"

namespace astrolabe {

std::span<const PrivateFamily> private_families() {
  static constexpr std::array<PrivateFamily, 3> kFamilies = {{
      {"linear", false, false, require_private_linear, fit_linear_privately},
      {"mlp", true, false, require_private_mlp, fit_mlp_privately},
      {"cnn", true, true, require_private_cnn, fit_cnn_privately},
  }};
  return kFamilies;
}

const PrivateFamily* find_private_family(std::string_view learner) {
  const auto families = private_families();
  const auto found = std::ranges::find(families, learner, &PrivateFamily::learner);
  return found == families.end() ? nullptr : &*found;
}

}  // namespace astrolabe
