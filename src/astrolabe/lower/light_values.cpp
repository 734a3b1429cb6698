// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/light_values.h"

#include <algorithm>

#include "astrolabe/graph/cheap_op.h"
#include "astrolabe/graph/op.h"

namespace astrolabe {
namespace {

constexpr int kMostOperations = 3;

// Elements that are different ones: a view may repeat some.
std::size_t distinct_elements(const Graph& graph, const Phases& phases, NodeId id) {
  const std::vector<std::int64_t> strides = view_of(graph, phases.is_view, id).strides;
  const Shape& shape = graph.shape(id);
  std::size_t count = 1;
  for (std::size_t axis = 0; axis < shape.rank(); ++axis)
    if (strides[axis] != 0) count *= shape[axis];
  return count;
}

}  // namespace

bool is_slice_of_step(const Graph& graph, const Phases& phases, NodeId id) {
  if (phases.roles[id] != NodeRole::view) return false;
  const Strided view = view_of(graph, phases.is_view, id);
  return phases.roles[view.root] == NodeRole::apart && !is_contiguous(graph.shape(id), view.strides) &&
         graph.shape(view.root).element_count() > graph.shape(id).element_count();
}

std::vector<int> light_operations(const Graph& graph, const Phases& phases,
                                  const std::vector<bool>& is_root) {
  std::vector<int> operations(graph.size(), 0);
  std::vector<NodeId> slice_of(graph.size(), kNoNode);
  const auto is_light_for_its_readers = [&](NodeId id) {
    return std::ranges::all_of(phases.users[id], [&](NodeId user) {
      const bool is_nest = phases.roles[user] == NodeRole::nest || phases.roles[user] == NodeRole::fold;
      return is_nest && reads_directly(graph, phases, user, id);
    });
  };
  for (const NodeId id : phases.order) {
    if (phases.roles[id] != NodeRole::nest || is_root[id] || !is_cheap_to_repeat(graph[id].op) ||
        graph.type(id) == ElementType::boolean || !is_light_for_its_readers(id))
      continue;
    int count = 1;
    NodeId slice = kNoNode;
    bool is_light = true;
    for (const NodeId input : graph.inputs(id)) {
      const bool is_nest = phases.roles[input] == NodeRole::nest;
      const bool is_kept_view = phases.roles[below_views(graph, phases, input)] != NodeRole::nest;
      if (!is_nest && is_kept_view &&
          distinct_elements(graph, phases, input) < graph.shape(id).element_count())
        continue;
      const NodeId read = is_nest                                  ? slice_of[input]
                          : is_slice_of_step(graph, phases, input) ? input
                                                                   : kNoNode;
      if (is_nest) count += operations[input];
      is_light = is_light && read != kNoNode && (slice == kNoNode || slice == read);
      slice = read;
    }
    if (!is_light || slice == kNoNode || count > kMostOperations) continue;
    operations[id] = count;
    slice_of[id] = slice;
  }
  return operations;
}

}  // namespace astrolabe
