// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/chain_blocks.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>
#include <vector>

#include "astrolabe/lower/chain_schedule.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMostOtherBlocks = 128;  // that are not all alike
constexpr double kTableWork = 4e8, kTableSize = 4e6, kLeastSlots = 64;
constexpr std::size_t kFewBlocks = 64;  // whose table counts finely enough
constexpr double kAlike = 0.8;          // the share of blocks that makes a chain one of equal blocks
constexpr std::uint32_t kNone = UINT32_MAX;

// A program as a chain of blocks of steps.
class Chain {
 public:
  // Blocks of so many blocks as they are found.
  Chain(const StepGraph& graph, std::size_t joined) : graph_(graph), writer_(graph.values.size(), kNone) {
    for (std::uint32_t step = 0; step < graph.steps.size(); ++step)
      for (const std::uint32_t value : graph.steps[step].writes) writer_[value] = step;
    find_turn();
    find_last_reads();
    find_cuts();
    while (blocks() > kMostOtherBlocks && !are_alike()) thin_cuts(2);
    if (joined > 1) thin_cuts(joined);
    assign_way_back();
  }

  [[nodiscard]] std::size_t blocks() const { return cuts_.size() - 1; }

  // Bytes, costs and sizes of the blocks, all of them alike where most are.
  struct Block {
    std::size_t input = 0, record = 0;
    double cost = 0;
  };
  [[nodiscard]] std::vector<Block> measured() const {
    std::vector<Block> all(blocks());
    for (std::uint32_t step = 0; step < cuts_.back(); ++step) {
      const std::size_t block = block_of(step);
      all[block].cost += graph_.steps[step].cost;
      for (const std::uint32_t value : graph_.steps[step].writes) {
        if (graph_.values[value].is_fixed) continue;
        const std::size_t bytes = graph_.values[value].bytes;
        if (crosses(value, block))
          all[block + 1].input += bytes;
        else if (last_read_[value] >= cuts_.back())
          all[block].record += bytes;
      }
    }
    return all;
  }

  [[nodiscard]] bool are_alike() const {
    const std::vector<Block> all = measured();
    return static_cast<double>(commonest(all).second) >= kAlike * static_cast<double>(all.size());
  }

