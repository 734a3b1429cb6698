// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/gemm/convolve_schedule.h"

#include <array>
#include <vector>

#include <fmt/format.h>

#include "astrolabe/gemm/kernel_choice.h"
#include "astrolabe/gemm/schedule_words.h"

namespace astrolabe {
namespace {

constexpr std::array<std::string_view, 3> kCopies{"", "inplace", "copied"};
constexpr std::array<std::string_view, 4> kWindows{"", "inplace", "copied", "turned"};
constexpr std::array<std::string_view, 4> kRuns{"", "rows", "columns", "joined"};
constexpr std::array<std::string_view, 3> kOrders{"", "columns", "rows"};
constexpr std::array<std::string_view, 3> kAheads{"", "no", "far"};

bool read_word(std::string_view name, std::string_view value, ConvolveSchedule& schedule) {
  if (name == "band") return read_number(value, schedule.band);
  if (name == "tile") return read_pair(value, schedule.tile_rows, schedule.tile_columns);
  if (name == "fetch") return read_number(value, schedule.fetch);
  if (name == "filters") return read_name(value, kCopies, schedule.filters);
  if (name == "windows") return read_name(value, kWindows, schedule.windows);
  if (name == "runs") return read_name(value, kRuns, schedule.runs);
  if (name == "order") return read_name(value, kOrders, schedule.order);
  if (name == "ahead") return read_name(value, kAheads, schedule.ahead);
  return false;
}

}  // namespace

std::string convolve_schedule_text(const ConvolveSchedule& schedule) {
  ScheduleWords words;
  words.number("band", schedule.band);
  words.pair("tile", schedule.tile_rows, schedule.tile_columns);
  words.choice("order", schedule.order, kOrders);
  words.choice("runs", schedule.runs, kRuns);
  words.choice("windows", schedule.windows, kWindows);
  words.choice("filters", schedule.filters, kCopies);
  words.number("fetch", schedule.fetch);
  words.choice("ahead", schedule.ahead, kAheads);
  return words.text();
}

std::optional<ConvolveSchedule> parse_convolve_schedule(std::string_view text) {
  ConvolveSchedule schedule;
  const bool is_read = read_schedule_words(
      text, [&](std::string_view name, std::string_view value) { return read_word(name, value, schedule); });
  return is_read ? std::optional(schedule) : std::nullopt;
}

std::string convolve_schedule_in_words(const ConvolveSchedule& schedule) {
  static constexpr std::array<std::string_view, 4> kOfWindows{"", "windows in place", "bands copied",
                                                              "windows turned"};
  static constexpr std::array<std::string_view, 4> kOfRuns{"", "row by row", "column by column",
                                                           "over the ends of rows"};
  std::vector<std::string> words;
  if (schedule.band != 0) words.push_back(fmt::format("bands of {} rows", schedule.band));
  if (schedule.tile_rows != 0)
    words.push_back(fmt::format("tiles of {} x {}", schedule.tile_rows, schedule.tile_columns));
  if (schedule.order == TileOrder::rows) words.emplace_back("rows first");
  if (schedule.runs != Runs::automatic) words.emplace_back(kOfRuns[static_cast<std::size_t>(schedule.runs)]);
  if (schedule.windows != Windows::automatic)
    words.emplace_back(kOfWindows[static_cast<std::size_t>(schedule.windows)]);
  if (schedule.filters == Copy::no) words.emplace_back("filters in place");
  if (schedule.filters == Copy::yes) words.emplace_back("filters copied");
  if (schedule.fetch != 0) words.push_back(fmt::format("fetched {} steps ahead", schedule.fetch));
  if (schedule.ahead == Ahead::no) words.emplace_back("no band fetched");
  if (schedule.ahead == Ahead::far) words.emplace_back("two bands fetched ahead");
  return words.empty() ? "the default" : join(words, ", ");
}

bool is_runnable(const ConvolveSchedule& schedule, InstructionSet set) {
  const Kernels& kernels = kernels_of(set);
  if (schedule.fetch != 0 && (schedule.tile_rows == 0 || !kernels.has_fetch)) return false;
  if (schedule.tile_rows == 0 && schedule.tile_columns == 0) return true;
  return has_tile(kernels, schedule.tile_rows, schedule.tile_columns);
}

}  // namespace astrolabe
