// SPDX-License-Identifier: Apache-2.0
// A plan: what a program does, step by step, in a planned memory. What lowering makes and the runtime runs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
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
  NodeId node = kNoNode;  // whose value it holds; of the arena only, and of copies none
  // More than 1: only the runs of one PictureRun touch it, and it has memory for one of so many chunks.
  std::size_t chunks = 1;
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

struct Plan;

// Op::scan: the plan of one step, run `steps` times. Every leaf of the step has an input: the carry before
// the first step, `stepped` of which a step gets row_bytes[i] from its row on, and what is shared. Row t of
// `out` is the carry after step t, where the next step reads it.
struct RecurrenceStep {
  std::shared_ptr<const ScanBody> body;
  std::shared_ptr<const Plan> plan;
  std::size_t steps = 0, stepped = 0;
  bool backwards = false;
  std::vector<Region> inputs;
  std::vector<std::size_t> row_bytes;  // [1 + stepped]: of the carry and of what is stepped
  Region out = {}, scratch = {};       // scratch: the arena of one step
};

using Step = std::variant<NestStep, DotStep, BitsStep, TakeStep, AddAtStep, ConvolveStep, RecurrenceStep>;

// Steps that are done a few pictures at a time (picture_runs.h): all of them for the first of `chunks` equal
// parts of the pictures, then for the next.
struct PictureRun {
  std::size_t first = 0, count = 1;
  std::size_t chunks = 1;
};

// What was given for an arena within a limit.
struct Recomputation {
  std::size_t plain_arena_bytes = 0;  // of the plan that computes everything once
  std::size_t steps_again = 0;        // runs of steps that had run before
  std::size_t layers = 0;             // products and convolutions that run more than once
  double extra_work = 0;              // of them, as a share of the plain plan's, estimated
};

struct Plan {
  std::vector<PlanBuffer> buffers;
  std::vector<Step> steps;
  std::vector<PictureRun> runs;  // in order, apart; other steps are done by themselves
  std::size_t arena_bytes = 0;
  std::size_t arena_lower_bound = 0;  // no plan of this order of steps can do with less
  Recomputation recomputation;        // all zero where nothing is computed again
};

// Steps, loops and buffers as text for people.
[[nodiscard]] std::string print_plan(const Plan& plan);

}  // namespace astrolabe
