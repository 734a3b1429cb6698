// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/order_steps.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/op.h"
#include "astrolabe/lower/concat_parts.h"
#include "astrolabe/lower/nest_builder.h"
#include "astrolabe/lower/recurrence.h"

namespace astrolabe {
namespace {

// Nodes that one nest computes, and the reductions at its end.
struct NestGroup {
  int phase = 0;
  std::vector<NodeId> members;
  std::vector<NodeId> folds;
};

// Nest nodes of one phase and shape that read each other, or the same memory, share a nest.
class Grouping {
 public:
  Grouping(const Graph& graph, const Phases& phases) : graph_(graph), phases_(phases) {
    leader_.resize(graph.size());
    std::iota(leader_.begin(), leader_.end(), NodeId{0});
    std::map<std::pair<int, NodeId>, NodeId> reader_of;  // the first reader of a node, by phase
    for (const NodeId id : phases.order) {
      if (!is_member(id)) continue;
      for (const NodeId input : graph.inputs(id)) join_through(id, input, reader_of);
    }
  }

  [[nodiscard]] NodeId leader(NodeId id) const {
    while (leader_[id] != id) id = leader_[id];
    return id;
  }

  [[nodiscard]] bool is_member(NodeId id) const {
    return phases_.roles[id] == NodeRole::nest && !phases_.is_recomputed[id] && !is_copy(graph_, phases_, id);
  }

  // In the order of their first members.
  [[nodiscard]] std::vector<NestGroup> groups() const {
    std::map<NodeId, NestGroup> by_leader;
    for (const NodeId id : phases_.order) {
      if (is_member(id)) {
        NestGroup& group = by_leader[leader(id)];
        group.phase = phases_.phase[id];
        group.members.push_back(id);
      } else if (phases_.roles[id] == NodeRole::fold && folds_a_member(id)) {
        by_leader[leader(graph_.input_of(id, 0))].folds.push_back(id);
      }
    }
    std::vector<NestGroup> groups;
    for (auto& [first, group] : by_leader) groups.push_back(std::move(group));
    return groups;
  }

  [[nodiscard]] bool folds_a_member(NodeId fold) const {
    const NodeId input = graph_.input_of(fold, 0);
    return is_member(input) && reads_directly(graph_, phases_, fold, input) &&
           phases_.phase[fold] == phases_.phase[input];
  }

 private:
  void join_through(NodeId id, NodeId input, std::map<std::pair<int, NodeId>, NodeId>& reader_of) {
    const bool same_phase = phases_.phase[input] == phases_.phase[id];
    if (is_member(input) && same_phase && reads_directly(graph_, phases_, id, input)) {
      join(id, input);
      return;
    }
    if (phases_.roles[input] == NodeRole::nest && phases_.is_recomputed[input]) {
      for (const NodeId below : graph_.inputs(input)) join_through(id, below, reader_of);
      return;
    }
    if (graph_.shape(input).rank() == 0 || graph_.shape(input) != graph_.shape(id)) return;
    const auto [reader, is_first] = reader_of.try_emplace({phases_.phase[id], input}, id);
    if (!is_first && graph_.shape(reader->second) == graph_.shape(id)) join(id, reader->second);
  }

  void join(NodeId a, NodeId b) {
    const NodeId first = leader(a), second = leader(b);
    leader_[std::max(first, second)] = std::min(first, second);
  }

  const Graph& graph_;
  const Phases& phases_;
  std::vector<NodeId> leader_;
};

class StepOrder {
 public:
  StepOrder(const LowerRequest& request, const Phases& phases)
      : graph_(request.graph), phases_(phases), grouping_(request.graph, phases) {
    std::set<NodeId> roots(request.outputs.begin(), request.outputs.end());
    for (const auto& [state, next] : request.updates) roots.insert(next);
    parts_ = place_concat_parts(graph_, phases, std::move(roots));
    result_.inside = parts_.inside;
  }

