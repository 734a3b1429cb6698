// SPDX-License-Identifier: Apache-2.0
// Loads and stores of a block: some elements of the innermost loop at a time, of which only the first `alive`
// exist.
//
//   memory.set_block(32, remaining);             // lanes, and how many are left in the loop (sets with
//   masks) Value* x = memory.load(ElementType::f32, place); memory.store(ElementType::f32, place, y);
//
// Dead lanes are neither read nor written.
#pragma once

#include <llvm/IR/IRBuilder.h>

#include "astrolabe/base/instruction_set.h"
#include "astrolabe/codegen/operation_emitter.h"
#include "astrolabe/lower/nest.h"

namespace astrolabe {

struct MemoryPlace {
  llvm::Value* address;    // of the first lane
  Stride stride;           // along the innermost loop
  llvm::Value* byte_step;  // i64, of that stride
};

class MemoryEmitter {
 public:
  using Value = llvm::Value;

  MemoryEmitter(llvm::IRBuilder<>& builder, InstructionSet set, OperationEmitter& operations)
      : builder_(builder), set_(set), operations_(operations) {}

  [[nodiscard]] bool has_masks() const { return set_ == InstructionSet::avx512; }
  // Begins a block. `remaining`, at least 1, is given where the set has masks and lanes may be dead.
  void set_block(unsigned lanes, Value* remaining);

  Value* load(ElementType type, const MemoryPlace& place);
  void store(ElementType type, const MemoryPlace& place, Value* value);
  Value* load_scalar(ElementType type, Value* address);
  void store_scalar(ElementType type, Value* address, Value* value);

  // `first`, `first` + 1, ... along the block, i64.
  Value* indices(Value* first);
  // `value` where lanes are alive, else `other`.
  Value* where_alive(Value* value, Value* other);
  Value* splat(Value* scalar, unsigned lanes);
  // Room on the stack for the whole call.
  Value* stack_slot(llvm::Type* type);

 private:
  Value* gather(ElementType type, const MemoryPlace& place);
  Value* gather_one_by_one(ElementType type, const MemoryPlace& place);
  void scatter(ElementType type, const MemoryPlace& place, Value* value);
  [[nodiscard]] llvm::Type* vector(llvm::Type* scalar) const;
  [[nodiscard]] llvm::Constant* lane_numbers() const;  // <0, 1, 2, ...>, i64
  Value* from_memory(ElementType type, Value* value);
  Value* to_memory(ElementType type, Value* value);

  llvm::IRBuilder<>& builder_;
  InstructionSet set_;
  OperationEmitter& operations_;
  unsigned lanes_ = 1;
  Value* alive_ = nullptr;  // how many lanes, i64
  Value* mask_ = nullptr;   // null: every lane
};

}  // namespace astrolabe
