// SPDX-License-Identifier: Apache-2.0
// The one node type of the IR. A node is a value: an operation, what it reads, its attributes, and the
// element type and shape of its result. Shapes are static.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include "astrolabe/tensor/element_type.h"
#include "astrolabe/tensor/shape.h"

namespace astrolabe {

// An index into the arena of a Graph. A node's inputs have smaller ids than the node itself.
using NodeId = std::uint32_t;
inline constexpr NodeId kNoNode = UINT32_MAX;

enum class Op : std::uint8_t {
  // Leaves.
  input,     // given at every run; attributes.value is the slot
  state,     // kept between runs, changed by updates; attributes.value is the slot
  scalar,    // a run-time number, rank 0; attributes.value is the slot
  constant,  // rank 0; attributes.value holds the bits of a double, or the whole number
  iota,      // the index along the axis attributes.value
  bits,      // random bits u32 of a key u32 [2] and the stream attributes.value
  // Elementwise: inputs of one shape; rank 0 counts as any shape.
  cast,
  bitcast,
  negate,
  math,  // a row of the MATH table (math_table.h): attributes.value
  add,
  subtract,
  multiply,
  divide,
  minimum,  // a < b ? a : b, so the second one when either is NaN
  maximum,  // a > b ? a : b
  less,
  equal,
  logical_and,
  logical_or,
  exclusive_or,
  shift_left,
  shift_right,         // fills with zeros when unsigned, with the sign when signed
  select,              // condition ? a : b
  fused_multiply_add,  // a * b + c, rounded once
  // Movement: the same elements elsewhere.
  reshape,
  permute,  // axis i of the result is axis first[i] of the input
  expand,   // axes of size 1 repeat
  pad,      // zeros: first[i] before and second[i] behind along axis i
  slice,    // begin first[i], step second[i] along axis i
  concat,   // one after another along the axis attributes.value
  // Contractions.
  reduce,  // ReduceKind attributes.value over the axes whose first[i] is 1, which disappear
  dot,     // [.., m, k] by [.., k, n]; first[0], first[1]: the last two axes of a, of b are swapped
  take,    // rows of a table [v, ..] by an index i32 [n]: [n, ..]; indices outside are clamped
  add_at,  // rows [n, ..] added, in order, into zeros [v, ..] at an index i32 [n]; v is attributes.value
  // Windows: pictures [.., n, h, w, c], filters [.., kh, kw, c, f], answers [.., n, oh, ow, f]. Steps of the
  // window: first[0], first[1]; zeros around a picture: second[0], second[1] before, [2], [3] behind.
  convolve,          // pictures by filters: answers
  convolve_input,    // answers by filters: pictures, what a convolution pulls back to its pictures
  convolve_filters,  // pictures by answers: filters, what it pulls back to its filters
};
inline constexpr std::size_t kOps = static_cast<std::size_t>(Op::convolve_filters) + 1;

// Leaves that a run fills, each by its slot.
[[nodiscard]] constexpr bool is_slot(Op op) {
  return op == Op::input || op == Op::state || op == Op::scalar;
}

enum class ReduceKind : std::uint8_t { add, maximum, minimum };

// What an operation needs to know beside its inputs; unused entries are 0, so that equal nodes have equal
// bytes.
struct Attributes {
  std::int64_t value = 0;
  std::array<std::int32_t, kMaxRank> first{};
  std::array<std::int32_t, kMaxRank> second{};

  friend bool operator==(const Attributes&, const Attributes&) = default;
};

struct TypedShape {
  ElementType type = ElementType::f32;
  Shape shape;
};

// A node that is not in a graph yet.
struct NodeDraft {
  Op op;
  std::vector<NodeId> inputs;
  Attributes attributes;
  // Leaves, cast, bitcast, reshape, expand, slice, convolve_input, convolve_filters: what the result shall
  // be.
  TypedShape wanted;
};

struct Node {
  Op op = Op::constant;
  ElementType type = ElementType::f32;
  std::uint32_t input_count = 0;
  std::array<NodeId, 3>
      few_inputs{};  // when there are at most three; else first of them is the number of a list
  Shape shape;
  Attributes attributes;

  [[nodiscard]] double constant_value() const {  // of a constant of a floating type
    return std::bit_cast<double>(attributes.value);
  }
  [[nodiscard]] std::size_t slot() const { return static_cast<std::size_t>(attributes.value); }
  [[nodiscard]] ReduceKind reduce_kind() const { return static_cast<ReduceKind>(attributes.value); }
};

}  // namespace astrolabe
