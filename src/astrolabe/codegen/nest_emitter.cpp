// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/codegen/nest_emitter.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Intrinsics.h>

#include "astrolabe/codegen/loop_emitter.h"
#include "astrolabe/codegen/memory_emitter.h"
#include "astrolabe/codegen/nest_analysis.h"
#include "astrolabe/codegen/operation_emitter.h"
#include "astrolabe/graph/interpret.h"
#include "astrolabe/graph/op.h"

namespace astrolabe {
namespace {

using llvm::Value;

// Emits one nest. Values and addresses are those of the place that is being emitted; `lanes_` is how many
// elements of the innermost loop go at a time there.
class NestEmitter {
 public:
  NestEmitter(const NestCode& code, InstructionSet set, const NestSchedule& schedule,
              llvm::Function* function)
      : code_(code),
        analysis_(code, schedule.loop_order(code)),
        function_(function),
        builder_(llvm::BasicBlock::Create(function->getContext(), "entry", function)),
        operations_(builder_, set),
        memory_(builder_, set, operations_),
        vector_lanes_(nest_lanes(code, set, schedule)),
        unroll_(std::max<unsigned>(schedule.unroll, 1)),
        values_(code.body.size()),
        splats_(code.body.size()) {}

  void emit() {
    for (std::size_t loop = 0; loop < code_.loops; ++loop)
      extents_.push_back(loaded_number(function_->getArg(2), loop));
    emit_accesses();
    if (has_one_block()) memory_.set_block(vector_lanes_, extents_[inner()]);
    emit_instructions(0);
    emit_inside(0, {});
    builder_.CreateRetVoid();
  }

 private:
  [[nodiscard]] std::size_t inner() const { return code_.loops - 1U; }
  [[nodiscard]] bool is_lanes() const { return code_.shape == NestShape::lanes; }
  // `lanes` keeps all its lanes in one vector register group when the vectors are as wide; else in memory.
  [[nodiscard]] bool has_lanes_in_memory() const { return is_lanes() && vector_lanes_ != kReductionLanes; }

  // A short row is one block: no loop, and its mask is the same in every row.
  [[nodiscard]] bool has_one_block() const {
    return code_.is_narrow && memory_.has_masks() && vector_lanes_ >= kNarrowRow &&
           split_loop(code_) != inner();
  }

  Value* loaded_number(Value* pointer, std::size_t at) {
    return builder_.CreateLoad(builder_.getInt64Ty(),
                               builder_.CreateConstInBoundsGEP1_64(builder_.getInt64Ty(), pointer, at));
  }

  void emit_accesses() {
    for (std::size_t access = 0; access < code_.accesses.size(); ++access) {
      const NestAccess& a = code_.accesses[access];
      addresses_.push_back(builder_.CreateLoad(
          builder_.getPtrTy(),
          builder_.CreateConstInBoundsGEP1_64(builder_.getPtrTy(), function_->getArg(0), access)));
      auto& steps = byte_steps_.emplace_back();
      for (std::size_t loop = 0; loop < code_.loops; ++loop) {
        const auto bytes = static_cast<std::uint64_t>(element_bytes(a.type));
        if (a.strides[loop] == Stride::zero) {
          steps[loop] = builder_.getInt64(0);
        } else if (a.strides[loop] == Stride::one) {
          steps[loop] = builder_.getInt64(bytes);
        } else {
          Value* const stride = loaded_number(function_->getArg(1), access * code_.loops + loop);
          steps[loop] = builder_.CreateMul(stride, builder_.getInt64(bytes));
        }
      }
    }
  }

  LoopRange range_of(std::size_t loop) {
    if (loop == split_loop(code_)) return {function_->getArg(3), function_->getArg(4)};
    return {builder_.getInt64(0), extents_[loop]};
  }

  // ---- Loops.

