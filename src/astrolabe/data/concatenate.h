// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "astrolabe/data/table.h"

namespace astrolabe {

// The rows of `first`, then those of `second`. Both have the same columns in the same order and of the same
// types (ASTROLABE_CHECK); levels may differ and are merged. Cost: one copy of both.
[[nodiscard]] Table concatenate(const Table& first, const Table& second);

}  // namespace astrolabe
