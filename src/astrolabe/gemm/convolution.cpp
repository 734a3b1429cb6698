// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/gemm/convolution.h"

#include <algorithm>

#include "astrolabe/gemm/kernel_choice.h"
#include "astrolabe/gemm/window_sweep.h"

namespace astrolabe {
namespace {

// Floats of a band of a picture and of its answers, when taps are the result: C is read again for every band.
constexpr std::size_t kTapBandFloats = 16 * 1024;
// Fewer rows of a tile than this do not keep the multipliers busy.
constexpr std::size_t kBusyRows = 8;

// Whether filters lie in panels of their own: as they lie when they are one.
bool are_copied(const ConvolveSchedule& schedule, std::size_t panel, std::size_t f) {
  return schedule.filters == Copy::automatic ? f > panel : schedule.filters == Copy::yes;
}

// Filters [steps, f] in panels.
Panels filter_panels(const Kernels& kernels, const ConvolveSchedule& schedule, const float* filters,
                     std::size_t steps, std::size_t f, float* memory) {
  const std::size_t panel = window_tile(schedule, kernels).panel;
  if (!are_copied(schedule, panel, f)) return {filters, as_signed(f), f <= panel ? 0 : as_signed(panel), f};
  const std::size_t width = panel_width(panel, f), floats = width * steps;
  for (std::size_t j = 0; j < f; j += panel)
    kernels.copy({filters + j, as_signed(f), memory + j / panel * floats, as_signed(width), steps,
                  std::min(panel, f - j)});
  return {memory, as_signed(width), as_signed(floats), f};
}

// Windows turned over: one row per tap and channel, one column per answer; for pictures of so few channels
// that a row of a window does not fill a tile.
void turn_windows(const Kernels& kernels, const Convolution& how, const PictureView& view, std::size_t rows,
                  float* to) {
  const std::size_t step = how.stride[1] * how.c;
  const std::ptrdiff_t down = as_signed(how.stride[0]) * view.row;
  for (std::size_t tap = 0; tap < how.kh * how.kw * how.c; ++tap, to += rows * how.ow) {
    const float* const from =
        view.at + as_signed(tap / (how.kw * how.c)) * view.row + as_signed(tap % (how.kw * how.c));
    if (step == 1) {
      kernels.copy({from, down, to, as_signed(how.ow), rows, how.ow});
      continue;
    }
    for (std::size_t y = 0; y < rows; ++y)
      for (std::size_t x = 0; x < how.ow; ++x)
        to[y * how.ow + x] = from[as_signed(y) * down + as_signed(x * step)];
  }
}

// What the next band reads: pixels, and answers.
struct NextBand {
  const float* pixels = nullptr;
  std::size_t pixel_floats = 0;
  const float* answers = nullptr;
  std::size_t answer_floats = 0;
};

// Adds a band's products to the taps [begin, end). The first row of taps asks for the pixels of the next
// band, the second one for its answers.
void multiply_taps(const Kernels& kernels, const Convolution& how, const ConvolutionCall& call,
                   const PictureView& view, const NextBand& next, Block block) {
  const std::size_t run = how.kw * how.c;
  block.a_row = 1;
  block.a_column = as_signed(how.stride[1] * how.c);
  block.a_segment = as_signed(how.stride[0]) * view.row;
  for (std::size_t kh = call.begin / run; kh * run < call.end; ++kh) {
    const std::size_t begin = std::max(call.begin, kh * run), end = std::min(call.end, (kh + 1) * run);
    block.m = end - begin;
    block.a = view.at + as_signed(kh) * view.row + as_signed(begin - kh * run);
    block.c = call.result + begin * how.f;
    block.ahead = kh == 0 ? next.pixels : kh == 1 ? next.answers : nullptr;
    block.ahead_floats = kh == 0 ? next.pixel_floats : next.answer_floats;
    kernels.multiply(block);
  }
}

}  // namespace

std::size_t convolve_parts(const Convolution& how) {
  return how.n * how.oh;
}

void convolve(const Convolution& how, const ConvolutionCall& call, InstructionSet set, GemmScratch& scratch,
              const ConvolveSchedule& schedule) {
  if (call.begin >= call.end) return;
  const Kernels& kernels = kernels_of(set);
  Sweep sweep = answers_sweep(how, call.a, schedule);
  sweep.to = call.result;
  sweep.to_row = as_signed(how.ow * how.f);
  sweep.to_next = as_signed(how.f);
  const std::size_t steps = how.kh * how.kw * how.c;
  const std::size_t panel = window_tile(schedule, kernels).panel;
  const std::size_t filter_floats =
      are_copied(schedule, panel, how.f) ? panel_floats(panel, steps, how.f) : 0;
  float* const memory = scratch.reserve(filter_floats + sweep_floats(sweep));
  const Panels panels = filter_panels(kernels, schedule, call.b, steps, how.f, memory);
  for_each_picture(how.oh, call, [&](const Share& share) {
    Sweep part = sweep;
    part.picture.pixels += share.picture * how.h * how.w * how.c;
    part.row += as_signed(share.begin * how.stride[0]);
    part.rows = share.end - share.begin;
    part.to += as_signed(share.picture * how.oh + share.begin) * sweep.to_row;
    multiply_windows(kernels, part, panels, memory + filter_floats);
  });
}

std::size_t convolve_filters_parts(const Convolution& how) {
  return how.kh * how.kw * how.c;
}

void convolve_filters(const Convolution& how, const ConvolutionCall& call, InstructionSet set,
                      GemmScratch& scratch, const ConvolveSchedule& schedule) {
  if (call.begin >= call.end) return;
  if (how.n == 0 && !call.accumulate)
    std::fill(call.result + call.begin * how.f, call.result + call.end * how.f, 0.0F);
  const Kernels& kernels = kernels_of(set);
  Sweep sweep = answers_sweep(how, call.a, schedule);
  const bool is_turned = schedule.windows == Windows::automatic ? how.kw * how.c < kBusyRows
                                                                : schedule.windows == Windows::turned;
  const std::size_t taps = how.kh * how.kw * how.c;
  const std::size_t line =
      how.ow * (how.f + (is_turned ? taps : 0)) + area_floats(sweep, 1) / how.kh * how.stride[0];
  const std::size_t most = schedule.band != 0 ? schedule.band : kTapBandFloats / line;
  const std::size_t band = even_part(how.oh, std::max<std::size_t>(1, most));
  const std::size_t picture_floats = area_floats(sweep, band);
  float* const memory = scratch.reserve(picture_floats + (is_turned ? taps * band * how.ow : 0));
  Block block{.n = how.f, .k = how.ow, .b = call.b, .b_row = as_signed(how.f), .c_row = as_signed(how.f)};
  const WindowTile tile = window_tile(schedule, kernels);
  block.b_panel = as_signed(tile.panel);
  block.tile_rows = tile.rows;
  block.tile_columns = tile.columns;
  block.fetch = tile.fetch;
  block.rows_first = tile.rows != 0 && schedule.order == TileOrder::rows;
  block.accumulate = call.accumulate;
  for (std::size_t i = 0; i < how.n; ++i, sweep.picture.pixels += how.h * how.w * how.c) {
    Bands bands(sweep, memory);
    for (std::size_t y = 0; y < how.oh; y += band) {
      block.segments = std::min(band, how.oh - y);
      const PictureView view = bands.next(y, block.segments);
      if (is_turned) {
        float* const turned = memory + picture_floats;
        turn_windows(kernels, how, view, block.segments, turned);
        const std::size_t answers = block.segments * how.ow;
        Block whole = block;
        whole.m = call.end - call.begin;
        whole.k = answers;
        whole.segments = 1;
        whole.a = turned + call.begin * answers;
        whole.a_row = as_signed(answers);
        whole.c = call.result + call.begin * how.f;
        kernels.multiply(whole);
      } else {
        const bool is_last = i + 1 == how.n && y + band >= how.oh;
        const std::size_t answers = band * how.ow * how.f, pixels = band * how.stride[0] * how.w * how.c;
        const PictureArea area = area_of(sweep, y, block.segments);
        const std::ptrdiff_t row = std::min(area.row + as_signed(area.rows), as_signed(how.h));
        const float* const below = sweep.picture.pixels + row * as_signed(how.w * how.c);
        multiply_taps(kernels, how, call, view,
                      is_last ? NextBand{} : NextBand{below, pixels, block.b + answers, answers}, block);
      }
      block.b += block.segments * how.ow * how.f;
      block.accumulate = true;
    }
  }
}

}  // namespace astrolabe