  OrderedSteps order() {
    add_nests();
    for (const NodeId id : phases_.order)
      if (phases_.roles[id] == NodeRole::apart) add_apart(id);
    std::ranges::stable_sort(entries_, {},
                             [](const Entry& entry) { return std::pair(entry.time, entry.first); });
    for (Entry& entry : entries_) {
      result_.steps.push_back(std::move(entry.step));
      result_.writes.push_back(std::move(entry.writes));
    }
    return std::move(result_);
  }

 private:
  struct Entry {
    int time;      // twice the phase for nests, one more for steps behind them
    NodeId first;  // ties in the order of nodes
    Step step;
    std::vector<NodeId> writes;
  };

  void add(int time, NodeId first, Step step, std::vector<NodeId> writes) {
    entries_.push_back({time, first, std::move(step), std::move(writes)});
  }

  void add_nests() {
    for (const NestGroup& group : grouping_.groups()) add_group(group);
    for (const NodeId id : phases_.order) {
      const bool is_own_nest = phases_.roles[id] == NodeRole::fold && !grouping_.folds_a_member(id);
      if (is_copy(graph_, phases_, id)) {
        const Shape& walked =
            graph_[id].op == Op::reshape ? graph_.shape(graph_.input_of(id, 0)) : graph_.shape(id);
        NestBuilder nest(graph_, phases_, walked, [](NodeId) { return false; });
        nest.store_copy(id);
        add(2 * phases_.phase[id], id, nest.finish(), {id});
      } else if (is_own_nest) {
        NestBuilder nest(graph_, phases_, graph_.shape(graph_.input_of(id, 0)), [](NodeId) { return false; });
        nest.fold(id);
        add(2 * phases_.phase[id], id, nest.finish(), {id});
      }
    }
  }

  void add_group(const NestGroup& group) {
    const NodeId leader = grouping_.leader(group.members.front());
    NestBuilder nest(graph_, phases_, graph_.shape(group.members.front()),
                     [&](NodeId id) { return grouping_.is_member(id) && grouping_.leader(id) == leader; });
    std::vector<NodeId> writes;
    for (const NodeId id : group.members) {
      if (!phases_.is_stored[id]) continue;
      const auto walk = parts_.walks.find(id);
      const NodeId target = walk == parts_.walks.end() ? id : walk->second.root;
      if (target == id)
        nest.store(id, id);
      else
        nest.store_walk(id, walk->second);
      if (std::ranges::find(writes, target) == writes.end()) writes.push_back(target);
    }
    for (const NodeId fold : group.folds) {
      nest.fold(fold);
      writes.push_back(fold);
    }
    if (writes.empty()) return;
    add(2 * group.phase, group.members.front(), nest.finish(), std::move(writes));
  }

  [[nodiscard]] Strided view(NodeId id) const { return view_of(graph_, phases_.is_view, id); }

  void require_f32(NodeId id, std::string_view what) const {
    if (graph_.type(id) != ElementType::f32)
      throw NoLowering(fmt::format("{} of {}", what, element_name(graph_.type(id))));
  }

  // Rows that lie one behind the other, as take and add_at want them.
  Region contiguous(NodeId id) const {
    const Strided walk = view(id);
    ASTROLABE_CHECK(is_contiguous(graph_.shape(id), walk.strides), "rows that phases made contiguous");
    return {walk.root, walk.offset};
  }

  void add_apart(NodeId id) {
    const int time = 2 * phases_.phase[id] + 1;
    switch (graph_[id].op) {
      case Op::dot:
        return add(time, id, dot_step(id), {id});
      case Op::bits:
        return add(time, id, bits_step(id), {id});
      case Op::take:
        return add(time, id, take_step(id), {id});
      case Op::add_at:
        return add(time, id, add_at_step(id), {id});
      case Op::pad:
        return add_pad(id, time);
      case Op::concat:
        return add_concat(id, time);
      case Op::convolve:
      case Op::convolve_input:
      case Op::convolve_filters:
        return add(time, id, convolve_step(id), {id});
      case Op::scan:
        return add(time, id, scan_step(id), {id});
      default:
        ASTROLABE_CHECK(false, "an operation that is a step of its own");
    }
  }

