// SPDX-License-Identifier: Apache-2.0
// Which rows the study of a run is about, where a memory limit leaves some out. They follow from the limit,
// from the seed, and from what the process held when it looked: so they are noted when the study begins, and
// whoever goes on with it, proves or explains it, or helps, works with the same ones.
//
//   reading.memory_bytes = memory_for_table(limit_of_rows(options));   // the rows of the first session
//   store.set_note(kRowsNote, drawn_rows_json(run.drawn));
//   options.drawn = parse_drawn_rows(notes[kRowsNote]);
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace astrolabe {

struct DrawnRows {
  static constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

  std::uint64_t limit = kNoLimit;  // bytes that the run which drew them could take
  std::size_t read = 0;            // rows of the table
  std::size_t searched = 0;        // open rows that the search works with

  bool operator==(const DrawnRows&) const = default;
};

// ---- As the note of a study.
inline constexpr std::string_view kRowsNote = "rows";
[[nodiscard]] std::string drawn_rows_json(const DrawnRows& rows);
// Nothing of what is no such text: studies of earlier versions have none.
[[nodiscard]] std::optional<DrawnRows> parse_drawn_rows(std::string_view json);

// Refuses, as usage_error that says how much is enough, to go on with them under a smaller limit.
[[noreturn]] void refuse_rows(const DrawnRows& rows, std::uint64_t limit);

}  // namespace astrolabe
