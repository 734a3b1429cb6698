// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/keep_within_memory.h"

#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/data/split.h"
#include "astrolabe/workflow/memory_cap.h"

namespace astrolabe {
namespace {

// What the memory limit is asked about.
struct MemoryQuestion {
  std::uint64_t limit = 0;
  std::uint64_t held = 0;     // by the process, and by fits whatever the rows are
  std::uint64_t working = 0;  // that a search on all open rows takes
};

// The rows that a study which was begun works with, whatever fits now.
std::optional<std::vector<RowIndex>> rows_of_study(const Run& run, const OpenData& data,
                                                   const MemoryQuestion& memory) {
  const DrawnRows& drawn = *run.options.drawn;
  std::vector<RowIndex> rows(data.features.rows());
  std::iota(rows.begin(), rows.end(), RowIndex{0});
  if (drawn.searched < rows.size())
    rows = draw_rows(rows, data.labels.groups, drawn.searched, run.key.split("memory"));
  const double share = static_cast<double>(rows.size()) / static_cast<double>(data.features.rows());
  const bool fits = static_cast<double>(memory.held) + share * static_cast<double>(memory.working) <=
                    static_cast<double>(memory.limit);
  if (memory.limit < drawn.limit && rows.size() > kFewestRows && !fits) refuse_rows(drawn, memory.limit);
  return rows.size() < data.features.rows() ? std::optional(std::move(rows)) : std::nullopt;
}

// A limit that cannot be kept is said, with one that can.
void warn_of_limit(Run& run, const OpenData& data, const MemoryQuestion& memory, std::uint64_t nets) {
  const std::uint64_t needed = memory.held + memory.working;
  if (needed <= memory.limit) return;
  run.result.warnings.push_back(
      fmt::format("--memory: this run takes about {}, more than the limit of {}: program and table {}, {} "
                  "rows of {} columns at work {}{}. Give as much, or drop columns",
                  format_bytes(needed), format_bytes(memory.limit), format_bytes(memory.held - nets),
                  format_count(data.features.rows()), format_count(data.features.columns().size()),
                  format_bytes(memory.working), nets > 0 ? ", nets " + format_bytes(nets) : ""));
}

}  // namespace

void keep_within_memory(Run& run, OpenData& data, const FitsOfRun& fits) {
  const std::size_t outputs = run.result.task.outputs();
  const std::uint64_t nets = memory_of_nets(data.features, fits);
  MemoryQuestion memory{.limit = run.options.memory_bytes,
                        .held = resident_memory() + nets,
                        .working = working_memory(data.features, outputs, fits)};
  const auto rows = run.options.drawn
                        ? rows_of_study(run, data, memory)
                        : rows_within_memory(data.features, outputs, data.labels.groups, memory.limit,
                                             memory.held, run.key.split("memory"), fits);
  run.drawn.searched = rows ? rows->size() : data.features.rows();
  if (rows) {
    run.result.warnings.push_back(
        fmt::format("--memory: the search works with {} of {} open rows, chosen at random",
                    format_count(rows->size()), format_count(data.features.rows())));
    data = take_open_rows(data, *rows);
    memory.working = working_memory(data.features, outputs, fits);
  }
  warn_of_limit(run, data, memory, nets);
  if (!fits.has_nets) return;
  // While a system is fitted there is less of others than there will be.
  const FitsOfRun now{.has_nets = true, .pictures_as_bytes = fits.pictures_as_bytes, .systems = 1};
  const std::uint64_t working =
      fits.pictures_as_bytes ? working_memory(data.features, outputs, now) : memory.working;
  run.fits_limit = limit_of_fits(data.features, fits, working, memory.limit);
}

}  // namespace astrolabe
