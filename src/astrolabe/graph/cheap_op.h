// SPDX-License-Identifier: Apache-2.0
// Operations that are computed again rather than kept.
//
//   is_cheap_to_repeat(Op::maximum)   // true; of Op::math: false
#pragma once

#include "astrolabe/graph/op.h"

namespace astrolabe {

// Whether an operation on an element costs less than a load and a store.
[[nodiscard]] bool is_cheap_to_repeat(Op op);

}  // namespace astrolabe
