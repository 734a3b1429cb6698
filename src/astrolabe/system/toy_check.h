// SPDX-License-Identifier: Apache-2.0
// A formula in place of a part of a tiny net: does it train anything at all? What fails here is not worth a
// trial (train/toy.h).
//
//   toy_fault(*resolve_part(Vocabulary::optimizer, "lr*w").., ...)   // "it does not train a tiny net"
#pragma once

#include <optional>
#include <string>

#include "astrolabe/graph/expression.h"
#include "astrolabe/stats/metric.h"

namespace astrolabe {

// Why nothing can be trained with it, in words; nothing when a tiny net learns, or when it is a schedule,
// which no toy is long enough for. The other parts of the toy are silu, adam and the plain loss of the task's
// kind. Pure; thread-safe. Cost: 2 to 7 milliseconds.
[[nodiscard]] std::optional<std::string> toy_fault(const Expression& formula, TaskKind kind);

}  // namespace astrolabe
