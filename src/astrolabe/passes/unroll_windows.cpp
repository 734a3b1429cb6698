// SPDX-License-Identifier: Apache-2.0
// Pooling without a pass of its own for every stage. A reduction over the places of small windows,
// [n, h, 2, w, 2, c] to [n, h, w, c], becomes elementwise work on one slice per place; so does what is the
// same for a whole window, as the gradient of the largest is. One nest then reads the pixels of a window
// together, and what stood in front of the pooling (a bias, relu) is computed in that nest instead of being
// written down. Every element is computed by the same operations in the same order: the bytes stay.
#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "astrolabe/graph/cheap_op.h"
#include "astrolabe/graph/op.h"
#include "astrolabe/passes/pass_catalog.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMostPlaces = 9;  // of a window
constexpr std::size_t kLeastRank = 4;   // shorter shapes are no pictures
constexpr int kMostOperations = 6;      // that are done again rather than read from memory

// Windows side by side: the marked axes of `shape` count the places of one, the others the windows.
struct Windows {
  Shape shape, without;
  std::array<std::int32_t, kMaxRank> marks{};
  std::size_t places = 1;

  friend bool operator==(const Windows& a, const Windows& b) {
    return a.shape == b.shape && a.marks == b.marks;
  }
};

bool is_cheap(Op op) {
  return op == Op::cast || is_cheap_to_repeat(op);
}

bool is_elementwise(Op op) {
  return op_rule(op).batching == Batching::elementwise;
}

Shape shape_of(std::span<const std::size_t> sizes) {
  return Shape(sizes);
}

// What a reduction reads, as windows: small, inside a picture. Nothing for other reductions, and for those
// over innermost axes, whose order is that of lanes.
std::optional<Windows> windows_of(const Shape& shape, const Attributes& attributes) {
  if (shape.rank() < kLeastRank) return std::nullopt;
  Windows windows{.shape = shape, .without = {}, .marks = attributes.first};
  std::vector<std::size_t> kept;
  bool has_kept_before = false, has_kept_behind = false;
  for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
    if (windows.marks[axis] != 0) {
      if (shape[axis] < 2 || !has_kept_before) return std::nullopt;
      windows.places *= shape[axis];
      has_kept_behind = false;
      if (windows.places > kMostPlaces) return std::nullopt;
      continue;
    }
    kept.push_back(shape[axis]);
    if (shape[axis] == 0) return std::nullopt;
    if (shape[axis] > 1) has_kept_before = has_kept_behind = true;
  }
  if (!has_kept_behind || windows.places < 2) return std::nullopt;
  windows.without = shape_of(kept);
  return windows;
}

class Unroller {
 public:
  Unroller(const Graph& from, std::span<const NodeId> roots) : needs_whole_(from.size(), false) {
    for (const NodeId root : roots) needs_whole_[root] = true;
    for (const NodeId id : reachable(from, roots))
      for (const NodeId input : from.inputs(id))
        if (!is_cheap(from[id].op)) needs_whole_[input] = true;
  }

  NodeId rule(Graph& to, const NodeDraft& draft, NodeId from) {
    to_ = &to;
    if (draft.op == Op::reduce)
      if (const auto unrolled = unroll(draft)) return *unrolled;
    const NodeId node = to.append(draft);
    if (draft.op == Op::expand) remember_repeats(node);
    if (draft.op == Op::reshape) remember_reshaped(node, draft.inputs[0]);
    if (is_cheap(draft.op)) return spread(node, needs_whole_[from]);
    return node;
  }

 private:
  // A value by places: parts[p] is what it is at place p of every window, [without].
  struct Spread {
    Windows windows;
    std::vector<NodeId> parts;
  };

  // ---- Values at one place.

  NodeId reshaped(NodeId node, const Shape& shape) {
    while ((*to_)[node].op == Op::reshape) node = to_->input_of(node, 0);
    return to_->reshape(node, shape);
  }

