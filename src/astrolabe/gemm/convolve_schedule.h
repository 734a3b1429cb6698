// SPDX-License-Identifier: Apache-2.0
// How a convolution is computed, as data: band, tile, copies, runs of windows, order, what is asked for
// ahead. As of a product a schedule decides about time only: each element of the result stays one chain of
// fused multiply-adds, so that every schedule gives the same bytes.
//
//   ConvolveSchedule schedule;                        // all zeros: the analytic default
//   schedule.band = 4, schedule.runs = Runs::rows;
//   convolve(how, call, set, scratch, schedule);
//   convolve_schedule_text(schedule);                 // "band=4 runs=rows": what a database keeps
//   convolve_schedule_in_words(schedule);             // "bands of 4 rows, windows row by row": for people
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "astrolabe/gemm/schedule.h"

namespace astrolabe {

// The pictures of windows.
enum class Windows : std::uint8_t {
  automatic,
  in_place,  // whatever lies inside is read where it is; only what the rim sees is copied with zeros
  copied,    // every band
  turned,    // slopes of filters only: one row per tap and channel
};

// What one call of the kernels takes of a band.
enum class Runs : std::uint8_t {
  automatic,
  rows,     // windows side by side
  columns,  // windows one below the other
  joined,   // over the ends of rows, where answers lie one behind another
};

// The picture of a later band.
enum class Ahead : std::uint8_t {
  automatic,
  no,   // is not asked for
  far,  // of the band after the next one
};

// All 0 and `automatic` is the analytic default, which knows sizes and strides. What has no meaning for a
// direction is ignored there.
struct ConvolveSchedule {
  std::uint16_t band = 0;                         // rows of windows at a time
  std::uint16_t tile_rows = 0, tile_columns = 0;  // both or none
  std::uint16_t fetch = 0;  // with a tile: steps that the right operand is asked for ahead
  Copy filters = Copy::automatic;
  Windows windows = Windows::automatic;
  Runs runs = Runs::automatic;
  TileOrder order = TileOrder::automatic;  // columns: all windows for a panel of filters; rows: the other way
  Ahead ahead = Ahead::automatic;

  friend bool operator==(const ConvolveSchedule&, const ConvolveSchedule&) = default;
};

// "" is the default. Reading what it wrote gives the schedule back; nothing for another text.
[[nodiscard]] std::string convolve_schedule_text(const ConvolveSchedule& schedule);
[[nodiscard]] std::optional<ConvolveSchedule> parse_convolve_schedule(std::string_view text);
[[nodiscard]] std::string convolve_schedule_in_words(const ConvolveSchedule& schedule);

// Whether tile and prefetching are what the set has; those of another one are ignored.
[[nodiscard]] bool is_runnable(const ConvolveSchedule& schedule, InstructionSet set);

}  // namespace astrolabe
