// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/gemm/convolution.h"

#include <algorithm>
#include <array>
#include <vector>

#include "astrolabe/gemm/kernel_choice.h"
#include "astrolabe/gemm/picture_view.h"

namespace astrolabe {
namespace {

// Floats of a band of a picture, and of filters, that the first-level cache holds beside the rest.
constexpr std::size_t kBandFloats = 3 * 1024;
constexpr std::size_t kLongBandFloats = 8 * 1024;
constexpr std::size_t kFilterFloats = 10 * 1024;
// Of a band of a picture and of its answers, when taps are the result: C is read again for every band.
constexpr std::size_t kTapBandFloats = 16 * 1024;
// Fewer rows of a tile than this do not keep the multipliers busy.
constexpr std::size_t kBusyRows = 8;

std::ptrdiff_t as_signed(std::size_t size) {
  return static_cast<std::ptrdiff_t>(size);
}

// `count` in equal parts of at most `limit`.
std::size_t even_part(std::size_t count, std::size_t limit) {
  const std::size_t parts = (count + limit - 1) / limit;
  return (count + parts - 1) / parts;
}

// The right operand in panels: [steps, columns], columns from panel to panel b_panel floats apart.
struct Panels {
  const float* b = nullptr;
  std::ptrdiff_t b_row = 0, b_panel = 0;
  std::size_t columns = 0;
};

// Windows of a picture that begin at regular places, and where their answers go.
struct Sweep {
  Picture picture;
  std::ptrdiff_t row = 0, column = 0;      // where the first window begins
  std::size_t down = 1, across = 1;        // from window to window
  std::size_t kh = 0, kw = 0;              // of a window
  std::size_t rows = 0, columns = 0;       // how many windows
  float* to = nullptr;                     // the answer of the first one
  std::ptrdiff_t to_row = 0, to_next = 0;  // floats from answer to answer below it, and beside it
  bool is_last = false;                    // the next picture does not lie behind this one
};

PictureArea area_of(const Sweep& sweep, std::size_t first, std::size_t rows) {
  return {sweep.row + as_signed(first * sweep.down), sweep.column, (rows - 1) * sweep.down + sweep.kh,
          (sweep.columns - 1) * sweep.across + sweep.kw};
}

std::size_t area_floats(const Sweep& sweep, std::size_t rows) {
  const PictureArea area = area_of(sweep, 0, rows);
  return area.rows * area.columns * sweep.picture.c;
}

// Rows of windows, at most, whose picture fits a cache.
std::size_t most_rows(const Sweep& sweep, std::size_t floats) {
  const std::size_t line = area_floats(sweep, 1) / sweep.kh;
  const std::size_t lines = floats / line;
  return lines < sweep.kh + sweep.down ? 2 : (lines - sweep.kh) / sweep.down + 1;
}

// The pictures of successive bands of windows. A band that reaches over the rim is copied; the rows that it
// shares with the one before are copied from there, out of the nearest cache.
class Bands {
 public:
  Bands(const Sweep& sweep, float* memory)
      : sweep_(sweep),
        memory_(memory),
        is_inside_(lies_inside(sweep.picture, area_of(sweep, 0, sweep.rows))) {}

  // Of the windows [first, first + rows), which begin where the last ones ended.
  PictureView next(std::size_t first, std::size_t rows) {
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

 private:
  const Sweep& sweep_;
  float* memory_;
  bool is_inside_;
  std::size_t last_rows_ = 0;
};

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
      : unit_(sweep.columns), units_(rows), runs_(rows), a_step_(as_signed(below)), c_step_(sweep.to_row) {
    const std::size_t next = sweep.across * sweep.picture.c, group = kernels.group_rows;
    if (sweep.to_row != as_signed(sweep.columns) * sweep.to_next) return;
    if (below == sweep.columns * next) {  // rows that lie behind one another are one row
      unit_ *= rows;
      units_ = runs_ = 1;
    } else if (panels.columns > kernels.panel / 2 && group != 0 && sweep.columns % group == 0 &&
               rows * sweep.columns <= group * groups_.size()) {
      is_grouped_ = true;
      unit_ = group;
      units_ = rows * sweep.columns / group;
      runs_ = (units_ + kernels.tile_rows / group - 1) / (kernels.tile_rows / group);
      c_step_ = as_signed(group) * sweep.to_next;
      for (std::size_t i = 0; i < units_; ++i)
        groups_[i] = as_signed(i * group / sweep.columns * below + i * group % sweep.columns * next);
    }
  }

