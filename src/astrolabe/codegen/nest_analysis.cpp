// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/codegen/nest_analysis.h"

#include <algorithm>
#include <utility>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/op.h"

namespace astrolabe {
namespace {

int operand_count(const NestInstruction& instruction) {
  return instruction.kind == NestOp::compute ? op_rule(instruction.op).inputs : 0;
}

std::vector<std::size_t> loop_order(const NestCode& code) {
  std::vector<std::size_t> order;
  const std::size_t inner = code.loops - 1U;
  const std::size_t kept = inner - code.reduced_loops;
  for (std::size_t loop = 0; loop < kept; ++loop) order.push_back(loop);
  order.push_back(inner);  // before the reduced loops, of which only `outer` has any
  for (std::size_t loop = kept; loop < inner; ++loop) order.push_back(loop);
  return order;
}

void check(const NestCode& code) {
  ASTROLABE_CHECK(code.loops >= 1 && code.loops <= kMaxLoops, "a nest has 1 to kMaxLoops loops");
  ASTROLABE_CHECK(code.reduced_loops < code.loops, "the innermost loop is not one of the reduced loops");
  ASTROLABE_CHECK(code.shape == NestShape::outer || code.reduced_loops == 0,
                  "only `outer` has reduced loops");
  ASTROLABE_CHECK(code.shape != NestShape::plain || code.reductions.empty(), "a plain nest reduces nothing");
  const auto is_load_or_store = [&](std::size_t access, ElementType type) {
    return access < code.accesses.size() && code.accesses[access].type == type;
  };
  for (std::size_t i = 0; i < code.body.size(); ++i) {
    const NestInstruction& each = code.body[i];
    for (int k = 0; k < operand_count(each); ++k)
      ASTROLABE_CHECK(each.operands[static_cast<std::size_t>(k)] < i, "operands are earlier instructions");
    ASTROLABE_CHECK(
        each.kind != NestOp::load || is_load_or_store(static_cast<std::size_t>(each.value), each.type),
        "a load has the type of its access");
    ASTROLABE_CHECK(each.kind != NestOp::index || static_cast<std::size_t>(each.value) < code.loops,
                    "the index of a loop that is there");
    if (each.kind == NestOp::compute) {
      const bool is_elementwise = each.op >= Op::cast && each.op <= Op::fused_multiply_add;
      ASTROLABE_CHECK(is_elementwise, "a body has elementwise operations only");
    }
  }
  const auto is_result = [&](std::size_t value, std::size_t access) {
    return value < code.body.size() && is_load_or_store(access, code.body[value].type);
  };
  for (const NestStore& each : code.stores)
    ASTROLABE_CHECK(is_result(each.value, each.access), "a store has the type of its access");
  for (const NestReduction& each : code.reductions)
    ASTROLABE_CHECK(is_result(each.value, each.access), "a reduction has the type of its access");
}

}  // namespace

NestAnalysis::NestAnalysis(const NestCode& code, std::vector<std::size_t> wanted) {
  check(code);
  order = wanted.empty() ? loop_order(code) : std::move(wanted);
  const std::size_t inner = code.loops - 1U;
  std::vector<std::size_t> depth_of_loop(code.loops);
  for (std::size_t i = 0; i < order.size(); ++i) depth_of_loop[order[i]] = i + 1;
  inner_depth = depth_of_loop[inner];

  const std::size_t count = code.body.size();
  depth.assign(count, 0);
  is_vector.assign(count, false);
  is_read_by_vector.assign(count, false);
  const auto depend_on_loop = [&](std::size_t i, std::size_t loop) {
    depth[i] = std::max(depth[i], depth_of_loop[loop]);
    if (loop == inner) is_vector[i] = true;
  };
  for (std::size_t i = 0; i < count; ++i) {
    const NestInstruction& each = code.body[i];
    if (each.kind == NestOp::index) depend_on_loop(i, static_cast<std::size_t>(each.value));
    if (each.kind == NestOp::load)
      for (std::size_t loop = 0; loop < code.loops; ++loop)
        if (code.accesses[static_cast<std::size_t>(each.value)].strides[loop] != Stride::zero)
          depend_on_loop(i, loop);
    for (int k = 0; k < operand_count(each); ++k) {
      const std::uint16_t operand = each.operands[static_cast<std::size_t>(k)];
      depth[i] = std::max(depth[i], depth[operand]);
      if (is_vector[operand]) is_vector[i] = true;
    }
    if (is_vector[i])
      for (int k = 0; k < operand_count(each); ++k)
        is_read_by_vector[each.operands[static_cast<std::size_t>(k)]] = true;
  }
  for (const NestStore& each : code.stores) is_read_by_vector[each.value] = true;
  for (const NestReduction& each : code.reductions) is_read_by_vector[each.value] = true;
}

}  // namespace astrolabe
