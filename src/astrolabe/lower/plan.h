// SPDX-License-Identifier: Apache-2.0
// A plan: what a program does, step by step, in a planned memory. What lowering makes and the runtime runs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "astrolabe/graph/graph.h"
#include "astrolabe/lower/nest.h"

namespace astrolabe {

enum class Place : std::uint8_t { input, state, scalar, output, arena };

struct PlanBuffer {
  Place place = Place::arena;
  std::size_t slot = 0;  // of an input, state, scalar or output
  ElementType type = ElementType::f32;
  std::size_t elements = 0;
  std::size_t offset = 0;  // in bytes, of the arena
  // The steps that touch it, [first, last]; of the arena only.
  std::size_t first_step = 0, last_step = 0;
};

// An address: a buffer and an offset in elements of its type.
struct Region {
  std::size_t buffer = 0;
  std::int64_t offset = 0;
};

struct NestStep {
  NestCode code;
  std::vector<std::int64_t> extents;  // [loops]
  std::vector<std::int64_t> strides;  // [accesses * loops]
  std::vector<Region> regions;        // [accesses]
};

// C = A B for each of `batch` products, f32; strides in elements.
struct DotStep {
  std::size_t m = 0, n = 0, k = 0, batch = 1;
  Region a, b, c;
  std::int64_t a_row = 0, a_column = 0, a_batch = 0;
  std::int64_t b_row = 0, b_column = 0, b_batch = 0;
  std::int64_t c_row = 0, c_batch = 0;
};

// Random bits of `batch` keys, `count` for each.
struct BitsStep {
  Region key, out;
  std::size_t batch = 1, count = 0;
  std::uint32_t stream = 0;
};

// out[i] = table[index[i]]: rows of `row_bytes`.
struct TakeStep {
  Region table, index, out;
  std::size_t table_rows = 0, count = 0;
  std::size_t row_elements = 0, row_bytes = 0;
};

// table = 0; table[index[i]] += rows[i], f32, in order.
struct AddAtStep {
  Region rows, index, table;
  std::size_t table_rows = 0, count = 0, row_elements = 0;
};

// Op::convolve or one of its gradients, of `batch` members; f32. What a and b are, the operation says; each
// member's lie row-major. Batch strides in elements.
struct ConvolveStep {
  Op op = Op::convolve;
  std::size_t n = 0, h = 0, w = 0, c = 0;  // pictures
  std::size_t kh = 0, kw = 0, f = 0;       // filters
  std::size_t oh = 0, ow = 0;              // answers
  std::array<std::size_t, 2> stride{1, 1}, before{0, 0};
  std::size_t batch = 1;
  Region a = {}, b = {}, out = {};
  std::int64_t a_batch = 0, b_batch = 0, out_batch = 0;
};

using Step = std::variant<NestStep, DotStep, BitsStep, TakeStep, AddAtStep, ConvolveStep>;

struct Plan {
  std::vector<PlanBuffer> buffers;
  std::vector<Step> steps;
  std::size_t arena_bytes = 0;
  std::size_t arena_lower_bound = 0;  // no plan of this order of steps can do with less
};

// Steps, loops and buffers as text for people.
[[nodiscard]] std::string print_plan(const Plan& plan);

}  // namespace astrolabe