  DotStep dot_step(NodeId id) const {
    require_f32(id, "a product");
    const Shape& shape = graph_.shape(id);
    const std::size_t rank = shape.rank();
    const NodeId a = graph_.input_of(id, 0), b = graph_.input_of(id, 1);
    const bool swap_a = graph_[id].attributes.first[0] != 0, swap_b = graph_[id].attributes.first[1] != 0;
    const Strided walk_a = view(a), walk_b = view(b);
    DotStep step{.m = shape[rank - 2],
                 .n = shape[rank - 1],
                 .k = graph_.shape(a)[rank - (swap_a ? 2 : 1)],
                 .a = {walk_a.root, walk_a.offset},
                 .b = {walk_b.root, walk_b.offset},
                 .c = {id, 0}};
    step.a_row = walk_a.strides[rank - (swap_a ? 1 : 2)];
    step.a_column = walk_a.strides[rank - (swap_a ? 2 : 1)];
    step.b_row = walk_b.strides[rank - (swap_b ? 1 : 2)];
    step.b_column = walk_b.strides[rank - (swap_b ? 2 : 1)];
    step.c_row = static_cast<std::int64_t>(step.n);
    step.c_batch = static_cast<std::int64_t>(step.m * step.n);
    for (std::size_t axis = rank - 2; axis-- > 0;) {
      if (shape[axis] == 1) continue;
      const auto count = static_cast<std::int64_t>(step.batch);
      const bool is_first = step.batch == 1;
      if (is_first) {
        step.a_batch = walk_a.strides[axis];
        step.b_batch = walk_b.strides[axis];
      } else if (walk_a.strides[axis] != step.a_batch * count ||
                 walk_b.strides[axis] != step.b_batch * count) {
        throw NoLowering("a product over batch axes that are no single walk");
      }
      step.batch *= shape[axis];
    }
    return step;
  }

  RecurrenceStep scan_step(NodeId id) const {
    RecurrenceStep step = plan_recurrence(graph_, id);
    for (const NodeId input : graph_.inputs(id)) step.inputs.push_back(contiguous(input));
    step.out = step.scratch = {id, 0};
    return step;
  }

  ConvolveStep convolve_step(NodeId id) const {
    require_f32(id, "a convolution");
    const Op op = graph_[id].op;
    const NodeId a = graph_.input_of(id, 0), b = graph_.input_of(id, 1);
    const Shape& pictures = graph_.shape(op == Op::convolve_input ? id : a);
    const Shape& filters = graph_.shape(op == Op::convolve_filters ? id : b);
    const Shape& answers = graph_.shape(op == Op::convolve ? id : op == Op::convolve_input ? a : b);
    const auto size = [](const Shape& shape, std::size_t i) { return shape[shape.rank() - 4 + i]; };
    const ConvolveShape how = convolve_shape(graph_[id].attributes);
    ConvolveStep step{.op = op,
                      .n = size(pictures, 0),
                      .h = size(pictures, 1),
                      .w = size(pictures, 2),
                      .c = size(pictures, 3),
                      .kh = size(filters, 0),
                      .kw = size(filters, 1),
                      .f = size(filters, 3),
                      .oh = size(answers, 1),
                      .ow = size(answers, 2)};
    for (std::size_t i = 0; i < 2; ++i) {
      step.stride[i] = static_cast<std::size_t>(how.stride[i]);
      step.before[i] = static_cast<std::size_t>(how.before[i]);
    }
    for (std::size_t axis = 0; axis + 4 < pictures.rank(); ++axis) step.batch *= pictures[axis];
    const auto place = [&](NodeId input, Region& region, std::int64_t& batch) {
      const Strided walk = view(input);
      const auto stride = batch_stride(graph_.shape(input), walk.strides, 4);
      ASTROLABE_CHECK(stride.has_value(), "pictures that phases made contiguous");
      region = {walk.root, walk.offset};
      batch = *stride;
    };
    place(a, step.a, step.a_batch);
    place(b, step.b, step.b_batch);
    step.out = {id, 0};
    if (step.batch > 0)
      step.out_batch = static_cast<std::int64_t>(graph_.shape(id).element_count() / step.batch);
    return step;
  }

