// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/codegen/operation_emitter.h"

#include <bit>
#include <cmath>
#include <string>

#include <llvm/IR/Module.h>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/math_table.h"
#include "astrolabe/tensor/narrow_float.h"

namespace astrolabe {
namespace {

using llvm::Value;

unsigned bits_of(ElementType type) {
  return type == ElementType::boolean ? 1 : 8 * static_cast<unsigned>(element_bytes(type));
}

}  // namespace

void fuse_f64(double* to, const double* a, const double* b, const double* c, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) to[i] = std::fma(a[i], b[i], c[i]);
}

llvm::Type* OperationEmitter::register_type(ElementType type) const {
  if (type == ElementType::f32) return builder_.getFloatTy();
  if (type == ElementType::f64) return builder_.getDoubleTy();
  return builder_.getIntNTy(bits_of(type));
}

llvm::Type* OperationEmitter::memory_type(ElementType type) const {
  return type == ElementType::boolean ? builder_.getInt8Ty() : register_type(type);
}

Value* OperationEmitter::constant(const NestInstruction& instruction) const {
  const ElementType type = instruction.type;
  if (!is_floating(type)) {
    const std::int64_t number = instruction.value;
    if (type == ElementType::boolean) return builder_.getInt1(number != 0);
    return llvm::ConstantInt::get(register_type(type), static_cast<std::uint64_t>(number) &
                                                           (bits_of(type) == 64 ? ~0ULL : 0xFFFF'FFFFULL));
  }
  const auto number = std::bit_cast<double>(instruction.value);
  if (type == ElementType::bf16) return builder_.getInt16(to_bf16(static_cast<float>(number)).bits);
  if (type == ElementType::f16) return builder_.getInt16(to_f16(static_cast<float>(number)).bits);
  if (type == ElementType::f64) return llvm::ConstantFP::get(builder_.getContext(), llvm::APFloat(number));
  return llvm::ConstantFP::get(builder_.getContext(), llvm::APFloat(static_cast<float>(number)));
}

Value* OperationEmitter::identity(ReduceKind kind, ElementType type) const {
  llvm::Type* const scalar = register_type(type);
  if (kind == ReduceKind::add) return llvm::Constant::getNullValue(scalar);
  const bool is_greatest = kind == ReduceKind::minimum;
  if (is_floating(type)) return llvm::ConstantFP::getInfinity(scalar, !is_greatest);
  const unsigned bits = bits_of(type);
  const llvm::APInt number =
      is_signed(type)
          ? (is_greatest ? llvm::APInt::getSignedMaxValue(bits) : llvm::APInt::getSignedMinValue(bits))
          : (is_greatest ? llvm::APInt::getMaxValue(bits) : llvm::APInt(bits, 0));
  return llvm::ConstantInt::get(scalar, number);
}

llvm::Type* OperationEmitter::shaped(llvm::Type* scalar, const Value* like) const {
  const auto* const vector = llvm::dyn_cast<llvm::FixedVectorType>(like->getType());
  return vector == nullptr ? scalar : llvm::FixedVectorType::get(scalar, vector->getNumElements());
}

Value* OperationEmitter::whole_like(llvm::Type* scalar, const Value* like, std::uint64_t number) const {
  return llvm::ConstantInt::get(shaped(scalar, like), number);
}

Value* OperationEmitter::intrinsic(llvm::Intrinsic::ID id, llvm::ArrayRef<llvm::Type*> types,
                                   llvm::ArrayRef<Value*> in) {
  return builder_.CreateIntrinsic(id, types, in);
}

Value* OperationEmitter::compute(const NestInstruction& instruction, ElementType operand,
                                 std::array<Value*, 3> in) {
  switch (instruction.op) {
    case Op::cast:
      return cast(operand, instruction.type, in[0]);
    case Op::bitcast:
      return builder_.CreateBitCast(in[0], shaped(register_type(instruction.type), in[0]));
    case Op::select:
      return builder_.CreateSelect(in[0], in[1], in[2]);
    case Op::minimum:
    case Op::maximum:
      return least_or_greatest(instruction.op == Op::minimum, operand, in[0], in[1]);
    case Op::less:
      return less(operand, in[0], in[1]);
    case Op::equal:
      return is_floating(operand) ? builder_.CreateFCmpOEQ(in[0], in[1])
                                  : builder_.CreateICmpEQ(in[0], in[1]);
    default:
      return is_floating(operand) ? floating(instruction, operand, in)
                                  : whole_or_bool(instruction, operand, in[0], in[1]);
  }
}

Value* OperationEmitter::join(ReduceKind kind, ElementType type, Value* a, Value* b) {
  if (kind != ReduceKind::add) return least_or_greatest(kind == ReduceKind::minimum, type, a, b);
  return is_floating(type) ? builder_.CreateFAdd(a, b) : builder_.CreateAdd(a, b);
}

Value* OperationEmitter::less(ElementType type, Value* a, Value* b) {
  if (is_floating(type)) return builder_.CreateFCmpOLT(a, b);
  return is_signed(type) ? builder_.CreateICmpSLT(a, b) : builder_.CreateICmpULT(a, b);
}

// a < b ? a : b, or a > b ? a : b: exactly what minps and maxps do.
Value* OperationEmitter::least_or_greatest(bool is_least, ElementType type, Value* a, Value* b) {
  return builder_.CreateSelect(is_least ? less(type, a, b) : less(type, b, a), a, b);
}

Value* OperationEmitter::whole_or_bool(const NestInstruction& instruction, ElementType operand, Value* a,
                                       Value* b) {
  // Longer shifts have no meaning, but no surprise either: as the interpreter does.
  const auto count = [&] {
    llvm::Type* const scalar = register_type(operand);
    return builder_.CreateAnd(b, whole_like(scalar, b, bits_of(operand) - 1U));
  };
  switch (instruction.op) {
    case Op::negate:
      return builder_.CreateNeg(a);
    case Op::add:
      return builder_.CreateAdd(a, b);
    case Op::subtract:
      return builder_.CreateSub(a, b);
    case Op::multiply:
      return builder_.CreateMul(a, b);
    case Op::logical_and:
      return builder_.CreateAnd(a, b);
    case Op::logical_or:
      return builder_.CreateOr(a, b);
    case Op::exclusive_or:
      return builder_.CreateXor(a, b);
    case Op::shift_left:
      return builder_.CreateShl(a, count());
    case Op::shift_right:
      return is_signed(operand) ? builder_.CreateAShr(a, count()) : builder_.CreateLShr(a, count());
    default:
      break;
  }
  ASTROLABE_CHECK(false, "an operation on whole numbers or bool");
  return nullptr;
}

Value* OperationEmitter::floating(const NestInstruction& instruction, ElementType operand,
                                  std::array<Value*, 3> in) {
  ASTROLABE_CHECK(!is_storage_only(operand), "bf16 and f16 are only cast");
  switch (instruction.op) {
    case Op::negate:
      return builder_.CreateFNeg(in[0]);
    case Op::add:
      return builder_.CreateFAdd(in[0], in[1]);
    case Op::subtract:
      return builder_.CreateFSub(in[0], in[1]);
    case Op::multiply:
      return builder_.CreateFMul(in[0], in[1]);
    case Op::divide:
      return builder_.CreateFDiv(in[0], in[1]);
    case Op::fused_multiply_add:
      return fuse(operand, in[0], in[1], in[2]);
    case Op::math:
      return machine_operation(instruction.value, operand, in[0]);
    default:
      break;
  }
  ASTROLABE_CHECK(false, "an operation on floating numbers");
  return nullptr;
}

Value* OperationEmitter::machine_operation(std::int64_t row, ElementType type, Value* x) {
  const auto rows = math_rows();
  ASTROLABE_CHECK(row >= 0 && static_cast<std::size_t>(row) < rows.size(), "a row of the MATH table");
  const std::string_view name = rows[static_cast<std::size_t>(row)].name;
  if (name == "sqrt") return intrinsic(llvm::Intrinsic::sqrt, {x->getType()}, {x});
  const bool has_rounding = set_ != InstructionSet::plain;
  if (name == "floor") {
    if (has_rounding) return intrinsic(llvm::Intrinsic::floor, {x->getType()}, {x});
    Value* const nearest = round_plainly(type, x);
    Value* const lower = builder_.CreateFSub(nearest, llvm::ConstantFP::get(x->getType(), 1.0));
    return builder_.CreateSelect(builder_.CreateFCmpOGT(nearest, x), lower, nearest);
  }
  ASTROLABE_CHECK(name == "round", "a MATH row without expansion is an operation of the machine");
  if (has_rounding) return intrinsic(llvm::Intrinsic::roundeven, {x->getType()}, {x});
  return round_plainly(type, x);
}

// Nearest whole number, ties to even, with additions: above 2^23 (f32) or 2^52 (f64) every number is whole,
// and so the sum with that is rounded where it should be. Zero keeps the sign; a NaN stays one.
Value* OperationEmitter::round_plainly(ElementType type, Value* x) {
  llvm::Type* const shape = x->getType();
  Value* const whole = llvm::ConstantFP::get(shape, type == ElementType::f32 ? 0x1p23 : 0x1p52);
  Value* const magnitude = intrinsic(llvm::Intrinsic::fabs, {shape}, {x});
  Value* const rounded = builder_.CreateFSub(builder_.CreateFAdd(magnitude, whole), whole);
  Value* const with_sign = intrinsic(llvm::Intrinsic::copysign, {shape}, {rounded, x});
  return builder_.CreateSelect(builder_.CreateFCmpOLT(magnitude, whole), with_sign, x);
}

Value* OperationEmitter::fuse(ElementType type, Value* a, Value* b, Value* c) {
  if (set_ != InstructionSet::plain) return intrinsic(llvm::Intrinsic::fma, {a->getType()}, {a, b, c});
  return type == ElementType::f32 ? fuse_f32_by_call(a, b, c) : fuse_f64_by_call(a, b, c);
}

// 20 instructions on vectors twice as wide: a function of the module, so that a polynomial does not become 10
// times longer.
Value* OperationEmitter::fuse_f32_by_call(Value* a, Value* b, Value* c) {
  llvm::Module& module = *builder_.GetInsertBlock()->getModule();
  llvm::Type* const type = a->getType();
  // One for each width: nests of a module may have strips of their own.
  const auto* const vector = llvm::dyn_cast<llvm::FixedVectorType>(type);
  const std::string name = "fuse_f32_" + std::to_string(vector == nullptr ? 1 : vector->getNumElements());
  llvm::Function* function = module.getFunction(name);
  if (function == nullptr) {
    function = llvm::Function::Create(llvm::FunctionType::get(type, {type, type, type}, /*isVarArg=*/false),
                                      llvm::GlobalValue::InternalLinkage, name, module);
    function->setDoesNotThrow();
    const llvm::IRBuilder<>::InsertPointGuard guard(builder_);
    builder_.SetInsertPoint(llvm::BasicBlock::Create(module.getContext(), "entry", function));
    builder_.CreateRet(fused_by_f64(function->getArg(0), function->getArg(1), function->getArg(2)));
  }
  return builder_.CreateCall(function, {a, b, c});
}

// The product of two f32 is exact in f64. The sum is rounded to odd: when it is inexact, to the neighbour
// whose last bit is set; then rounding once more, to f32, gives what one rounding would. Boldo and Melquiond,
// "Emulation of a FMA and correctly rounded sums", IEEE Transactions on Computers 2008.
Value* OperationEmitter::fused_by_f64(Value* a, Value* b, Value* c) {
  llvm::Type* const wide = shaped(builder_.getDoubleTy(), a);
  llvm::Type* const whole = shaped(builder_.getInt64Ty(), a);
  const auto widened = [&](Value* value) { return builder_.CreateFPExt(value, wide); };
  Value* const product = builder_.CreateFMul(widened(a), widened(b));
  Value* const addend = widened(c);
  Value* const sum = builder_.CreateFAdd(product, addend);
  // Knuth's TwoSum: product + addend = sum + error, exactly.
  Value* const from_addend = builder_.CreateFSub(sum, product);
  Value* const from_product = builder_.CreateFSub(sum, from_addend);
  Value* const error = builder_.CreateFAdd(builder_.CreateFSub(product, from_product),
                                           builder_.CreateFSub(addend, from_addend));
  Value* const sum_bits = builder_.CreateBitCast(sum, whole);
  Value* const one = llvm::ConstantInt::get(whole, 1);
  Value* const zero = llvm::ConstantInt::get(whole, 0);
  Value* const is_inexact = builder_.CreateFCmpONE(error, llvm::ConstantFP::get(wide, 0.0));  // not of a NaN
  Value* const is_even = builder_.CreateICmpEQ(builder_.CreateAnd(sum_bits, one), zero);
  Value* const signs = builder_.CreateXor(builder_.CreateBitCast(error, whole), sum_bits);
  Value* const outwards = builder_.CreateICmpSGE(signs, zero);  // the exact sum is further from zero
  Value* const step = builder_.CreateSelect(outwards, one, llvm::ConstantInt::getAllOnesValue(whole));
  Value* const odd = builder_.CreateSelect(builder_.CreateAnd(is_inexact, is_even),
                                           builder_.CreateAdd(sum_bits, step), sum_bits);
  return builder_.CreateFPTrunc(builder_.CreateBitCast(odd, wide), a->getType());
}

Value* OperationEmitter::fuse_f64_by_call(Value* a, Value* b, Value* c) {
  llvm::Function* const function = builder_.GetInsertBlock()->getParent();
  llvm::Type* const pointer = builder_.getPtrTy();
  const llvm::FunctionCallee callee = function->getParent()->getOrInsertFunction(
      kFuseF64Symbol, builder_.getVoidTy(), pointer, pointer, pointer, pointer, builder_.getInt64Ty());
  std::array<Value*, 4> slots{};
  {
    const llvm::IRBuilder<>::InsertPointGuard guard(builder_);
    llvm::BasicBlock& entry = function->getEntryBlock();
    builder_.SetInsertPoint(&entry, entry.begin());
    for (Value*& slot : slots) slot = builder_.CreateAlloca(a->getType());
  }
  const std::array<Value*, 3> in = {a, b, c};
  for (std::size_t i = 0; i < in.size(); ++i) builder_.CreateStore(in[i], slots[i + 1]);
  const auto* const vector = llvm::dyn_cast<llvm::FixedVectorType>(a->getType());
  const std::uint64_t count = vector == nullptr ? 1 : vector->getNumElements();
  builder_.CreateCall(callee, {slots[0], slots[1], slots[2], slots[3], builder_.getInt64(count)});
  return builder_.CreateLoad(a->getType(), slots[0]);
}

}  // namespace astrolabe
