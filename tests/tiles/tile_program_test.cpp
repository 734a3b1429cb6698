// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/tiles/tile_program.h"

#include <bit>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <thread>

#include "tests/tiles/sets.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/random.h"
#include "astrolabe/graph/math_table.h"

namespace {

// How often this thread has asked for memory.
thread_local std::size_t allocations = 0;

void* counted(std::size_t bytes, std::size_t alignment) {
  ++allocations;
  void* const memory = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t bytes) {
  return counted(bytes, alignof(std::max_align_t));
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return counted(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t /*bytes*/) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t /*bytes*/, std::align_val_t /*alignment*/) noexcept {
  std::free(memory);
}

namespace astrolabe {
namespace {

using nest_reference::difference_by_tiles;
using nest_reference::first_difference;
using nest_reference::NestCase;
using nest_reference::random_case;
using nest_reference::random_nest;
using nest_reference::run;
using nest_reference::run_reference;
using nest_reference::testable_sets;

constexpr ElementType kTypes[] = {ElementType::boolean, ElementType::i32, ElementType::u32,
                                  ElementType::i64,     ElementType::f32, ElementType::f64,
                                  ElementType::bf16,    ElementType::f16};

bool is_whole(ElementType type) {
  return !is_floating(type) && type != ElementType::boolean;
}
bool is_computed_float(ElementType type) {
  return is_floating(type) && !is_storage_only(type);
}

// One operation of a nest on operands of one type (of select: after the condition).
struct Case {
  Op op;
  ElementType operand, result;
  int operands;
  std::int64_t row = 0;
};

std::vector<Case> all_operations() {
  std::vector<Case> cases;
  for (const ElementType type : kTypes) {
    const bool is_number = is_whole(type) || is_computed_float(type);
    if (is_number) {
      cases.push_back({Op::negate, type, type, 1});
      for (const Op op : {Op::add, Op::subtract, Op::multiply, Op::minimum, Op::maximum})
        cases.push_back({op, type, type, 2});
      cases.push_back({Op::less, type, ElementType::boolean, 2});
    }
    if (!is_storage_only(type)) {
      cases.push_back({Op::equal, type, ElementType::boolean, 2});
      cases.push_back({Op::select, type, type, 3});
      for (const ElementType to : kTypes)
        if (!is_storage_only(to) || type == ElementType::f32) cases.push_back({Op::cast, type, to, 1});
    } else {
      cases.push_back({Op::cast, type, ElementType::f32, 1});
    }
    if (is_computed_float(type)) {
      cases.push_back({Op::divide, type, type, 2});
      cases.push_back({Op::fused_multiply_add, type, type, 3});
      for (std::size_t row = 0; row < math_rows().size(); ++row)
        if (math_rows()[row].expand == nullptr)
          cases.push_back({Op::math, type, type, 1, static_cast<std::int64_t>(row)});
    }
    if (is_whole(type) || type == ElementType::boolean)
      for (const Op op : {Op::logical_and, Op::logical_or, Op::exclusive_or})
        cases.push_back({op, type, type, 2});
    if (is_whole(type))
      for (const Op op : {Op::shift_left, Op::shift_right}) cases.push_back({op, type, type, 2});
  }
  for (const auto& [from, to] : {std::pair{ElementType::f32, ElementType::i32},
                                 {ElementType::u32, ElementType::f32},
                                 {ElementType::f64, ElementType::i64},
                                 {ElementType::i64, ElementType::f64}})
    cases.push_back({Op::bitcast, from, to, 1});
  return cases;
}

NestAccess access_of(ElementType type, std::initializer_list<Stride> strides) {
  NestAccess access;
  access.type = type;
  std::copy(strides.begin(), strides.end(), access.strides.begin());
  return access;
}

// y[i] = op(..): operand k is uniform when bit k of `uniform` is set.
NestCode nest_of(const Case& each, unsigned uniform) {
  NestCode code;
  NestInstruction result{.op = each.op, .type = each.result, .value = each.row};
  for (int k = 0; k < each.operands; ++k) {
    const ElementType type = each.op == Op::select && k == 0 ? ElementType::boolean : each.operand;
    code.accesses.push_back(access_of(type, {(uniform >> k & 1U) != 0 ? Stride::zero : Stride::one}));
    code.body.push_back({.kind = NestOp::load, .type = type, .value = k});
    result.operands[static_cast<std::size_t>(k)] = static_cast<std::uint16_t>(k);
  }
  code.body.push_back(result);
  code.accesses.push_back(access_of(each.result, {Stride::one}));
  code.stores.push_back(
      {static_cast<std::uint16_t>(each.operands), static_cast<std::uint16_t>(each.operands)});
  return code;
}

TEST(TileProgram, of_every_operation_on_every_type_and_kind_of_operand_equals_the_reference) {
  std::size_t count = 0;
  for (const Case& each : all_operations()) {
    for (unsigned uniform = 0; uniform < 1U << each.operands; ++uniform) {
      const NestCode code = nest_of(each, uniform);
      for (const std::int64_t extent : {37, 640}) {
        const NestCase data = random_case(code, Key::from_seed(5).split(++count), {extent});
        for (const InstructionSet set : testable_sets())
          ASSERT_EQ(difference_by_tiles(code, data, set), "") << instruction_set_name(set);
      }
    }
  }
  EXPECT_GT(count, 600U);
}

// Sums that lie half way between two floats, or nearly; results among and below the subnormals.
TEST(TileProgram, multiplies_and_adds_floats_with_one_rounding_on_every_set) {
  const NestCode code = nest_of({Op::fused_multiply_add, ElementType::f32, ElementType::f32, 3}, 0);
  constexpr std::int64_t kElements = 1 << 14;
  NestCase data = random_case(code, Key::from_seed(1), {kElements});
  RandomStream random(Key::from_seed(2));
  const auto number = [&](int spread) {
    const auto fraction = static_cast<std::uint32_t>(random.bits());
    const std::uint32_t mask = random.below(2) == 0 ? 0x007F'FFFF : 0x0070'0001;
    const auto exponent = static_cast<std::uint32_t>(127 - spread + static_cast<int>(random.below(12)));
    return std::bit_cast<float>((fraction & (mask | 0x8000'0000)) | exponent << 23);
  };
  for (std::int64_t i = 0; i < kElements; ++i) {
    const int scale = static_cast<int>(random.below(4)) * 36;  // products down to 2^-216
    const float values[3] = {number(scale / 2), number(scale / 2),
                             number(scale + static_cast<int>(random.below(60)) - 30)};
    for (std::size_t k = 0; k < 3; ++k) std::memcpy(data.pointers()[k] + i * 4, &values[k], 4);
  }
  for (const InstructionSet set : testable_sets())
    EXPECT_EQ(difference_by_tiles(code, data, set), "") << instruction_set_name(set);
}

// y[i][j] = (x[i][j] + b) * c, b and c of any strides.
NestCode two_loops(Stride b_row, Stride b_column, Stride c_row, Stride c_column) {
  constexpr ElementType kF32 = ElementType::f32;
  NestCode code;
  code.loops = 2;
  code.accesses = {access_of(kF32, {Stride::any, Stride::one}), access_of(kF32, {b_row, b_column}),
                   access_of(kF32, {c_row, c_column}), access_of(kF32, {Stride::any, Stride::one})};
  for (int i = 0; i < 3; ++i) code.body.push_back({.kind = NestOp::load, .type = kF32, .value = i});
  code.body.push_back({.op = Op::add, .type = kF32, .operands = {0, 1, 0}});
  code.body.push_back({.op = Op::multiply, .type = kF32, .operands = {3, 2, 0}});
  code.stores = {{4, 3}};
  return code;
}

TEST(TileProgram, of_two_loops_equals_the_reference_for_all_strides_and_tails) {
  constexpr Stride kStrides[] = {Stride::zero, Stride::one, Stride::any};
  std::uint64_t count = 0;
  for (int kinds = 0; kinds < 81; ++kinds) {
    const NestCode code = two_loops(kStrides[kinds % 3], kStrides[kinds / 3 % 3], kStrides[kinds / 9 % 3],
                                    kStrides[kinds / 27]);
    for (const auto& [rows, columns] :
         {std::pair{64, 64}, {1, 300}, {300, 1}, {5, 511}, {3, 513}, {70, 10}, {9, 33}, {2, 1030}}) {
      const NestCase data = random_case(code, Key::from_seed(9).split(++count), {rows, columns});
      for (const InstructionSet set : testable_sets())
        ASSERT_EQ(difference_by_tiles(code, data, set, count % 3 == 0 ? 7 : INT64_MAX), "")
            << rows << " x " << columns << ", " << instruction_set_name(set);
    }
  }
}

NestCode reduction(NestShape shape, ReduceKind kind, ElementType type) {
  NestCode code;
  code.shape = shape;
  code.loops = 2;
  code.reduced_loops = shape == NestShape::outer ? 1 : 0;
  code.accesses = {access_of(type, {Stride::any, Stride::one})};
  code.accesses.push_back(shape == NestShape::outer ? access_of(type, {Stride::zero, Stride::one})
                                                    : access_of(type, {Stride::one, Stride::zero}));
  code.body = {{.kind = NestOp::load, .type = type, .value = 0}};
  code.reductions = {{kind, 0, 1}};
  return code;
}

TEST(TileProgram, of_reductions_of_all_kinds_and_types_equals_the_reference) {
  std::uint64_t count = 0;
  for (const ElementType type : kTypes) {
    if (!is_whole(type) && !is_computed_float(type)) continue;
    for (const NestShape shape : {NestShape::lanes, NestShape::outer}) {
      for (const ReduceKind kind : {ReduceKind::add, ReduceKind::maximum, ReduceKind::minimum}) {
        const NestCode code = reduction(shape, kind, type);
        for (std::int64_t n = 0; n <= 70; n += 1 + n / 34 * 2) {
          const NestCase data = random_case(code, Key::from_seed(3).split(++count), {n % 3 == 0 ? 35 : 2, n});
          for (const InstructionSet set : testable_sets())
            ASSERT_EQ(difference_by_tiles(code, data, set), "");
        }
        for (const std::int64_t n : {255, 257, 512, 800, 1200}) {
          const NestCase data = random_case(code, Key::from_seed(4).split(++count), {3, n});
          for (const InstructionSet set : testable_sets())
            ASSERT_EQ(difference_by_tiles(code, data, set), "");
        }
      }
    }
  }
}

TEST(TileProgram, of_a_reduction_over_nothing_writes_the_identity) {
  for (const NestShape shape : {NestShape::lanes, NestShape::outer}) {
    const NestCode code = reduction(shape, ReduceKind::maximum, ElementType::f32);
    const bool is_outer = shape == NestShape::outer;
    NestCase data = random_case(code, Key::from_seed(6), {is_outer ? 0 : 4, is_outer ? 4 : 0});
    const TileProgram program(code, InstructionSet::plain);
    run([&](auto... arguments) { program.run(arguments...); }, data, 0, 4);
    float found[4];
    std::memcpy(found, data.pointers()[1], sizeof found);
    for (const float value : found) EXPECT_EQ(value, -std::numeric_limits<float>::infinity());
  }
}

// w -= m', m' = 0.5 m + w, both in place: w is still read after m' is known.
NestCode in_place() {
  constexpr ElementType kF32 = ElementType::f32;
  NestCode code;
  for (int i = 0; i < 4; ++i) code.accesses.push_back(access_of(kF32, {Stride::one}));
  code.body = {{.kind = NestOp::load, .type = kF32, .value = 0},
               {.kind = NestOp::load, .type = kF32, .value = 1},
               {.kind = NestOp::constant, .type = kF32, .value = std::bit_cast<std::int64_t>(0.5)},
               {.op = Op::fused_multiply_add, .type = kF32, .operands = {2, 1, 0}},
               {.op = Op::subtract, .type = kF32, .operands = {0, 3, 0}},
               {.op = Op::add, .type = kF32, .operands = {4, 1, 0}}};  // and m once more
  code.stores = {{3, 2}, {5, 3}};
  return code;
}

TEST(TileProgram, may_write_over_what_it_reads) {
  const NestCode code = in_place();
  for (const std::int64_t n : {5, 64, 1000}) {
    const NestCase fresh = random_case(code, Key::from_seed(8), {n});
    NestCase expected = fresh;
    run_reference(code, expected);
    for (const InstructionSet set : testable_sets()) {
      NestCase found = fresh;
      std::vector<std::byte*> pointers = found.pointers();
      pointers[2] = pointers[1];
      pointers[3] = pointers[0];
      TileProgram(code, set).run(pointers.data(), found.strides.data(), found.extents.data(), 0, n);
      EXPECT_EQ(std::memcmp(found.pointers()[1], expected.pointers()[2], static_cast<std::size_t>(n) * 4), 0);
      EXPECT_EQ(std::memcmp(found.pointers()[0], expected.pointers()[3], static_cast<std::size_t>(n) * 4), 0);
    }
  }
}

TEST(TileProgram, allocates_nothing_after_a_threads_first_run) {
  std::thread([] {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const NestCode code = random_nest(Key::from_seed(seed));
      NestCase data = random_case(code, Key::from_seed(seed + 100));
      const TileProgram program(code, testable_sets().back());
      const auto pointers = data.pointers();
      const auto call = [&] {
        program.run(pointers.data(), data.strides.data(), data.extents.data(), 0, data.split_extent(code));
      };
      call();
      const std::size_t before = allocations;
      call();
      for (std::int64_t& extent : data.extents) extent = std::min<std::int64_t>(extent, 2);
      call();
      EXPECT_EQ(allocations, before) << seed;
    }
  }).join();
}

TEST(TileProgram, runs_parts_in_several_threads) {
  const NestCode code = two_loops(Stride::zero, Stride::one, Stride::one, Stride::zero);
  const NestCase fresh = random_case(code, Key::from_seed(12), {200, 70});
  NestCase expected = fresh, found = fresh;
  run_reference(code, expected);
  const TileProgram program(code, testable_sets().back());
  const auto pointers = found.pointers();
  std::vector<std::thread> threads;
  for (std::int64_t begin = 0; begin < 200; begin += 50)
    threads.emplace_back([&, begin] {
      program.run(pointers.data(), found.strides.data(), found.extents.data(), begin, begin + 50);
    });
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(first_difference(code, expected, found), "");
}

TEST(TileProgram, of_a_broken_nest_is_our_fault) {
  NestCode code = two_loops(Stride::zero, Stride::one, Stride::one, Stride::zero);
  code.body[3].op = Op::reduce;
  EXPECT_THROW(TileProgram(code, InstructionSet::plain), InternalError);
  code.body[3].op = Op::shift_left;  // of floats
  EXPECT_THROW(TileProgram(code, InstructionSet::plain), InternalError);
  code.body[3] = {.op = Op::add, .type = ElementType::f32, .operands = {0, 4, 0}};  // a later value
  EXPECT_THROW(TileProgram(code, InstructionSet::plain), InternalError);
}

}  // namespace
}  // namespace astrolabe
