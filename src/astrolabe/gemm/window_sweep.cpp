// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/gemm/window_sweep.h"

#include <array>
#include <utility>

#include "astrolabe/gemm/kernel_choice.h"

namespace astrolabe {
namespace {

// Floats of a band of a picture, and of filters, that the first-level cache holds beside the rest.
constexpr std::size_t kBandFloats = 3584;
constexpr std::size_t kLongBandFloats = 8 * 1024;
constexpr std::size_t kFilterFloats = 10 * 1024;
// Of fewer steps a tile is over before groups of rows have paid for their pointers.
constexpr std::size_t kLongSteps = 64;

// Rows of windows, at most, whose picture fits a cache.
std::size_t most_rows(const Sweep& sweep, std::size_t floats) {
  const std::size_t line = area_floats(sweep, 1) / sweep.kh;
  const std::size_t lines = floats / line;
  return lines < sweep.kh + sweep.down ? 2 : (lines - sweep.kh) / sweep.down + 1;
}

// Rows of windows of a band; a schedule's, or as many as a cache of `floats` takes.
std::size_t band_rows(const Sweep& sweep, std::size_t floats) {
  return sweep.schedule.band != 0 ? sweep.schedule.band : most_rows(sweep, floats);
}

// Asks for `count` floats that come soon.
void fetch(const float* from, std::size_t count) {
  for (std::size_t i = 0; i < count; i += 16) __builtin_prefetch(from + i, 0, 2);
}

// The windows of one band, in runs that one call of the kernels takes: rows by themselves. Or, where answers
// lie one behind another, tiles that reach over the ends of rows: rows of 8 or 16 windows do not fill tiles
// well.
class BandRuns {
 public:
  BandRuns(const Kernels& kernels, const Sweep& sweep, const Panels& panels, std::size_t below,
           std::size_t rows)
      : row_(as_signed(sweep.across * sweep.picture.c)),
        c_row_(sweep.to_next),
        unit_(sweep.columns),
        units_(rows),
        runs_(rows),
        a_step_(as_signed(below)),
        c_step_(sweep.to_row) {
    const std::size_t next = sweep.across * sweep.picture.c, group = kernels.group_rows;
    const Runs wanted = sweep.schedule.runs;
    if (wanted == Runs::automatic ? sweep.columns < std::min(rows, kernels.tile_rows / 2)
                                  : wanted == Runs::columns) {  // columns by themselves
      row_ = as_signed(below);
      c_row_ = sweep.to_row;
      unit_ = rows;
      units_ = runs_ = sweep.columns;
      a_step_ = as_signed(next);
      c_step_ = sweep.to_next;
      return;
    }
    const bool is_long = sweep.kh * sweep.kw * sweep.picture.c >= kLongSteps;
    if (wanted == Runs::rows || sweep.to_row != as_signed(sweep.columns) * sweep.to_next) return;
    if (below == sweep.columns * next) {  // rows that lie behind one another are one row
      unit_ *= rows;
      units_ = runs_ = 1;
    } else if (sweep.schedule.tile_rows == 0 &&
               (wanted == Runs::joined || (panels.columns > kernels.panel / 2 && is_long)) && group != 0 &&
               sweep.columns % group == 0 && rows * sweep.columns <= group * groups_.size()) {
      is_grouped_ = true;
      unit_ = group;
      units_ = rows * sweep.columns / group;
      runs_ = sweep.schedule.order == TileOrder::rows
                  ? (units_ + kernels.tile_rows / group - 1) / (kernels.tile_rows / group)
                  : 1;
      c_step_ = as_signed(group) * sweep.to_next;
      std::ptrdiff_t* to = groups_.data();
      for (std::size_t y = 0; y < rows; ++y)
        for (std::size_t x = 0; x < sweep.columns; x += group) *to++ = as_signed(y * below + x * next);
    }
  }

  [[nodiscard]] std::size_t count() const { return runs_; }

  // Run r of what begins at a and c.
  void place(std::size_t r, const float* a, float* c, Block& block) const {
    const bool is_single = units_ == runs_;  // (divisions take long)
    const std::size_t begin = is_single ? r : units_ * r / runs_;
    block.m = is_single ? unit_ : (units_ * (r + 1) / runs_ - begin) * unit_;
    block.a_row = row_;
    block.c_row = c_row_;
    block.a = is_grouped_ ? a : a + as_signed(begin) * a_step_;
    block.a_groups = is_grouped_ ? groups_.data() + begin : nullptr;
    block.c = c + as_signed(begin) * c_step_;
  }

