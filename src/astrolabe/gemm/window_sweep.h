// SPDX-License-Identifier: Apache-2.0
// What the directions of a convolution share: windows of a picture that begin at regular places, multiplied
// by filters that lie in panels.
//
//   const Sweep sweep{.picture = {x, 28, 28, 16}, .row = -1, .column = -1, .kh = 3, .kw = 3, .rows = 28,
//   .columns = 28,
//                     .to = y, .to_row = 28 * 32, .to_next = 32};
//   multiply_windows(kernels, sweep, {filters, 32, 0, 32}, memory);   // sweep_floats(sweep) floats
#pragma once

#include <algorithm>
#include <cstddef>

#include "astrolabe/gemm/convolution.h"
#include "astrolabe/gemm/kernels.h"
#include "astrolabe/gemm/picture_view.h"

namespace astrolabe {

[[nodiscard]] constexpr std::ptrdiff_t as_signed(std::size_t size) {
  return static_cast<std::ptrdiff_t>(size);
}

// `count` in equal parts of at most `limit`.
[[nodiscard]] constexpr std::size_t even_part(std::size_t count, std::size_t limit) {
  const std::size_t parts = (count + limit - 1) / limit;
  return (count + parts - 1) / parts;
}

// The tile of a schedule if the set has it, else 0 x 0; and the columns of a panel.
struct WindowTile {
  std::size_t rows = 0, columns = 0, fetch = 0;
  std::size_t panel = 0;
};
[[nodiscard]] WindowTile window_tile(const ConvolveSchedule& schedule, const Kernels& kernels);

// The right operand in panels: [steps, columns], columns from panel to panel b_panel floats apart.
struct Panels {
  const float* b = nullptr;
  std::ptrdiff_t b_row = 0, b_panel = 0;
  std::size_t columns = 0;
};

// Floats of a row of a panel: no more than there are columns, in whole lines of the cache; and of all panels.
[[nodiscard]] std::size_t panel_width(std::size_t panel, std::size_t columns);
[[nodiscard]] std::size_t panel_floats(std::size_t panel, std::size_t steps, std::size_t columns);

// Windows of a picture, and where their answers go.
struct Sweep {
  Picture picture;
  std::ptrdiff_t row = 0, column = 0;      // where the first window begins
  std::size_t down = 1, across = 1;        // from window to window
  std::size_t kh = 0, kw = 0;              // of a window
  std::size_t rows = 0, columns = 0;       // how many windows
  float* to = nullptr;                     // the answer of the first one
  std::ptrdiff_t to_row = 0, to_next = 0;  // floats from answer to answer below it, and beside it
  bool is_last = false;                    // the next picture does not lie behind this one
  ConvolveSchedule schedule = {};
};

// The pixels that `rows` rows of windows see, and how many floats they are.
[[nodiscard]] PictureArea area_of(const Sweep& sweep, std::size_t first, std::size_t rows);
[[nodiscard]] std::size_t area_floats(const Sweep& sweep, std::size_t rows);

// Floats of memory that multiply_windows needs for this sweep or a part of it.
[[nodiscard]] std::size_t sweep_floats(const Sweep& sweep);

// Every window by every column of the panels.
void multiply_windows(const Kernels& kernels, const Sweep& sweep, const Panels& panels, float* memory);

// The pictures of successive bands of windows. A band that reaches over the rim is copied; the rows that it
// shares with the one before are copied from there, out of the nearest cache.
class Bands {
 public:
  Bands(const Sweep& sweep, float* memory);

  // Of the windows [first, first + rows), which begin where the last ones ended.
  [[nodiscard]] PictureView next(std::size_t first, std::size_t rows);

 private:
  const Sweep& sweep_;
  float* memory_;
  bool is_inside_;
  std::size_t last_rows_ = 0;
};

// The windows of all answers of the first picture.
[[nodiscard]] Sweep answers_sweep(const Convolution& how, const float* pictures,
                                  const ConvolveSchedule& schedule);

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

}  // namespace astrolabe
