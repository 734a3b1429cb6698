// SPDX-License-Identifier: Apache-2.0
// A counted loop with values that are carried from turn to turn.
//
//   auto sums = emit_loop(builder, {begin, end, step}, {zero}, [&](Value* index, const Carried& in) ->
//   Carried {
//     return {builder.CreateAdd(in[0], index)};
//   });
//
// Emits nothing that runs when begin >= end; then the result is what was carried in. The body may add blocks.
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

}  // namespace astrolabe
