// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/places.h"

#include <algorithm>
#include <map>
#include <set>

#include "astrolabe/base/error.h"
#include "astrolabe/lower/memory_plan.h"
#include "astrolabe/lower/nest_builder.h"
#include "astrolabe/lower/step_regions.h"

namespace astrolabe {
namespace {

class Placer {
 public:
  Placer(const LowerRequest& request, const Phases& phases, OrderedSteps steps)
      : graph_(request.graph), request_(request), phases_(phases), steps_(std::move(steps)) {
    for (const auto& inside : steps_.inside) inside_[inside.part] = inside;
  }

  Plan place() {
    add_leaf_buffers();
    update_states();
    fill_outputs();
    steps_.steps.insert(steps_.steps.begin(), first_.begin(), first_.end());
    steps_.steps.insert(steps_.steps.end(), last_.begin(), last_.end());
    add_scratch();
    resolve_regions();
    plan_arena();
    plan_.steps = std::move(steps_.steps);
    return std::move(plan_);
  }

 private:
  std::size_t add_buffer(Place place, std::size_t slot, ElementType type, std::size_t elements) {
    plan_.buffers.push_back({.place = place, .slot = slot, .type = type, .elements = elements});
    return plan_.buffers.size() - 1;
  }

  void add_leaf_buffers() {
    for (const NodeId id : phases_.order)
      if (is_slot(graph_[id].op)) add_slot_buffer(id);
  }

  void add_slot_buffer(NodeId id) {
    const Node& node = graph_[id];
    const Place place = node.op == Op::input   ? Place::input
                        : node.op == Op::state ? Place::state
                                               : Place::scalar;
    buffer_of_[id] = add_buffer(place, node.slot(), node.type, node.shape.element_count());
  }

  [[nodiscard]] NodeId root_of(NodeId id) const { return below_views(graph_, phases_, id); }

  [[nodiscard]] bool has_memory(NodeId id) const {
    return phases_.is_stored[id] && phases_.roles[id] != NodeRole::leaf;
  }

  NestStep copy_step(NodeId value, NodeId target) const {
    NestBuilder nest(graph_, phases_, graph_.shape(value), [](NodeId) { return false; });
    nest.store(value, target);
    return nest.finish();
  }

  // Targets of copies are no nodes of the graph: ids from its end on, each with a buffer.
  NodeId new_target(std::size_t buffer) {
    const auto target = static_cast<NodeId>(graph_.size() + targets_++);
    buffer_of_[target] = buffer;
    return target;
  }

  void update_states() {
    for (const auto& [state, next] : request_.updates) {
      if (!buffer_of_.contains(state)) add_slot_buffer(state);
      if (next == state) continue;
      const NodeId root = root_of(next);
      if (phases_.roles[root] == NodeRole::leaf && graph_[root].op == Op::state) {
        // Another state's old value: saved before anything changes.
        const NodeId saved =
            new_target(add_buffer(Place::arena, 0, graph_.type(next), graph_.shape(next).element_count()));
        first_.emplace_back(copy_step(next, saved));
        last_.emplace_back(copy_whole(saved, state));
      } else if (is_safe_in_place(state, next)) {
        buffer_of_[next] = buffer_of_[state];
      } else {
        last_.emplace_back(copy_step(next, new_target(buffer_of_[state])));
      }
    }
  }

  // All of one node's memory into another's.
  [[nodiscard]] NestStep copy_whole(NodeId from, NodeId to) const {
    const PlanBuffer& buffer = plan_.buffers[buffer_of_.at(to)];
    NestAccess walk{.type = buffer.type, .strides = {}};
    walk.strides[0] = Stride::one;
    NestStep step;
    step.code.accesses = {walk, walk};
    step.code.body = {
        {.kind = NestOp::load, .op = Op::input, .type = buffer.type, .operands = {}, .value = 0}};
    step.code.stores = {{.value = 0, .access = 1}};
    step.extents = {static_cast<std::int64_t>(buffer.elements)};
    step.strides = {1, 1};
    step.regions = {{from, 0}, {to, 0}};
    return step;
  }