  // A slice: no copy, but a walk through memory.
  NodeId taken(NodeId node, const Windows& windows, std::size_t place) {
    std::array<std::size_t, kMaxRank> begin{}, sizes{};
    const std::size_t rank = windows.shape.rank();
    for (std::size_t axis = rank; axis-- > 0;) {
      const std::size_t size = windows.shape[axis];
      sizes[axis] = windows.marks[axis] != 0 ? 1 : size;
      if (windows.marks[axis] == 0) continue;
      begin[axis] = place % size;
      place /= size;
    }
    const NodeId whole = reshaped(node, windows.shape);
    return to_->reshape(
        to_->slice(whole, std::span(begin.data(), rank), shape_of(std::span(sizes.data(), rank))),
        windows.without);
  }

  // A cheap operation under movement, as the same operation on what was moved; kNoNode for anything else.
  NodeId through_movement(NodeId node) {
    const Node& at = (*to_)[node];
    if (is_cheap(at.op)) return node;
    if (at.op != Op::reshape && at.op != Op::slice) return kNoNode;
    const NodeId below = through_movement(to_->input_of(node, 0));
    if (below == kNoNode) return kNoNode;
    NodeDraft moved{.op = (*to_)[below].op,
                    .inputs = {},
                    .attributes = (*to_)[below].attributes,
                    .wanted = {to_->type(below), at.shape}};
    for (const NodeId input : to_->inputs(below)) {
      if (to_->shape(input).rank() == 0)
        moved.inputs.push_back(input);
      else if (at.op == Op::reshape)
        moved.inputs.push_back(reshaped(input, at.shape));
      else
        moved.inputs.push_back(to_->append({.op = Op::slice,
                                            .inputs = {input},
                                            .attributes = at.attributes,
                                            .wanted = {to_->type(input), at.shape}}));
    }
    return to_->append(moved);
  }

  // The value of `node`, of as many elements as the windows have, at one place; kNoNode when that takes more
  // than `left` operations.
  NodeId part(NodeId node, const Windows& windows, std::size_t place, int& left) {
    if (to_->shape(node).rank() == 0) return node;
    if (const Spread* spread = known(node, windows)) return spread->parts[place];
    if (stops_.contains(node)) return taken(node, windows, place);
    const NodeId operation = through_movement(node);
    if (operation == kNoNode) return taken(node, windows, place);
    if (--left < 0) return kNoNode;
    NodeDraft draft{.op = (*to_)[operation].op,
                    .inputs = {},
                    .attributes = (*to_)[operation].attributes,
                    .wanted = {to_->type(operation), windows.without}};
    const std::vector<NodeId> inputs(to_->inputs(operation).begin(), to_->inputs(operation).end());
    for (const NodeId input : inputs) {
      const NodeId one = part(input, windows, place, left);
      if (one == kNoNode) return kNoNode;
      draft.inputs.push_back(one);
    }
    return to_->append(draft);
  }

  // ---- Reductions.

  std::optional<NodeId> unroll(const NodeDraft& draft) {
    const NodeId input = draft.inputs[0];
    const auto windows = windows_of(to_->shape(input), draft.attributes);
    if (!windows) return std::nullopt;
    int left = kMostOperations;
    const bool is_short = part(input, *windows, 0, left) != kNoNode;
    const bool is_folded_anyway = is_elementwise((*to_)[input].op) && known(input, *windows) == nullptr;
    if (is_folded_anyway && (!is_short || !is_cheap((*to_)[input].op))) return std::nullopt;
    if (!is_short) stops_.insert(input);
    const auto kind = static_cast<ReduceKind>(draft.attributes.value);
    // Joining the identity with a number gives the number; but 0 + -0 is 0.
    NodeId result = kind == ReduceKind::add ? to_->constant(0, to_->type(input)) : kNoNode;
    for (std::size_t place = 0; place < windows->places; ++place) {
      left = kMostOperations;
      const NodeId next = part(input, *windows, place, left);
      result = result == kNoNode             ? next
               : kind == ReduceKind::add     ? to_->add(result, next)
               : kind == ReduceKind::maximum ? to_->maximum(result, next)
                                             : to_->minimum(result, next);
    }
    if (std::ranges::find(windows_, *windows) == windows_.end()) windows_.push_back(*windows);
    return result;
  }

