// SPDX-License-Identifier: Apache-2.0
// Nests by hand, for tests.
//
//   Nest nest(1);
//   const auto x = nest.load(ElementType::f32, {Stride::one});
//   nest.store(nest.compute(Op::add, ElementType::f32, {x, x}), {Stride::one});
//   compile_nests({{&nest.code}}, set);
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "astrolabe/base/instruction_set.h"
#include "astrolabe/graph/math_table.h"
#include "astrolabe/lower/nest.h"

namespace astrolabe::nest_builder {

using Value = std::uint16_t;

inline std::vector<InstructionSet> supported_sets() {
  std::vector<InstructionSet> sets;
  for (const auto set : {InstructionSet::plain, InstructionSet::avx2, InstructionSet::avx512})
    if (is_supported(set)) sets.push_back(set);
  return sets;
}

struct Nest {
  NestCode code;

  explicit Nest(std::uint8_t loops, NestShape shape = NestShape::plain, std::uint8_t reduced_loops = 0) {
    code.loops = loops;
    code.shape = shape;
    code.reduced_loops = reduced_loops;
  }

  Value append(const NestInstruction& instruction) {
    code.body.push_back(instruction);
    return static_cast<Value>(code.body.size() - 1);
  }

  Value access(ElementType type, std::initializer_list<Stride> strides) {
    NestAccess access;
    access.type = type;
    std::ranges::copy(strides, access.strides.begin());
    code.accesses.push_back(access);
    return static_cast<Value>(code.accesses.size() - 1);
  }

  Value load(ElementType type, std::initializer_list<Stride> strides) {
    return append({.kind = NestOp::load, .type = type, .value = access(type, strides)});
  }

  Value constant(double number, ElementType type = ElementType::f32) {
    const auto bits =
        is_floating(type) ? std::bit_cast<std::int64_t>(number) : static_cast<std::int64_t>(number);
    return append({.kind = NestOp::constant, .type = type, .value = bits});
  }

  Value index(std::int64_t loop, ElementType type) {
    return append({.kind = NestOp::index, .type = type, .value = loop});
  }

  Value compute(Op op, ElementType type, std::initializer_list<Value> operands) {
    NestInstruction instruction{.kind = NestOp::compute, .op = op, .type = type};
    std::ranges::copy(operands, instruction.operands.begin());
    return append(instruction);
  }

  Value math(std::string_view row, ElementType type, Value x) {
    NestInstruction instruction{.kind = NestOp::compute, .op = Op::math, .type = type, .operands = {x, 0, 0}};
    instruction.value = static_cast<std::int64_t>(*math_row_index(row));
    return append(instruction);
  }

  void store(Value value, std::initializer_list<Stride> strides) {
    code.stores.push_back({value, access(code.body[value].type, strides)});
  }

  void reduce(ReduceKind kind, Value value, std::initializer_list<Stride> strides) {
    code.reductions.push_back({kind, value, access(code.body[value].type, strides)});
  }
};

}  // namespace astrolabe::nest_builder
