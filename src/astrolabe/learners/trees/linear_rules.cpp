// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/linear_rules.h"

#include <utility>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/learners/trees/lambdarank.h"
#include "astrolabe/learners/trees/loss.h"

namespace astrolabe::trees {
namespace {

[[noreturn]] void refuse(std::string expected, std::string found, std::string remedy) {
  throw usage_error({.attempted = "fitting trees with linear leaves",
                     .expected = std::move(expected),
                     .found = std::move(found),
                     .remedy = std::move(remedy)});
}

}  // namespace

void require_slopes_fit(const TreesSettings& settings, const Labels& labels) {
  const std::string loss(trim(settings.loss));
  if (settings.boosting != "plain")
    refuse("boosting=plain", "boosting=" + settings.boosting, "Leave out one of the two.");
  if (!trim(settings.monotone).empty())
    refuse("no monotone columns", "monotone=" + settings.monotone,
           "Leave out one of the two: a slope does not know what other leaves say.");
  if (!is_native_loss(loss) && !is_lambdarank(loss, labels))
    refuse("squared, logistic, softmax, poisson, gamma, tweedie or lambdarank as loss", loss,
           "Leave out one of the two: leaves of other losses are searched for, each as one number.");
}

}  // namespace astrolabe::trees
