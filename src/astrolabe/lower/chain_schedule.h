// SPDX-License-Identifier: Apache-2.0
// How to run a chain of blocks forwards and then backwards, in few slots of memory: exact dynamic
// programming.
//
//   const ChainPlan plan = plan_chain(std::vector<ChainBlock>(10), 2);   // ten equal blocks, two slots
//   plan.cost         // 20: how much is computed forwards, the way back apart (Revolve's number)
//   for (const ChainMove& move : plan.moves) ...                         // what to do, in order
//
// The way back through a block wants the block's input and what a run of the block records beside it. An
// input is kept in slots from when it is computed until the way back has passed its block. So is a record:
// either the run that first goes through the block keeps it, or the block is run again just before.
//
// With equal blocks that record nothing the cost is that of Revolve, the proven optimum: r n - C(s + r, r -
// 1), where C(s + r - 1, s) < n <= C(s + r, s) (Griewank and Walther, "Algorithm 799: revolve", 2000). The
// recurrence for other blocks is that of Beaumont et al., "Optimal checkpointing for heterogeneous chains",
// 2019.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace astrolabe {

struct ChainBlock {
  double forward = 1;        // the cost of going through
  double again = 0;          // the cost of running it once more for its record
  std::uint32_t input = 1;   // slots of what it reads
  std::uint32_t record = 0;  // slots of what the way back wants beside it

  friend bool operator==(const ChainBlock&, const ChainBlock&) = default;
};

struct ChainMove {
  enum class Kind : std::uint8_t {
    forward,  // run the blocks [from, to); what they record is not kept
    record,   // run block `from` and keep what it records
    back,     // the way back through block `from`
  };
  Kind kind = Kind::back;
  std::uint32_t from = 0, to = 0;  // to = from + 1 of the others

  friend bool operator==(const ChainMove&, const ChainMove&) = default;
};

struct ChainPlan {
  double cost = 0;  // of what is run forwards and again
  std::vector<ChainMove> moves;
};

// All plans of a chain, for up to so many slots.
class ChainPlanner {
 public:
  // Cost: of equal blocks O(blocks^2 slots), of others O(blocks^3 slots), 10 bytes for every state: equal
  // blocks may be thousands, of others a hundred take a second.
  ChainPlanner(std::span<const ChainBlock> blocks, std::uint32_t most_slots);

  // The cheapest way in `slots` slots beside the first block's input (as Revolve has its state beside its
  // checkpoints), among those that keep what they kept until the way back has passed it, and no record
  // without its input; nothing when the slots are too few for any. What is on its way from block to block
  // counts as kept only where it is. Cost: linear in the moves.
  [[nodiscard]] std::optional<ChainPlan> plan(std::uint32_t slots) const;

 private:
  static constexpr std::uint16_t kNone = UINT16_MAX, kRecord = UINT16_MAX - 1;

  [[nodiscard]] std::size_t at(std::size_t first, std::size_t last, std::uint32_t slots) const;
  [[nodiscard]] std::uint32_t kept_by_record(std::size_t block) const;
  void fill(std::size_t first, std::size_t last);
  void take(std::size_t state, double cost, std::uint16_t choice);
  [[nodiscard]] std::vector<ChainMove> moves(std::uint32_t slots) const;

  std::vector<ChainBlock> blocks_;
  std::size_t count_;
  std::uint32_t slots_;
  bool is_uniform_ = false;
  std::vector<double> run_until_;
  // Of blocks [first, last) of which the first one's input is kept, with some slots beside it. Equal chains
  // depend on their length alone.
  std::vector<double> cost_;
  std::vector<std::uint16_t> choice_;
};

[[nodiscard]] std::optional<ChainPlan> plan_chain(std::span<const ChainBlock> blocks, std::uint32_t slots);

}  // namespace astrolabe