  [[nodiscard]] std::size_t count() const { return runs_; }

  // Run r of what begins at a and c.
  void place(std::size_t r, const float* a, float* c, Block& block) const {
    const std::size_t begin = units_ * r / runs_;
    block.m = (units_ * (r + 1) / runs_ - begin) * unit_;
    block.a = is_grouped_ ? a : a + as_signed(begin) * a_step_;
    block.a_groups = is_grouped_ ? groups_.data() + begin : nullptr;
    block.c = c + as_signed(begin) * c_step_;
  }

 private:
  std::size_t unit_, units_, runs_;  // windows of a unit, and units in all
  std::ptrdiff_t a_step_, c_step_;   // from unit to unit
  bool is_grouped_ = false;
  std::array<std::ptrdiff_t, 256> groups_;
};

// Panels outside, then as many rows of the windows as leave the filters in the cache, then runs of answers.
// `ahead` is what the next band reads, or null.
void multiply_band(const Kernels& kernels, const Sweep& sweep, const Panels& panels, const PictureView& view,
                   float* to, std::size_t rows, const float* ahead) {
  const std::size_t run = sweep.kw * sweep.picture.c;
  const std::size_t segments =
      even_part(sweep.kh, std::max<std::size_t>(1, kFilterFloats / (run * kernels.panel)));
  const BandRuns runs(kernels, sweep, panels, sweep.down * static_cast<std::size_t>(view.row), rows);
  Block block{.k = run, .a_row = as_signed(sweep.across * sweep.picture.c), .b_row = panels.b_row};
  block.c_row = sweep.to_next;
  block.a_segment = view.row;
  block.b_panel = panels.b_panel;
  const std::size_t line = rows * sweep.down * sweep.picture.w * sweep.picture.c / runs.count();
  for (std::size_t j = 0; j < panels.columns; j += kernels.panel) {
    block.n = std::min(kernels.panel, panels.columns - j);
    const float* const panel = panels.b + as_signed(j / kernels.panel) * panels.b_panel;
    for (std::size_t s = 0; s < sweep.kh; s += segments) {
      block.segments = std::min(segments, sweep.kh - s);
      block.b = panel + as_signed(s * run) * panels.b_row;
      block.accumulate = s != 0;
      for (std::size_t r = 0; r < runs.count(); ++r) {
        if (s == 0 && j == 0 && ahead != nullptr) fetch(ahead + r * line, line);
        runs.place(r, view.at + as_signed(s) * view.row, to + j, block);
        kernels.multiply(block);
      }
    }
  }
}

// Floats that multiply_windows needs for any part of a sweep.
std::size_t sweep_floats(const Sweep& sweep) {
  return area_floats(sweep, std::min(sweep.rows, most_rows(sweep, kLongBandFloats)));
}

void multiply_windows(const Kernels& kernels, const Sweep& sweep, const Panels& panels, float* memory) {
  // Filters that fit the cache are read again for every row; others serve as many rows as possible.
  const bool is_small = sweep.kh * sweep.kw * sweep.picture.c * panels.columns <= kFilterFloats;
  const std::size_t band = even_part(sweep.rows, most_rows(sweep, is_small ? kBandFloats : kLongBandFloats));
  Bands bands(sweep, memory);
  for (std::size_t y = 0; y < sweep.rows; y += band) {
    const std::size_t rows = std::min(band, sweep.rows - y);
    const PictureArea area = area_of(sweep, y, rows);
    const PictureView view = bands.next(y, rows);
    // What the next band reads, or the next picture, which lies behind this one.
    const std::ptrdiff_t next = std::min(area.row + as_signed(area.rows), as_signed(sweep.picture.h));
    const float* const ahead =
        sweep.is_last ? nullptr : sweep.picture.pixels + next * as_signed(sweep.picture.w * sweep.picture.c);
    multiply_band(kernels, sweep, panels, view, sweep.to + as_signed(y) * sweep.to_row, rows, ahead);
  }
}

// Filters [steps, f] in panels; as they lie when they are one.
Panels filter_panels(const Kernels& kernels, const float* filters, std::size_t steps, std::size_t f,
                     float* memory) {
  if (f <= kernels.panel) return {filters, as_signed(f), 0, f};
  const std::size_t floats = kernels.panel * steps;
  for (std::size_t j = 0; j < f; j += kernels.panel)
    kernels.copy({filters + j, as_signed(f), memory + j / kernels.panel * floats, as_signed(kernels.panel),
                  steps, std::min(kernels.panel, f - j)});
  return {memory, as_signed(kernels.panel), as_signed(floats), f};
}

// Floats of a row of a panel: no more than there are columns, in whole lines of the cache.
std::size_t panel_width(const Kernels& kernels, std::size_t columns) {
  constexpr std::size_t kLine = 16;
  return std::min(kernels.panel, (columns + kLine - 1) / kLine * kLine);
}

std::size_t panel_floats(const Kernels& kernels, std::size_t steps, std::size_t columns) {
  return (columns + kernels.panel - 1) / kernels.panel * panel_width(kernels, columns) * steps;
}

// The windows of all answers of the first picture.
Sweep answers_sweep(const Convolution& how, const float* pictures) {
  return {.picture = {pictures, how.h, how.w, how.c},
          .row = -as_signed(how.before[0]),
          .column = -as_signed(how.before[1]),
          .down = how.stride[0],
          .across = how.stride[1],
          .kh = how.kh,
          .kw = how.kw,
          .rows = how.oh,
          .columns = how.ow};
}

// ---- The pixels' side.

// Along one axis the pixels `first`, `first` + stride, ... lie in windows at the same taps: window
// `window` + i + j of pixel number i at the tap `tap` - j * stride, j = 0 .. taps - 1.
struct Phase {
  std::size_t first = 0, pixels = 0;
  std::ptrdiff_t window = 0;
  std::size_t tap = 0, taps = 0;
};

// Of the pixels [begin, end) those that lie at taps r, r + stride, ...
Phase phase_of(std::size_t r, std::size_t stride, std::size_t before, std::size_t window, std::size_t begin,
               std::size_t end) {
  Phase phase;
  phase.first = begin + (r + stride - (begin + before) % stride) % stride;
  phase.pixels = phase.first < end ? (end - phase.first + stride - 1) / stride : 0;
  phase.taps = window > r ? (window - r + stride - 1) / stride : 0;
  phase.window = as_signed((phase.first + before - r) / stride) - as_signed(phase.taps) + 1;
  if (phase.taps != 0) phase.tap = r + (phase.taps - 1) * stride;
  return phase;
}

// Pixels that lie at the same taps both down and across.
struct PixelPhase {
  std::size_t r = 0;  // taps r, r + stride, .. down
  Phase whole, across;
  Panels panels = {};

