// SPDX-License-Identifier: Apache-2.0
// A nest as steps over tiles. A tile is what one pass through the steps works on: part of a row of the
// innermost loop
// ("row plan"), or several whole rows of it when rows are short ("block plan"). Made once per nest; what
// depends on extents and addresses is left to the walk (tile_walk.h).
//
//   const TilePlan plan = make_tile_plan(code, handlers, TileKind::row);
//   plan.steps[plan.groups[2] .. plan.groups[3]]   // what changes with the loop at position 1
//
// A value is a constant, uniform (the same for all of a tile) or a strip (one element for each of the tile).
// It is computed again only when a loop turns that it depends on: steps are grouped by the position of that
// loop.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "astrolabe/lower/nest.h"
#include "astrolabe/tensor/buffer.h"
#include "astrolabe/tiles/handlers.h"

namespace astrolabe {

enum class TileKind : std::uint8_t { row, block };

enum class TileStepKind : std::uint8_t {
  load,      // access `item` into the slot; a strip that lies in memory as a register would is not copied
  index,     // of loop `item`
  compute,   // `handler`
  spread,    // a uniform value `a` as a strip
  redirect,  // of store `item`: its value is computed into the target at once, where that is possible
  store,     // store `item`
  reduce,    // reduction `item`: the tile's elements join
};

struct TileStep {
  TileStepKind kind = TileStepKind::compute;
  ElementType type = ElementType::f32;
  std::uint8_t width = 4;  // bytes of an element of the slot
  bool is_uniform = false;
  std::uint16_t slot = 0;
  std::array<std::uint16_t, 3> operands{};  // slots
  std::uint16_t item = 0;
  Handler handler = nullptr;
};

// Where a value lives. Offsets: of constants and uniforms in bytes; of strips in bytes per element of the
// strip's length before it.
struct TileSlot {
  enum class Place : std::uint8_t { constant, uniform, strip };
  Place place = Place::strip;
  std::uint32_t offset = 0;
};

// Loads that are still read after a redirected store was written: the store must not be redirected when they
// read the same memory.
struct TileHazard {
  std::uint16_t store = 0;
  std::uint16_t access = 0;
};

struct TilePlan {
  TileKind kind = TileKind::row;
  std::size_t strip = 0;        // elements of a tile at most
  std::size_t strip_bytes = 0;  // of all registers for strips
  std::size_t uniform_bytes = 0;
  std::vector<TileStep> steps;
  // Steps of the values that change with the loop at position p (of tile_loop_order): groups[p + 1] to
  // groups[p + 2]; those that never change: groups[0] to groups[1].
  std::array<std::uint16_t, kMaxLoops + 2> groups{};
  std::vector<TileSlot> slots;
  std::vector<TileHazard> hazards;
  Buffer constants;
};

// The loops in the order in which tiles walk them: kept loops, and of `outer` the innermost one before the
// reduced ones.
[[nodiscard]] std::array<std::uint8_t, kMaxLoops> tile_loop_order(const NestCode& code);

// Whether rows of the innermost loop can share a tile: there is a loop around it that is not a kept one of
// `outer`.
[[nodiscard]] bool has_block_plan(const NestCode& code);

[[nodiscard]] TilePlan make_tile_plan(const NestCode& code, const HandlerTable& handlers, TileKind kind);

}  // namespace astrolabe
