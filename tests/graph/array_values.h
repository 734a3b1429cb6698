// SPDX-License-Identifier: Apache-2.0
// Arrays from lists of numbers and back, for tests: every element type of the interpreter fits a double.
//
//   array_of({ElementType::i32, Shape{2}}, {1, 2})
//   values_of(array)   // {1, 2}
#pragma once

#include <vector>

#include "astrolabe/graph/array.h"
#include "astrolabe/graph/graph.h"
#include "astrolabe/graph/interpret.h"

namespace astrolabe::testing {

Array array_of(const TypedShape& type, const std::vector<double>& values);
std::vector<double> values_of(const Array& array);

// Numbers that are neither equal nor round: i -> -1 .. 1, by a fixed irrational step.
std::vector<double> spread_values(std::size_t count, double offset = 0);

// Every f32 array as f64, for graphs that were retyped.
Feed widened(const Feed& feed);

// The value of one root.
Array value_of(const Graph& graph, NodeId root, const Feed& feed = {});

}  // namespace astrolabe::testing
