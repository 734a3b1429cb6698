// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/codegen/nest_compiler.h"

#include <array>
#include <cstring>
#include <numeric>
#include <thread>

#include "tests/codegen/guarded_memory.h"
#include "tests/codegen/nest_builder.h"
#include "tests/lower/nest_reference.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/interpret.h"

namespace astrolabe {
namespace {

using enum ElementType;
using enum Stride;
using nest_builder::Nest;
using nest_builder::supported_sets;
using nest_builder::Value;
using nest_reference::first_difference;
using nest_reference::NestCase;
using nest_reference::random_case;
using nest_reference::run;
using nest_reference::run_reference;

constexpr std::array kNumbers = {i32, u32, i64, f32, f64};
constexpr std::array kComputed = {boolean, i32, u32, i64, f32, f64};

// Runs a nest on every set and several sizes, whole; empty when everything equals the reference.
std::string difference(const NestCode& code, const std::vector<std::vector<std::int64_t>>& sizes) {
  const NestCode* const codes[] = {&code};
  for (const InstructionSet set : supported_sets()) {
    const CompiledNests nests = compile_nests(codes, set);
    for (const std::vector<std::int64_t>& extents : sizes) {
      const NestCase fresh = random_case(code, Key::from_seed(7).split(extents.back()), extents);
      NestCase expected = fresh, found = fresh;
      run_reference(code, expected);
      run(nests.functions()[0], found, 0, fresh.split_extent(code));
      const std::string what = first_difference(code, expected, found);
      if (!what.empty()) return std::string(instruction_set_name(set)) + ": " + what;
    }
  }
  return "";
}

const std::vector<std::vector<std::int64_t>> kRows = {{1}, {31}, {32}, {70}, {500}};

// One operation on loads of one type.
std::string difference_of(Op op, ElementType operands, ElementType result, std::size_t count) {
  Nest nest(1);
  std::array<Value, 3> in{};
  for (std::size_t i = 0; i < count; ++i) in[i] = nest.load(operands, {one});
  nest.store(nest.compute(op, result, {in[0], in[1], in[2]}), {one});
  return difference(nest.code, kRows);
}

TEST(NestCompiler, computes_every_operation_on_numbers_as_the_reference_does) {
  for (const ElementType type : kNumbers) {
    for (const Op op : {Op::add, Op::subtract, Op::multiply, Op::minimum, Op::maximum})
      EXPECT_EQ(difference_of(op, type, type, 2), "");
    for (const Op op : {Op::less, Op::equal}) EXPECT_EQ(difference_of(op, type, boolean, 2), "");
    EXPECT_EQ(difference_of(Op::negate, type, type, 1), "");
  }
}

TEST(NestCompiler, computes_every_operation_on_floating_numbers) {
  for (const ElementType type : {f32, f64}) {
    EXPECT_EQ(difference_of(Op::divide, type, type, 2), "");
    EXPECT_EQ(difference_of(Op::fused_multiply_add, type, type, 3), "");
    for (const std::string_view row : {"sqrt", "floor", "round"}) {
      Nest nest(1);
      nest.store(nest.math(row, type, nest.load(type, {one})), {one});
      EXPECT_EQ(difference(nest.code, kRows), "");
    }
  }
}

TEST(NestCompiler, computes_every_operation_on_bits) {
  for (const ElementType type : {i32, u32, i64}) {
    for (const Op op : {Op::logical_and, Op::logical_or, Op::exclusive_or, Op::shift_left, Op::shift_right})
      EXPECT_EQ(difference_of(op, type, type, 2), "");
  }
  for (const Op op : {Op::logical_and, Op::logical_or, Op::exclusive_or, Op::equal})
    EXPECT_EQ(difference_of(op, boolean, boolean, 2), "");
}

TEST(NestCompiler, selects_values_of_every_type) {
  for (const ElementType type : kComputed) {
    Nest nest(1);
    const Value condition = nest.load(boolean, {one});
    const Value a = nest.load(type, {one});
    nest.store(nest.compute(Op::select, type, {condition, a, nest.load(type, {one})}), {one});
    EXPECT_EQ(difference(nest.code, kRows), "");
  }
}

TEST(NestCompiler, casts_between_all_types) {
  for (const ElementType from : kComputed)
    for (const ElementType to : kComputed)
      EXPECT_EQ(difference_of(Op::cast, from, to, 1), "") << element_name(from);
  for (const ElementType narrow : {bf16, f16}) {
    EXPECT_EQ(difference_of(Op::cast, f32, narrow, 1), "");
    EXPECT_EQ(difference_of(Op::cast, narrow, f32, 1), "");
  }
  EXPECT_EQ(difference_of(Op::bitcast, f32, u32, 1), "");
  EXPECT_EQ(difference_of(Op::bitcast, i64, f64, 1), "");
}

// Fills the memory of access 0 with the bits that `bits_of` gives, and compares.
template <class Word, class Function>
std::string difference_on(const NestCode& code, std::int64_t count, const Function& bits_of) {
  const NestCode* const codes[] = {&code};
  NestCase fresh = random_case(code, Key::from_seed(1), {count});
  for (std::int64_t i = 0; i < count; ++i) {
    const auto bits = static_cast<Word>(bits_of(static_cast<std::uint64_t>(i)));
    std::memcpy(fresh.pointers()[0] + i * static_cast<std::int64_t>(sizeof bits), &bits, sizeof bits);
  }
  NestCase expected = fresh;
  run_reference(code, expected);
  for (const InstructionSet set : supported_sets()) {
    NestCase found = fresh;
    run(compile_nests(codes, set).functions()[0], found, 0, count);
    const std::string what = first_difference(code, expected, found);
    if (!what.empty()) return std::string(instruction_set_name(set)) + ": " + what;
  }
  return "";
}

TEST(NestCompiler, widens_every_narrow_float) {
  for (const ElementType narrow : {bf16, f16}) {
    Nest nest(1);
    nest.store(nest.compute(Op::cast, f32, {nest.load(narrow, {one})}), {one});
    EXPECT_EQ(difference_on<std::uint16_t>(nest.code, 65536, [](std::uint64_t i) { return i; }), "");
  }
}

TEST(NestCompiler, narrows_rounds_and_converts_floats_of_all_magnitudes) {
  Nest nest(1);
  const Value x = nest.load(f32, {one});
  for (const ElementType to : {bf16, f16, i32, u32, i64}) nest.store(nest.compute(Op::cast, to, {x}), {one});
  for (const std::string_view row : {"floor", "round"}) nest.store(nest.math(row, f32, x), {one});
  const auto spread = [](std::uint64_t i) {
    return i * 42949 + (i & 3);
  };  // all exponents, odd and even ends
  EXPECT_EQ(difference_on<std::uint32_t>(nest.code, 100000, spread), "");
  // Around ties of f16: every upper half, with 13 bits below 0x1000 by -1, 0, 1.
  const auto ties = [](std::uint64_t i) { return (i / 3 << 13) + 0x0FFF + i % 3; };
  EXPECT_EQ(difference_on<std::uint32_t>(nest.code, 200000, ties), "");
}

// (1 + 2^-12)^2 is half way between two f32; what decides is far below f64.
TEST(NestCompiler, fuses_with_one_rounding_on_every_set) {
  for (const double tiny : {0x1p-80, -0x1p-80, 0x1p-149, 0.0}) {
    Nest nest(1);
    const Value a = nest.load(f32, {one});
    nest.store(nest.compute(Op::fused_multiply_add, f32, {a, a, nest.constant(tiny)}), {one});
    const auto near_ties = [](std::uint64_t i) {
      return 0x3F80'0800 + (i / 8 * 0x0080'0000) + (i % 8) * 0x800;
    };
    EXPECT_EQ(difference_on<std::uint32_t>(nest.code, 512, near_ties), "");
  }
}

TEST(NestCompiler, knows_the_index_of_every_loop_in_every_type) {
  for (const ElementType type : kNumbers) {
    for (const std::int64_t loop : {0, 1}) {
      Nest nest(2);
      nest.store(nest.index(loop, type), {any, one});
      EXPECT_EQ(difference(nest.code, {{3, 40}, {2, 5}}), "");
    }
  }
}

// All strides of a load against all of a store, for element sizes 1, 2, 4 and 8.
TEST(NestCompiler, walks_memory_with_every_stride) {
  for (const ElementType type : {boolean, bf16, f32, i64}) {
    for (const Stride outer : {zero, one, any}) {
      for (const Stride inner : {zero, one, any}) {
        Nest nest(2);
        const Value x = nest.load(type, {outer, inner});
        nest.store(x, {any, one});
        nest.store(x, {any, any});
        nest.store(x, {zero, zero});  // the last one stays
        EXPECT_EQ(difference(nest.code, {{3, 70}, {1, 1}, {2, 0}, {0, 3}, {5, 33}}), "");
      }
    }
  }
}

TEST(NestCompiler, keeps_to_its_elements_for_every_length_of_the_last_part) {
  Nest nest(1);
  const Value x = nest.load(f32, {one});
  const Value y = nest.load(boolean, {any});
  const Value sum = nest.compute(Op::add, f32, {x, nest.load(f32, {zero})});
  nest.store(sum, {one});
  nest.store(nest.compute(Op::cast, f64, {sum}), {any});
  nest.store(y, {one});
  std::vector<std::vector<std::int64_t>> sizes;
  for (std::int64_t length = 0; length <= 70; ++length) sizes.push_back({length});
  EXPECT_EQ(difference(nest.code, sizes), "");
}

TEST(NestCompiler, never_touches_what_lies_beside_its_elements) {
  const nest_builder::GuardedMemory from, to;
  for (const ElementType type : {boolean, f16, f32, f64}) {
    for (const Stride stride : {one, any}) {
      Nest nest(1);
      nest.store(nest.load(type, {stride}), {stride});
      const NestCode* const codes[] = {&nest.code};
      const std::size_t bytes = element_bytes(type);
      for (const InstructionSet set : supported_sets()) {
        const CompiledNests nests = compile_nests(codes, set);
        for (std::int64_t length = 1; length <= 70; ++length) {
          const std::array<std::int64_t, 2> forward = {1, 1};
          std::array<std::byte*, 2> pointers = {from.at_end(bytes * static_cast<std::size_t>(length)),
                                                to.at_end(bytes * static_cast<std::size_t>(length))};
          nests.functions()[0](pointers.data(), forward.data(), &length, 0, length);
          if (stride == one) {
            pointers = {from.at_start(), to.at_start()};
            nests.functions()[0](pointers.data(), forward.data(), &length, 0, length);
            continue;
          }
          const std::array<std::int64_t, 2> backward = {-1, -1};
          const auto last = static_cast<std::size_t>(length - 1) * bytes;
          pointers = {from.at_start() + last, to.at_start() + last};
          nests.functions()[0](pointers.data(), backward.data(), &length, 0, length);
        }
      }
    }
  }
}

TEST(NestCompiler, reduces_rows_by_lanes_and_a_tree) {
  for (const ElementType type : kNumbers) {
    Nest nest(2, NestShape::lanes);
    const Value x = nest.load(type, {any, one});
    const Value scaled = nest.compute(Op::multiply, type, {x, nest.load(type, {one, zero})});
    nest.store(scaled, {any, one});
    nest.reduce(ReduceKind::add, scaled, {one, zero});
    nest.reduce(ReduceKind::maximum, x, {any, zero});
    nest.reduce(ReduceKind::minimum, x, {one, zero});
    nest.reduce(ReduceKind::add, nest.constant(0.5, type), {one, zero});
    std::vector<std::vector<std::int64_t>> sizes = {{3, 200}, {0, 5}, {2, 0}};
    for (std::int64_t length = 1; length <= 70; length += 3) sizes.push_back({2, length});
    EXPECT_EQ(difference(nest.code, sizes), "");
  }
}

TEST(NestCompiler, reduces_outer_loops_in_order) {
  for (const ElementType type : kNumbers) {
    Nest nest(4, NestShape::outer, 2);
    const Value x = nest.load(type, {any, any, any, one});
    const Value row = nest.compute(Op::add, type, {x, nest.load(type, {zero, zero, one, zero})});
    nest.reduce(ReduceKind::add, row, {any, zero, zero, one});
    nest.reduce(ReduceKind::maximum, x, {any, zero, zero, any});
    nest.reduce(ReduceKind::minimum, nest.index(2, type), {any, zero, zero, one});
    EXPECT_EQ(difference(nest.code, {{2, 3, 4, 37}, {1, 0, 2, 5}, {3, 2, 1, 64}, {2, 2, 3, 1}}), "");
  }
}

TEST(NestCompiler, does_parts_as_it_does_the_whole) {
  for (const NestShape shape : {NestShape::plain, NestShape::lanes, NestShape::outer}) {
    for (const std::uint8_t loops : {1, 2, 3}) {
      if (shape != NestShape::plain && loops == 1) continue;
      Nest nest(loops, shape, shape == NestShape::outer ? 1 : 0);
      const Value x = nest.load(f32, {any, any, any});
      const Value y = nest.compute(Op::add, f32, {x, nest.index(loops - 1, f32)});
      if (shape == NestShape::plain) nest.store(y, {any, any, any});
      if (shape == NestShape::lanes) nest.reduce(ReduceKind::add, y, {any, loops == 2 ? zero : any, zero});
      if (shape == NestShape::outer)
        nest.reduce(ReduceKind::add, y, {loops == 2 ? zero : any, loops == 2 ? any : zero, any});
      const NestCode* const codes[] = {&nest.code};
      std::vector<std::int64_t> extents(loops, 5);
      const std::size_t split = split_loop(nest.code);
      extents[split] = 150;
      const std::int64_t step = split + 1 == loops ? kReductionLanes : 7;
      const NestCase fresh = random_case(nest.code, Key::from_seed(3), extents);
      NestCase expected = fresh;
      run_reference(nest.code, expected);
      for (const InstructionSet set : supported_sets()) {
        const CompiledNests nests = compile_nests(codes, set);
        NestCase found = fresh;
        for (std::int64_t begin = 0; begin < extents[split]; begin += step)
          run(nests.functions()[0], found, begin, std::min(begin + step, extents[split]));
        EXPECT_EQ(first_difference(nest.code, expected, found), "");
      }
    }
  }
}

TEST(NestCompiler, updates_in_place) {
  Nest nest(1);
  const Value x = nest.load(f32, {one});
  nest.store(nest.compute(Op::multiply, f32, {x, nest.constant(2)}), {one});
  const NestCode* const codes[] = {&nest.code};
  for (const InstructionSet set : supported_sets()) {
    std::vector<float> values(77);
    std::iota(values.begin(), values.end(), 0.0F);
    const std::array<std::byte*, 2> pointers = {reinterpret_cast<std::byte*>(values.data()),
                                                reinterpret_cast<std::byte*>(values.data())};
    const std::array<std::int64_t, 2> strides = {1, 1};
    const std::int64_t extent = 77;
    compile_nests(codes, set).functions()[0](pointers.data(), strides.data(), &extent, 0, 64);
    for (std::size_t i = 0; i < values.size(); ++i)
      EXPECT_EQ(values[i], static_cast<float>(i) * (i < 64 ? 2.0F : 1.0F));
  }
}

TEST(NestCompiler, gives_the_functions_in_the_order_asked_for_and_keeps_them_while_a_copy_lives) {
  std::vector<Nest> nests;
  std::vector<const NestCode*> codes;
  for (int i = 0; i < 12; ++i) {
    nests.emplace_back(std::uint8_t{1});
    nests.back().store(nests.back().constant(i), {one});
  }
  for (const Nest& nest : nests) codes.push_back(&nest.code);
  CompiledNests copy;
  EXPECT_TRUE(copy.functions().empty());
  EXPECT_EQ(copy.bytes(), 0U);
  {
    const CompiledNests compiled = compile_nests(codes, best_instruction_set());
    copy = compiled;
  }
  ASSERT_EQ(copy.functions().size(), codes.size());
  EXPECT_GE(copy.bytes(), 4096U);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    float value = -1;
    auto* pointer = reinterpret_cast<std::byte*>(&value);
    const std::int64_t number = 1;
    copy.functions()[i](&pointer, &number, &number, 0, 1);
    EXPECT_EQ(value, static_cast<float>(i));
  }
}