  [[nodiscard]] Phase down(const Convolution& how, std::size_t begin, std::size_t end) const {
    return phase_of(r, how.stride[0], how.before[0], how.kh, begin, end);
  }
  [[nodiscard]] std::size_t taps(const Convolution& how) const { return whole.taps * across.taps * how.f; }
};

std::vector<PixelPhase> pixel_phases(const Convolution& how) {
  std::vector<PixelPhase> phases;
  for (std::size_t r = 0; r < how.stride[0]; ++r) {
    for (std::size_t q = 0; q < how.stride[1]; ++q)
      phases.push_back({r, phase_of(r, how.stride[0], how.before[0], how.kh, 0, how.h),
                        phase_of(q, how.stride[1], how.before[1], how.kw, 0, how.w)});
  }
  return phases;
}

// All windows that the pixels of rows [begin, end) lie in.
PictureArea windows_of(const Convolution& how, const std::vector<PixelPhase>& phases, std::size_t begin,
                       std::size_t end) {
  std::ptrdiff_t top = as_signed(how.oh), left = as_signed(how.ow), bottom = 0, right = 0;
  for (const PixelPhase& phase : phases) {
    const Phase down = phase.down(how, begin, end), &across = phase.across;
    if (down.pixels == 0 || across.pixels == 0 || phase.taps(how) == 0) continue;
    top = std::min(top, down.window);
    left = std::min(left, across.window);
    bottom = std::max(bottom, down.window + as_signed(down.pixels + down.taps) - 1);
    right = std::max(right, across.window + as_signed(across.pixels + across.taps) - 1);
  }
  return {top, left, static_cast<std::size_t>(std::max(bottom, top) - top),
          static_cast<std::size_t>(std::max(right, left) - left)};
}

// The taps of a phase, in the order of windows, turned so that channels are the columns.
Panels turned_panels(const Kernels& kernels, const Convolution& how, const float* filters,
                     const PixelPhase& phase, float* memory) {
  const auto width = as_signed(panel_width(kernels, how.c));
  float* to = memory;
  for (std::size_t j = 0; j < how.c; j += kernels.panel) {
    for (std::size_t u = 0; u < phase.whole.taps; ++u) {
      for (std::size_t v = 0; v < phase.across.taps; ++v, to += as_signed(how.f) * width) {
        const std::size_t kh = phase.whole.tap - u * how.stride[0], kw = phase.across.tap - v * how.stride[1];
        kernels.transpose({filters + ((kh * how.kw + kw) * how.c + j) * how.f, as_signed(how.f), to, width,
                           std::min(kernels.panel, how.c - j), how.f});
      }
    }
  }
  return {memory, width, width * as_signed(phase.taps(how)), how.c};
}

// Pixels that no window sees.
void fill_zeros(const Sweep& sweep, std::size_t channels) {
  for (std::size_t y = 0; y < sweep.rows; ++y)
    for (std::size_t x = 0; x < sweep.columns; ++x)
      std::fill_n(sweep.to + as_signed(y) * sweep.to_row + as_signed(x) * sweep.to_next, channels, 0.0F);
}

// A picture's share [begin, end) of parts that are rows of all pictures.
struct Share {
  std::size_t picture = 0, begin = 0, end = 0;
};

template <class Visit>
void for_each_picture(std::size_t rows, const ConvolutionCall& call, const Visit& visit) {
  for (std::size_t at = call.begin; at < call.end;) {
    const std::size_t picture = at / rows, begin = at % rows;
    const std::size_t end = std::min(rows, begin + call.end - at);
    visit(Share{picture, begin, end});
    at += end - begin;
  }
}

// ---- The filters' side.

// Windows turned over: one row per tap and channel, one column per answer; for pictures of so few channels
// that a row of a window does not fill a tile.
void turn_windows(const Convolution& how, const PictureView& view, std::size_t rows, float* to) {
  for (std::size_t tap = 0; tap < how.kh * how.kw * how.c; ++tap) {
    const float* from =
        view.at + as_signed(tap / (how.kw * how.c)) * view.row + as_signed(tap % (how.kw * how.c));
    for (std::size_t y = 0; y < rows; ++y, from += as_signed(how.stride[0]) * view.row, to += how.ow) {
      const std::size_t step = how.stride[1] * how.c;
      if (step == 1)
        std::copy_n(from, how.ow, to);
      else
        for (std::size_t x = 0; x < how.ow; ++x) to[x] = from[x * step];
    }
  }
}

// Adds a band's products to the taps [begin, end).
void multiply_taps(const Kernels& kernels, const Convolution& how, const ConvolutionCall& call,
                   const PictureView& view, Block block) {
  const std::size_t run = how.kw * how.c;
  block.a_row = 1;
  block.a_column = as_signed(how.stride[1] * how.c);
  block.a_segment = as_signed(how.stride[0]) * view.row;
  for (std::size_t kh = call.begin / run; kh * run < call.end; ++kh) {
    const std::size_t begin = std::max(call.begin, kh * run), end = std::min(call.end, (kh + 1) * run);
    block.m = end - begin;
    block.a = view.at + as_signed(kh) * view.row + as_signed(begin - kh * run);
    block.c = call.result + begin * how.f;
    kernels.multiply(block);
  }
}

}  // namespace

std::size_t convolve_parts(const Convolution& how) {
  return how.n * how.oh;
}

void convolve(const Convolution& how, const ConvolutionCall& call, InstructionSet set, GemmScratch& scratch) {
  if (call.begin >= call.end) return;
  const Kernels& kernels = kernels_of(set);
  Sweep sweep = answers_sweep(how, call.a);
  sweep.to = call.result;
  sweep.to_row = as_signed(how.ow * how.f);
  sweep.to_next = as_signed(how.f);
  const std::size_t steps = how.kh * how.kw * how.c;
  const std::size_t filter_floats = how.f <= kernels.panel ? 0 : panel_floats(kernels, steps, how.f);
  float* const memory = scratch.reserve(filter_floats + sweep_floats(sweep));
  const Panels panels = filter_panels(kernels, call.b, steps, how.f, memory);
  for_each_picture(how.oh, call, [&](const Share& share) {
    Sweep part = sweep;
    part.picture.pixels += share.picture * how.h * how.w * how.c;
    part.row += as_signed(share.begin * how.stride[0]);
    part.rows = share.end - share.begin;
    part.to += as_signed(share.picture * how.oh + share.begin) * sweep.to_row;
    multiply_windows(kernels, part, panels, memory + filter_floats);
  });
}

std::size_t convolve_input_parts(const Convolution& how) {
  return how.n * how.h;
}

void convolve_input(const Convolution& how, const ConvolutionCall& call, InstructionSet set,
                    GemmScratch& scratch) {
  if (call.begin >= call.end) return;
  const Kernels& kernels = kernels_of(set);
  // Memory for the taps of all phases, then for pictures of answers with zeros around.
  std::vector<PixelPhase> phases = pixel_phases(how);
  std::size_t filter_floats = 0;
  for (const PixelPhase& phase : phases) filter_floats += panel_floats(kernels, phase.taps(how), how.c);
  const PictureArea most = windows_of(how, phases, 0, how.h);
  float* const memory = scratch.reserve(filter_floats + most.rows * most.columns * how.f);
  float* to = memory;
  for (PixelPhase& phase : phases) {
    phase.panels = turned_panels(kernels, how, call.b, phase, to);
    to += panel_floats(kernels, phase.taps(how), how.c);
  }
  for_each_picture(how.h, call, [&](const Share& share) {
    Picture picture{call.a + share.picture * how.oh * how.ow * how.f, how.oh, how.ow, how.f};
    PictureArea area{.row = 0, .column = 0, .rows = how.oh, .columns = how.ow};
    if (phases.size() > 1) {  // with zeros around once for all
      area = windows_of(how, phases, share.begin, share.end);
      const PictureView view = see(picture, area, to);
      picture = {view.at, area.rows, view.row == as_signed(how.ow * how.f) ? how.ow : area.columns, how.f};
    }
    for (const PixelPhase& phase : phases) {
      const Phase down = phase.down(how, share.begin, share.end);
      if (down.pixels == 0 || phase.across.pixels == 0) continue;
      const Sweep sweep{
          .picture = picture,
          .row = down.window - area.row,
          .column = phase.across.window - area.column,
          .kh = down.taps,
          .kw = phase.across.taps,
          .rows = down.pixels,
          .columns = phase.across.pixels,
          .to = call.result + ((share.picture * how.h + down.first) * how.w + phase.across.first) * how.c,
          .to_row = as_signed(how.stride[0] * how.w * how.c),
          .to_next = as_signed(how.stride[1] * how.c)};
      if (phase.taps(how) != 0)
        multiply_windows(kernels, sweep, phase.panels, to);
      else
        fill_zeros(sweep, how.c);
    }
  });
}

std::size_t convolve_filters_parts(const Convolution& how) {
  return how.kh * how.kw * how.c;
}

void convolve_filters(const Convolution& how, const ConvolutionCall& call, InstructionSet set,
                      GemmScratch& scratch) {
  if (call.begin >= call.end) return;
  if (how.n == 0) std::fill(call.result + call.begin * how.f, call.result + call.end * how.f, 0.0F);
  const Kernels& kernels = kernels_of(set);
  Sweep sweep = answers_sweep(how, call.a);
  const bool is_turned = how.kw * how.c < kBusyRows;
  const std::size_t taps = how.kh * how.kw * how.c;
  const std::size_t line =
      how.ow * (how.f + (is_turned ? taps : 0)) + area_floats(sweep, 1) / how.kh * how.stride[0];
  const std::size_t band = even_part(how.oh, std::max<std::size_t>(1, kTapBandFloats / line));
  const std::size_t picture_floats = area_floats(sweep, band);
  float* const memory = scratch.reserve(picture_floats + (is_turned ? taps * band * how.ow : 0));
  Block block{.n = how.f, .k = how.ow, .b = call.b, .b_row = as_signed(how.f), .c_row = as_signed(how.f)};
  block.b_panel = as_signed(kernels.panel);
  for (std::size_t i = 0; i < how.n; ++i, sweep.picture.pixels += how.h * how.w * how.c) {
    Bands bands(sweep, memory);
    for (std::size_t y = 0; y < how.oh; y += band) {
      block.segments = std::min(band, how.oh - y);
      const PictureView view = bands.next(y, block.segments);
      if (is_turned) {
        float* const turned = memory + picture_floats;
        turn_windows(how, view, block.segments, turned);
        const std::size_t answers = block.segments * how.ow;
        kernels.multiply({.m = call.end - call.begin,
                          .n = how.f,
                          .k = answers,
                          .a = turned + call.begin * answers,
                          .a_row = as_signed(answers),
                          .a_column = 1,
                          .b = block.b,
                          .b_row = block.b_row,
                          .b_panel = block.b_panel,
                          .c = call.result + call.begin * how.f,
                          .c_row = block.c_row,
                          .accumulate = block.accumulate});
      } else {
        multiply_taps(kernels, how, call, view, block);
      }
      block.b += block.segments * how.ow * how.f;
      block.accumulate = true;
    }
  }
}

}  // namespace astrolabe