  // The size that most blocks have, and how many.
  static std::pair<Block, std::size_t> commonest(const std::vector<Block>& all) {
    std::map<std::pair<std::size_t, std::size_t>, std::pair<std::size_t, double>> counts;
    for (const Block& block : all) {
      auto& [count, cost] = counts[{block.input, block.record}];
      ++count;
      cost += block.cost;
    }
    const auto most =
        std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second.first; });
    const auto [count, cost] = most->second;
    return {{most->first.first, most->first.second, cost / static_cast<double>(count)}, count};
  }

  [[nodiscard]] Schedule follow(std::span<const ChainMove> moves) const {
    Schedule schedule;
    std::vector<bool> has_run(graph_.steps.size(), false);
    const auto run = [&](std::uint32_t step) {
      if (has_run[step] && !graph_.can_run_again(step)) return;
      has_run[step] = true;
      schedule.push_back(step);
    };
    for (const ChainMove& move : moves) {
      if (move.kind == ChainMove::Kind::back)
        std::ranges::for_each(way_back_[move.from], run);
      else
        for (std::uint32_t step = cuts_[move.from]; step < cuts_[move.to]; ++step) run(step);
    }
    return schedule;
  }

 private:
  // Where most lives that could be computed again.
  void find_turn() {
    const std::size_t count = graph_.steps.size();
    std::vector<std::size_t> last(graph_.values.size(), 0);
    for (std::uint32_t step = 0; step < count; ++step)
      for (const std::uint32_t value : graph_.steps[step].reads) last[value] = step;
    std::size_t live = 0, most = 0;
    for (std::uint32_t step = 0; step < count; ++step) {
      for (const std::uint32_t value : graph_.steps[step].writes)
        if (!graph_.values[value].is_fixed) live += graph_.values[value].bytes;
      if (live > most) {
        most = live;
        turn_ = step + 1;
      }
      for (const std::uint32_t value : graph_.steps[step].reads)
        if (!graph_.values[value].is_fixed && writer_[value] != kNone && last[value] == step)
          live -= graph_.values[value].bytes;
      for (const std::uint32_t value : graph_.steps[step].writes)
        if (!graph_.values[value].is_fixed && last[value] <= step) live -= graph_.values[value].bytes;
    }
  }

  void find_last_reads() {
    last_read_.assign(graph_.values.size(), 0);
    last_forward_read_.assign(graph_.values.size(), 0);
    for (std::uint32_t step = 0; step < graph_.steps.size(); ++step)
      for (const std::uint32_t value : graph_.steps[step].reads) {
        last_read_[value] = step;
        if (step < turn_) last_forward_read_[value] = step;
      }
  }

  // Cuts lie where no neighbour lets less pass.
  void find_cuts() {
    std::vector<std::size_t> begins(turn_ + 2, 0), ends(turn_ + 2, 0), passing(turn_ + 1, 0);
    for (std::size_t value = 0; value < graph_.values.size(); ++value) {
      const std::uint32_t writer = writer_[value];
      if (graph_.values[value].is_fixed || writer == kNone || writer >= turn_) continue;
      if (last_forward_read_[value] <= writer) continue;
      begins[writer + 1] += graph_.values[value].bytes;  // passes the cuts (writer, last read]
      ends[last_forward_read_[value] + 1] += graph_.values[value].bytes;
    }
    std::size_t live = 0;
    for (std::size_t cut = 0; cut <= turn_; ++cut) {
      live += begins[cut];
      live -= ends[cut];
      passing[cut] = live;
    }
    cuts_ = {0};
    for (std::uint32_t cut = 1; cut < turn_; ++cut)
      if (passing[cut] <= passing[cut - 1] && passing[cut] <= passing[cut + 1]) cuts_.push_back(cut);
    cuts_.push_back(turn_);
  }

  // From the end, so that the blocks joined there are whole: the first ones are often others.
  void thin_cuts(std::size_t joined) {
    std::vector<std::uint32_t> kept = {cuts_.front()};
    for (std::size_t i = (cuts_.size() - 1) % joined; i < cuts_.size(); i += joined)
      if (cuts_[i] > kept.back()) kept.push_back(cuts_[i]);
    cuts_ = std::move(kept);
  }

  [[nodiscard]] std::size_t block_of(std::uint32_t step) const {
    return static_cast<std::size_t>(std::ranges::upper_bound(cuts_, step) - cuts_.begin()) - 1;
  }

  // Whether a value written in a block is read in a later one on the way forwards.
  [[nodiscard]] bool crosses(std::uint32_t value, std::size_t block) const {
    return block + 1 < blocks() && last_forward_read_[value] >= cuts_[block + 1];
  }

  void assign_way_back() {
    way_back_.assign(blocks(), {});
    std::size_t group = blocks() - 1;
    for (std::uint32_t step = turn_; step < graph_.steps.size(); ++step) {
      for (const std::uint32_t value : graph_.steps[step].reads) {
        const std::uint32_t writer = writer_[value];
        if (graph_.values[value].is_fixed || writer == kNone || writer >= turn_) continue;
        const std::size_t block = block_of(writer);
        group = std::min(group, crosses(value, block) ? block + 1 : block);
      }
      way_back_[group].push_back(step);
    }
  }

  const StepGraph& graph_;
  std::vector<std::uint32_t> writer_;
  std::uint32_t turn_ = 0;
  std::vector<std::uint32_t> last_read_, last_forward_read_;
  std::vector<std::uint32_t> cuts_;
  std::vector<std::vector<std::uint32_t>> way_back_;
};

// The largest unit of which all sizes are whole numbers.
std::size_t exact_unit(std::span<const Chain::Block> blocks) {
  std::size_t unit = 0;
  for (const Chain::Block& block : blocks) unit = std::gcd(unit, std::gcd(block.input, block.record));
  return std::max<std::size_t>(unit, 1);
}