  // ---- What is the same for a whole window, and what is computed from that.

  const Spread* known(NodeId node, const Windows& windows) const {
    const auto found = spreads_.find(node);
    return found != spreads_.end() && found->second.windows == windows ? &found->second : nullptr;
  }

  void remember_repeats(NodeId node) {
    const NodeId input = to_->input_of(node, 0);
    for (const Windows& windows : windows_) {
      if (to_->shape(node) != windows.shape) continue;
      bool is_repeated = true;
      for (std::size_t axis = 0; axis < windows.shape.rank(); ++axis)
        if (to_->shape(input)[axis] != (windows.marks[axis] != 0 ? 1 : windows.shape[axis]))
          is_repeated = false;
      if (!is_repeated) continue;
      spreads_[node] = {windows, std::vector<NodeId>(windows.places, reshaped(input, windows.without))};
      return;
    }
  }

  void remember_reshaped(NodeId node, NodeId input) {
    const auto found = spreads_.find(input);
    if (found == spreads_.end()) return;
    Spread same = found->second;
    spreads_[node] = std::move(same);
  }

  // Parts put together again, which lowering computes right where they belong.
  NodeId joined(const Spread& spread, const Shape& shape) {
    const Windows& windows = spread.windows;
    std::array<std::size_t, kMaxRank> sizes{};
    const std::size_t rank = windows.shape.rank();
    for (std::size_t axis = 0; axis < rank; ++axis)
      sizes[axis] = windows.marks[axis] != 0 ? 1 : windows.shape[axis];
    std::vector<NodeId> pieces;
    for (const NodeId part : spread.parts)
      pieces.push_back(to_->reshape(part, shape_of(std::span(sizes.data(), rank))));
    for (std::size_t axis = rank; axis-- > 0;) {
      if (windows.marks[axis] == 0) continue;
      const std::size_t each = windows.shape[axis];
      std::vector<NodeId> rows;
      for (std::size_t i = 0; i < pieces.size(); i += each)
        rows.push_back(to_->concat(std::span(pieces).subspan(i, each), axis));
      pieces = std::move(rows);
    }
    return to_->reshape(pieces[0], shape);
  }

  // A cheap operation of which an input is known by places is known by places too; it is put together only
  // for those who need it whole.
  NodeId spread(NodeId node, bool is_needed_whole) {
    const std::vector<NodeId> inputs(to_->inputs(node).begin(), to_->inputs(node).end());
    const auto first = std::ranges::find_if(inputs, [&](NodeId input) { return spreads_.contains(input); });
    if (first == inputs.end()) return node;
    Spread result{spreads_.at(*first).windows, {}};
    for (std::size_t place = 0; place < result.windows.places; ++place) {
      NodeDraft draft{.op = (*to_)[node].op,
                      .inputs = {},
                      .attributes = (*to_)[node].attributes,
                      .wanted = {to_->type(node), result.windows.without}};
      int left = kMostOperations;
      for (const NodeId input : inputs) {
        const NodeId one = part(input, result.windows, place, left);
        if (one == kNoNode) return node;
        draft.inputs.push_back(one);
      }
      result.parts.push_back(to_->append(draft));
    }
    const NodeId whole = is_needed_whole ? joined(result, to_->shape(node)) : node;
    spreads_[whole] = std::move(result);
    return whole;
  }

  std::vector<bool> needs_whole_;  // nodes as they were that others than cheap operations read
  Graph* to_ = nullptr;
  std::vector<Windows> windows_;  // that reductions were unrolled over
  std::unordered_map<NodeId, Spread> spreads_;
  std::set<NodeId> stops_;  // nodes that are read from memory: too much work to do again
};

}  // namespace

Rewritten unroll_windows(const Graph& graph, std::span<const NodeId> roots) {
  Unroller unroller(graph, roots);
  return rewrite(graph, roots, [&](Graph& to, const NodeDraft& draft, NodeId from) {
    return unroller.rule(to, draft, from);
  });
}

}  // namespace astrolabe
