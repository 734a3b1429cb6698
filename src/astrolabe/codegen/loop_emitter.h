// SPDX-License-Identifier: Apache-2.0
// A counted loop with values that are carried from turn to turn.
//
//   auto sums = emit_loop(builder, {begin, end, step}, {zero}, [&](Value* index, const Carried& in) ->
//   Carried {
//     return {builder.CreateAdd(in[0], index)};
//   });
//
// Emits nothing that runs when begin >= end; then the result is what was carried in. The body may add blocks.
// emit_unrolled writes the body out several times per turn, and once more for the turns that are left.
#pragma once

#include <llvm/ADT/SmallVector.h>
#include <llvm/IR/IRBuilder.h>

namespace astrolabe {

using Carried = llvm::SmallVector<llvm::Value*, 4>;

struct LoopRange {
  llvm::Value* begin;  // i64
  llvm::Value* end;
  std::int64_t step = 1;
};

template <class Body>
Carried emit_loop(llvm::IRBuilder<>& builder, const LoopRange& range, const Carried& initial,
                  const Body& body) {
  llvm::Function* const function = builder.GetInsertBlock()->getParent();
  llvm::LLVMContext& context = builder.getContext();
  llvm::BasicBlock* const before = builder.GetInsertBlock();
  auto* const turn = llvm::BasicBlock::Create(context, "loop", function);
  auto* const after = llvm::BasicBlock::Create(context, "after", function);
  builder.CreateCondBr(builder.CreateICmpSLT(range.begin, range.end), turn, after);

  builder.SetInsertPoint(turn);
  llvm::PHINode* const index = builder.CreatePHI(builder.getInt64Ty(), 2);
  index->addIncoming(range.begin, before);
  llvm::SmallVector<llvm::PHINode*, 4> phis;
  for (llvm::Value* value : initial) {
    phis.push_back(builder.CreatePHI(value->getType(), 2));
    phis.back()->addIncoming(value, before);
  }
  const Carried results = body(index, Carried(phis.begin(), phis.end()));
  llvm::Value* const next =
      builder.CreateAdd(index, builder.getInt64(static_cast<std::uint64_t>(range.step)), "",
                        /*HasNUW=*/false, /*HasNSW=*/true);
  llvm::BasicBlock* const latch = builder.GetInsertBlock();
  builder.CreateCondBr(builder.CreateICmpSLT(next, range.end), turn, after);
  index->addIncoming(next, latch);

  builder.SetInsertPoint(after);
  Carried merged;
  for (std::size_t i = 0; i < results.size(); ++i) {
    phis[i]->addIncoming(results[i], latch);
    llvm::PHINode* const exit = builder.CreatePHI(results[i]->getType(), 2);
    exit->addIncoming(initial[i], before);
    exit->addIncoming(results[i], latch);
    merged.push_back(exit);
  }
  return merged;
}

// The last index of `range` before which turns of `times` steps fit. Needs begin <= end, and powers of two.
inline llvm::Value* whole_turns(llvm::IRBuilder<>& builder, const LoopRange& range, unsigned times) {
  llvm::Value* const count = builder.CreateSub(range.end, range.begin);
  const auto turn = static_cast<std::uint64_t>(range.step) * times;
  return builder.CreateAdd(range.begin, builder.CreateAnd(count, builder.getInt64(~(turn - 1))));
}

// A turn of `times` steps, each by body(index, carried), in order.
template <class Body>
Carried emit_whole_turns(llvm::IRBuilder<>& builder, const LoopRange& range, unsigned times,
                         const Carried& initial, const Body& body) {
  const LoopRange turns{range.begin, range.end, range.step * times};
  return emit_loop(builder, turns, initial, [&](llvm::Value* first, const Carried& in) {
    Carried carried = in;
    for (unsigned i = 0; i < times; ++i) {
      const std::uint64_t offset = static_cast<std::uint64_t>(range.step) * i;
      carried = body(i == 0 ? first : builder.CreateAdd(first, builder.getInt64(offset)), carried);
    }
    return carried;
  });
}

template <class Body>
Carried emit_unrolled(llvm::IRBuilder<>& builder, const LoopRange& range, unsigned times,
                      const Carried& initial, const Body& body) {
  if (times <= 1) return emit_loop(builder, range, initial, body);
  llvm::Value* const middle = whole_turns(builder, range, times);
  const Carried carried = emit_whole_turns(builder, {range.begin, middle, range.step}, times, initial, body);
  return emit_loop(builder, {middle, range.end, range.step}, carried, body);
}

}  // namespace astrolabe