  BitsStep bits_step(NodeId id) const {
    const NodeId key = graph_.input_of(id, 0);
    const std::size_t keys = graph_.shape(key).element_count() / 2;
    return {.key = contiguous(key),
            .out = {id, 0},
            .batch = keys,
            .count = keys == 0 ? 0 : graph_.shape(id).element_count() / keys,
            .stream = static_cast<std::uint32_t>(graph_[id].attributes.value)};
  }

  TakeStep take_step(NodeId id) const {
    const NodeId table = graph_.input_of(id, 0), index = graph_.input_of(id, 1);
    const std::size_t rows = graph_.shape(table)[0];
    const std::size_t width = rows == 0 ? 0 : graph_.shape(table).element_count() / rows;
    return {.table = contiguous(table),
            .index = contiguous(index),
            .out = {id, 0},
            .table_rows = rows,
            .count = graph_.shape(index).element_count(),
            .row_elements = width,
            .row_bytes = width * element_bytes(graph_.type(id))};
  }

  AddAtStep add_at_step(NodeId id) const {
    require_f32(id, "rows added at an index");
    const NodeId rows = graph_.input_of(id, 0), index = graph_.input_of(id, 1);
    const std::size_t table_rows = graph_.shape(id)[0];
    return {.rows = contiguous(rows),
            .index = contiguous(index),
            .table = {id, 0},
            .table_rows = table_rows,
            .count = graph_.shape(index).element_count(),
            .row_elements = table_rows == 0 ? 0 : graph_.shape(id).element_count() / table_rows};
  }

  void add_pad(NodeId id, int time) {
    NestBuilder zero(graph_, phases_, graph_.shape(id), [](NodeId) { return false; });
    zero.store_zero(id);
    add(time, id, zero.finish(), {id});
    const std::vector<std::int64_t> strides = row_major(graph_.shape(id));
    Strided to{.root = id, .offset = 0, .strides = strides};
    for (std::size_t axis = 0; axis < strides.size(); ++axis)
      to.offset += graph_[id].attributes.first[axis] * strides[axis];
    const NodeId input = graph_.input_of(id, 0);
    NestBuilder inner(graph_, phases_, graph_.shape(input), [](NodeId) { return false; });
    inner.store_walk(input, to);
    add(time, id, inner.finish(), {id});
  }

  void add_concat(NodeId id, int time) {
    const auto axis = static_cast<std::size_t>(graph_[id].attributes.value);
    const auto within = parts_.within.find(id);
    Strided to = within != parts_.within.end()
                     ? within->second
                     : Strided{.root = id, .offset = 0, .strides = row_major(graph_.shape(id))};
    for (std::size_t i = 0; i < graph_[id].input_count; ++i) {
      const NodeId part = graph_.input_of(id, i);
      if (!parts_.is_placed.contains({id, i})) {
        NestBuilder copy(graph_, phases_, graph_.shape(part), [](NodeId) { return false; });
        copy.store_walk(part, to);
        add(time, id, copy.finish(), {to.root});
      }
      to.offset += static_cast<std::int64_t>(graph_.shape(part)[axis]) * to.strides[axis];
    }
  }

  const Graph& graph_;
  const Phases& phases_;
  Grouping grouping_;
  std::vector<Entry> entries_;
  ConcatParts parts_;
  OrderedSteps result_;
};

}  // namespace

OrderedSteps order_steps(const LowerRequest& request, const Phases& phases) {
  return StepOrder(request, phases).order();
}

}  // namespace astrolabe
