// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/nest_builder.h"

#include <algorithm>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/op.h"
#include "astrolabe/lower/lower.h"

namespace astrolabe {
namespace {

Stride stride_class(std::int64_t stride, bool is_innermost) {
  if (stride == 0) return Stride::zero;
  return stride == 1 && is_innermost ? Stride::one : Stride::any;
}

}  // namespace

NestBuilder::NestBuilder(const Graph& graph, const Phases& phases, const Shape& shape,
                         std::function<bool(NodeId)> computes)
    : graph_(graph), phases_(phases), shape_(shape), computes_(std::move(computes)) {}

std::uint16_t NestBuilder::add_instruction(const NestInstruction& instruction) {
  if (code_.body.size() >= UINT16_MAX) throw NoLowering("more than 65,535 operations in one nest");
  code_.body.push_back(instruction);
  return static_cast<std::uint16_t>(code_.body.size() - 1);
}

std::uint16_t NestBuilder::add_access(const Strided& walk, ElementType type) {
  accesses_.push_back({walk.root, walk.offset, type, walk.strides});
  return static_cast<std::uint16_t>(accesses_.size() - 1);
}

std::uint16_t NestBuilder::index_along(NodeId iota, const Strided& walk) {
  // The walk's strides are those over the iota's elements; its axis counts, the others do not.
  const Node& node = graph_[iota];
  const auto axis = static_cast<std::size_t>(node.attributes.value);
  if (node.shape != shape_ || walk.strides != row_major(node.shape))
    throw NoLowering("an index seen through movement");
  std::vector<std::int64_t> strides(shape_.rank(), 0);
  if (shape_[axis] != 1) strides[axis] = 1;
  const std::uint16_t instruction =
      add_instruction({.kind = NestOp::index, .op = Op::iota, .type = node.type, .operands = {}, .value = 0});
  indices_.push_back({instruction, strides});
  return instruction;
}

std::uint16_t NestBuilder::load(NodeId node, const Strided& walk) {
  const Node& root = graph_[walk.root];
  if (root.op == Op::constant) {
    return add_instruction({.kind = NestOp::constant,
                            .op = Op::constant,
                            .type = root.type,
                            .operands = {},
                            .value = root.attributes.value});
  }
  if (root.op == Op::iota) return index_along(walk.root, walk);
  Strided spread = walk;
  if (graph_.shape(node).rank() == 0) spread.strides.assign(shape_.rank(), 0);
  const std::uint16_t access = add_access(spread, root.type);
  return add_instruction(
      {.kind = NestOp::load, .op = Op::input, .type = root.type, .operands = {}, .value = access});
}

std::uint16_t NestBuilder::value_of(NodeId node) {
  if (const auto found = known_.find(node); found != known_.end()) return found->second;
  std::uint16_t instruction = 0;
  const bool is_computed = phases_.roles[node] == NodeRole::nest && !is_copy(graph_, phases_, node) &&
                           (computes_(node) || phases_.is_recomputed[node]);
  if (is_computed) {
    NestInstruction compute{.kind = NestOp::compute,
                            .op = graph_[node].op,
                            .type = graph_[node].type,
                            .operands = {},
                            .value = graph_[node].op == Op::math ? graph_[node].attributes.value : 0};
    for (std::size_t i = 0; i < graph_[node].input_count; ++i)
      compute.operands[i] = value_of(graph_.input_of(node, i));
    instruction = add_instruction(compute);
  } else {
    instruction = load(node, view_of(graph_, phases_.is_view, node));
  }
  known_.emplace(node, instruction);
  return instruction;
}

void NestBuilder::store(NodeId value, NodeId target) {
  store_walk(value, {.root = target, .offset = 0, .strides = row_major(shape_)});
}

void NestBuilder::store_walk(NodeId value, const Strided& to) {
  const std::uint16_t instruction = value_of(value);
  const std::uint16_t access = add_access(to, graph_.type(value));
  code_.stores.push_back({instruction, access});
}

void NestBuilder::store_copy(NodeId copy) {
  const Strided source = source_of_copy(graph_, phases_.is_view, copy);
  const NodeId input = graph_.input_of(copy, 0);
  const std::uint16_t instruction = load(graph_[copy].op == Op::reshape ? input : copy, source);
  const std::uint16_t access =
      add_access({.root = copy, .offset = 0, .strides = row_major(shape_)}, graph_.type(copy));
  code_.stores.push_back({instruction, access});
}

void NestBuilder::store_zero(NodeId target) {
  const std::uint16_t zero = add_instruction({.kind = NestOp::constant,
                                              .op = Op::constant,
                                              .type = graph_.type(target),
                                              .operands = {},
                                              .value = 0});
  const std::uint16_t access =
      add_access({.root = target, .offset = 0, .strides = row_major(shape_)}, graph_.type(target));
  code_.stores.push_back({zero, access});
}

void NestBuilder::fold(NodeId reduce) {
  ASTROLABE_CHECK(
      first_fold_ == kNoNode || graph_[first_fold_].attributes.first == graph_[reduce].attributes.first,
      "the reductions of a nest agree on their axes");
  first_fold_ = reduce;
  code_.shape = folds_innermost(graph_, reduce) ? NestShape::lanes : NestShape::outer;
  const std::uint16_t value = value_of(graph_.input_of(reduce, 0));
  const std::vector<std::int64_t> kept = row_major(graph_.shape(reduce));
  Strided to{.root = reduce, .offset = 0, .strides = {}};
  std::size_t next = 0;
  for (std::size_t axis = 0; axis < shape_.rank(); ++axis)
    to.strides.push_back(is_reduced(axis) ? 0 : kept[next++]);
  const std::uint16_t access = add_access(to, graph_.type(reduce));
  code_.reductions.push_back({graph_[reduce].reduce_kind(), value, access});
}

bool NestBuilder::is_reduced(std::size_t axis) const {
  return first_fold_ != kNoNode && graph_[first_fold_].attributes.first[axis] != 0;
}

bool NestBuilder::can_merge(std::size_t outer, std::size_t inner) const {
  if (is_reduced(outer) != is_reduced(inner)) return false;
  const auto size = static_cast<std::int64_t>(shape_[inner]);
  const auto is_one_walk = [&](const auto& walk) {
    return walk.strides[outer] == walk.strides[inner] * size;
  };
  return std::ranges::all_of(accesses_, is_one_walk) && std::ranges::all_of(indices_, is_one_walk);
}

std::vector<NestBuilder::Loop> NestBuilder::merge_axes() const {
  std::vector<Loop> loops;
  for (std::size_t axis = 0; axis < shape_.rank(); ++axis) {
    if (shape_[axis] == 1) continue;
    const auto extent = static_cast<std::int64_t>(shape_[axis]);
    if (!loops.empty() && can_merge(loops.back().axes.back(), axis)) {
      loops.back().axes.push_back(axis);
      loops.back().extent *= extent;
    } else {
      loops.push_back({{axis}, extent, is_reduced(axis)});
    }
  }
  return loops;
}

std::vector<NestBuilder::Loop> NestBuilder::order_loops(std::vector<Loop> loops) const {
  const Loop nothing{{}, 1, false};
  if (code_.shape == NestShape::lanes) {
    ASTROLABE_CHECK(std::ranges::count(loops, true, &Loop::is_reduced) <= 1, "lanes fold one loop");
    if (loops.empty() || !loops.back().is_reduced) loops.push_back(nothing);
  }
  if (code_.shape == NestShape::outer) {
    if (std::ranges::none_of(loops, &Loop::is_reduced)) loops.insert(loops.end() - 1, Loop{{}, 1, true});
    // Kept, reduced, innermost; each in the order of the axes.
    std::stable_sort(loops.begin(), loops.end() - 1,
                     [](const Loop& a, const Loop& b) { return !a.is_reduced && b.is_reduced; });
  }
  if (loops.empty()) loops.push_back(nothing);
  if (loops.size() > kMaxLoops) throw NoLowering("more than six loops in one nest");
  return loops;
}

NestStep NestBuilder::finish() {
  const std::vector<Loop> loops = order_loops(merge_axes());
  NestStep step;
  code_.loops = static_cast<std::uint8_t>(loops.size());
  if (code_.shape == NestShape::outer)
    code_.reduced_loops = static_cast<std::uint8_t>(std::ranges::count(loops, true, &Loop::is_reduced));
  for (const Loop& loop : loops) step.extents.push_back(loop.extent);
  code_.is_narrow = code_.shape != NestShape::lanes && step.extents.back() <= kNarrowRow;
  const auto stride_in = [&](const std::vector<std::int64_t>& strides, const Loop& loop) {
    return loop.axes.empty() ? 0 : strides[loop.axes.back()];
  };
  for (const Access& access : accesses_) {
    NestAccess kind{.type = access.type, .strides = {}};
    for (std::size_t i = 0; i < loops.size(); ++i) {
      const std::int64_t stride = stride_in(access.strides, loops[i]);
      step.strides.push_back(stride);
      kind.strides[i] = stride_class(stride, i + 1 == loops.size());
    }
    code_.accesses.push_back(kind);
    step.regions.push_back({access.root, access.offset});
  }
  for (const Index& index : indices_) {
    const auto loop = std::ranges::find_if(
        loops, [&](const Loop& candidate) { return stride_in(index.strides, candidate) == 1; });
    NestInstruction& instruction = code_.body[index.instruction];
    if (loop == loops.end()) {
      instruction.kind = NestOp::constant;
      instruction.op = Op::constant;
    } else {
      instruction.value = loop - loops.begin();
    }
  }
  step.code = std::move(code_);
  return step;
}

}  // namespace astrolabe
