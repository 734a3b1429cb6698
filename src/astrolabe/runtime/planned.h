// SPDX-License-Identifier: Apache-2.0
// A plan as an executable: one call runs all of its steps.
#pragma once

#include <memory>

#include "astrolabe/lower/plan.h"
#include "astrolabe/runtime/compile.h"

namespace astrolabe {

// `graph` is the one that was lowered: its slots are the executable's.
[[nodiscard]] std::shared_ptr<const Executable> make_planned(const Graph& graph,
                                                             std::span<const NodeId> outputs, Plan plan,
                                                             const CompileOptions& options);

}  // namespace astrolabe
