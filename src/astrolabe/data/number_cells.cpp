// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/number_cells.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include "astrolabe/data/cell_dictionary.h"
#include "astrolabe/data/cells.h"

namespace astrolabe {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr double kExactWhole = 9007199254740992.0;  // 2^53

bool is_whole(double value) {
  return std::abs(value) <= kExactWhole && static_cast<double>(static_cast<std::int64_t>(value)) == value;
}

// Counts markers; a column has few spellings, and the same one comes again and again.
class MarkerTally {
 public:
  void add(std::string_view marker) {
    for (auto& [spelling, count] : counts_) {
      if (spelling == marker) {
        ++count;
        return;
      }
    }
    counts_.emplace_back(std::string(marker), 1);
  }
  [[nodiscard]] std::map<std::string, std::uint64_t> map() const { return {counts_.begin(), counts_.end()}; }

 private:
  std::vector<std::pair<std::string, std::uint64_t>> counts_;
};

class NumberPass {
 public:
  NumberPass(NotNumber otherwise, bool whole_only) : otherwise_(otherwise), whole_only_(whole_only) {}

  // False when the pass must stop.
  bool take(std::size_t row, std::string_view as_read) {
    double value = 0;
    if (parse_cell_number(as_read, value)) [[likely]]
      return take_number(row, as_read, value);
    const std::string_view cell = trim_cell(as_read);
    if (is_missing_marker(cell) || is_missing_among_numbers(cell)) {
      tally_.add(cell);
      ++result.missing;
      result.numbers.push_back(kMissing);
      return true;
    }
    if (cell.size() != as_read.size() && parse_cell_number(cell, value)) {
      result.any_trimmed = true;
      return take_number(row, cell, value);
    }
    return misfit(row, cell);
  }
  void finish() { result.markers = tally_.map(); }

  NumberCells result;

 private:
  bool take_number(std::size_t row, std::string_view cell, double value) {
    if (cell.front() == '0' && otherwise_ == NotNumber::stop && has_leading_zeros(cell)) return false;
    if (result.all_whole || whole_only_) {
      if (!is_whole(value)) {
        if (whole_only_) return misfit(row, cell);
        result.all_whole = false;
      }
    }
    if (!result.all_whole) note_unusual(cell, value);
    result.numbers.push_back(value);
    return true;
  }
  void note_unusual(std::string_view cell, double value) {
    if (std::isinf(value)) {
      ++result.infinities;
      result.any_fraction = true;
    } else if (std::abs(value) <= kExactWhole) {
      result.any_fraction |= !is_whole(value);
    } else if (std::all_of(cell.begin() + 1, cell.end(), [](char c) { return c >= '0' && c <= '9'; })) {
      result.long_codes = true;
    } else {
      result.any_fraction = true;
    }
  }
  bool misfit(std::size_t row, std::string_view cell) {
    if (otherwise_ == NotNumber::stop) return false;
    if (!result.first_misfit_row) {
      result.first_misfit_row = row;
      result.first_misfit = std::string(cell);
    }
    ++result.misfits;
    ++result.missing;
    result.numbers.push_back(kMissing);
    return true;
  }

  NotNumber otherwise_;
  bool whole_only_;
  MarkerTally tally_;
};

}  // namespace

std::optional<NumberCells> read_number_cells(const RawColumn& column, NotNumber otherwise, bool whole_only) {
  std::size_t rows = 0;
  for (const TextChunk& chunk : column.chunks) rows += chunk.rows;
  NumberPass pass(otherwise, whole_only);
  std::size_t row = 0;
  for (const TextChunk& chunk : column.chunks) {
    for (std::size_t i = 0; i < chunk.rows; ++i, ++row) {
      if (!pass.take(row, chunk.is_valid(i) ? chunk.cell(i) : std::string_view{})) return std::nullopt;
      // Reserved only once the first cell has turned out to be a number.
      if (row == 0) pass.result.numbers.reserve(rows);
    }
  }
  pass.finish();
  return std::move(pass.result);
}

}  // namespace astrolabe
