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

std::size_t convolve_filters_parts(const Convolution& how) {
  return how.kh * how.kw * how.c;
}

void convolve_filters(const Convolution& how, const ConvolutionCall& call, InstructionSet set,
                      GemmScratch& scratch) {
  if (call.begin >= call.end) return;
  if (how.n == 0 && !call.accumulate)
    std::fill(call.result + call.begin * how.f, call.result + call.end * how.f, 0.0F);
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
