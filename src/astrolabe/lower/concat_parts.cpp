// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/concat_parts.h"

#include <algorithm>
#include <optional>
#include <ranges>

namespace astrolabe {
namespace {

class PartPlacer {
 public:
  PartPlacer(const Graph& graph, const Phases& phases, std::set<NodeId> roots)
      : graph_(graph), phases_(phases), taken_(roots), roots_(std::move(roots)) {}

  ConcatParts place() {
    // Readers have larger ids: a concat's own place is known when its parts' turn comes.
    for (const NodeId id : phases_.order | std::views::reverse)
      if (graph_[id].op == Op::concat) place_parts(id);
    return std::move(parts_);
  }

 private:
  void place_parts(NodeId id) {
    const auto axis = static_cast<std::size_t>(graph_[id].attributes.value);
    const auto within = parts_.within.find(id);
    const Strided whole = within != parts_.within.end()
                              ? within->second
                              : Strided{.root = id, .offset = 0, .strides = row_major(graph_.shape(id))};
    std::int64_t before = 0;
    for (std::size_t i = 0; i < graph_[id].input_count; ++i) {
      const NodeId part = graph_.input_of(id, i);
      Strided to = whole;
      to.offset += before * whole.strides[axis];
      before += static_cast<std::int64_t>(graph_.shape(part)[axis]);
      if (lies_inside(part, to) || is_stored_through(id, part, to)) parts_.is_placed.insert({id, i});
    }
  }

  // What has memory of its own can have it as one run of the whole's.
  bool lies_inside(NodeId part, const Strided& to) {
    const Strided walk = view_of(graph_, phases_.is_view, part);
    const NodeId root = walk.root;
    const bool is_whole = walk.offset == 0 && is_contiguous(graph_.shape(part), walk.strides) &&
                          graph_.shape(root).element_count() == graph_.shape(part).element_count();
    if (!is_whole || !is_contiguous(graph_.shape(part), to.strides) || !phases_.is_stored[root] ||
        !taken_.insert(root).second)
      return false;
    parts_.inside.push_back({root, to.root, to.offset});
    return true;
  }

  // What nobody else reads is stored by its nest where the concat wants it; a concat hands its place on.
  bool is_stored_through(NodeId concat, NodeId part, Strided to) {
    NodeId reader = concat;
    while (phases_.roles[part] == NodeRole::view) {
      if (!is_read_once(part, reader) || graph_[part].op != Op::reshape) return false;
      const NodeId below = graph_.input_of(part, 0);
      auto strides = reshape_strides(graph_.shape(part), to.strides, graph_.shape(below));
      if (!strides) return false;
      to.strides = std::move(*strides);
      reader = part;
      part = below;
    }
    if (!is_read_once(part, reader) || !phases_.is_stored[part]) return false;
    if (graph_[part].op == Op::concat) {
      parts_.within[part] = to;
    } else if (phases_.roles[part] == NodeRole::nest && !is_copy(graph_, phases_, part)) {
      parts_.walks[part] = to;
    } else {
      return false;
    }
    taken_.insert(part);
    return true;
  }

  [[nodiscard]] bool is_read_once(NodeId node, NodeId reader) const {
    return phases_.users[node].size() == 1 && std::ranges::count(graph_.inputs(reader), node) == 1 &&
           !taken_.contains(node) && !roots_.contains(node);
  }

  const Graph& graph_;
  const Phases& phases_;
  std::set<NodeId> taken_;  // that have a place
  std::set<NodeId> roots_;
  ConcatParts parts_;
};

}  // namespace

ConcatParts place_concat_parts(const Graph& graph, const Phases& phases, std::set<NodeId> roots) {
  return PartPlacer(graph, phases, std::move(roots)).place();
}

}  // namespace astrolabe
