// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/codegen/memory_emitter.h"

#include <vector>

#include <llvm/IR/Intrinsics.h>

#include "astrolabe/codegen/loop_emitter.h"

namespace astrolabe {

using llvm::Value;

void MemoryEmitter::set_block(unsigned lanes, Value* remaining) {
  lanes_ = lanes;
  mask_ = nullptr;
  alive_ = builder_.getInt64(lanes);
  if (remaining == nullptr) return;
  // The lowest min(remaining, lanes) bits.
  alive_ = builder_.CreateBinaryIntrinsic(llvm::Intrinsic::umin, remaining, alive_);
  llvm::Type* const bits = builder_.getIntNTy(lanes);
  Value* const dead = builder_.CreateSub(builder_.getInt64(lanes), alive_);
  Value* const shifted = builder_.CreateLShr(builder_.getInt64(~std::uint64_t{0} >> (64 - lanes)), dead);
  Value* const ones = builder_.CreateTrunc(shifted, bits);
  mask_ = builder_.CreateBitCast(ones, vector(builder_.getInt1Ty()));
}

llvm::Type* MemoryEmitter::vector(llvm::Type* scalar) const {
  return lanes_ == 1 ? scalar : llvm::FixedVectorType::get(scalar, lanes_);
}

llvm::Constant* MemoryEmitter::lane_numbers() const {
  std::vector<std::uint64_t> numbers(lanes_);
  for (unsigned i = 0; i < lanes_; ++i) numbers[i] = i;
  return llvm::ConstantDataVector::get(builder_.getContext(), numbers);
}

Value* MemoryEmitter::from_memory(ElementType type, Value* value) {
  if (type != ElementType::boolean) return value;
  return builder_.CreateICmpNE(value, llvm::Constant::getNullValue(value->getType()));
}

Value* MemoryEmitter::to_memory(ElementType type, Value* value) {
  if (type != ElementType::boolean) return value;
  llvm::Type* const byte = builder_.getInt8Ty();
  const auto* const shape = llvm::dyn_cast<llvm::FixedVectorType>(value->getType());
  return builder_.CreateZExt(
      value, shape == nullptr ? byte : llvm::FixedVectorType::get(byte, shape->getNumElements()));
}

Value* MemoryEmitter::load_scalar(ElementType type, Value* address) {
  const llvm::Align align(element_bytes(type));
  return from_memory(type, builder_.CreateAlignedLoad(operations_.memory_type(type), address, align));
}

void MemoryEmitter::store_scalar(ElementType type, Value* address, Value* value) {
  builder_.CreateAlignedStore(to_memory(type, value), address, llvm::Align(element_bytes(type)));
}

Value* MemoryEmitter::load(ElementType type, const MemoryPlace& place) {
  if (lanes_ == 1) return load_scalar(type, place.address);
  if (place.stride != Stride::one) return gather(type, place);
  llvm::Type* const shape = vector(operations_.memory_type(type));
  const llvm::Align align(element_bytes(type));
  Value* const value = mask_ == nullptr
                           ? static_cast<Value*>(builder_.CreateAlignedLoad(shape, place.address, align))
                           : builder_.CreateMaskedLoad(shape, place.address, align, mask_,
                                                       llvm::Constant::getNullValue(shape));
  return from_memory(type, value);
}

void MemoryEmitter::store(ElementType type, const MemoryPlace& place, Value* value) {
  if (lanes_ == 1) return store_scalar(type, place.address, value);
  if (place.stride != Stride::one) return scatter(type, place, value);
  const llvm::Align align(element_bytes(type));
  if (mask_ == nullptr)
    builder_.CreateAlignedStore(to_memory(type, value), place.address, align);
  else
    builder_.CreateMaskedStore(to_memory(type, value), place.address, align, mask_);
}

Value* MemoryEmitter::gather(ElementType type, const MemoryPlace& place) {
  const bool is_wide = element_bytes(type) >= 4;
  if (!is_wide || !has_masks()) return gather_one_by_one(type, place);
  Value* const mask =
      mask_ != nullptr ? mask_ : llvm::Constant::getAllOnesValue(vector(builder_.getInt1Ty()));
  Value* const offsets = builder_.CreateMul(splat(place.byte_step, lanes_), lane_numbers());
  Value* const addresses = builder_.CreateGEP(builder_.getInt8Ty(), place.address, offsets);
  llvm::Type* const shape = vector(operations_.memory_type(type));
  return builder_.CreateMaskedGather(shape, addresses, llvm::Align(element_bytes(type)), mask,
                                     llvm::Constant::getNullValue(shape));
}

// Through the stack: little code, on every set and for every type.
Value* MemoryEmitter::gather_one_by_one(ElementType type, const MemoryPlace& place) {
  llvm::Type* const element = operations_.memory_type(type);
  llvm::Type* const shape = vector(element);
  const llvm::Align align(element_bytes(type));
  Value* const slot = stack_slot(shape);
  if (mask_ != nullptr) builder_.CreateStore(llvm::Constant::getNullValue(shape), slot);
  emit_loop(builder_, {builder_.getInt64(0), alive_}, {}, [&](Value* lane, const Carried&) -> Carried {
    Value* const from =
        builder_.CreateGEP(builder_.getInt8Ty(), place.address, builder_.CreateMul(lane, place.byte_step));
    Value* const to = builder_.CreateGEP(element, slot, lane);
    builder_.CreateAlignedStore(builder_.CreateAlignedLoad(element, from, align), to, align);
    return {};
  });
  return from_memory(type, builder_.CreateLoad(shape, slot));
}

// In the order of the lanes: where all go to one place, the last stays.
void MemoryEmitter::scatter(ElementType type, const MemoryPlace& place, Value* value) {
  llvm::Type* const element = operations_.memory_type(type);
  const llvm::Align align(element_bytes(type));
  Value* const stored = to_memory(type, value);
  Value* const slot = stack_slot(stored->getType());
  builder_.CreateStore(stored, slot);
  emit_loop(builder_, {builder_.getInt64(0), alive_}, {}, [&](Value* lane, const Carried&) -> Carried {
    Value* const from = builder_.CreateGEP(element, slot, lane);
    Value* const to =
        builder_.CreateGEP(builder_.getInt8Ty(), place.address, builder_.CreateMul(lane, place.byte_step));
    builder_.CreateAlignedStore(builder_.CreateAlignedLoad(element, from, align), to, align);
    return {};
  });
}

Value* MemoryEmitter::indices(Value* first) {
  return lanes_ == 1 ? first : builder_.CreateAdd(splat(first, lanes_), lane_numbers());
}

Value* MemoryEmitter::where_alive(Value* value, Value* other) {
  return mask_ == nullptr ? value : builder_.CreateSelect(mask_, value, other);
}

Value* MemoryEmitter::splat(Value* scalar, unsigned lanes) {
  return lanes == 1 ? scalar : builder_.CreateVectorSplat(lanes, scalar);
}

Value* MemoryEmitter::stack_slot(llvm::Type* type) {
  const llvm::IRBuilder<>::InsertPointGuard guard(builder_);
  llvm::BasicBlock& entry = builder_.GetInsertBlock()->getParent()->getEntryBlock();
  builder_.SetInsertPoint(&entry, entry.begin());
  return builder_.CreateAlloca(type);
}

}  // namespace astrolabe
