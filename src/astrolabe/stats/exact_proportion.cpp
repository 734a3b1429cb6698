// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/stats/exact_proportion.h"

#include <boost/math/special_functions/beta.hpp>

#include "astrolabe/base/error.h"

namespace astrolabe {

double proportion_at_least(std::uint64_t successes, std::uint64_t trials, double error) {
  ASTROLABE_CHECK(error > 0 && error < 1, "an error is between 0 and 1");
  ASTROLABE_CHECK(successes <= trials, "no more successes than trials");
  if (successes == 0) return 0;
  const auto hits = static_cast<double>(successes), misses = static_cast<double>(trials - successes);
  return boost::math::ibeta_inv(hits, misses + 1, error);
}

double proportion_at_most(std::uint64_t successes, std::uint64_t trials, double error) {
  ASTROLABE_CHECK(successes <= trials, "no more successes than trials");
  return 1 - proportion_at_least(trials - successes, trials, error);
}

}  // namespace astrolabe
