// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/places.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "astrolabe/base/error.h"
#include "astrolabe/lower/in_place.h"
#include "astrolabe/lower/memory_plan.h"
#include "astrolabe/lower/nest_builder.h"
#include "astrolabe/lower/picture_runs.h"
#include "astrolabe/lower/step_regions.h"

namespace astrolabe {
namespace {

// Greed reaches the lower bound nearly always; a search of some milliseconds has to gain more than a
// fiftieth.
constexpr PlanningEffort kArenaEffort{.most_steps = 5'000, .least_gain = 0.02};

class Placer {
 public:
  Placer(const LowerRequest& request, const Phases& phases, OrderedSteps steps)
      : graph_(request.graph), request_(request), phases_(phases), steps_(std::move(steps)) {
    for (const auto& inside : steps_.inside) inside_[inside.part] = inside;
    for (std::size_t at = 0; at < steps_.steps.size(); ++at) {
      for (const NodeId node : steps_.writes[at]) writer_of_.try_emplace(node, at);
      for_each_region(steps_.steps[at],
                      [&](const Region& region) { last_touch_[static_cast<NodeId>(region.buffer)] = at; });
    }
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
    const auto target = static_cast<NodeId>(graph_.size() + steps_.copies.size() + targets_++);
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
    const auto found = writer_of_.find(next);
    ASTROLABE_CHECK(found != writer_of_.end(), "somebody computes a new state");
    const std::size_t writer = found->second;
    const auto last = last_touch_.find(state);
    if (last != last_touch_.end() && last->second > writer) return false;
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
    const NodeId node = id < graph_.size() ? id : steps_.copies[id - graph_.size()];
    buffer_of_[id] = add_buffer(Place::arena, 0, graph_.type(node), graph_.shape(node).element_count());
    plan_.buffers.back().node = node;
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
    const std::vector<std::size_t> lies_at = find_in_place(plan_.buffers, steps_.steps);
    // Within a limit of memory, steps are chosen by what lives beside them: one at a time. Threads would wait
    // for each other at every step of every chunk.
    if (request_.memory_limit == 0 && request_.threads == 1)
      plan_.runs = find_picture_runs(steps_.steps, plan_.buffers, lies_at);
    std::vector<Lifetime> lifetimes;
    std::vector<std::size_t> lifetime_of(plan_.buffers.size());
    const auto end_of = [](const PlanBuffer& buffer) {
      return static_cast<std::int64_t>(buffer.last_step) + 1;
    };
    for (std::size_t i = 0; i < plan_.buffers.size(); ++i) {
      const PlanBuffer& buffer = plan_.buffers[i];
      if (buffer.place != Place::arena || lies_at[i] != i) continue;
      lifetime_of[i] = lifetimes.size();
      lifetimes.push_back({.bytes = buffer.elements / buffer.chunks * element_bytes(buffer.type),
                           .lower = static_cast<std::int64_t>(buffer.first_step),
                           .upper = end_of(buffer)});
    }
    for (std::size_t i = 0; i < plan_.buffers.size(); ++i) {
      if (plan_.buffers[i].place != Place::arena) continue;
      lifetime_of[i] = lifetime_of[lies_at[i]];
      Lifetime& shared = lifetimes[lifetime_of[i]];
      shared.upper = std::max(shared.upper, end_of(plan_.buffers[i]));
    }
    extend_over_runs(lifetimes);
    const MemoryPlan memory = plan_memory(lifetimes, kArenaEffort);
    for (std::size_t i = 0; i < plan_.buffers.size(); ++i)
      if (plan_.buffers[i].place == Place::arena) plan_.buffers[i].offset = memory.offsets[lifetime_of[i]];
    plan_.arena_bytes = memory.bytes;
    plan_.arena_lower_bound = memory.lower_bound;
  }

  // The steps of a run take turns: what one of them touches lives through all of it.
  void extend_over_runs(std::vector<Lifetime>& lifetimes) const {
    for (const PictureRun& run : plan_.runs) {
      const auto begin = static_cast<std::int64_t>(run.first);
      const auto end = static_cast<std::int64_t>(run.first + run.count);
      for (Lifetime& lifetime : lifetimes) {
        if (lifetime.upper <= begin || lifetime.lower >= end) continue;
        lifetime.lower = std::min(lifetime.lower, begin);
        lifetime.upper = std::max(lifetime.upper, end);
      }
    }
  }

  const Graph& graph_;
  const LowerRequest& request_;
  const Phases& phases_;
  OrderedSteps steps_;
  Plan plan_;
  std::map<NodeId, std::size_t> buffer_of_;
  std::map<NodeId, OrderedSteps::Inside> inside_;
  std::unordered_map<NodeId, std::size_t> writer_of_, last_touch_;  // steps: the first, the last
  std::set<std::size_t> touched_;
  std::vector<Step> first_, last_;
  std::size_t targets_ = 0;
};

}  // namespace

Plan place_steps(const LowerRequest& request, const Phases& phases, OrderedSteps steps) {
  return Placer(request, phases, std::move(steps)).place();
}

}  // namespace astrolabe
