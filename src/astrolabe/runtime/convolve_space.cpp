// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/convolve_space.h"

#include <algorithm>
#include <array>

namespace astrolabe {
namespace {

constexpr std::array<std::uint16_t, 9> kBands{0, 1, 2, 3, 4, 6, 8, 14, 28};
constexpr std::array<std::uint16_t, 4> kFetches{0, 4, 8, 16};
constexpr std::size_t kMostTurned = 64;  // floats of a row of a window that are worth turning
constexpr std::size_t kKinds = 8;        // of choices

// What the direction multiplies: columns of the right operand, rows of windows.
std::size_t columns_of(const ConvolveStep& step) {
  return step.op == Op::convolve_input ? step.c : step.f;
}
std::size_t rows_of(const ConvolveStep& step) {
  return step.op == Op::convolve_input ? step.h : step.oh;
}

template <class Array>
auto draw(const Array& choices, RandomStream& random) {
  return choices[random.below(choices.size())];
}

void draw_tile(ConvolveSchedule& schedule, InstructionSet set, RandomStream& random) {
  const TileShape tile = draw(largest_tiles(set), random);
  schedule.tile_columns = static_cast<std::uint16_t>(tile.columns);
  const std::size_t less = random.below(std::min<std::size_t>(tile.rows, 4));
  schedule.tile_rows = static_cast<std::uint16_t>(tile.rows - less);
  // No tile is what most searches end with.
  if (random.below(3) == 0) schedule.tile_rows = schedule.tile_columns = 0;
}

void draw_choice(ConvolveSchedule& schedule, std::size_t kind, InstructionSet set, RandomStream& random) {
  switch (kind) {
    case 0:
      return draw_tile(schedule, set, random);
    case 1:
      schedule.band = draw(kBands, random);
      break;
    case 2:
      schedule.fetch = draw(kFetches, random);
      break;
    case 3:
      schedule.filters = static_cast<Copy>(random.below(3));
      break;
    case 4:
      schedule.windows = static_cast<Windows>(random.below(4));
      break;
    case 5:
      schedule.runs = static_cast<Runs>(random.below(4));
      break;
    case 6:
      schedule.order = random.below(2) == 0 ? TileOrder::automatic : TileOrder::rows;
      break;
    default:
      schedule.ahead = static_cast<Ahead>(random.below(3));
  }
}

// What would do nothing is left to the default, so that equal work has one name.
void tidy(ConvolveSchedule& schedule, const ConvolveStep& step, InstructionSet set) {
  if (!is_runnable(schedule, set)) schedule.fetch = 0;
  schedule.band = static_cast<std::uint16_t>(std::min<std::size_t>(schedule.band, rows_of(step)));
  if (schedule.order == TileOrder::columns) schedule.order = TileOrder::automatic;
  const bool is_taps = step.op == Op::convolve_filters;
  if (is_taps) {
    schedule.runs = Runs::automatic;
    schedule.ahead = Ahead::automatic;
    if (schedule.tile_rows == 0) schedule.order = TileOrder::automatic;
    if (step.kw * step.c > kMostTurned && schedule.windows == Windows::turned)
      schedule.windows = Windows::automatic;
  } else if (schedule.windows == Windows::turned) {
    schedule.windows = Windows::automatic;
  }
  if (step.op != Op::convolve) schedule.filters = Copy::automatic;
  // Of one panel there is one order.
  const std::size_t panel = schedule.tile_columns;
  if (panel != 0 && columns_of(step) <= panel) schedule.order = TileOrder::automatic;
}

}  // namespace

std::vector<ConvolveSchedule> first_convolve_schedules(const ConvolveStep& step, InstructionSet set) {
  std::vector<ConvolveSchedule> schedules;
  const auto add = [&](ConvolveSchedule schedule) {
    tidy(schedule, step, set);
    if (schedule != ConvolveSchedule{} && std::ranges::find(schedules, schedule) == schedules.end())
      schedules.push_back(schedule);
  };
  for (const TileShape& tile : largest_tiles(set)) {
    ConvolveSchedule schedule{.tile_rows = static_cast<std::uint16_t>(tile.rows),
                              .tile_columns = static_cast<std::uint16_t>(tile.columns)};
    add(schedule);
    for (const Runs runs : {Runs::rows, Runs::joined}) {
      ConvolveSchedule other = schedule;
      other.runs = runs;
      add(other);
    }
    schedule.fetch = 8;
    add(schedule);
  }
  for (const std::uint16_t band : kBands) add({.band = band});
  for (const Copy copy : {Copy::no, Copy::yes}) add({.filters = copy});
  for (const Windows windows : {Windows::in_place, Windows::copied, Windows::turned})
    add({.windows = windows});
  for (const Runs runs : {Runs::rows, Runs::columns, Runs::joined}) add({.runs = runs});
  add({.order = TileOrder::rows});
  for (const Ahead ahead : {Ahead::no, Ahead::far}) add({.ahead = ahead});
  return schedules;
}

ConvolveSchedule changed(ConvolveSchedule schedule, const ConvolveStep& step, InstructionSet set,
                         RandomStream& random) {
  for (std::size_t times = 1 + random.below(3); times != 0; --times)
    draw_choice(schedule, random.below(kKinds), set, random);
  tidy(schedule, step, set);
  return schedule;
}

std::vector<ConvolveSchedule> simplified(const ConvolveSchedule& schedule, InstructionSet set) {
  std::vector<ConvolveSchedule> simpler;
  const auto without = [&](auto ConvolveSchedule::* choice) {
    ConvolveSchedule one = schedule;
    one.*choice = {};
    if (one != schedule && is_runnable(one, set)) simpler.push_back(one);
  };
  without(&ConvolveSchedule::fetch);
  without(&ConvolveSchedule::ahead);
  without(&ConvolveSchedule::order);
  without(&ConvolveSchedule::filters);
  without(&ConvolveSchedule::runs);
  without(&ConvolveSchedule::windows);
  without(&ConvolveSchedule::band);
  ConvolveSchedule one = schedule;
  one.tile_rows = one.tile_columns = one.fetch = 0;
  if (one != schedule) simpler.push_back(one);
  return simpler;
}

}  // namespace astrolabe
