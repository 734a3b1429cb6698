// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/nest.h"

#include <fmt/format.h>

#include "astrolabe/base/bytes.h"
#include "astrolabe/graph/math_table.h"
#include "astrolabe/graph/op.h"

namespace astrolabe {
namespace {

std::string stride_text(Stride stride, std::size_t loop) {
  if (stride == Stride::one) return fmt::format("i{}", loop);
  return fmt::format("s*i{}", loop);
}

std::string access_text(const NestCode& code, std::size_t access) {
  std::string text = fmt::format("m{}[", access);
  bool is_first = true;
  for (std::size_t loop = 0; loop < code.loops; ++loop) {
    const Stride stride = code.accesses[access].strides[loop];
    if (stride == Stride::zero) continue;
    text += (is_first ? "" : " + ") + stride_text(stride, loop);
    is_first = false;
  }
  return text + "]";
}

std::string instruction_text(const NestCode& code, const NestInstruction& instruction) {
  switch (instruction.kind) {
    case NestOp::load:
      return access_text(code, static_cast<std::size_t>(instruction.value));
    case NestOp::constant:
      return is_floating(instruction.type) ? fmt::format("{}", std::bit_cast<double>(instruction.value))
                                           : fmt::format("{}", instruction.value);
    case NestOp::index:
      return fmt::format("i{}", instruction.value);
    case NestOp::compute:
      break;
  }
  const OpRule& rule = op_rule(instruction.op);
  std::string text(instruction.op == Op::math ? math_rows()[static_cast<std::size_t>(instruction.value)].name
                                              : rule.name);
  for (int i = 0; i < rule.inputs; ++i)
    text += fmt::format("{}%{}", i == 0 ? " " : ", ", instruction.operands[static_cast<std::size_t>(i)]);
  return text;
}

// The loops in the order in which they are walked.
std::vector<std::size_t> loop_order(const NestCode& code) {
  std::vector<std::size_t> order;
  const std::size_t kept = code.loops - 1U - code.reduced_loops;
  for (std::size_t loop = 0; loop < kept; ++loop) order.push_back(loop);
  if (code.shape == NestShape::outer) order.push_back(code.loops - 1U);
  for (std::size_t loop = kept; loop + 1 < code.loops; ++loop) order.push_back(loop);
  if (code.shape != NestShape::outer) order.push_back(code.loops - 1U);
  return order;
}

}  // namespace

std::size_t split_loop(const NestCode& code) {
  const bool has_kept_loop = code.shape != NestShape::outer || code.loops > code.reduced_loops + 1U;
  return has_kept_loop ? 0 : code.loops - 1U;
}

std::string nest_key(const NestCode& code) {
  std::string bytes;
  bytes.reserve(64 + code.accesses.size() * 8 + code.body.size() * 18);
  append_bytes(bytes, static_cast<std::uint8_t>(code.shape));
  append_bytes(bytes, code.loops);
  append_bytes(bytes, code.reduced_loops);
  append_bytes(bytes, static_cast<std::uint8_t>(code.is_narrow ? 1 : 0));
  append_bytes(bytes, static_cast<std::uint32_t>(code.accesses.size()));
  for (const NestAccess& access : code.accesses) {
    append_bytes(bytes, static_cast<std::uint8_t>(access.type));
    for (std::size_t loop = 0; loop < code.loops; ++loop)
      append_bytes(bytes, static_cast<std::uint8_t>(access.strides[loop]));
  }
  append_bytes(bytes, static_cast<std::uint32_t>(code.body.size()));
  for (const NestInstruction& instruction : code.body) {
    append_bytes(bytes, static_cast<std::uint8_t>(instruction.kind));
    append_bytes(bytes, static_cast<std::uint8_t>(instruction.op));
    append_bytes(bytes, static_cast<std::uint8_t>(instruction.type));
    for (const std::uint16_t operand : instruction.operands) append_bytes(bytes, operand);
    append_bytes(bytes, instruction.value);
  }
  append_bytes(bytes, static_cast<std::uint32_t>(code.stores.size()));
  for (const NestStore& store : code.stores) {
    append_bytes(bytes, store.value);
    append_bytes(bytes, store.access);
  }
  append_bytes(bytes, static_cast<std::uint32_t>(code.reductions.size()));
  for (const NestReduction& reduction : code.reductions) {
    append_bytes(bytes, static_cast<std::uint8_t>(reduction.kind));
    append_bytes(bytes, reduction.value);
    append_bytes(bytes, reduction.access);
  }
  return bytes;
}

std::string print_nest(const NestCode& code) {
  static constexpr std::array<std::string_view, 3> kKinds = {"sum", "max", "min"};
  std::string text;
  std::string indent;
  for (const std::size_t loop : loop_order(code)) {
    const bool is_inner = loop + 1U == code.loops;
    text += fmt::format("{}for i{} in 0..n{}{}\n", indent, loop, loop, is_inner ? " by vectors" : "");
    indent += "  ";
  }
  for (std::size_t i = 0; i < code.body.size(); ++i) {
    text += fmt::format("{}%{} = {} : {}\n", indent, i, instruction_text(code, code.body[i]),
                        element_name(code.body[i].type));
  }
  for (const NestStore& store : code.stores)
    text += fmt::format("{}{} = %{}\n", indent, access_text(code, store.access), store.value);
  for (const NestReduction& reduction : code.reductions) {
    text += fmt::format("{}{} = {} over {} of %{}\n", indent, access_text(code, reduction.access),
                        kKinds[static_cast<std::size_t>(reduction.kind)],
                        code.shape == NestShape::lanes ? "lanes of the innermost loop" : "the reduced loops",
                        reduction.value);
  }
  return text;
}

}  // namespace astrolabe
