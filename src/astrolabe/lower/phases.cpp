// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/phases.h"

#include <algorithm>
#include <array>
#include <climits>
#include <ranges>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/cheap_op.h"
#include "astrolabe/graph/op.h"
#include "astrolabe/lower/light_values.h"

namespace astrolabe {
namespace {

bool is_leaf(Op op) {
  return is_slot(op) || op == Op::constant || op == Op::iota;
}

bool is_number(Op op) {
  return op == Op::constant || op == Op::iota;
}

NodeRole role_of(const Graph& graph, const std::vector<bool>& views, NodeId node) {
  const Op op = graph[node].op;
  if (is_leaf(op)) return NodeRole::leaf;
  switch (op) {
    case Op::reduce:
      return NodeRole::fold;
    case Op::dot:
    case Op::bits:
    case Op::take:
    case Op::add_at:
    case Op::pad:
    case Op::concat:
    case Op::convolve:
    case Op::convolve_input:
    case Op::convolve_filters:
    case Op::scan:
      return NodeRole::apart;
    case Op::reshape:
    case Op::permute:
    case Op::expand:
    case Op::slice:
      return views[node] ? NodeRole::view : NodeRole::nest;
    default:
      return NodeRole::nest;
  }
}

class PhaseFinder {
 public:
  PhaseFinder(const Graph& graph, std::span<const NodeId> roots) : graph_(graph) {
    p_.order = reachable(graph, roots);
    p_.roles.assign(graph.size(), NodeRole::unused);
    p_.phase.assign(graph.size(), 0);
    p_.is_stored.assign(graph.size(), false);
    p_.is_recomputed.assign(graph.size(), false);
    p_.is_separate.assign(graph.size(), false);
    p_.users.resize(graph.size());
    is_root_.assign(graph.size(), false);
    for (const NodeId root : roots) is_root_[root] = true;
    p_.is_view = find_views(graph);
    for (const NodeId id : p_.order) {
      p_.roles[id] = role_of(graph, p_.is_view, id);
      for (const NodeId input : distinct_inputs(id)) p_.users[input].push_back(id);
    }
    copy_what_steps_cannot_read();
  }

  Phases find() {
    assign_first_phases();
    while (separate_folds()) assign_first_phases();
    operations_ = light_operations(graph_, p_, is_root_);
    sink();
    choose_recomputed();
    choose_stored();
    return std::move(p_);
  }

 private:
  std::vector<NodeId> distinct_inputs(NodeId id) const {
    std::vector<NodeId> inputs(graph_.inputs(id).begin(), graph_.inputs(id).end());
    std::ranges::sort(inputs);
    inputs.erase(std::ranges::unique(inputs).begin(), inputs.end());
    return inputs;
  }

  NodeId below(NodeId id) const { return below_views(graph_, p_, id); }

  // Whether a step of its own cannot read what lies like this: products read any rows and columns,
  // convolutions a batch of whole pictures, the others one run.
  bool lies_apart(NodeId step, NodeId input) const {
    const std::vector<std::int64_t> strides = view_of(graph_, p_.is_view, input).strides;
    switch (graph_[step].op) {
      case Op::take:
      case Op::add_at:
      case Op::bits:
      case Op::scan:
        return !is_contiguous(graph_.shape(input), strides);
      case Op::convolve:
      case Op::convolve_input:
      case Op::convolve_filters:
        return !batch_stride(graph_.shape(input), strides, 4);
      default:
        return false;
    }
  }

  // A step of its own reads memory, and numbers have none.
  void copy_what_steps_cannot_read() {
    for (const NodeId id : p_.order) {
      if (p_.roles[id] != NodeRole::apart) continue;
      for (const NodeId input : graph_.inputs(id)) {
        if (p_.roles[input] != NodeRole::view) continue;
        if (!lies_apart(id, input) && !is_number(graph_[below(input)].op)) continue;
        p_.roles[input] = NodeRole::nest;
        p_.is_view[input] = false;
      }
    }
  }

  // The phase from which on a nest may read `input`.
  int readable(NodeId reader, NodeId input) const {
    const NodeId root = below(input);
    switch (p_.roles[root]) {
      case NodeRole::nest:
        return p_.phase[root] + (reads_directly(graph_, p_, reader, input) ? 0 : 1);
      case NodeRole::fold:
      case NodeRole::apart:
        return p_.phase[root] + 1;
      default:
        return 0;
    }
  }

  void assign_first_phases() {
    for (const NodeId id : p_.order) {
      int phase = 0;
      switch (p_.roles[id]) {
        case NodeRole::nest:
        case NodeRole::fold:
          for (const NodeId input : graph_.inputs(id)) phase = std::max(phase, readable(id, input));
          break;
        case NodeRole::apart:
          phase = -1;
          for (const NodeId input : graph_.inputs(id)) {
            const NodeId root = below(input);
            if (p_.roles[root] != NodeRole::leaf || is_number(graph_[root].op))
              phase = std::max(phase, p_.phase[root]);
          }
          break;
        default:
          break;
      }
      p_.phase[id] = phase;
    }
  }