 private:
  std::ptrdiff_t row_, c_row_;       // from window to window in a unit
  std::size_t unit_, units_, runs_;  // windows of a unit, and units in all
  std::ptrdiff_t a_step_, c_step_;   // from unit to unit
  bool is_grouped_ = false;
  std::array<std::ptrdiff_t, 256> groups_;
};

// Panels outside, runs of answers inside (unless the schedule says otherwise). `ahead` is what the next band
// reads, or null. (Filters by parts that the first-level cache holds were no faster: they stream well, and C
// is read again for every part.)
void multiply_band(const Kernels& kernels, const Sweep& sweep, const Panels& panels, const PictureView& view,
                   float* to, std::size_t rows, const float* ahead) {
  const BandRuns runs(kernels, sweep, panels, sweep.down * static_cast<std::size_t>(view.row), rows);
  Block block{.k = sweep.kw * sweep.picture.c, .b_row = panels.b_row};
  block.b_panel = panels.b_panel;
  block.segments = sweep.kh;
  block.a_segment = view.row;
  const WindowTile tile = window_tile(sweep.schedule, kernels);
  block.tile_rows = tile.rows;
  block.tile_columns = tile.columns;
  block.fetch = tile.fetch;
  const std::size_t line = rows * sweep.down * sweep.picture.w * sweep.picture.c / runs.count();
  const bool asks_itself = kernels.has_ahead && tile.rows == 0;
  const auto multiply = [&](std::size_t j, std::size_t r) {
    block.ahead = j == 0 && ahead != nullptr ? ahead + r * line : nullptr;
    block.ahead_floats = line;
    if (block.ahead != nullptr && !asks_itself) fetch(block.ahead, line);
    block.n = std::min(tile.panel, panels.columns - j);
    block.b = panels.b + as_signed(j / tile.panel) * panels.b_panel;
    runs.place(r, view.at, to + j, block);
    kernels.multiply(block);
  };
  if (sweep.schedule.order == TileOrder::rows) {
    for (std::size_t r = 0; r < runs.count(); ++r)
      for (std::size_t j = 0; j < panels.columns; j += tile.panel) multiply(j, r);
    return;
  }
  for (std::size_t j = 0; j < panels.columns; j += tile.panel)
    for (std::size_t r = 0; r < runs.count(); ++r) multiply(j, r);
}

// Bands of rows, one after the other.
void multiply_bands(const Kernels& kernels, const Sweep& sweep, const Panels& panels, float* memory) {
  if (sweep.rows == 0 || sweep.columns == 0) return;
  // Filters that fit the cache are read again for every row; others serve as many rows as possible.
  const bool is_small = sweep.kh * sweep.kw * sweep.picture.c * panels.columns <= kFilterFloats;
  const std::size_t band = even_part(sweep.rows, band_rows(sweep, is_small ? kBandFloats : kLongBandFloats));
  Bands bands(sweep, memory);
  for (std::size_t y = 0; y < sweep.rows; y += band) {
    const std::size_t rows = std::min(band, sweep.rows - y);
    const PictureArea area = area_of(sweep, y, rows);
    const PictureView view = bands.next(y, rows);
    // What the next band reads, or the next picture, which lies behind this one.
    const Ahead wanted = sweep.schedule.ahead;
    const std::size_t skipped = wanted == Ahead::far ? band * sweep.down : 0;
    const std::ptrdiff_t next =
        std::min(area.row + as_signed(area.rows), as_signed(sweep.picture.h)) + as_signed(skipped);
    const float* const ahead =
        sweep.is_last || wanted == Ahead::no
            ? nullptr
            : sweep.picture.pixels + next * as_signed(sweep.picture.w * sweep.picture.c);
    multiply_band(kernels, sweep, panels, view, sweep.to + as_signed(y) * sweep.to_row, rows, ahead);
  }
}

// Windows [begin, end) along an axis.
struct Run {
  std::size_t begin = 0, end = 0;
};

// Those of `count` windows that lie inside a picture of `size`.
Run inner_run(std::ptrdiff_t first, std::size_t step, std::size_t window, std::size_t count,
              std::size_t size) {
  Run run;
  if (first < 0) run.begin = std::min(count, (static_cast<std::size_t>(-first) + step - 1) / step);
  const std::ptrdiff_t room = as_signed(size) - as_signed(window) - first;  // of the last one
  run.end = room < 0 ? 0 : std::min(count, static_cast<std::size_t>(room) / step + 1);
  run.end = std::max(run.begin, run.end);
  return run;
}

Sweep part_of(const Sweep& sweep, Run rows, Run columns) {
  Sweep part = sweep;
  part.row += as_signed(rows.begin * sweep.down);
  part.column += as_signed(columns.begin * sweep.across);
  part.rows = rows.end - rows.begin;
  part.columns = columns.end - columns.begin;
  part.to += as_signed(rows.begin) * sweep.to_row + as_signed(columns.begin) * sweep.to_next;
  return part;
}

}  // namespace

WindowTile window_tile(const ConvolveSchedule& schedule, const Kernels& kernels) {
  if (!has_tile(kernels, schedule.tile_rows, schedule.tile_columns)) return {.panel = kernels.panel};
  return {.rows = schedule.tile_rows,
          .columns = schedule.tile_columns,
          .fetch = kernels.has_fetch ? schedule.fetch : std::size_t{0},
          .panel = schedule.tile_columns};
}

std::size_t panel_width(std::size_t panel, std::size_t columns) {
  constexpr std::size_t kLine = 16;
  return std::min(panel, (columns + kLine - 1) / kLine * kLine);
}

std::size_t panel_floats(std::size_t panel, std::size_t steps, std::size_t columns) {
  return (columns + panel - 1) / panel * panel_width(panel, columns) * steps;
}

PictureArea area_of(const Sweep& sweep, std::size_t first, std::size_t rows) {
  return {sweep.row + as_signed(first * sweep.down), sweep.column, (rows - 1) * sweep.down + sweep.kh,
          (sweep.columns - 1) * sweep.across + sweep.kw};
}

std::size_t area_floats(const Sweep& sweep, std::size_t rows) {
  const PictureArea area = area_of(sweep, 0, rows);
  return area.rows * area.columns * sweep.picture.c;
}

std::size_t sweep_floats(const Sweep& sweep) {
  if (sweep.schedule.band != 0)
    return area_floats(sweep, std::min<std::size_t>(sweep.rows, sweep.schedule.band));
  const std::size_t whole = area_floats(sweep, sweep.rows);
  const std::size_t band = area_floats(sweep, std::min(sweep.rows, most_rows(sweep, kLongBandFloats)));
  return std::max(band, std::min(whole, kLongBandFloats));
}

void multiply_windows(const Kernels& kernels, const Sweep& sweep, const Panels& panels, float* memory) {
  // Windows that step far share little, so a copy serves few of them: most lie inside and are read where they
  // are, and only what the rim sees is copied. Where windows are few or small, that would make too many short
  // tiles.
  constexpr std::size_t kLeastRun = 32;
  const Run rows = inner_run(sweep.row, sweep.down, sweep.kh, sweep.rows, sweep.picture.h);
  const Run columns = inner_run(sweep.column, sweep.across, sweep.kw, sweep.columns, sweep.picture.w);
  const std::size_t inside = (rows.end - rows.begin) * (columns.end - columns.begin);
  const std::size_t all = sweep.rows * sweep.columns;
  const Windows wanted = sweep.schedule.windows;
  const bool is_worth =
      10 * inside >= 7 * all && sweep.kw * sweep.picture.c >= kLeastRun && sweep.down * sweep.across != 1;
  const bool is_cut = wanted == Windows::in_place || (is_worth && wanted != Windows::copied);
  if (inside == all || inside == 0 || !is_cut) return multiply_bands(kernels, sweep, panels, memory);
  multiply_bands(kernels, part_of(sweep, rows, columns), panels, memory);
  const Run every{0, sweep.columns};
  for (const auto& [down, across] : {std::pair{Run{0, rows.begin}, every},
                                     {Run{rows.end, sweep.rows}, every},
                                     {rows, Run{0, columns.begin}},
                                     {rows, Run{columns.end, sweep.columns}}}) {
    Sweep rim = part_of(sweep, down, across);
    rim.is_last = true;
    multiply_bands(kernels, rim, panels, memory);
  }
}

Bands::Bands(const Sweep& sweep, float* memory)
    : sweep_(sweep),
      memory_(memory),
      is_inside_(sweep.schedule.windows != Windows::copied &&
                 lies_inside(sweep.picture, area_of(sweep, 0, sweep.rows))) {}

PictureView Bands::next(std::size_t first, std::size_t rows) {
  PictureArea area = area_of(sweep_, first, rows);
  if (is_inside_) return see(sweep_.picture, area, nullptr);
  const std::size_t line = area.columns * sweep_.picture.c;
  const std::size_t kept = last_rows_ != 0 && sweep_.kh > sweep_.down ? sweep_.kh - sweep_.down : 0;
  std::copy_n(memory_ + last_rows_ * sweep_.down * line, kept * line, memory_);
  last_rows_ = rows;
  area.row += as_signed(kept);
  area.rows -= kept;
  copy_with_zeros(sweep_.picture, area, memory_ + kept * line);
  return {memory_, as_signed(line)};
}

// The windows of all answers of the first picture.
Sweep answers_sweep(const Convolution& how, const float* pictures, const ConvolveSchedule& schedule) {
  return {.picture = {pictures, how.h, how.w, how.c},
          .row = -as_signed(how.before[0]),
          .column = -as_signed(how.before[1]),
          .down = how.stride[0],
          .across = how.stride[1],
          .kh = how.kh,
          .kw = how.kw,
          .rows = how.oh,
          .columns = how.ow,
          .schedule = schedule};
}

}  // namespace astrolabe