  // What stands inside the first `depth` loops: the next loop, or body's end. Takes and gives what is
  // carried.
  Carried emit_inside(std::size_t depth, const Carried& carried) {
    if (depth == code_.loops) return emit_turn(carried);
    const std::size_t loop = analysis_.order[depth];
    if (loop == inner()) {
      emit_inner_loop();
      return {};
    }
    const unsigned times = depth + 1 == code_.loops ? unroll_ : 1;
    return emit_unrolled(builder_, range_of(loop), times, carried,
                         [&](Value* index, const Carried& in) { return emit_entered(depth, index, in); });
  }

  // One turn of a loop: its addresses, what depends on it, what is inside.
  Carried emit_entered(std::size_t depth, Value* index, const Carried& carried) {
    const std::size_t loop = analysis_.order[depth];
    const std::vector<Value*> outside = addresses_;
    for (std::size_t access = 0; access < code_.accesses.size(); ++access) {
      const Stride stride = code_.accesses[access].strides[loop];
      if (stride == Stride::zero || is_zero(index)) continue;
      Value* const offset = builder_.CreateMul(index, byte_steps_[access][loop]);
      addresses_[access] = builder_.CreateGEP(builder_.getInt8Ty(), addresses_[access], offset);
    }
    indices_[loop] = index;
    emit_instructions(depth + 1);
    const bool begins_chains =
        code_.shape == NestShape::outer && depth + 1 + code_.reduced_loops == code_.loops;
    const Carried results = begins_chains ? emit_chains(depth + 1) : emit_inside(depth + 1, carried);
    addresses_ = outside;
    return results;
  }

  static bool is_zero(const Value* index) {
    const auto* number = llvm::dyn_cast<llvm::ConstantInt>(index);
    return number != nullptr && number->isZero();
  }

  // The innermost loop: by vectors, then what is left. Called inside the loops before it.
  void emit_inner_loop() {
    const std::size_t depth = analysis_.inner_depth - 1;
    if (has_one_block()) {
      lanes_ = vector_lanes_;
      emit_entered(depth, builder_.getInt64(0), {});
      lanes_ = 1;
      return;
    }
    const LoopRange whole = range_of(inner());
    Carried lanes;
    if (is_lanes()) lanes = start_lanes();
    if (memory_.has_masks()) {
      lanes = emit_strip({whole.begin, whole.end, vector_lanes_}, depth, lanes, vector_lanes_);
    } else {
      Value* const count = builder_.CreateSub(whole.end, whole.begin);
      Value* const mask = builder_.getInt64(~std::uint64_t{vector_lanes_ - 1});
      Value* const middle = builder_.CreateAdd(whole.begin, builder_.CreateAnd(count, mask));
      emit_strip({whole.begin, middle, vector_lanes_}, depth, lanes, vector_lanes_);
      emit_strip({middle, whole.end}, depth, lanes, 1);
    }
    if (is_lanes()) finish_lanes(lanes);
  }

  // Strips of `lanes` elements; where nothing is walked inside them, several in one turn as long as they are
  // full, which then need no masks.
  Carried emit_strip(const LoopRange& range, std::size_t depth, const Carried& carried, unsigned lanes) {
    const auto emit_one = [&](Value* index, const Carried& in, bool is_full) {
      lanes_ = lanes;
      memory_.set_block(lanes,
                        memory_.has_masks() && !is_full ? builder_.CreateSub(range.end, index) : nullptr);
      Carried results = emit_entered(depth, index, in);
      lanes_ = 1;
      return results;
    };
    const auto emit_last = [&](Value* index, const Carried& in) { return emit_one(index, in, false); };
    if (unroll_ == 1 || lanes == 1 || depth + 1 != code_.loops)
      return emit_loop(builder_, range, carried, emit_last);
    Value* const middle = whole_turns(builder_, range, unroll_);
    const Carried joined =
        emit_whole_turns(builder_, {range.begin, middle, range.step}, unroll_, carried,
                         [&](Value* index, const Carried& in) { return emit_one(index, in, true); });
    return emit_loop(builder_, {middle, range.end, range.step}, joined, emit_last);
  }

  // ---- Reductions.

  ElementType type_of(const NestReduction& reduction) const { return code_.body[reduction.value].type; }

