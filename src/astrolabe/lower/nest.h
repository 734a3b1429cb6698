// SPDX-License-Identifier: Apache-2.0
// A nest: perfectly nested loops around straight-line scalar code, with stores and reductions. All
// elementwise work and all reductions of a routine are nests. A nest's code is structure only: how many
// loops, what is computed, how memory is walked in kind. Extents, strides and addresses are given at the
// call, so that one compiled nest serves every size.
//
//   // y[i][j] = max(x[i][j] + b[j], 0), 64 rows of 128
//   NestCode code{.loops = 2, .accesses = {...x, b, y...}, .body = {load x, load b, add, constant 0,
//   maximum},
//                 .stores = {{.value = 4, .access = 2}}};
//   function(pointers, strides, extents, 0, 64);   // the rows 0 to 63
//
// Loops are counted from the outermost, 0; the innermost is walked in vectors. Three shapes:
//
//   plain  for (l0) for (l1) .. for (inner) { body; stores }
//   lanes  for (l0) .. { lanes = identity; for (inner) { body; stores; lanes[i mod 32] joins } join lanes;
//   store } outer  for (kept loops) for (inner) { acc = identity; for (reduced loops) { body; stores; acc
//   joins } store }
//
// `lanes` reduces the innermost loop in the order of graph/interpret.h; `outer` reduces the `reduced_loops`
// loops just before the innermost, in row-major order, each element of the innermost loop being its own
// chain.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "astrolabe/graph/node.h"

namespace astrolabe {

inline constexpr std::size_t kMaxLoops = 6;
inline constexpr std::int64_t kNarrowRow = 16;

// How far an access moves per step of a loop: what the compiler must know. `any` is given at the call.
enum class Stride : std::uint8_t { zero, one, any };

struct NestAccess {
  ElementType type = ElementType::f32;
  std::array<Stride, kMaxLoops> strides{};  // of the loops 0 .. loops - 1; in elements

  friend bool operator==(const NestAccess&, const NestAccess&) = default;
};

enum class NestOp : std::uint8_t {
  load,      // the element of access `value`
  constant,  // bits of a double for floating types, else the whole number: `value`
  index,     // how often loop `value` has turned, as `type` (i32, i64, u32, f32 or f64)
  compute,   // `op` of the operands: elementwise operations only; of Op::math only the rows without an
             // expansion
};

struct NestInstruction {
  NestOp kind = NestOp::compute;
  Op op = Op::add;
  ElementType type = ElementType::f32;      // of the result
  std::array<std::uint16_t, 3> operands{};  // earlier instructions
  std::int64_t value = 0;                   // see NestOp; of Op::math: the row

  friend bool operator==(const NestInstruction&, const NestInstruction&) = default;
};

struct NestStore {
  std::uint16_t value = 0;   // an instruction
  std::uint16_t access = 0;  // of the same type

  friend bool operator==(const NestStore&, const NestStore&) = default;
};

struct NestReduction {
  ReduceKind kind = ReduceKind::add;
  std::uint16_t value = 0;
  std::uint16_t access = 0;  // its strides in the reduced loops are zero

  friend bool operator==(const NestReduction&, const NestReduction&) = default;
};

enum class NestShape : std::uint8_t { plain, lanes, outer };

struct NestCode {
  NestShape shape = NestShape::plain;
  std::uint8_t loops = 1;          // at least 1; a rank-0 computation is one loop of extent 1
  std::uint8_t reduced_loops = 0;  // of `outer`
  std::vector<NestAccess> accesses;
  std::vector<NestInstruction> body;
  std::vector<NestStore> stores;
  std::vector<NestReduction> reductions;
  // The innermost loop turns at most kNarrowRow times (never in `lanes`): wider vectors would be half empty.
  bool is_narrow = false;

  friend bool operator==(const NestCode&, const NestCode&) = default;
};

// The loop of which a call does the part [begin, end): the outermost; of `outer` without kept loops the
// innermost. When the split loop is the innermost one, parts begin at multiples of kReductionLanes, and
// `lanes` is not split.
[[nodiscard]] std::size_t split_loop(const NestCode& code);

// A nest made executable: by LLVM, or by the tile interpreter behind the same call. `pointers` has one
// address per access, of its element at index 0 of every loop; `strides` [accesses * loops] in elements;
// `extents` [loops]. Thread-safe for disjoint parts.
using NestFunction = void (*)(std::byte* const* pointers, const std::int64_t* strides,
                              const std::int64_t* extents, std::int64_t begin, std::int64_t end);

// All of the structure as bytes: the cache key, compared whole.
[[nodiscard]] std::string nest_key(const NestCode& code);
// Loops and body as text for people.
[[nodiscard]] std::string print_nest(const NestCode& code);

}  // namespace astrolabe
