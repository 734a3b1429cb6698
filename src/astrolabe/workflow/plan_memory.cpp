// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/plan_memory.h"

#include <charconv>
#include <cmath>
#include <unordered_map>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/data/reader.h"
#include "astrolabe/lower/memory_plan.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMostBuffers = 100'000;                 // beyond, the pairs would take minutes
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 60;  // of all buffers together
constexpr std::uint64_t kMostAlignment = std::uint64_t{1} << 30;

class BufferTable {
 public:
  explicit BufferTable(const std::filesystem::path& file) : file_(file) {
    ThreadPool pool(1);
    const ColumnType text = ColumnType::text;  // typed here: whole numbers, exactly
    table_ =
        read_table_as(file, {{"id", text}, {"lower", text}, {"upper", text}, {"size", text}}, {}, {}, pool)
            .table;
  }

  std::vector<PlacedBuffer> buffers() const {
    const std::size_t rows = table_.rows();
    if (rows == 0 || rows > kMostBuffers)
      throw bad_input({.attempted = attempted(),
                       .expected = fmt::format("1 to {} buffers, a row for each", format_count(kMostBuffers)),
                       .found = format_count(rows),
                       .remedy = "Each row is a buffer: id, lower, upper, size."});
    std::vector<PlacedBuffer> buffers(rows);
    std::unordered_map<std::string, std::size_t> row_of;
    for (std::size_t row = 0; row < rows; ++row) {
      buffers[row] = buffer_at(row);
      const auto [before, is_new] = row_of.emplace(buffers[row].id, row);
      if (!is_new)
        refuse(row, "an id of its own for every buffer",
               fmt::format("'{}' in row {} too", buffers[row].id, format_count(before->second + 1)),
               "Give every buffer its own id.");
    }
    return buffers;
  }

 private:
  PlacedBuffer buffer_at(std::size_t row) const {
    const Column& ids = table_.require("id", "id");
    if (ids.is_missing(row)) refuse(row, "an id", "none", "Give every buffer an id.");
    PlacedBuffer buffer{
        .id = ids.cell(row), .lower = number_at("lower", row), .upper = number_at("upper", row)};
    const std::int64_t size = number_at("size", row);
    if (buffer.lower >= buffer.upper)
      refuse(row, "lower < upper", fmt::format("lower {} and upper {}", buffer.lower, buffer.upper),
             "A buffer lives in [lower, upper): from lower on, no longer at upper.");
    if (size < 0 || static_cast<std::uint64_t>(size) > kMostBytes)
      refuse(row, fmt::format("a size of 0 to {} bytes", format_count(kMostBytes)), fmt::format("{}", size),
             "Give sizes in bytes.");
    buffer.size = static_cast<std::uint64_t>(size);
    return buffer;
  }

  std::int64_t number_at(std::string_view name, std::size_t row) const {
    constexpr double kExact = 9007199254740992;  // up to here every whole number is a double
    const std::string cell = table_.require(name, name).cell(row);
    const std::string_view text = trim(cell);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc{} && end == text.data() + text.size()) return value;
    const std::optional<double> number = parse_number(text);  // 4.0, 1e6
    if (number && std::abs(*number) <= kExact && *number == std::floor(*number))
      return static_cast<std::int64_t>(*number);
    refuse(row, fmt::format("a whole number as {}", name),
           text.empty() ? "nothing" : fmt::format("'{}'", text),
           "lower and upper are points in time, size is in bytes.");
  }

  [[noreturn]] void refuse(std::size_t row, const std::string& expected, const std::string& found,
                           const std::string& remedy) const {
    throw bad_input({.attempted = attempted(),
                     .expected = expected,
                     .found = fmt::format("{} in row {}", found, format_count(row + 1)),
                     .remedy = remedy});
  }

  std::string attempted() const { return "reading buffers from " + file_.string(); }

  std::filesystem::path file_;
  Table table_;
};

void require_sound(const BufferQuestion& question) {
  if (question.alignment >= 1 && question.alignment <= kMostAlignment) return;
  throw usage_error({.attempted = "reading --alignment",
                     .expected = fmt::format("1 to {} bytes", format_count(kMostAlignment)),
                     .found = format_count(question.alignment),
                     .remedy = "Offsets are multiples of it; 64 is a cache line."});
}

std::vector<Lifetime> lifetimes_of(const MemoryLayout& layout) {
  std::vector<Lifetime> lifetimes;
  double total = 0;
  for (const PlacedBuffer& buffer : layout.buffers) {
    lifetimes.push_back({.bytes = buffer.size, .lower = buffer.lower, .upper = buffer.upper});
    total += static_cast<double>(buffer.size) + static_cast<double>(layout.alignment);
  }
  if (total > static_cast<double>(kMostBytes))
    throw bad_input(
        {.attempted = "planning the memory of " + layout.source,
         .expected = fmt::format("at most {} bytes in all buffers together", format_count(kMostBytes)),
         .found = fmt::format("{:.3g}", total),
         .remedy = "Give sizes in bytes."});
  return lifetimes;
}

}  // namespace

MemoryLayout plan_buffers(const BufferQuestion& question) {
  require_sound(question);
  MemoryLayout layout{.source = question.file.string(),
                      .buffers = BufferTable(question.file).buffers(),
                      .alignment = question.alignment,
                      .capacity = question.capacity,
                      .most_steps = question.most_steps,
                      .was_too_many = false};
  layout.was_too_many = question.most_steps > 0 && layout.buffers.size() > kMostSearchedBuffers;
  const std::vector<Lifetime> lifetimes = lifetimes_of(layout);
  const MemoryPlan plan = plan_memory(
      lifetimes,
      {.alignment = question.alignment, .capacity = question.capacity, .most_steps = question.most_steps});
  if (question.capacity && *question.capacity < plan.most_live)
    throw usage_error({.attempted = "planning the memory of " + layout.source,
                       .expected = fmt::format("a capacity of at least {} bytes, as much lives at one time",
                                               format_count(plan.most_live)),
                       .found = fmt::format("--capacity {}", format_count(*question.capacity)),
                       .remedy = "Give more, or let buffers live shorter."});
  for (std::size_t i = 0; i < layout.buffers.size(); ++i) layout.buffers[i].offset = plan.offsets[i];
  layout.peak = plan.bytes;
  layout.lower_bound = plan.lower_bound;
  layout.most_live = plan.most_live;
  layout.greedy_peak = plan.greedy_bytes;
  layout.steps = plan.steps;
  return layout;
}

}  // namespace astrolabe
