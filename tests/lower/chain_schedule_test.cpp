// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/chain_schedule.h"

#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "astrolabe/base/random.h"

namespace astrolabe {
namespace {

double revolve_forwards(std::size_t blocks, std::uint32_t slots) {
  return plan_chain(std::vector<ChainBlock>(blocks), slots)->cost;
}

// What an obedient machine sees: inputs and records that it keeps, what it has computed, what it holds at
// most. Whoever wants an input or a record that is not there ends the run.
struct Replay {
  double cost = 0;
  std::uint32_t most = 0;
  bool is_sound = true;
  std::size_t backs = 0;
};

Replay replay(std::span<const ChainBlock> blocks, std::span<const ChainMove> moves) {
  Replay result;
  std::set<std::uint32_t> inputs = {0}, records;
  std::uint32_t next_back = static_cast<std::uint32_t>(blocks.size());
  const auto held = [&] {
    std::uint32_t slots = 0;
    for (const std::uint32_t block : inputs) slots += block == 0 ? 0 : blocks[block].input;
    for (const std::uint32_t block : records) slots += blocks[block].record;
    result.most = std::max(result.most, slots);
  };
  for (std::size_t i = 0; i < moves.size(); ++i) {
    const ChainMove& move = moves[i];
    if (move.kind == ChainMove::Kind::back) {
      result.is_sound &= move.from + 1 == next_back && inputs.contains(move.from) &&
                         (blocks[move.from].record == 0 || records.contains(move.from));
      next_back = move.from;
      inputs.erase(move.from);
      records.erase(move.from);
      ++result.backs;
      continue;
    }
    result.is_sound &= inputs.contains(move.from);
    const bool is_last = move.kind == ChainMove::Kind::record && move.to == next_back;
    for (std::uint32_t block = move.from; block < move.to; ++block)
      result.cost += is_last ? blocks[block].again : blocks[block].forward;
    if (move.kind == ChainMove::Kind::record) records.insert(move.from);
    if (move.to < next_back) inputs.insert(move.to);
    held();
  }
  return result;
}

TEST(ChainSchedule, of_equal_blocks_is_revolves_optimum) {
  EXPECT_EQ(revolve_forwards(10, 2), 20);
  EXPECT_EQ(revolve_forwards(10, 4), 14);
  EXPECT_EQ(revolve_forwards(100, 5), 316);
  EXPECT_EQ(revolve_forwards(1000, 10), 3636);
  EXPECT_EQ(revolve_forwards(1000, 32), 2405);
  EXPECT_EQ(revolve_forwards(1024, 64), 1982);
}

TEST(ChainSchedule, in_one_slot_runs_from_the_beginning_for_every_block) {
  for (const std::size_t blocks : {1, 2, 7, 30})
    EXPECT_EQ(revolve_forwards(blocks, 1), static_cast<double>(blocks * (blocks - 1)) / 2);
}

TEST(ChainSchedule, with_room_for_all_runs_every_block_once) {
  const std::vector<ChainBlock> blocks(9, {.forward = 2, .again = 2, .input = 1, .record = 1});
  const auto plan = plan_chain(blocks, 17);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->cost, 18);
  EXPECT_EQ(std::ranges::count(plan->moves, ChainMove::Kind::forward, &ChainMove::kind), 0);
}

TEST(ChainSchedule, of_too_few_slots_is_none) {
  EXPECT_FALSE(plan_chain(std::vector<ChainBlock>(3), 0));
  EXPECT_TRUE(plan_chain(std::vector<ChainBlock>(3), 1));
  EXPECT_FALSE(plan_chain(std::vector<ChainBlock>(3, {.input = 2, .record = 3}), 4));
  EXPECT_TRUE(plan_chain(std::vector<ChainBlock>(3, {.input = 2, .record = 3}), 5));
}

// The cheapest way over everything that a machine may do that keeps what it once kept until the way back has
// passed, and no record without its input (as the recurrence wants it), by Dijkstra's search: the oracle.
double best_by_search(std::span<const ChainBlock> blocks, std::uint32_t slots) {
  struct State {
    std::uint32_t next_back, inputs, records;
    auto operator<=>(const State&) const = default;
  };
  const auto held = [&](const State& state) {
    std::uint32_t sum = 0;  // the first input lies beside the slots
    for (std::uint32_t i = 0; i < blocks.size(); ++i)
      sum += (i > 0 ? (state.inputs >> i) & 1U : 0U) * blocks[i].input +
             ((state.records >> i) & 1U) * blocks[i].record;
    return sum;
  };
  std::map<State, double> best = {{{static_cast<std::uint32_t>(blocks.size()), 1, 0}, 0}};
  std::set<std::pair<double, State>> queue = {{0, best.begin()->first}};
  const auto reach = [&](const State& state, double cost) {
    if (held(state) > slots) return;
    const auto [known, is_new] = best.try_emplace(state, cost);
    if (!is_new && known->second <= cost) return;
    known->second = cost;
    queue.insert({cost, state});
  };
  while (!queue.empty()) {
    const auto [cost, state] = *queue.begin();
    queue.erase(queue.begin());
    if (state.next_back == 0) return cost;
    if (best[state] < cost) continue;
    const std::uint32_t last = state.next_back - 1;
    const auto is_in = [](std::uint32_t set, std::uint32_t i) { return ((set >> i) & 1U) != 0; };
    if (is_in(state.inputs, last) && (blocks[last].record == 0 || is_in(state.records, last)))
      reach({last, state.inputs & ~(1U << last), state.records & ~(1U << last)}, cost);
    for (std::uint32_t i = 0; i < state.next_back; ++i) {
      if (!is_in(state.inputs, i)) continue;
      // Through blocks [i, k]; one alone may keep what it records.
      double run = cost;
      for (std::uint32_t k = i; k < state.next_back; ++k) {
        const std::uint32_t next = k + 1 < state.next_back ? state.inputs | (1U << (k + 1)) : state.inputs;
        if (k == i)
          reach({state.next_back, next, state.records | (1U << k)},
                run + (k == last ? blocks[k].again : blocks[k].forward));
        run += blocks[k].forward;
        reach({state.next_back, next, state.records}, run);
      }
    }
  }
  return -1;
}

TEST(ChainSchedule, of_unequal_blocks_is_the_optimum_and_keeps_to_its_slots) {
  int planned = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    RandomStream random(Key::from_seed(seed));
    std::vector<ChainBlock> blocks(2 + random.below(5));
    for (ChainBlock& block : blocks) {
      block.forward = static_cast<double>(1 + random.below(5));
      block.again = block.forward;
      block.input = static_cast<std::uint32_t>(1 + random.below(3));
      block.record = static_cast<std::uint32_t>(1 + random.below(3));
    }
    const auto slots = static_cast<std::uint32_t>(4 + random.below(10));
    const double best = best_by_search(blocks, slots);
    const auto plan = plan_chain(blocks, slots);
    ASSERT_EQ(plan.has_value(), best >= 0) << "seed " << seed;
    if (!plan) continue;
    ++planned;
    EXPECT_EQ(plan->cost, best) << "seed " << seed;
    const Replay run = replay(blocks, plan->moves);
    EXPECT_TRUE(run.is_sound) << "seed " << seed;
    EXPECT_EQ(run.backs, blocks.size());
    EXPECT_LE(run.most, slots) << "seed " << seed;
    EXPECT_EQ(run.cost, plan->cost) << "seed " << seed;
  }
  EXPECT_GT(planned, 30);
}

}  // namespace
}  // namespace astrolabe
