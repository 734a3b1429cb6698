// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/prune_nest.h"

#include <algorithm>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/op.h"

namespace astrolabe {
namespace {

std::size_t operands_of(const NestInstruction& instruction) {
  if (instruction.kind != NestOp::compute) return 0;
  return static_cast<std::size_t>(op_rule(instruction.op).inputs);
}

}  // namespace

NestStep prune_nest(const NestStep& nest, const std::function<bool(const Region&)>& is_wanted) {
  const NestCode& code = nest.code;
  const std::size_t loops = code.loops;
  NestStep pruned{.code = {}, .extents = nest.extents, .strides = {}, .regions = {}};
  pruned.code.shape = code.shape;
  pruned.code.loops = code.loops;
  pruned.code.reduced_loops = code.reduced_loops;
  const auto is_kept = [&](const auto& write) { return is_wanted(nest.regions[write.access]); };
  std::ranges::copy_if(code.stores, std::back_inserter(pruned.code.stores), is_kept);
  std::ranges::copy_if(code.reductions, std::back_inserter(pruned.code.reductions), is_kept);
  ASTROLABE_CHECK(!pruned.code.stores.empty() || !pruned.code.reductions.empty(), "something to write");
  if (pruned.code.reductions.empty()) {
    pruned.code.shape = NestShape::plain;
    pruned.code.reduced_loops = 0;
  }
  // What the writes need: instructions are in order, each after what it reads.
  std::vector<bool> is_needed(code.body.size(), false);
  for (const NestStore& store : pruned.code.stores) is_needed[store.value] = true;
  for (const NestReduction& reduction : pruned.code.reductions) is_needed[reduction.value] = true;
  for (std::size_t i = code.body.size(); i-- > 0;)
    for (std::size_t operand = 0; is_needed[i] && operand < operands_of(code.body[i]); ++operand)
      is_needed[code.body[i].operands[operand]] = true;
  std::vector<std::uint16_t> renamed(code.body.size(), 0);
  const auto keep_access = [&](std::size_t access) {
    pruned.code.accesses.push_back(code.accesses[access]);
    pruned.regions.push_back(nest.regions[access]);
    for (std::size_t loop = 0; loop < loops; ++loop)
      pruned.strides.push_back(nest.strides[access * loops + loop]);
    return static_cast<std::uint16_t>(pruned.code.accesses.size() - 1);
  };
  for (std::size_t i = 0; i < code.body.size(); ++i) {
    if (!is_needed[i]) continue;
    NestInstruction instruction = code.body[i];
    for (std::size_t operand = 0; operand < operands_of(instruction); ++operand)
      instruction.operands[operand] = renamed[instruction.operands[operand]];
    if (instruction.kind == NestOp::load)
      instruction.value = keep_access(static_cast<std::size_t>(instruction.value));
    renamed[i] = static_cast<std::uint16_t>(pruned.code.body.size());
    pruned.code.body.push_back(instruction);
  }
  for (NestStore& store : pruned.code.stores) store = {renamed[store.value], keep_access(store.access)};
  for (NestReduction& reduction : pruned.code.reductions)
    reduction = {reduction.kind, renamed[reduction.value], keep_access(reduction.access)};
  return pruned;
}

}  // namespace astrolabe
