// SPDX-License-Identifier: Apache-2.0
// How a product is computed, as data: tile, copies, blocks, order, distance of prefetching, split over
// threads. A schedule decides about time only: each element of C stays one chain of fused multiply-adds over
// k, so that every schedule gives the same bytes.
//
//   GemmSchedule schedule;                       // all zeros: the analytic default
//   schedule.tile_rows = 8, schedule.tile_columns = 48;
//   schedule.copy_b = Copy::yes;
//   gemm(product, set, scratch, schedule);
//   schedule_text(schedule);                     // "tile=8x48 b=copied": what a database keeps
//   schedule_in_words(schedule);                 // "8 x 48 tiles, B copied": for people
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/base/instruction_set.h"

namespace astrolabe {

struct Gemm;

enum class Copy : std::uint8_t {
  automatic,
  no,      // read where it lies (B whose columns are not contiguous is copied all the same)
  yes,     // into memory of its own, a block at a time
  turned,  // A only: copied and transposed
};

enum class Turn : std::uint8_t { automatic, no, yes };  // yes: as C' = B' A'

enum class TileOrder : std::uint8_t {
  automatic,
  columns,  // all rows of a panel of B, then the next panel: the panel stays near
  rows,     // all panels for a strip of A: the strip stays near
};

enum class Split : std::uint8_t { automatic, rows, columns };

// All 0 and `automatic` is the analytic default, which knows sizes and strides. In a schedule that says
// something they leave a choice to the plain rules of gemm.cpp.
struct GemmSchedule {
  std::uint16_t tile_rows = 0, tile_columns = 0;  // both or none
  std::uint16_t fetch = 0;                        // steps of k that B is asked for ahead; 0: not at all
  Copy copy_a = Copy::automatic, copy_b = Copy::automatic;
  Turn turn = Turn::automatic;
  TileOrder order = TileOrder::automatic;  // of a schedule with a tile
  Split split = Split::automatic;
  std::uint32_t block_rows = 0, block_columns = 0, block_steps = 0;

  friend bool operator==(const GemmSchedule&, const GemmSchedule&) = default;
};

// A product's class: what schedules are chosen by. Operands may lie by rows, by columns, or in another way.
struct GemmShape {
  enum class Form : std::uint8_t { rows, columns, other };
  std::size_t m = 0, n = 0, k = 0;
  Form a = Form::rows, b = Form::rows;

  friend bool operator==(const GemmShape&, const GemmShape&) = default;
};
[[nodiscard]] GemmShape shape_of(const Gemm& product);
// "128x784x256 NN": rows x steps x columns, and how A and B lie (N by rows, T by columns, X in another way).
[[nodiscard]] std::string shape_text(const GemmShape& shape);
// Also without a form, which then is NN. Nothing for another text, sizes of 0 or above 2^20, or the form X.
[[nodiscard]] std::optional<GemmShape> parse_shape(std::string_view text);

// "" is the default. Reading what it wrote gives the schedule back; nothing for another text.
[[nodiscard]] std::string schedule_text(const GemmSchedule& schedule);
[[nodiscard]] std::optional<GemmSchedule> parse_schedule(std::string_view text);
[[nodiscard]] std::string schedule_in_words(const GemmSchedule& schedule);

// What a set has: any tile of up to these rows.
struct TileShape {
  std::size_t rows = 0, columns = 0;
};
[[nodiscard]] std::vector<TileShape> largest_tiles(InstructionSet set);
// Whether tiles and prefetching are what the set has; those of another one are ignored by gemm().
[[nodiscard]] bool is_runnable(const GemmSchedule& schedule, InstructionSet set);

}  // namespace astrolabe
