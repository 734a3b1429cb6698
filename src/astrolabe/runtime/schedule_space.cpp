// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/schedule_space.h"

#include <algorithm>
#include <array>

namespace astrolabe {
namespace {

constexpr std::array<std::uint16_t, 5> kFetches{0, 4, 8, 16, 32};
constexpr std::array<std::uint32_t, 6> kRows{0, 56, 112, 224, 448, 896};
constexpr std::array<std::uint32_t, 6> kColumns{0, 64, 128, 256, 512, 1024};
constexpr std::array<std::uint32_t, 6> kSteps{0, 64, 128, 256, 384, 512};
constexpr std::size_t kKinds = 9;  // of choices, without the split

template <class Array>
auto draw(const Array& choices, RandomStream& random) {
  return choices[random.below(choices.size())];
}

template <class Enum>
Enum draw_enum(std::uint64_t count, RandomStream& random) {
  return static_cast<Enum>(random.below(count));
}

void draw_tile(GemmSchedule& schedule, InstructionSet set, RandomStream& random) {
  const std::vector<TileShape> tiles = largest_tiles(set);
  const TileShape tile = draw(tiles, random);
  schedule.tile_columns = static_cast<std::uint16_t>(tile.columns);
  // Mostly as high as the registers allow; a little less may fit the number of rows.
  const std::size_t less = random.below(std::min<std::size_t>(tile.rows, 4));
  schedule.tile_rows = static_cast<std::uint16_t>(tile.rows - less);
}

void draw_choice(GemmSchedule& schedule, std::size_t kind, InstructionSet set, RandomStream& random) {
  switch (kind) {
    case 0:
      return draw_tile(schedule, set, random);
    case 1:
      schedule.fetch = draw(kFetches, random);
      break;
    case 2:
      schedule.copy_a = draw_enum<Copy>(4, random);
      break;
    case 3:
      schedule.copy_b = draw_enum<Copy>(3, random);
      break;
    case 4:
      schedule.turn = draw_enum<Turn>(3, random);
      break;
    case 5:
      schedule.order = draw_enum<TileOrder>(3, random);
      break;
    case 6:
      schedule.block_rows = draw(kRows, random);
      break;
    case 7:
      schedule.block_columns = draw(kColumns, random);
      break;
    case 8:
      schedule.block_steps = draw(kSteps, random);
      break;
    default:
      schedule.split = draw_enum<Split>(3, random);
  }
}

// What would do nothing is left to the default, so that equal work has one name.
void tidy(GemmSchedule& schedule, const GemmShape& shape, InstructionSet set) {
  if (!is_runnable(schedule, set)) schedule.fetch = 0;
  if (schedule.tile_rows == 0) schedule.order = TileOrder::automatic;
  if (schedule.order == TileOrder::columns) schedule.order = TileOrder::automatic;
  const bool is_turned = schedule.turn == Turn::yes;
  const std::size_t rows = is_turned ? shape.n : shape.m;
  const std::size_t columns = is_turned ? shape.m : shape.n;
  if (schedule.block_rows >= rows) schedule.block_rows = 0;
  if (schedule.block_columns >= columns) schedule.block_columns = 0;
  if (schedule.block_steps >= shape.k) schedule.block_steps = 0;
}

}  // namespace

std::vector<GemmSchedule> first_schedules(const GemmShape& shape, InstructionSet set) {
  std::vector<GemmSchedule> schedules;
  const auto add = [&](GemmSchedule schedule) {
    tidy(schedule, shape, set);
    if (schedule != GemmSchedule{} && std::ranges::find(schedules, schedule) == schedules.end())
      schedules.push_back(schedule);
  };
  for (const TileShape& tile : largest_tiles(set)) {
    GemmSchedule schedule{.tile_rows = static_cast<std::uint16_t>(tile.rows),
                          .tile_columns = static_cast<std::uint16_t>(tile.columns)};
    add(schedule);
    for (const std::uint32_t steps : {64U, 128U, 256U}) {
      GemmSchedule blocked = schedule;
      blocked.block_steps = steps;
      add(blocked);
    }
    GemmSchedule other = schedule;
    other.turn = Turn::yes;
    add(other);
    other = schedule;
    other.copy_a = shape.a == GemmShape::Form::columns ? Copy::turned : Copy::yes;
    add(other);
    other = schedule;
    other.order = TileOrder::rows;
    add(other);
    other = schedule;
    other.copy_b = Copy::yes;
    add(other);
    schedule.fetch = 8;
    add(schedule);
  }
  add({.copy_b = Copy::no});
  add({.copy_b = Copy::yes});
  add({.turn = Turn::yes});
  add({.turn = Turn::no});
  return schedules;
}

GemmSchedule changed(GemmSchedule schedule, const GemmShape& shape, InstructionSet set, std::size_t threads,
                     RandomStream& random) {
  const std::size_t kinds = threads > 1 ? kKinds + 1 : kKinds;
  for (std::size_t times = 1 + random.below(3); times != 0; --times)
    draw_choice(schedule, random.below(kinds), set, random);
  tidy(schedule, shape, set);
  return schedule;
}

std::vector<GemmSchedule> simplified(const GemmSchedule& schedule) {
  std::vector<GemmSchedule> simpler;
  const auto without = [&](auto GemmSchedule::* choice) {
    GemmSchedule one = schedule;
    one.*choice = {};
    if (one != schedule) simpler.push_back(one);
  };
  without(&GemmSchedule::block_rows);
  without(&GemmSchedule::block_columns);
  without(&GemmSchedule::copy_a);
  without(&GemmSchedule::copy_b);
  without(&GemmSchedule::turn);
  without(&GemmSchedule::order);
  without(&GemmSchedule::block_steps);
  without(&GemmSchedule::split);
  without(&GemmSchedule::fetch);
  return simpler;
}

}  // namespace astrolabe
