// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/report/html.h"
#include "astrolabe/report/memory_layout.h"
#include "astrolabe/report/svg_plot.h"
#include "astrolabe/report/terminal_lines.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMostBuffers = 20'000;
constexpr double kLeastWidth = 0.6;                    // of a buffer, in pixels
constexpr double kCharacter = 6.4, kLabelHeight = 13;  // of an id inside its buffer

// A picture that stands alone carries its own colours. Sizes have three shades: what is large stands out.
constexpr std::string_view kStyle =
    "<style>svg{background:#fcfcfa}text{font:12px system-ui,-apple-system,'Segoe UI',sans-serif;fill:#1d2430}"
    ".h{font-size:15px;font-weight:600}.a,.s{fill:#667085}.g{stroke:#e6e8ec}.i{font-size:10px;fill:#1d2430}"
    "rect{stroke:#fcfcfa;stroke-width:.75}.b0{fill:#d5e2f0}.b1{fill:#a3c1df}.b2{fill:#6b9aca}"
    ".cap{stroke:#c2603a;stroke-dasharray:6 4;stroke-width:1.5}.low{stroke:#2f8f6b;stroke-dasharray:2 3;"
    "stroke-width:1.5}@media (prefers-color-scheme:dark){svg{background:#14171c}text{fill:#e6e8ec}"
    ".a,.s{fill:#98a2b3}.g{stroke:#2c323c}.i{fill:#f2f4f7}rect{stroke:#14171c}.b0{fill:#22364c}.b1{fill:#"
    "2f5379}"
    ".b2{fill:#3f76ad}.cap{stroke:#e08a62}.low{stroke:#62c49d}}</style>";

struct Unit {
  std::string_view name;
  double bytes;
};

Unit unit_of(std::uint64_t bytes) {
  constexpr std::array<Unit, 4> kUnits = {Unit{"bytes", 1}, Unit{"KiB", 1024}, Unit{"MiB", 1048576},
                                          Unit{"GiB", 1073741824}};
  std::size_t at = 0;
  while (at + 1 < kUnits.size() && static_cast<double>(bytes) >= 8 * kUnits[at + 1].bytes) ++at;
  return kUnits[at];
}

class Picture {
 public:
  explicit Picture(const MemoryLayout& layout)
      : layout_(layout), unit_(unit_of(layout.peak)), plot_(make_plot(layout, unit_)) {
    std::vector<std::uint64_t> sizes;
    for (const PlacedBuffer& buffer : layout.buffers) sizes.push_back(buffer.size);
    std::ranges::sort(sizes);
    if (!sizes.empty()) bounds_ = {sizes[sizes.size() / 2], sizes[sizes.size() * 9 / 10]};
  }

  std::string svg() {
    for (const PlacedBuffer& buffer : layout_.buffers)
      if (buffer.size > 0) draw(buffer);
    double row = kHeight + 4;
    if (layout_.capacity) mark(*layout_.capacity, "cap", "capacity", row);
    mark(layout_.lower_bound, "low", "lower bound", row);
    plot_.svg +=
        text_at(66, row, "start", "darker: larger buffers (the upper half and the upper tenth)", "s");
    std::string svg = plot_.svg + "</svg>";
    svg.insert(svg.find('>') + 1, kStyle);
    svg.insert(4, fmt::format(" xmlns=\"http://www.w3.org/2000/svg\" width=\"{:.0f}\" height=\"{:.0f}\"",
                              kWidth, kHeight + kBelow));
    return svg + "\n";
  }

 private:
  static constexpr double kWidth = 960, kHeight = 520, kBelow = 64;

  static Plot make_plot(const MemoryLayout& layout, const Unit& unit) {
    Range times{0, 1};
    if (!layout.buffers.empty()) {
      times = {static_cast<double>(layout.buffers[0].lower), static_cast<double>(layout.buffers[0].upper)};
      for (const PlacedBuffer& buffer : layout.buffers) {
        times.include(static_cast<double>(buffer.lower));
        times.include(static_cast<double>(buffer.upper));
      }
    }
    const double top =
        static_cast<double>(std::max({layout.peak, layout.capacity.value_or(0), layout.lower_bound}));
    return {{.width = kWidth, .height = kHeight, .below = kBelow},
            times,
            {0, std::max(top, 1.0) / unit.bytes * 1.02},
            "time",
            fmt::format("offset, {}", unit.name),
            "where each buffer lies"};
  }

  [[nodiscard]] double height_of(std::uint64_t bytes) const {
    return plot_.y(static_cast<double>(bytes) / unit_.bytes);
  }

  void draw(const PlacedBuffer& buffer) {
    const double x = plot_.x(static_cast<double>(buffer.lower));
    const double width = std::max(kLeastWidth, plot_.x(static_cast<double>(buffer.upper)) - x);
    const double y = height_of(buffer.offset + buffer.size), height = height_of(buffer.offset) - y;
    const std::string id = escape_html(printable(buffer.id));
    const int shade = buffer.size > bounds_[1] ? 2 : buffer.size > bounds_[0] ? 1 : 0;
    plot_.svg += fmt::format(
        "<rect x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\" class=\"b{}\"><title>{}: {} "
        "bytes at {}, "
        "lives in [{}, {})</title></rect>",
        x, y, width, height, shade, id, format_count(buffer.size), format_count(buffer.offset), buffer.lower,
        buffer.upper);
    if (height >= kLabelHeight && kCharacter * static_cast<double>(buffer.id.size()) + 4 <= width)
      plot_.svg += text_at(x + width / 2, y + height / 2 + 3.5, "middle", id, "i");
  }

  // A line across, and its name below the plot.
  void mark(std::uint64_t bytes, std::string_view css, std::string_view name, double& row) {
    plot_.svg += line_at(plot_.x.from, height_of(bytes), plot_.x.to, height_of(bytes), css);
    plot_.svg += line_at(66, row - 4, 96, row - 4, css);
    plot_.svg += text_at(104, row, "start", fmt::format("{}: {} bytes", name, format_count(bytes)));
    row += 18;
  }

  const MemoryLayout& layout_;
  Unit unit_;
  Plot plot_;
  std::array<std::uint64_t, 2> bounds_{};
};

}  // namespace

std::string layout_svg(const MemoryLayout& layout) {
  if (layout.buffers.size() > kMostBuffers)
    throw usage_error({.attempted = "drawing a memory plan",
                       .expected = fmt::format("at most {} buffers", format_count(kMostBuffers)),
                       .found = format_count(layout.buffers.size()),
                       .remedy = "Write it as a table, with --out."});
  return Picture(layout).svg();
}

}  // namespace astrolabe