  Value* identity_of(const NestReduction& reduction, unsigned lanes) {
    return memory_.splat(operations_.identity(reduction.kind, type_of(reduction)), lanes);
  }

  // The lanes at the identity: carried, or in memory.
  Carried start_lanes() {
    Carried lanes;
    for (std::size_t i = 0; i < code_.reductions.size(); ++i) {
      Value* const identity = identity_of(code_.reductions[i], kReductionLanes);
      if (!has_lanes_in_memory()) {
        lanes.push_back(identity);
        continue;
      }
      if (lane_slots_.size() == i) lane_slots_.push_back(memory_.stack_slot(identity->getType()));
      builder_.CreateStore(identity, lane_slots_[i]);
    }
    return lanes;
  }

  Carried join_lanes(const Carried& carried) {
    Carried results;
    for (std::size_t i = 0; i < code_.reductions.size(); ++i) {
      const NestReduction& reduction = code_.reductions[i];
      Value* const value = value_of(reduction.value);
      if (!has_lanes_in_memory()) {
        Value* const joined = operations_.join(reduction.kind, type_of(reduction), carried[i], value);
        results.push_back(memory_.where_alive(joined, carried[i]));
        continue;
      }
      Value* const lane = builder_.CreateAnd(indices_[inner()], builder_.getInt64(kReductionLanes - 1));
      llvm::Type* const scalar = operations_.register_type(type_of(reduction));
      Value* const slot = builder_.CreateGEP(scalar, lane_slots_[i], lane);
      Value* const old =
          builder_.CreateAlignedLoad(value->getType(), slot, llvm::Align(element_bytes(type_of(reduction))));
      builder_.CreateAlignedStore(operations_.join(reduction.kind, type_of(reduction), old, value), slot,
                                  llvm::Align(element_bytes(type_of(reduction))));
    }
    return results;
  }

  // Lane j with lane j + half, for half = 16, 8, 4, 2, 1.
  void finish_lanes(const Carried& carried) {
    for (std::size_t i = 0; i < code_.reductions.size(); ++i) {
      const NestReduction& reduction = code_.reductions[i];
      llvm::Type* const type =
          llvm::FixedVectorType::get(operations_.register_type(type_of(reduction)), kReductionLanes);
      Value* lanes = has_lanes_in_memory() ? builder_.CreateLoad(type, lane_slots_[i]) : carried[i];
      for (int half = kReductionLanes / 2; half > 0; half /= 2) {
        std::vector<int> lower(static_cast<std::size_t>(half));
        std::iota(lower.begin(), lower.end(), 0);
        std::vector<int> upper(static_cast<std::size_t>(half));
        std::iota(upper.begin(), upper.end(), half);
        lanes =
            operations_.join(reduction.kind, type_of(reduction), builder_.CreateShuffleVector(lanes, lower),
                             builder_.CreateShuffleVector(lanes, upper));
      }
      memory_.store_scalar(code_.accesses[reduction.access].type, addresses_[reduction.access],
                           builder_.CreateExtractElement(lanes, std::uint64_t{0}));
    }
  }

  // `outer`: each element of the innermost loop is its own chain over the reduced loops.
  Carried emit_chains(std::size_t depth) {
    Carried sums;
    for (const NestReduction& reduction : code_.reductions) sums.push_back(identity_of(reduction, lanes_));
    sums = emit_inside(depth, sums);
    for (std::size_t i = 0; i < code_.reductions.size(); ++i) emit_store(code_.reductions[i].access, sums[i]);
    return {};
  }

  // The end of the body: stores, and what is joined.
  Carried emit_turn(const Carried& carried) {
    for (const NestStore& store : code_.stores) emit_store(store.access, value_of(store.value));
    if (is_lanes()) return join_lanes(carried);
    Carried results;
    for (std::size_t i = 0; i < carried.size(); ++i) {
      const NestReduction& reduction = code_.reductions[i];
      results.push_back(
          operations_.join(reduction.kind, type_of(reduction), carried[i], value_of(reduction.value)));
    }
    return results;
  }

