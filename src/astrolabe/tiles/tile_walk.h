// SPDX-License-Identifier: Apache-2.0
// One call of a nest by tiles: loops that can be walked as one are joined, the plan for long or for short
// rows is chosen, and the steps of the plan run over one tile after the other.
//
//   TileWalk(subject, {pointers, strides, extents, begin, end}).run();
//
// All of its state lies in memory that belongs to the thread and is kept from call to call.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "astrolabe/lower/nest.h"
#include "astrolabe/tiles/handlers.h"
#include "astrolabe/tiles/tile_plan.h"

namespace astrolabe {

// What is known before the call.
struct TileSubject {
  NestCode code;
  const HandlerTable* handlers = nullptr;
  std::array<std::uint8_t, kMaxLoops> order{};  // tile_loop_order
  unsigned indexed_loops = 0;        // bit l: loop l's index is a value, so it stays a loop of its own
  std::vector<std::uint8_t> widths;  // of the accesses' elements
  Buffer identities;  // kTileLanes times the identity of every reduction, kAccumulatorBytes each
  TilePlan row, block;
  std::size_t memory_bytes = 0;  // of a walk
};
inline constexpr std::size_t kLanesBytes = kTileLanes * 8;

// How much memory a walk of either plan needs.
[[nodiscard]] std::size_t tile_memory_bytes(const TileSubject& subject);

// A NestFunction's arguments.
struct TileCall {
  std::byte* const* pointers;
  const std::int64_t* strides;
  const std::int64_t* extents;
  std::int64_t begin, end;
};

class TileWalk {
 public:
  TileWalk(const TileSubject& subject, const TileCall& call) : subject_(subject), call_(call) {}
  void run();

 private:
  // A loop that is walked: one or several loops of the nest.
  struct Loop {
    std::int64_t extent = 1;
    std::int64_t step = 1;   // of a tile's rows or columns more than 1
    std::uint8_t loop = 0;   // of the nest, the innermost one in it
    std::uint8_t first = 0;  // positions [first, end): the steps that change with it
    std::uint8_t end = 0;
  };
  enum class Outcome : std::uint8_t { nothing_to_do, ready };

  [[nodiscard]] Outcome find_loops();
  void add_loop(unsigned position, std::int64_t extent);
  [[nodiscard]] bool can_join(const Loop& outer, std::size_t loop, std::int64_t extent) const;
  void choose_tiles();
  void choose_rows(std::size_t row_loop, std::size_t inner_loop);
  void lay_out();
  void set_slots();
  void set_strides();
  [[nodiscard]] std::int64_t stride(std::size_t access, std::size_t loop) const {  // in bytes
    return strides_[access * subject_.code.loops + loop];
  }

  void walk(std::size_t depth);
  void turn(std::size_t depth);
  void advance(std::size_t loop, std::int64_t turns);
  void run_steps(std::size_t first, std::size_t last);
  void run_load(const TileStep& step);
  void run_index(const TileStep& step);
  void run_store(const TileStep& step);
  void run_redirect(const TileStep& step);
  void run_reduce(const TileStep& step);
  void start_reductions();
  void finish_reductions();

  [[nodiscard]] bool lies_as_register(std::size_t access, std::size_t width) const;
  [[nodiscard]] std::byte* accumulator(std::size_t reduction) const;
  [[nodiscard]] std::byte* strip(std::uint16_t slot) const;

  const TileSubject& subject_;
  const TileCall& call_;
  const TilePlan* plan_ = nullptr;
  std::array<Loop, kMaxLoops> loops_{};
  std::size_t depth_ = 0;                // loops that are walked
  std::size_t reduce_depth_ = SIZE_MAX;  // reductions start before that loop and end after it
  bool is_block_ = false;
  std::size_t row_loop_ = 0;                         // of the nest, when is_block_
  std::array<std::int64_t, kMaxLoops> index_{};      // of the nest's loops
  std::size_t rows_ = 1, columns_ = 0, blocks_ = 0;  // the tile

  std::byte* memory_ = nullptr;      // what is not handed out yet
  std::int64_t* strides_ = nullptr;  // [accesses * loops]
  std::byte* strips_ = nullptr;
  std::byte* accumulators_ = nullptr;
  std::byte* uniforms_ = nullptr;
  std::byte** slots_ = nullptr;
  std::byte** at_ = nullptr;         // per access: its element of the tile's first row and column
  bool* is_redirectable_ = nullptr;  // per store
};

}  // namespace astrolabe
