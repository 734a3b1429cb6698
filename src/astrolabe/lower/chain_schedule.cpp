// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/chain_schedule.h"

#include <algorithm>
#include <limits>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

}  // namespace

ChainPlanner::ChainPlanner(std::span<const ChainBlock> blocks, std::uint32_t most_slots)
    : blocks_(blocks.begin(), blocks.end()), count_(blocks.size()), slots_(most_slots) {
  ASTROLABE_CHECK(count_ > 0 && count_ < kRecord, "a chain that a table can hold");
  is_uniform_ = std::ranges::all_of(blocks, [&](const ChainBlock& block) { return block == blocks[0]; });
  run_until_.assign(count_ + 1, 0);
  for (std::size_t i = 0; i < count_; ++i) run_until_[i + 1] = run_until_[i] + blocks[i].forward;
  const std::size_t chains = is_uniform_ ? count_ + 1 : (count_ + 1) * (count_ + 1);
  cost_.assign(chains * (slots_ + 1), kNever);
  choice_.assign(chains * (slots_ + 1), kNone);
  for (std::size_t length = 1; length <= count_; ++length) {
    const std::size_t firsts = is_uniform_ ? 1 : count_ - length + 1;
    for (std::size_t first = 0; first < firsts; ++first) fill(first, first + length);
  }
}

std::optional<ChainPlan> ChainPlanner::plan(std::uint32_t slots) const {
  ASTROLABE_CHECK(slots <= slots_, "slots that the table has");
  const double cost = cost_[at(0, count_, slots)];
  if (cost == kNever) return std::nullopt;
  return ChainPlan{.cost = cost, .moves = moves(slots)};
}

// Not recursive: chains are long.
std::vector<ChainMove> ChainPlanner::moves(std::uint32_t slots) const {
  struct Task {
    bool is_chain;
    std::size_t first, last;
    std::uint32_t slots;
    ChainMove move;
  };
  std::vector<ChainMove> moves;
  std::vector<Task> todo = {{true, 0, count_, slots, {}}};
  const auto do_later = [&](ChainMove::Kind kind, std::size_t from, std::size_t to) {
    const ChainMove move{kind, static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to)};
    todo.push_back({false, 0, 0, 0, move});
  };
  while (!todo.empty()) {
    const Task task = todo.back();
    todo.pop_back();
    if (!task.is_chain) {
      moves.push_back(task.move);
      continue;
    }
    const std::size_t first = task.first, last = task.last;
    const std::uint32_t choice = choice_[at(first, last, task.slots)];
    do_later(ChainMove::Kind::back, first, first + 1);  // what is pushed first is done last
    if (last == first + 1) {
      do_later(ChainMove::Kind::record, first, first + 1);
    } else if (choice == kRecord) {
      todo.push_back({true, first + 1, last, task.slots - kept_by_record(first), {}});
      do_later(ChainMove::Kind::record, first, first + 1);
    } else {
      const std::size_t middle = first + choice;
      todo.back() = {true, first, middle, task.slots, {}};
      todo.push_back({true, middle, last, task.slots - blocks_[middle].input, {}});
      do_later(ChainMove::Kind::forward, first, middle);
    }
  }
  return moves;
}

std::size_t ChainPlanner::at(std::size_t first, std::size_t last, std::uint32_t slots) const {
  const std::size_t chain = is_uniform_ ? last - first : first * (count_ + 1) + last;
  return chain * (slots_ + 1) + slots;
}

std::uint32_t ChainPlanner::kept_by_record(std::size_t block) const {
  return blocks_[block].record + blocks_[block + 1].input;
}

void ChainPlanner::fill(std::size_t first, std::size_t last) {
  const ChainBlock& block = blocks_[first];
  const std::size_t here = at(first, last, 0);
  if (last == first + 1) {
    for (std::uint32_t slots = block.record; slots <= slots_; ++slots) cost_[here + slots] = block.again;
    return;
  }
  // Everything recorded by the first run.
  const std::uint32_t kept = kept_by_record(first);
  const std::size_t rest = at(first + 1, last, 0);
  for (std::uint32_t slots = kept; slots <= slots_; ++slots)
    take(here + slots, block.forward + cost_[rest + slots - kept], kRecord);
  // The input of a block in the middle kept, and the blocks before it run again later.
  for (std::size_t middle = first + 1; middle < last; ++middle) {
    const double run = run_until_[middle] - run_until_[first];
    const std::uint32_t input = blocks_[middle].input;
    const std::size_t left = at(first, middle, 0), right = at(middle, last, 0);
    const auto choice = static_cast<std::uint16_t>(middle - first);
    for (std::uint32_t slots = input; slots <= slots_; ++slots)
      take(here + slots, run + cost_[right + slots - input] + cost_[left + slots], choice);
  }
}

void ChainPlanner::take(std::size_t state, double cost, std::uint16_t choice) {
  const bool is_better = cost < cost_[state];
  cost_[state] = is_better ? cost : cost_[state];
  choice_[state] = is_better ? choice : choice_[state];
}

std::optional<ChainPlan> plan_chain(std::span<const ChainBlock> blocks, std::uint32_t slots) {
  return ChainPlanner(blocks, slots).plan(slots);
}

}  // namespace astrolabe