  void emit_store(std::size_t access, Value* value) {
    memory_.store(code_.accesses[access].type, place_of(access), value);
  }

  // ---- Values.

  MemoryPlace place_of(std::size_t access) const {
    return {addresses_[access], code_.accesses[access].strides[inner()], byte_steps_[access][inner()]};
  }

  // As wide as the place that is being emitted.
  Value* value_of(std::size_t i) { return analysis_.is_vector[i] || lanes_ == 1 ? values_[i] : splats_[i]; }

  void emit_instructions(std::size_t depth) {
    for (std::size_t i = 0; i < code_.body.size(); ++i) {
      if (analysis_.depth[i] != depth) continue;
      values_[i] = emit_instruction(i);
      // What vectors read is spread here rather than in the loops further in. Constants cost nothing
      // anywhere.
      const bool is_spread = !analysis_.is_vector[i] && analysis_.is_read_by_vector[i];
      const unsigned lanes = depth < analysis_.inner_depth ? vector_lanes_ : lanes_;
      splats_[i] = is_spread && lanes > 1 ? memory_.splat(values_[i], lanes) : nullptr;
    }
  }

  Value* emit_instruction(std::size_t i) {
    const NestInstruction& each = code_.body[i];
    switch (each.kind) {
      case NestOp::constant:
        return operations_.constant(each);
      case NestOp::load: {
        const auto access = static_cast<std::size_t>(each.value);
        const ElementType type = code_.accesses[access].type;
        return analysis_.is_vector[i] ? memory_.load(type, place_of(access))
                                      : memory_.load_scalar(type, addresses_[access]);
      }
      case NestOp::index: {
        const auto loop = static_cast<std::size_t>(each.value);
        Value* index = indices_[loop];
        if (loop == inner()) index = memory_.indices(index);
        return operations_.cast(ElementType::i64, each.type, index);
      }
      case NestOp::compute:
        break;
    }
    const auto inputs = static_cast<std::size_t>(op_rule(each.op).inputs);
    std::array<Value*, 3> in{};
    for (std::size_t k = 0; k < inputs; ++k)
      in[k] = analysis_.is_vector[i] ? value_of(each.operands[k]) : values_[each.operands[k]];
    return operations_.compute(each, code_.body[each.operands[inputs - 1]].type, in);
  }

  const NestCode& code_;
  NestAnalysis analysis_;
  llvm::Function* function_;
  llvm::IRBuilder<> builder_;
  OperationEmitter operations_;
  MemoryEmitter memory_;

  unsigned vector_lanes_, unroll_;
  unsigned lanes_ = 1;
  std::vector<Value*> extents_;
  std::vector<Value*> addresses_;                          // per access: at the loops that were entered
  std::vector<std::array<Value*, kMaxLoops>> byte_steps_;  // per access and loop
  std::array<Value*, kMaxLoops> indices_{};                // per loop; of the innermost: of the first lane
  std::vector<Value*> values_, splats_;                    // per instruction
  std::vector<Value*> lane_slots_;                         // per reduction
};

}  // namespace

llvm::Function* emit_nest(const NestCode& code, InstructionSet set, const std::string& name,
                          llvm::Module& module, const NestSchedule& schedule) {
  llvm::LLVMContext& context = module.getContext();
  llvm::Type* const pointer = llvm::PointerType::getUnqual(context);
  llvm::Type* const number = llvm::Type::getInt64Ty(context);
  auto* const type =
      llvm::FunctionType::get(llvm::Type::getVoidTy(context), {pointer, pointer, pointer, number, number},
                              /*isVarArg=*/false);
  auto* const function = llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage, name, module);
  function->setDoesNotThrow();
  if (set == InstructionSet::avx512) {
    function->addFnAttr("prefer-vector-width", "512");
    function->addFnAttr("min-legal-vector-width", "512");
  }
  NestEmitter(code, set, allowed_schedule(code, set, schedule), function).emit();
  return function;
}

}  // namespace astrolabe
