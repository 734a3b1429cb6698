// SPDX-License-Identifier: Apache-2.0
// Memory for what the steps read and write.
//
// A node that is kept lies in its output, in its state (when every other reader of the old value comes
// earlier), inside the concat that it is a part of, or in the arena. What an output or a state cannot share
// is copied: values of leaves before the first step, others behind the last.
#pragma once

#include "astrolabe/lower/order_steps.h"

namespace astrolabe {

[[nodiscard]] Plan place_steps(const LowerRequest& request, const Phases& phases, OrderedSteps steps);

}  // namespace astrolabe
