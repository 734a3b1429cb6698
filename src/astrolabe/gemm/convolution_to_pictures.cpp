// SPDX-License-Identifier: Apache-2.0
// What a convolution pulls back to its pictures. With steps of 1 it is a convolution of the answers by the
// turned filters; with longer steps the pixels fall into classes, each of which is one.
#include <algorithm>
#include <vector>

#include "astrolabe/gemm/convolution.h"
#include "astrolabe/gemm/kernel_choice.h"
#include "astrolabe/gemm/window_sweep.h"

namespace astrolabe {
namespace {

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
Panels turned_panels(const Kernels& kernels, std::size_t panel, const Convolution& how, const float* filters,
                     const PixelPhase& phase, float* memory) {
  const auto width = as_signed(panel_width(panel, how.c));
  float* to = memory;
  for (std::size_t j = 0; j < how.c; j += panel) {
    for (std::size_t u = 0; u < phase.whole.taps; ++u) {
      for (std::size_t v = 0; v < phase.across.taps; ++v, to += as_signed(how.f) * width) {
        const std::size_t kh = phase.whole.tap - u * how.stride[0], kw = phase.across.tap - v * how.stride[1];
        kernels.transpose({filters + ((kh * how.kw + kw) * how.c + j) * how.f, as_signed(how.f), to, width,
                           std::min(panel, how.c - j), how.f});
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

}  // namespace

std::size_t convolve_input_parts(const Convolution& how) {
  return how.n * how.h;
}

void convolve_input(const Convolution& how, const ConvolutionCall& call, InstructionSet set,
                    GemmScratch& scratch, const ConvolveSchedule& schedule) {
  if (call.begin >= call.end) return;
  const Kernels& kernels = kernels_of(set);
  const std::size_t panel = window_tile(schedule, kernels).panel;
  // Memory for the taps of all phases, then for pictures of answers with zeros around.
  std::vector<PixelPhase> phases = pixel_phases(how);
  std::size_t filter_floats = 0;
  for (const PixelPhase& phase : phases) filter_floats += panel_floats(panel, phase.taps(how), how.c);
  const PictureArea most = windows_of(how, phases, 0, how.h);
  float* const memory = scratch.reserve(filter_floats + most.rows * most.columns * how.f);
  float* to = memory;
  for (PixelPhase& phase : phases) {
    phase.panels = turned_panels(kernels, panel, how, call.b, phase, to);
    to += panel_floats(panel, phase.taps(how), how.c);
  }
  // Bands are copied into the memory that phases take for the whole picture.
  ConvolveSchedule of_sweep = schedule;
  if (phases.size() > 1) of_sweep.windows = Windows::automatic;
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
          .to_next = as_signed(how.stride[1] * how.c),
          .is_last = phases.size() > 1,
          .schedule = of_sweep};
      if (phase.taps(how) != 0)
        multiply_windows(kernels, sweep, phase.panels, to);
      else
        fill_zeros(sweep, how.c);
    }
  });
}

}  // namespace astrolabe