  // Whether `next` may be written where `state` lies: it is computed by a nest that reads the old value, if
  // at all, element by element, and nobody reads the old value afterwards.
  [[nodiscard]] bool is_safe_in_place(NodeId state, NodeId next) const {
    if (!has_memory(next) || phases_.roles[next] != NodeRole::nest || buffer_of_.contains(next) ||
        inside_.contains(next))
      return false;
    std::size_t writer = 0;
    while (writer < steps_.writes.size() &&
           std::ranges::find(steps_.writes[writer], next) == steps_.writes[writer].end())
      ++writer;
    ASTROLABE_CHECK(writer < steps_.writes.size(), "somebody computes a new state");
    for (std::size_t later = writer + 1; later < steps_.steps.size(); ++later) {
      bool reads_state = false;
      for_each_region(steps_.steps[later],
                      [&](const Region& region) { reads_state |= region.buffer == state; });
      if (reads_state) return false;
    }
    const auto* nest = std::get_if<NestStep>(&steps_.steps[writer]);
    if (nest == nullptr) return false;
    std::optional<std::size_t> store;
    for (const NestStore& candidate : nest->code.stores)
      if (nest->regions[candidate.access].buffer == next) store = candidate.access;
    if (!store) return false;
    for (std::size_t access = 0; access < nest->regions.size(); ++access)
      if (nest->regions[access].buffer == state && !is_same_walk(*nest, access, *store)) return false;
    return true;
  }

  static bool is_same_walk(const NestStep& nest, std::size_t a, std::size_t b) {
    const std::size_t loops = nest.code.loops;
    return nest.regions[a].offset == nest.regions[b].offset &&
           std::equal(nest.strides.begin() + static_cast<std::ptrdiff_t>(a * loops),
                      nest.strides.begin() + static_cast<std::ptrdiff_t>((a + 1) * loops),
                      nest.strides.begin() + static_cast<std::ptrdiff_t>(b * loops));
  }

  void fill_outputs() {
    for (std::size_t i = 0; i < request_.outputs.size(); ++i) {
      const NodeId id = request_.outputs[i];
      const std::size_t buffer =
          add_buffer(Place::output, i, graph_.type(id), graph_.shape(id).element_count());
      if (has_memory(id) && !buffer_of_.contains(id) && !inside_.contains(id)) {
        buffer_of_[id] = buffer;
      } else if (phases_.roles[root_of(id)] == NodeRole::leaf) {
        first_.emplace_back(copy_step(id, new_target(buffer)));
      } else {
        last_.emplace_back(copy_step(id, new_target(buffer)));
      }
    }
  }

  // Where a node lies: its buffer, or an offset inside another node's.
  Region region_of(NodeId id) {
    if (const auto found = buffer_of_.find(id); found != buffer_of_.end()) return {found->second, 0};
    if (const auto found = inside_.find(id); found != inside_.end()) {
      Region whole = region_of(found->second.whole);
      whole.offset += found->second.offset;
      return whole;
    }
    buffer_of_[id] = add_buffer(Place::arena, 0, graph_.type(id), graph_.shape(id).element_count());
    return {buffer_of_[id], 0};
  }

  void add_scratch() {
    for (Step& step : steps_.steps)
      if (auto* scan = std::get_if<RecurrenceStep>(&step))
        scan->scratch = {
            new_target(add_buffer(Place::arena, 0, ElementType::boolean, scan->plan->arena_bytes)), 0};
  }

  void resolve_regions() {
    for (std::size_t at = 0; at < steps_.steps.size(); ++at) {
      for_each_region(steps_.steps[at], [&](Region& region) {
        const Region place = region_of(static_cast<NodeId>(region.buffer));
        region = {place.buffer, place.offset + region.offset};
        PlanBuffer& buffer = plan_.buffers[region.buffer];
        if (!touched_.contains(region.buffer)) buffer.first_step = at;
        touched_.insert(region.buffer);
        buffer.last_step = at;
      });
    }
  }

  void plan_arena() {
    std::vector<Lifetime> lifetimes;
    std::vector<std::size_t> which;
    for (std::size_t i = 0; i < plan_.buffers.size(); ++i) {
      const PlanBuffer& buffer = plan_.buffers[i];
      if (buffer.place != Place::arena) continue;
      lifetimes.push_back(
          {buffer.elements * element_bytes(buffer.type), buffer.first_step, buffer.last_step});
      which.push_back(i);
    }
    const MemoryPlan memory = plan_memory(lifetimes);
    for (std::size_t i = 0; i < which.size(); ++i) plan_.buffers[which[i]].offset = memory.offsets[i];
    plan_.arena_bytes = memory.bytes;
    plan_.arena_lower_bound = memory.lower_bound;
  }

  const Graph& graph_;
  const LowerRequest& request_;
  const Phases& phases_;
  OrderedSteps steps_;
  Plan plan_;
  std::map<NodeId, std::size_t> buffer_of_;
  std::map<NodeId, OrderedSteps::Inside> inside_;
  std::set<std::size_t> touched_;
  std::vector<Step> first_, last_;
  std::size_t targets_ = 0;
};

}  // namespace

Plan place_steps(const LowerRequest& request, const Phases& phases, OrderedSteps steps) {
  return Placer(request, phases, std::move(steps)).place();
}

}  // namespace astrolabe
