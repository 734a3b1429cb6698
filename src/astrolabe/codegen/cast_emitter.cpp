// SPDX-License-Identifier: Apache-2.0
// The casts of OperationEmitter.
#include <cmath>

#include "astrolabe/codegen/operation_emitter.h"

namespace astrolabe {

using llvm::Value;

Value* OperationEmitter::cast(ElementType from, ElementType to, Value* value) {
  if (from == to) return value;
  llvm::Type* const type = shaped(register_type(to), value);
  const bool has_f16 = set_ != InstructionSet::plain;
  if (from == ElementType::bf16) {
    Value* const wide = builder_.CreateZExt(value, shaped(builder_.getInt32Ty(), value));
    Value* const bits = builder_.CreateShl(wide, whole_like(builder_.getInt32Ty(), value, 16));
    // A signalling NaN becomes quiet, as in every cast.
    Value* const is_nan = builder_.CreateICmpUGT(
        builder_.CreateAnd(bits, whole_like(builder_.getInt32Ty(), value, 0x7FFF'FFFF)),
        whole_like(builder_.getInt32Ty(), value, 0x7F80'0000));
    Value* const quiet = builder_.CreateOr(bits, whole_like(builder_.getInt32Ty(), value, 0x0040'0000));
    return builder_.CreateBitCast(builder_.CreateSelect(is_nan, quiet, bits), type);
  }
  if (from == ElementType::f16) {
    if (!has_f16) return f16_to_f32_plainly(value);
    return builder_.CreateFPExt(builder_.CreateBitCast(value, shaped(builder_.getHalfTy(), value)), type);
  }
  if (to == ElementType::bf16) return f32_to_bf16(value);
  if (to == ElementType::f16) {
    if (!has_f16) return f32_to_f16_plainly(value);
    return builder_.CreateBitCast(builder_.CreateFPTrunc(value, shaped(builder_.getHalfTy(), value)), type);
  }
  if (to == ElementType::boolean) {
    Value* const zero = llvm::Constant::getNullValue(value->getType());
    return is_floating(from) ? builder_.CreateFCmpUNE(value, zero) : builder_.CreateICmpNE(value, zero);
  }
  if (is_floating(from) && is_floating(to)) return builder_.CreateFPCast(value, type);
  if (is_floating(from)) return saturated(to, value);
  if (is_floating(to))
    return is_signed(from) ? builder_.CreateSIToFP(value, type) : builder_.CreateUIToFP(value, type);
  return builder_.CreateIntCast(value, type, is_signed(from));
}

// llvm.fptosi.sat, which LLVM 19 takes apart into scalars on x86.
Value* OperationEmitter::saturated(ElementType to, Value* x) {
  llvm::Type* const whole = register_type(to);
  const auto bits = static_cast<int>(whole->getIntegerBitWidth());
  llvm::Type* const shape = x->getType();
  const double past = std::ldexp(1.0, is_signed(to) ? bits - 1 : bits);  // one more than the greatest
  Value* const least = llvm::ConstantFP::get(shape, is_signed(to) ? -past : 0.0);
  // A NaN becomes the least, too; where the conversion has no meaning, `freeze` makes it some number, not
  // chosen below.
  Value* const clamped = builder_.CreateSelect(builder_.CreateFCmpOGT(x, least), x, least);
  llvm::Type* const wholes = shaped(whole, x);
  Value* const converted = builder_.CreateFreeze(is_signed(to) ? builder_.CreateFPToSI(clamped, wholes)
                                                               : builder_.CreateFPToUI(clamped, wholes));
  Value* const is_past = builder_.CreateFCmpOGE(x, llvm::ConstantFP::get(shape, past));
  const auto width = static_cast<unsigned>(bits);
  const llvm::APInt greatest =
      is_signed(to) ? llvm::APInt::getSignedMaxValue(width) : llvm::APInt::getMaxValue(width);
  Value* const below = builder_.CreateSelect(is_past, llvm::ConstantInt::get(wholes, greatest), converted);
  if (!is_signed(to)) return below;  // the least is what a NaN shall become
  Value* const is_nan = builder_.CreateFCmpUNO(x, x);
  return builder_.CreateSelect(is_nan, llvm::Constant::getNullValue(wholes), below);
}

Value* OperationEmitter::f32_to_bf16(Value* x) {
  llvm::Type* const word = builder_.getInt32Ty();
  const auto number = [&](std::uint64_t value) { return whole_like(word, x, value); };
  Value* const bits = builder_.CreateBitCast(x, shaped(word, x));
  Value* const is_odd = builder_.CreateAnd(builder_.CreateLShr(bits, number(16)), number(1));
  Value* const rounded = builder_.CreateAdd(builder_.CreateAdd(bits, number(0x7FFF)), is_odd);
  Value* const quiet = builder_.CreateOr(bits, number(0x0040'0000));
  Value* const is_nan =
      builder_.CreateICmpUGT(builder_.CreateAnd(bits, number(0x7FFF'FFFF)), number(0x7F80'0000));
  Value* const chosen = builder_.CreateSelect(is_nan, quiet, rounded);
  return builder_.CreateTrunc(builder_.CreateLShr(chosen, number(16)), shaped(builder_.getInt16Ty(), x));
}

// Without variable shifts, which SSE2 lacks: subnormal results are rounded by an addition of f32 whose last
// place is that of the result. Source: F. Giesen, "float->half variants", public domain, 2012.
Value* OperationEmitter::f32_to_f16_plainly(Value* x) {
  llvm::Type* const word = builder_.getInt32Ty();
  const auto number = [&](std::uint64_t value) { return whole_like(word, x, value); };
  Value* const bits = builder_.CreateBitCast(x, shaped(word, x));
  Value* const magnitude = builder_.CreateAnd(bits, number(0x7FFF'FFFF));
  Value* const sign = builder_.CreateAnd(builder_.CreateLShr(bits, number(16)), number(0x8000));

  Value* const is_odd = builder_.CreateAnd(builder_.CreateLShr(magnitude, number(13)), number(1));
  const std::uint64_t rebias = 0x1'0000'0000ULL - ((127ULL - 15) << 23);
  Value* const biased = builder_.CreateAdd(magnitude, number((rebias + 0xFFF) & 0xFFFF'FFFF));
  Value* const normal = builder_.CreateLShr(builder_.CreateAdd(biased, is_odd), number(13));

  constexpr std::uint64_t kHalf = 126ULL << 23;  // 0.5, whose last place is 2^-24
  Value* const half = number(kHalf);
  Value* const sum = builder_.CreateFAdd(builder_.CreateBitCast(magnitude, x->getType()),
                                         builder_.CreateBitCast(half, x->getType()));
  Value* const subnormal = builder_.CreateSub(builder_.CreateBitCast(sum, shaped(word, x)), half);

  Value* const payload = builder_.CreateAnd(builder_.CreateLShr(magnitude, number(13)), number(0x3FF));
  Value* const is_nan = builder_.CreateICmpUGT(magnitude, number(0x7F80'0000));
  Value* const not_finite =
      builder_.CreateSelect(is_nan, builder_.CreateOr(payload, number(0x7E00)), number(0x7C00));

  Value* const is_subnormal = builder_.CreateICmpULT(magnitude, number(113ULL << 23));
  Value* const is_large = builder_.CreateICmpUGE(magnitude, number(143ULL << 23));
  Value* const finite = builder_.CreateSelect(is_subnormal, subnormal, normal);
  Value* const result = builder_.CreateOr(builder_.CreateSelect(is_large, not_finite, finite), sign);
  return builder_.CreateTrunc(result, shaped(builder_.getInt16Ty(), x));
}

Value* OperationEmitter::f16_to_f32_plainly(Value* half) {
  llvm::Type* const word = builder_.getInt32Ty();
  llvm::Type* const words = shaped(word, half);
  llvm::Type* const floats = shaped(builder_.getFloatTy(), half);
  const auto number = [&](std::uint64_t value) { return whole_like(word, half, value); };
  Value* const bits = builder_.CreateZExt(half, words);
  Value* const sign = builder_.CreateShl(builder_.CreateAnd(bits, number(0x8000)), number(16));
  Value* const moved = builder_.CreateShl(builder_.CreateAnd(bits, number(0x7FFF)), number(13));
  Value* const normal = builder_.CreateAdd(moved, number(112ULL << 23));

  // 2^-14 with the fraction of the subnormal, less 2^-14.
  Value* const least = number(113ULL << 23);
  Value* const sum = builder_.CreateFSub(builder_.CreateBitCast(builder_.CreateAdd(moved, least), floats),
                                         builder_.CreateBitCast(least, floats));
  Value* const subnormal = builder_.CreateBitCast(sum, words);

  Value* const infinity = builder_.CreateOr(moved, number(0x7F80'0000));
  Value* const is_nan = builder_.CreateICmpUGT(moved, number(31ULL << 23));
  Value* const not_finite =
      builder_.CreateSelect(is_nan, builder_.CreateOr(infinity, number(0x0040'0000)), infinity);

  Value* const is_subnormal = builder_.CreateICmpULT(moved, number(1ULL << 23));
  Value* const is_large = builder_.CreateICmpUGE(moved, number(31ULL << 23));
  Value* const finite = builder_.CreateSelect(is_subnormal, subnormal, normal);
  Value* const result = builder_.CreateOr(builder_.CreateSelect(is_large, not_finite, finite), sign);
  return builder_.CreateBitCast(result, floats);
}

}  // namespace astrolabe