TEST(NestCompiler, shows_its_code) {
  Nest nest(1);
  const Value x = nest.load(f32, {one});
  nest.store(nest.compute(Op::fused_multiply_add, f32, {x, x, x}), {one});
  EXPECT_NE(nest_llvm_text(nest.code, InstructionSet::avx512).find("@llvm.fma.v32f32"), std::string::npos);
  const std::string assembly = nest_assembly(nest.code, InstructionSet::avx2);
  EXPECT_NE(assembly.find("vfmadd"), std::string::npos) << assembly;
  EXPECT_NE(assembly.find("ymmword ptr"), std::string::npos) << assembly;
  for (const char* directive : {".text", ".globl", ".p2align", ".section"})
    EXPECT_EQ(assembly.find(directive), std::string::npos) << assembly;
  EXPECT_EQ(nest_assembly(nest.code, InstructionSet::plain).find("vfmadd"), std::string::npos);
}

TEST(NestCompiler, tells_a_nest_that_makes_no_sense) {
  Nest later_operand(1);
  later_operand.compute(Op::negate, f32, {Value{3}});
  Nest wrong_type(1);
  const Value x = wrong_type.load(f32, {one});
  wrong_type.code.stores.push_back({x, wrong_type.access(f64, {one})});
  for (const Nest& nest : {later_operand, wrong_type}) {
    const NestCode* const codes[] = {&nest.code};
    EXPECT_THROW(static_cast<void>(compile_nests(codes, InstructionSet::plain)), InternalError);
  }
}

TEST(NestCompiler, compiles_from_several_threads) {
  Nest nest(1);
  const Value first = nest.load(f32, {one});
  const Value second = nest.constant(1);
  nest.store(nest.compute(Op::add, f32, {first, second}), {one});
  const auto work = [&] {
    for (int i = 0; i < 10; ++i) EXPECT_EQ(difference(nest.code, {{40}}), "");
  };
  std::thread other(work);
  work();
  other.join();
}

}  // namespace
}  // namespace astrolabe
