// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/memory_layout.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/csv.h"
#include "astrolabe/base/text.h"
#include "astrolabe/report/terminal_lines.h"

namespace astrolabe {
namespace {

constexpr std::size_t kShown = 8;  // of the largest buffers
constexpr std::size_t kIdCharacters = 20;
constexpr int kIndent = 35;

std::string share_above(std::uint64_t bytes, std::uint64_t of) {
  if (of == 0) return "";
  return fmt::format("{:.2g} %",
                     100 * (static_cast<double>(bytes) - static_cast<double>(of)) / static_cast<double>(of));
}

std::string peak_words(const MemoryLayout& layout) {
  std::string smallest = layout.peak == layout.lower_bound
                             ? "the smallest there is"
                             : share_above(layout.peak, layout.lower_bound) + " above the lower bound";
  if (!layout.capacity) return smallest;
  const std::string capacity = format_count(*layout.capacity);
  if (layout.fits())
    return fmt::format("fits into {}, {} to spare", capacity, format_count(*layout.capacity - layout.peak));
  return fmt::format("does not fit into {}: {} too many", capacity,
                     format_count(layout.peak - *layout.capacity));
}

std::string bound_words(const MemoryLayout& layout) {
  if (layout.lower_bound == layout.most_live) return "as much lives at one time";
  return fmt::format("proved by the search; at one time live {}", format_count(layout.most_live));
}

std::string search_words(const MemoryLayout& layout) {
  if (layout.was_too_many) return "none: too many buffers, greed alone";
  if (layout.steps == 0) return layout.most_steps == 0 ? "none was allowed" : "none was needed";
  return fmt::format("of at most {} placings", format_count(layout.most_steps));
}

std::string figure_line(std::string_view name, std::uint64_t value, const std::string& words,
                        const TextStyle& style) {
  return fmt::format("  {:<13}{:>16}    {}\n", name, format_count(value),
                     wrapped(words, style.width, kIndent));
}

std::string largest_text(const MemoryLayout& layout) {
  std::vector<std::size_t> order(layout.buffers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{},
                           [&](std::size_t at) { return layout.buffers[at].size; });
  order.resize(std::min(order.size(), kShown));
  std::string text = fmt::format("  {:<{}}{:>13}{:>13}{:>16}{:>16}\n",
                                 order.size() < layout.buffers.size() ? "the largest" : "buffer",
                                 kIdCharacters, "lower", "upper", "size", "offset");
  for (const std::size_t at : order) {
    const PlacedBuffer& buffer = layout.buffers[at];
    text += fmt::format("  {:<{}}{:>13}{:>13}{:>16}{:>16}\n",
                        shortened(printable(buffer.id), kIdCharacters - 1), kIdCharacters, buffer.lower,
                        buffer.upper, format_count(buffer.size), format_count(buffer.offset));
  }
  if (order.size() < layout.buffers.size())
    text += fmt::format("  and {} more; --out and --json have all\n",
                        format_count(layout.buffers.size() - order.size()));
  return text;
}

}  // namespace

std::string layout_text(const MemoryLayout& layout, const TextStyle& style) {
  std::string text =
      fmt::format("{}: {} {}\n\n", bold(style, printable(layout.source)), format_count(layout.buffers.size()),
                  layout.buffers.size() == 1 ? "buffer" : "buffers");
  text += figure_line("peak", layout.peak, peak_words(layout), style);
  text += figure_line("lower bound", layout.lower_bound, bound_words(layout), style);
  text += figure_line("greed alone", layout.greedy_peak,
                      layout.greedy_peak == layout.lower_bound
                          ? "reaches the lower bound"
                          : share_above(layout.greedy_peak, layout.lower_bound) + " above the lower bound",
                      style);
  text += figure_line("search", layout.steps, search_words(layout), style);
  return text + "\n" + largest_text(layout);
}

std::string layout_json(const MemoryLayout& layout) {
  using Json = nlohmann::ordered_json;
  Json buffers = Json::array();
  for (const PlacedBuffer& buffer : layout.buffers) {
    buffers.push_back({{"id", buffer.id},
                       {"lower", buffer.lower},
                       {"upper", buffer.upper},
                       {"size", buffer.size},
                       {"offset", buffer.offset}});
  }
  const Json json = {{"peak", layout.peak},
                     {"lower_bound", layout.lower_bound},
                     {"most_live", layout.most_live},
                     {"greedy_peak", layout.greedy_peak},
                     {"capacity", layout.capacity ? Json(*layout.capacity) : Json(nullptr)},
                     {"fits", layout.fits()},
                     {"alignment", layout.alignment},
                     {"steps", layout.steps},
                     {"most_steps", layout.most_steps},
                     {"buffers", std::move(buffers)}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string layout_csv(const MemoryLayout& layout) {
  std::string csv = "id,lower,upper,size,offset\n";
  for (const PlacedBuffer& buffer : layout.buffers)
    csv += fmt::format("{},{},{},{},{}\n", csv_cell(buffer.id), buffer.lower, buffer.upper, buffer.size,
                       buffer.offset);
  return csv;
}

}  // namespace astrolabe
