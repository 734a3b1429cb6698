// SPDX-License-Identifier: Apache-2.0
// Numbers as other types: the value of Op::cast.
//
//   cast_elements(Array::of<float>(Shape{3}, {2.9F, -2.9F, 1e20F}), ElementType::i32)   // 2, -2, 2147483647
//
// floating to whole: toward zero; what is out of range becomes the nearest end, NaN becomes 0.
// whole to floating, f64 to f32: nearest, ties to even. Whole to whole: the low bits.
// bool is 0 or 1; to bool: whether it differs from 0 (NaN does). bf16, f16: to f32 and, nearest even, from
// f32.
#pragma once

#include "astrolabe/graph/array.h"
#include "astrolabe/graph/op.h"

namespace astrolabe::ops {

// Pure; thread-safe.
[[nodiscard]] Array cast_elements(const Array& array, ElementType type);

// The row of Op::math is there; throws usage_error otherwise.
void check_math_row(const Graph& graph, const NodeDraft& draft);

}  // namespace astrolabe::ops