  // Folds of one nest agree on what they fold, and the innermost axes must be one loop for every access.
  bool separate_folds() {
    bool has_changed = false;
    std::vector<NodeId> first_folds;  // of every phase and shape
    for (const NodeId id : p_.order) {
      if (p_.roles[id] != NodeRole::fold || p_.is_separate[id]) continue;
      const NodeId input = graph_.input_of(id, 0);
      if (!reads_directly(graph_, p_, id, input)) continue;
      const auto is_beside = [&](NodeId other) {
        return p_.phase[other] == p_.phase[id] &&
               graph_.shape(graph_.input_of(other, 0)) == graph_.shape(input);
      };
      const auto first = std::ranges::find_if(first_folds, is_beside);
      const bool agrees =
          first == first_folds.end() || graph_[*first].attributes.first == graph_[id].attributes.first;
      if (agrees && (!folds_innermost(graph_, id) || flattens(id))) {
        first_folds.push_back(id);
        continue;
      }
      p_.is_separate[id] = true;
      has_changed = true;
    }
    return has_changed;
  }

  // Whether the reduced axes are one walk for everything that may be computed beside the fold's input.
  bool flattens(NodeId fold) const {
    const NodeId input = graph_.input_of(fold, 0);
    const Shape& shape = graph_.shape(input);
    for (const NodeId id : p_.order) {
      if (p_.roles[id] != NodeRole::nest || p_.phase[id] != p_.phase[input] || graph_.shape(id) != shape)
        continue;
      for (const NodeId read : graph_.inputs(id)) {
        if (graph_.shape(read).rank() == 0 || reads_directly(graph_, p_, id, read)) continue;
        if (!is_one_walk(fold, view_of(graph_, p_.is_view, read).strides, graph_[below(read)].op == Op::iota))
          return false;
      }
    }
    return true;
  }

  bool is_one_walk(NodeId fold, std::span<const std::int64_t> strides, bool is_iota) const {
    const Shape& shape = graph_.shape(graph_.input_of(fold, 0));
    std::int64_t inner_stride = 0;
    std::int64_t inner_size = 0;  // 0: no axis of more than one element yet
    for (std::size_t axis = shape.rank(); axis-- > 0;) {
      if (graph_[fold].attributes.first[axis] == 0) break;
      if (shape[axis] == 1) continue;
      if (inner_size != 0 && (is_iota || strides[axis] != inner_stride * inner_size)) return false;
      inner_stride = inner_size == 0 ? strides[axis] : inner_stride;
      inner_size = inner_size == 0 ? static_cast<std::int64_t>(shape[axis])
                                   : inner_size * static_cast<std::int64_t>(shape[axis]);
    }
    return true;
  }

  // The last phase in which a nest node may be computed for its readers; INT_MAX for none but roots.
  int last_phase(NodeId id) const {
    int last = INT_MAX;
    for (const NodeId user : p_.users[id]) last = std::min(last, needed_by(id, user));
    return last;
  }

  // The phase in which `user` needs the value of `id`, a nest node or a view of one.
  int needed_by(NodeId id, NodeId user) const {
    switch (p_.roles[user]) {
      case NodeRole::nest:
      case NodeRole::fold:
        return p_.phase[user] - (reads_directly(graph_, p_, user, id) ? 0 : 1);
      case NodeRole::apart:
        return p_.phase[user];
      case NodeRole::view: {
        int last = INT_MAX;
        for (const NodeId reader : p_.users[user]) last = std::min(last, needed_by(user, reader));
        return last;
      }
      default:
        return INT_MAX;
    }
  }

  bool only_nests_read(NodeId id) const {
    return std::ranges::all_of(p_.users[id], [&](NodeId user) {
      return (p_.roles[user] == NodeRole::nest || p_.roles[user] == NodeRole::fold) &&
             reads_directly(graph_, p_, user, id) && !meets_flat_fold(id, p_.phase[user]);
    });
  }

  // How many values would have to be kept in memory instead if `id` were computed in a later phase.
  int kept_instead(NodeId id, int depth) const {
    constexpr int kMany = 8;
    if (depth > 24) return kMany;
    int kept = 0;
    for (const NodeId input : distinct_inputs(id)) {
      const NodeId root = below(input);
      if (p_.roles[root] != NodeRole::nest || root != input || p_.phase[input] < p_.phase[id]) continue;
      if (!reads_directly(graph_, p_, id, input) || is_kept_anyway(input) || operations_[input] != 0)
        continue;
      const bool has_other_reader = std::ranges::any_of(
          p_.users[input], [&](NodeId user) { return user != id && needed_by(input, user) <= p_.phase[id]; });
      kept += has_other_reader ? 1 : kept_instead(input, depth + 1);
      if (kept >= kMany) return kept;
    }
    return kept;
  }

  bool is_kept_anyway(NodeId id) const {
    if (is_root_[id]) return true;
    return std::ranges::any_of(p_.users[id], [&](NodeId user) {
      return p_.roles[user] == NodeRole::apart || p_.roles[user] == NodeRole::view ||
             (p_.phase[user] > p_.phase[id]);
    });
  }

