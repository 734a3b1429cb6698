// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/passes/pass_catalog.h"

#include <array>

namespace astrolabe {

std::span<const Pass> passes() {
  static constexpr std::array<Pass, 5> kPasses = {{
      {"simplify", simplify, true, "Identities of algebra and of movement."},
      {"fold_constants", fold_constants, true, "Constants from constants."},
      {"fuse_multiply_add", fuse_multiply_add, true, "a * b + c, rounded once."},
      {"expand_functions", expand_functions, false, "MATH rows into elementary operations."},
      {"split_reductions", split_reductions, false, "Reductions of mixed axes into two."},
  }};
  return kPasses;
}

}  // namespace astrolabe
