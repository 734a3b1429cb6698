// SPDX-License-Identifier: Apache-2.0
// A few steps of a net again, on few rows, with everything looked at: what `doctor` tells causes apart by.
//
//   if (const std::optional<NetLook> look = look_inside(system, data, key, pool, budget)) ...
#pragma once

#include <optional>

#include "astrolabe/evidence/diagnosis.h"
#include "astrolabe/system/system_space.h"
#include "astrolabe/workflow/sealing.h"

namespace astrolabe {

// Of a system of the mlp family; nothing of another, of batch normalization, or of a net too large to look
// into. Rows are drawn by the key. Cost: some seconds.
[[nodiscard]] std::optional<NetLook> look_inside(const FilledSystem& system, const OpenData& data, Key key,
                                                 ThreadPool& pool, const Budget& budget);

}  // namespace astrolabe