// Slots of a table that is filled in about half a second.
std::size_t most_slots(std::size_t blocks, bool is_uniform) {
  const auto n = static_cast<double>(blocks);
  const double slots =
      is_uniform ? kTableWork / (n * n) : std::min(kTableWork / (n * n * n), kTableSize / (n * n));
  return static_cast<std::size_t>(std::clamp(slots, kLeastSlots, kTableSize / n));
}

// A chain in blocks of some size, with its table.
struct Variant {
  Variant(const StepGraph& graph, std::size_t joined, std::size_t most_bytes) : chain(graph, joined) {
    std::vector<Chain::Block> measured = chain.measured();
    is_uniform = chain.are_alike();
    if (is_uniform) std::ranges::fill(measured, Chain::commonest(measured).first);
    const std::size_t exact = exact_unit(measured);
    unit = std::max(exact, most_bytes / most_slots(measured.size(), is_uniform) + 1);
    is_exact = unit == exact;
    most = static_cast<std::uint32_t>(most_bytes / unit);
    std::vector<ChainBlock> blocks;
    for (const Chain::Block& block : measured)
      blocks.push_back({.forward = block.cost,
                        .again = block.cost,
                        .input = static_cast<std::uint32_t>((block.input + unit - 1) / unit),
                        .record = static_cast<std::uint32_t>((block.record + unit - 1) / unit)});
    if (blocks.size() > 1) planner.emplace(blocks, most);
  }

  // What else lives takes some of the slots: the most that are left, which the peak shows.
  [[nodiscard]] std::optional<Schedule> find(const StepGraph& graph, std::size_t limit) const {
    std::uint32_t fits = 0, fails = std::min(most, static_cast<std::uint32_t>(limit / unit)) + 1;
    std::optional<Schedule> best;
    for (std::uint32_t slots = fails - 1; planner && fails - fits > 1; slots = fits + (fails - fits) / 2) {
      const std::optional<ChainPlan> plan = planner->plan(slots);
      if (!plan) {
        fits = slots;  // too few for the chain itself: more may do
        continue;
      }
      Schedule schedule = chain.follow(plan->moves);
      if (measure(graph, needed_runs(graph, schedule)).peak > limit) {
        fails = slots;
      } else {
        fits = slots;
        best = std::move(schedule);
      }
    }
    return best;
  }

  Chain chain;
  bool is_uniform = false, is_exact = false;
  std::size_t unit = 1;
  std::uint32_t most = 0;
  std::optional<ChainPlanner> planner = {};
};

}  // namespace

struct ChainSearch::Parts {
  const StepGraph& graph;
  std::vector<Variant> variants = {};
};

ChainSearch::ChainSearch(const StepGraph& graph, std::size_t most) : parts_(std::make_unique<Parts>(graph)) {
  if (graph.steps.empty()) return;
  // Where a table cannot count bytes exactly, one of longer blocks may.
  for (std::size_t joined = 1;; joined *= 4) {
    const Variant& variant = parts_->variants.emplace_back(graph, joined, most);
    if (variant.is_exact || variant.chain.blocks() < kFewBlocks) return;
  }
}

ChainSearch::~ChainSearch() = default;

bool ChainSearch::is_uniform() const {
  return !parts_->variants.empty() && parts_->variants[0].planner && parts_->variants[0].is_uniform;
}

std::optional<Schedule> ChainSearch::find(std::size_t limit) const {
  std::optional<Schedule> best;
  double least = 0;
  for (const Variant& variant : parts_->variants) {
    std::optional<Schedule> found = variant.find(parts_->graph, limit);
    if (!found) continue;
    const double cost = measure(parts_->graph, needed_runs(parts_->graph, *found)).cost;
    if (best && cost >= least) continue;
    least = cost;
    best = std::move(found);
  }
  return best;
}

}  // namespace astrolabe
