// SPDX-License-Identifier: Apache-2.0
// Elementwise operations as LLVM instructions, on one scalar or on a vector of any width: what graph/node.h
// says, bit for bit, with what the instruction set has. No fast-math flag is ever set.
//
//   OperationEmitter operations(builder, InstructionSet::plain);
//   Value* sum = operations.compute(instruction, ElementType::f32, {a, b, nullptr});
#pragma once

#include <array>

#include <llvm/IR/IRBuilder.h>

#include "astrolabe/base/instruction_set.h"
#include "astrolabe/lower/nest.h"

namespace astrolabe {

// The symbol that code for `plain` calls where it fuses f64: void(double* to, const double* a, b, c,
// std::int64_t count).
inline constexpr const char* kFuseF64Symbol = "astrolabe_fuse_f64";
void fuse_f64(double* to, const double* a, const double* b, const double* c, std::int64_t count);

// Whether integers of this type compare and widen with a sign.
inline bool is_signed(ElementType type) {
  return type == ElementType::i32 || type == ElementType::i64;
}

class OperationEmitter {
 public:
  using Value = llvm::Value;

  OperationEmitter(llvm::IRBuilder<>& builder, InstructionSet set) : builder_(builder), set_(set) {}

  // In registers: i1 for bool, i16 for bf16 and f16. In memory a bool is a byte.
  [[nodiscard]] llvm::Type* register_type(ElementType type) const;
  [[nodiscard]] llvm::Type* memory_type(ElementType type) const;
  [[nodiscard]] Value* constant(const NestInstruction& instruction) const;  // scalar
  [[nodiscard]] Value* identity(ReduceKind kind, ElementType type) const;   // scalar

  // `operand` is the type of the (last) operand. The operands are all scalars, or vectors of one width.
  Value* compute(const NestInstruction& instruction, ElementType operand, std::array<Value*, 3> in);
  Value* cast(ElementType from, ElementType to, Value* value);
  Value* join(ReduceKind kind, ElementType type, Value* a, Value* b);

 private:
  Value* whole_or_bool(const NestInstruction& instruction, ElementType operand, Value* a, Value* b);
  Value* floating(const NestInstruction& instruction, ElementType operand, std::array<Value*, 3> in);
  Value* least_or_greatest(bool is_least, ElementType type, Value* a, Value* b);
  Value* less(ElementType type, Value* a, Value* b);
  Value* machine_operation(std::int64_t row, ElementType type, Value* x);
  Value* fuse(ElementType type, Value* a, Value* b, Value* c);
  Value* fuse_f32_by_call(Value* a, Value* b, Value* c);
  Value* fused_by_f64(Value* a, Value* b, Value* c);
  Value* fuse_f64_by_call(Value* a, Value* b, Value* c);
  Value* round_plainly(ElementType type, Value* x);
  Value* saturated(ElementType to, Value* x);
  Value* f32_to_bf16(Value* x);
  Value* f32_to_f16_plainly(Value* x);
  Value* f16_to_f32_plainly(Value* bits);

  [[nodiscard]] llvm::Type* shaped(llvm::Type* scalar, const Value* like) const;  // as wide as `like`
  [[nodiscard]] Value* whole_like(llvm::Type* scalar, const Value* like, std::uint64_t number) const;
  Value* intrinsic(llvm::Intrinsic::ID id, llvm::ArrayRef<llvm::Type*> types, llvm::ArrayRef<Value*> in);

  llvm::IRBuilder<>& builder_;
  InstructionSet set_;
};

}  // namespace astrolabe
