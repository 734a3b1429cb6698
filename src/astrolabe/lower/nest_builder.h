// SPDX-License-Identifier: Apache-2.0
// Puts one nest together: which nodes it computes, what it loads, stores and folds; then chooses the loops.
#pragma once

#include <functional>
#include <unordered_map>
#include <vector>

#include "astrolabe/graph/graph.h"
#include "astrolabe/lower/phases.h"
#include "astrolabe/lower/plan.h"
#include "astrolabe/lower/strided.h"

namespace astrolabe {

// Regions of the steps made here name nodes (whose memory it is), not buffers: places are chosen afterwards.
class NestBuilder {
 public:
  // Over the elements of `shape`. `computes` says which nodes this nest computes itself; others are loaded.
  NestBuilder(const Graph& graph, const Phases& phases, const Shape& shape,
              std::function<bool(NodeId)> computes);

  // Writes a node's value, row-major over the shape, into memory of `target`, or wherever `to` walks.
  void store(NodeId value, NodeId target);
  void store_walk(NodeId value, const Strided& to);
  // Writes what a copy node walks.
  void store_copy(NodeId copy);
  // Zeros all of `target`.
  void store_zero(NodeId target);
  // The reductions of a nest agree on their axes.
  void fold(NodeId reduce);

  // Throws NoLowering when the loops are too many.
  [[nodiscard]] NestStep finish();

 private:
  struct Access {
    NodeId root;
    std::int64_t offset;
    ElementType type;
    std::vector<std::int64_t> strides;  // [rank of the shape]
  };
  struct Index {  // an instruction that asks for the index along an axis
    std::uint16_t instruction;
    std::vector<std::int64_t> strides;
  };
  struct Loop {
    std::vector<std::size_t> axes;  // merged, outermost first
    std::int64_t extent;
    bool is_reduced;
  };

  std::uint16_t value_of(NodeId node);
  std::uint16_t load(NodeId node, const Strided& walk);
  std::uint16_t index_along(NodeId iota, const Strided& walk);
  std::uint16_t add_instruction(const NestInstruction& instruction);
  std::uint16_t add_access(const Strided& walk, ElementType type);

  [[nodiscard]] bool is_reduced(std::size_t axis) const;
  [[nodiscard]] bool can_merge(std::size_t outer, std::size_t inner) const;
  [[nodiscard]] std::vector<Loop> merge_axes() const;
  [[nodiscard]] std::vector<Loop> order_loops(std::vector<Loop> loops) const;

  const Graph& graph_;
  const Phases& phases_;
  Shape shape_;
  std::function<bool(NodeId)> computes_;
  NestCode code_;
  std::vector<Access> accesses_;
  std::vector<Index> indices_;
  std::unordered_map<NodeId, std::uint16_t> known_;
  NodeId first_fold_ = kNoNode;
};

}  // namespace astrolabe
