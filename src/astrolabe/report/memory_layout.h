// SPDX-License-Identifier: Apache-2.0
// Where buffers with lifetimes lie in one memory, for people and programs.
//
//   fmt::print("{}", layout_text(layout, style));
//   write_file_atomically("plan.svg", layout_svg(layout));
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "astrolabe/report/terminal_text.h"

namespace astrolabe {

struct PlacedBuffer {
  std::string id;
  std::int64_t lower = 0, upper = 0;  // lives in [lower, upper)
  std::uint64_t size = 0, offset = 0;
};

// All in bytes.
struct MemoryLayout {
  std::string source;  // the file
  std::vector<PlacedBuffer> buffers = {};
  std::uint64_t peak = 0;
  std::uint64_t lower_bound = 0;  // no plan needs less
  std::uint64_t most_live = 0;    // at one time
  std::uint64_t greedy_peak = 0;
  std::uint64_t alignment = 1;
  std::optional<std::uint64_t> capacity = {};
  std::uint64_t steps = 0, most_steps = 0;  // placings that the search tried, and might
  bool was_too_many = false;                // buffers for a search

  [[nodiscard]] bool fits() const { return !capacity || peak <= *capacity; }
};

[[nodiscard]] std::string layout_text(const MemoryLayout& layout, const TextStyle& style);

// JSON: buffers[].{id,lower,upper,size,offset}, peak, lower_bound, most_live, greedy_peak, capacity (or
// null), fits, alignment, steps, most_steps.
[[nodiscard]] std::string layout_json(const MemoryLayout& layout);

// id,lower,upper,size,offset.
[[nodiscard]] std::string layout_csv(const MemoryLayout& layout);

// Time across, offset up: a picture of its own, light and dark. Throws usage_error for more than 20,000
// buffers.
[[nodiscard]] std::string layout_svg(const MemoryLayout& layout);

}  // namespace astrolabe