  void sink() {
    for (const NodeId id : p_.order | std::views::reverse) {
      if (p_.roles[id] != NodeRole::nest || is_root_[id]) continue;
      const int last = last_phase(id);
      if (last == INT_MAX || last <= p_.phase[id] || meets_flat_fold(id, last) || is_sign_of_slice(id))
        continue;
      const int kept = kept_instead(id, 0);
      if (kept == 0 || (kept == 1 && graph_.type(id) == ElementType::boolean)) p_.phase[id] = last;
    }
  }

  // What is found out about a pixel of a window, kept rather than the pixel.
  bool is_sign_of_slice(NodeId id) const {
    return graph_.type(id) == ElementType::boolean &&
           std::ranges::any_of(graph_.inputs(id), [&](NodeId input) {
             return operations_[input] != 0 || is_slice_of_step(graph_, p_, input);
           });
  }

  // Whether the nest of that phase and shape folds several axes as one walk: newcomers might not fit that.
  bool meets_flat_fold(NodeId id, int phase) const {
    return std::ranges::any_of(p_.order, [&](NodeId fold) {
      return p_.roles[fold] == NodeRole::fold && !p_.is_separate[fold] && p_.phase[fold] == phase &&
             graph_.shape(graph_.input_of(fold, 0)) == graph_.shape(id) &&
             std::ranges::count(graph_[fold].attributes.first, 1) > 1;
    });
  }

  void choose_recomputed() {
    for (const NodeId id : p_.order) {
      if (p_.roles[id] != NodeRole::nest || is_root_[id] || !is_cheap_to_repeat(graph_[id].op)) continue;
      const bool inputs_are_there = std::ranges::all_of(graph_.inputs(id), [&](NodeId input) {
        const NodeRole role = p_.roles[below(input)];
        return role == NodeRole::leaf || role == NodeRole::apart || role == NodeRole::fold;
      });
      if ((!inputs_are_there && operations_[id] == 0) || is_sign_of_slice(id)) continue;
      const bool is_read_later =
          std::ranges::any_of(p_.users[id], [&](NodeId user) { return p_.phase[user] > p_.phase[id]; });
      if (is_read_later && can_be_recomputed(id)) recompute(id);
    }
  }

  // Light values take nests' values that are light too.
  bool can_be_recomputed(NodeId id) const {
    return only_nests_read(id) && std::ranges::all_of(graph_.inputs(id), [&](NodeId input) {
             return p_.roles[input] != NodeRole::nest || can_be_recomputed(input);
           });
  }

  void recompute(NodeId id) {
    p_.is_recomputed[id] = true;
    for (const NodeId input : graph_.inputs(id))
      if (p_.roles[input] == NodeRole::nest) recompute(input);
  }

  void choose_stored() {
    for (const NodeId id : p_.order) {
      if (p_.roles[id] == NodeRole::fold || p_.roles[id] == NodeRole::apart) p_.is_stored[id] = true;
      if (p_.roles[id] != NodeRole::nest || p_.is_recomputed[id]) continue;
      if (is_copy(graph_, p_, id)) p_.is_stored[id] = true;
      const bool is_read_elsewhere = std::ranges::any_of(p_.users[id], [&](NodeId user) {
        if (p_.roles[user] != NodeRole::nest && p_.roles[user] != NodeRole::fold) return true;
        return !reads_directly(graph_, p_, user, id) || p_.phase[user] != p_.phase[id];
      });
      if (is_root_[id] || is_read_elsewhere) p_.is_stored[id] = true;
    }
  }

  const Graph& graph_;
  Phases p_;
  std::vector<bool> is_root_;
  std::vector<int> operations_;  // that a light value takes; 0: it is none
};

}  // namespace

bool reads_directly(const Graph& graph, const Phases& phases, NodeId reader, NodeId input) {
  if (phases.roles[input] != NodeRole::nest || is_copy(graph, phases, input)) return false;
  if (phases.roles[reader] == NodeRole::fold) return !phases.is_separate[reader];
  return phases.roles[reader] == NodeRole::nest && !is_copy(graph, phases, reader) &&
         graph.shape(reader) == graph.shape(input);
}

bool is_copy(const Graph& graph, const Phases& phases, NodeId node) {
  return phases.roles[node] == NodeRole::nest && graph[node].op >= Op::reshape && graph[node].op <= Op::slice;
}

NodeId below_views(const Graph& graph, const Phases& phases, NodeId node) {
  while (phases.roles[node] == NodeRole::view) node = graph.input_of(node, 0);
  return node;
}

Phases find_phases(const Graph& graph, std::span<const NodeId> roots) {
  return PhaseFinder(graph, roots).find();
}

bool folds_innermost(const Graph& graph, NodeId reduce) {
  const Shape& shape = graph.shape(graph.input_of(reduce, 0));
  for (std::size_t axis = shape.rank(); axis-- > 0;) {
    if (graph[reduce].attributes.first[axis] != 0) return true;
    if (shape[axis] != 1) return false;
  }
  return true;
}

}  // namespace astrolabe
