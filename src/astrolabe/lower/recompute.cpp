// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/recompute.h"

#include <algorithm>
#include <map>
#include <type_traits>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/lower/chain_blocks.h"
#include "astrolabe/lower/eviction.h"
#include "astrolabe/lower/places.h"
#include "astrolabe/lower/prune_nest.h"
#include "astrolabe/lower/step_graph.h"
#include "astrolabe/lower/step_regions.h"
#include "astrolabe/tensor/buffer.h"

namespace astrolabe {
namespace {

constexpr int kHalvings = 5;              // of what is between a limit that is too low and one that is not
constexpr std::size_t kLongChain = 2048;  // steps
constexpr int kPlacings = 12;             // of schedules, each for less than the one before that did not fit
constexpr std::size_t kLeastShrinking = 64;  // of what is asked for: a part from placing to placing

// About how many cycles a step takes: only ratios matter.
double cost_of(const Step& step) {
  constexpr double kCall = 200, kProductsPerCycle = 24, kLanesPerCycle = 8;
  return std::visit(
      [](const auto& of_kind) {
        using Kind = std::remove_cvref_t<decltype(of_kind)>;
        if constexpr (std::is_same_v<Kind, NestStep>) {
          double elements = 1;
          for (const std::int64_t extent : of_kind.extents) elements *= static_cast<double>(extent);
          const auto work = static_cast<double>(of_kind.code.body.size() + of_kind.code.stores.size());
          return kCall + elements * work / kLanesPerCycle;
        } else if constexpr (std::is_same_v<Kind, DotStep>) {
          return kCall +
                 static_cast<double>(of_kind.m * of_kind.n * of_kind.k * of_kind.batch) / kProductsPerCycle;
        } else if constexpr (std::is_same_v<Kind, ConvolveStep>) {
          return kCall + static_cast<double>(of_kind.n * of_kind.oh * of_kind.ow * of_kind.f * of_kind.kh *
                                             of_kind.kw * of_kind.c * of_kind.batch) /
                             kProductsPerCycle;
        } else if constexpr (std::is_same_v<Kind, BitsStep>) {
          return kCall + 50 * static_cast<double>(of_kind.batch * of_kind.count);
        } else if constexpr (std::is_same_v<Kind, RecurrenceStep>) {
          double once = kCall;
          for (const Step& inner : of_kind.plan->steps) once += cost_of(inner);
          return once * static_cast<double>(of_kind.steps);
        } else {
          return kCall + static_cast<double>(of_kind.count * of_kind.row_elements) / 4;
        }
      },
      step);
}

// Steps between nodes as a StepGraph, and schedules of it as steps again.
class Translation {
 public:
  Translation(const LowerRequest& request, const Phases& phases, const OrderedSteps& steps, const Plan& plain)
      : request_(request), phases_(phases), steps_(steps) {
    for (const auto& inside : steps.inside) whole_of_[inside.part] = inside.whole;
    for (const PlanBuffer& buffer : plain.buffers) {
      if (buffer.place != Place::arena) continue;
      const std::size_t bytes = padded_bytes(buffer.elements * element_bytes(buffer.type));
      if (buffer.node == kNoNode)
        beside_ += bytes;
      else
        bytes_of_[buffer.node] = bytes;
    }
    find_fixed();
    for (std::size_t at = 0; at < steps.steps.size(); ++at) add_step(at);
  }

  [[nodiscard]] const StepGraph& graph() const { return graph_; }
  // Bytes of the arena that are no value's: saved states.
  [[nodiscard]] std::size_t beside() const { return beside_; }

