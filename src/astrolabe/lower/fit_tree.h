// SPDX-License-Identifier: Apache-2.0
// The tree of exact_fit: all plans that stand on the ground, by ascending offset, in one order of equals.
//
//   FitTree tree(rank_buffers(buffers, sections, order), capacity);
//   if (tree.run(10'000) == FitOutcome::found) use(tree.offsets());
//
// Every node places one buffer as low as those below it let it. Ends early by Moffitt's rules (canonical
// order, gaps that another could fill, room above the floor of a section, sides that have come apart) and two
// of our own: who was passed over stands, in the end, on somebody who is still to be placed; and who alone
// can be the lowest of what is left in a section is below all others there.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "astrolabe/lower/live_sections.h"

namespace astrolabe {

// Buffers by rank: of those that could stand equally low the first is tried first.
struct RankedBuffers {
  std::vector<std::uint32_t> which = {};  // the caller's index
  std::vector<std::int64_t> bytes = {};
  std::vector<std::uint32_t> first = {}, end = {};          // sections, half open
  std::vector<std::vector<std::uint32_t>> neighbours = {};  // who shares a section
  std::vector<std::vector<std::uint32_t>> members = {};     // [sections]
  bool fullest_first = false;  // sides that come apart are ranked anew: those of their fullest sections first
};

// `order` is a permutation. Cost: the number of pairs.
[[nodiscard]] RankedBuffers rank_buffers(std::span<const Lifetime> buffers, const LiveSections& sections,
                                         std::vector<std::uint32_t> order);

enum class FitOutcome : std::uint8_t { found, impossible, out_of_steps };

class FitTree {
 public:
  // `bytes` of all buffers and the capacity are below 2^62.
  FitTree(RankedBuffers buffers, std::int64_t capacity);

  // From the root, at most so many placings; where thousands live together one counts as several, by what it
  // looks at. As often as you like: each run begins anew.
  [[nodiscard]] FitOutcome run(std::size_t steps);
  [[nodiscard]] std::size_t steps_left() const { return steps_left_; }
  // [buffers, by the caller's index]; after a run that found them.
  [[nodiscard]] std::vector<std::size_t> offsets() const;

 private:
  using Index = std::uint32_t;
  using Bytes = std::int64_t;

  struct Key {
    Bytes offset = 0;
    Index order = 0;  // among equals
    Index at = 0;
    auto operator<=>(const Key&) const = default;
  };
  struct Change {
    Index at = 0;
    Bytes before = 0;
  };
  // What a call of search() works on; kept for the next call at this depth.
  struct Frame {
    std::vector<Index> open, skipped;
    std::vector<Key> choices;
  };
  struct Sections {
    Index low = 0, high = 0;
  };

  FitOutcome split_and_search(Sections sections, Sections touched, const std::vector<Index>& members,
                              Key last);
  FitOutcome search_side(Sections sections, const std::vector<Index>& members);
  FitOutcome search(Sections sections, const std::vector<Index>& members, Key last);
  FitOutcome try_choice(Sections sections, const Frame& frame, const Key& choice, bool& raises);
  void collect(Frame& frame, const std::vector<Index>& members, Key last);
  bool bounds_hold(Sections sections, const Frame& frame, Key last);
  bool push_up_skipped(const Frame& frame);
  bool bound_sections(Sections sections, bool& has_raised);
  bool place(const Key& choice);
  void raise_floor(Index section);
  void take_back(Index at, std::size_t lowest_mark, std::size_t floor_mark);
  [[nodiscard]] bool fits(Sections sections, Bytes offset) const;

  RankedBuffers buffers_;
  Bytes capacity_;
  std::vector<Bytes> lowest_;    // [buffers]: above all below it that are placed
  std::vector<Bytes> bound_;     // [buffers]: no plan below this node has it lower; of the node at hand
  std::vector<Bytes> solution_;  // [buffers]
  std::vector<Index> order_;     // [buffers]: among equals
  std::vector<std::uint8_t> is_placed_;
  std::vector<Bytes> floor_, left_;  // [sections]: where what is left can begin, and its bytes
  std::vector<Index> crossing_;      // [sections]: unplaced buffers that live on in the next
  std::vector<Change> lowest_changes_, floor_changes_;
  std::vector<std::size_t> looks_before_;  // [sections + 1]: members of the sections before
  std::vector<Frame> frames_;              // [depth]; at most a buffer each and a side
  std::size_t depth_ = 0;
  std::size_t steps_left_ = 0;
};

}  // namespace astrolabe