  [[nodiscard]] OrderedSteps rewritten(std::span<const StepRun> runs) const {
    OrderedSteps result;
    result.inside = steps_.inside;
    std::vector<bool> has_run(steps_.steps.size(), false);
    std::map<NodeId, NodeId> name;  // of the newest copy, where it is not the node's own
    std::vector<bool> is_written(request_.graph.size(), false);
    for (const StepRun& run : runs) {
      Step step = steps_.steps[run.step];
      std::vector<NodeId> writes;  // nodes
      for (const NodeId node : steps_.writes[run.step])
        if (std::ranges::find(run.writes, value_of_.at(whole(node))) != run.writes.end())
          writes.push_back(node);
      const auto is_write = [&](const Region& region) {
        return std::ranges::find(writes, static_cast<NodeId>(region.buffer)) != writes.end();
      };
      if (writes.size() < steps_.writes[run.step].size())
        step = prune_nest(std::get<NestStep>(step), is_write);
      // Inputs by their newest names first, then new names for what is written.
      std::vector<NodeId> named = writes;
      for (NodeId& node : named) {
        if (is_written[node] && !graph_.values[value_of_.at(whole(node))].is_fixed) {
          result.copies.push_back(node);
          node = static_cast<NodeId>(request_.graph.size() + result.copies.size() - 1);
        } else {
          is_written[node] = true;
        }
      }
      for_each_region(step, [&](Region& region) {
        const auto node = static_cast<NodeId>(region.buffer);
        const auto written = std::ranges::find(writes, node);
        if (written != writes.end())
          region.buffer = named[static_cast<std::size_t>(written - writes.begin())];
        else if (const auto newest = name.find(node); newest != name.end())
          region.buffer = newest->second;
      });
      for (std::size_t i = 0; i < writes.size(); ++i) name[writes[i]] = named[i];
      result.steps.push_back(std::move(step));
      result.writes.push_back(std::move(named));
    }
    return result;
  }

 private:
  // The node in whose memory it lies.
  [[nodiscard]] NodeId whole(NodeId node) const {
    for (auto found = whole_of_.find(node); found != whole_of_.end(); found = whole_of_.find(node))
      node = found->second;
    return node;
  }

  // What lies where others look for it, and what several steps write together.
  void find_fixed() {
    is_fixed_.assign(request_.graph.size(), false);
    for (const NodeId output : request_.outputs) is_fixed_[output] = true;
    for (const auto& [state, next] : request_.updates) is_fixed_[next] = true;
    for (const auto& [part, of] : whole_of_) is_fixed_[part] = is_fixed_[of] = true;
    // An output may be a view of a value.
    for (NodeId id = 0; id < request_.graph.size(); ++id)
      if (is_fixed_[id] && phases_.roles[id] == NodeRole::view)
        is_fixed_[below_views(request_.graph, phases_, id)] = true;
    std::vector<int> writers(request_.graph.size(), 0);
    for (const std::vector<NodeId>& writes : steps_.writes)
      for (const NodeId node : writes) ++writers[node];
    for (NodeId id = 0; id < request_.graph.size(); ++id)
      if (writers[id] > 1) is_fixed_[id] = true;
  }

  std::uint32_t value(NodeId node) {
    node = whole(node);
    const auto [known, is_new] =
        value_of_.try_emplace(node, static_cast<std::uint32_t>(graph_.values.size()));
    if (is_new) {
      const auto bytes = bytes_of_.find(node);
      graph_.values.push_back({bytes == bytes_of_.end() ? 0 : bytes->second, is_fixed_[node]});
    }
    return known->second;
  }

  void add_step(std::size_t at) {
    StepGraph::Step added{.reads = {}, .writes = {}, .cost = cost_of(steps_.steps[at])};
    const auto add_once = [](std::vector<std::uint32_t>& values, std::uint32_t value) {
      if (std::ranges::find(values, value) == values.end()) values.push_back(value);
    };
    for (const NodeId node : steps_.writes[at]) add_once(added.writes, value(node));
    for_each_region(steps_.steps[at], [&](const Region& region) {
      const auto node = static_cast<NodeId>(region.buffer);
      if (phases_.roles[node] == NodeRole::leaf) return;
      const std::uint32_t read = value(node);
      if (std::ranges::find(added.writes, read) == added.writes.end()) add_once(added.reads, read);
    });
    graph_.steps.push_back(std::move(added));
  }

  const LowerRequest& request_;
  const Phases& phases_;
  const OrderedSteps& steps_;
  StepGraph graph_;
  std::map<NodeId, NodeId> whole_of_;
  std::map<NodeId, std::size_t> bytes_of_;
  std::map<NodeId, std::uint32_t> value_of_;
  std::vector<bool> is_fixed_;
  std::size_t beside_ = 0;
};

// The cheaper of two ways. For long chains of equal blocks there is but one: the other takes long, and would
// not find better.
class Search {
 public:
  Search(const StepGraph& graph, std::size_t most) : graph_(graph), chain_(graph, most) {}

  [[nodiscard]] std::optional<std::vector<StepRun>> find(std::size_t limit) const {
    std::optional<Schedule> best = chain_.find(limit);
    if (best) best = without_spare_runs(graph_, std::move(*best), limit);
    const bool is_settled = best && chain_.is_uniform() && graph_.steps.size() > kLongChain;
    if (!is_settled) {
      std::optional<Schedule> other = search_by_eviction(graph_, limit);
      if (other && (!best || cost(*other) < cost(*best))) best = std::move(other);
    }
    if (!best) return std::nullopt;
    return needed_runs(graph_, *best);
  }

  // About the least bytes for which there is an answer.
  [[nodiscard]] std::size_t least_found(std::size_t fails, std::size_t fits) const {
    for (int halving = 0; halving < kHalvings; ++halving) {
      const std::size_t middle = fails + (fits - fails) / 2;
      (find(middle) ? fits : fails) = middle;
    }
    return fits;
  }

 private:
  [[nodiscard]] double cost(const Schedule& schedule) const {
    return measure(graph_, needed_runs(graph_, schedule)).cost;
  }

  const StepGraph& graph_;
  ChainSearch chain_;
};

LimitTooLow too_little(std::size_t limit, std::size_t least, std::string_view why) {
  return {ErrorKind::usage,
          {.attempted = "fitting a program into a memory limit",
           .expected = fmt::format("at least {} bytes for its arena: {}", least, why),
           .found = fmt::format("{}", limit),
           .remedy = "Allow more memory, or make the batch smaller."}};
}

// Products and convolutions that run more than once.
std::size_t layers_again(const OrderedSteps& steps, std::span<const StepRun> runs) {
  std::vector<int> times(steps.steps.size(), 0);
  for (const StepRun& run : runs) ++times[run.step];
  std::size_t layers = 0;
  for (std::size_t at = 0; at < times.size(); ++at) {
    const Step& step = steps.steps[at];
    const bool is_layer = std::holds_alternative<DotStep>(step) || std::holds_alternative<ConvolveStep>(step);
    layers += is_layer && times[at] > 1 ? 1 : 0;
  }
  return layers;
}

}  // namespace

Plan recompute_within_limit(const LowerRequest& request, const Phases& phases, const OrderedSteps& steps,
                            const Plan& plain) {
  const Translation translation(request, phases, steps, plain);
  const StepGraph& graph = translation.graph();
  const std::size_t limit = request.memory_limit;
  const std::size_t least = least_bytes(graph) + translation.beside();
  if (limit < least) throw too_little(limit, least, "what one step touches beside what must stay");
  const double plain_cost = measure(graph, needed_runs(graph, plain_schedule(graph))).cost;
  std::size_t target = limit - translation.beside(), found = SIZE_MAX;
  const Search search(graph, target);
  for (int placing = 0; placing < kPlacings; ++placing) {
    const auto runs = search.find(target);
    if (!runs) break;
    Plan plan = place_steps(request, phases, translation.rewritten(*runs));
    found = std::min(found, plan.arena_bytes);
    if (plan.arena_bytes <= limit) {
      const ScheduleFigures figures = measure(graph, *runs);
      plan.recomputation = {.plain_arena_bytes = plain.arena_bytes,
                            .steps_again = figures.again,
                            .layers = layers_again(steps, *runs),
                            .extra_work = figures.cost / plain_cost - 1};
      return plan;
    }
    // Gaps between buffers: they go when less lives.
    const std::size_t gap = std::max(plan.arena_bytes - limit, limit / kLeastShrinking);
    if (gap >= target) break;
    target -= gap;
  }
  const std::size_t plain_target = plain.arena_bytes - translation.beside();
  if (found == SIZE_MAX)
    found = translation.beside() + Search(graph, plain_target).least_found(target, plain_target);
  throw too_little(
      limit, found,
      fmt::format("no way that does with less was found, and none does with less than {}", least));
}

}  // namespace astrolabe
