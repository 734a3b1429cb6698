// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/time_order.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"

namespace astrolabe {
namespace {

bool starts_with_year(std::string_view cell) {
  constexpr std::size_t kYearDigits = 4;
  return cell.size() >= kYearDigits &&
         std::ranges::all_of(cell.substr(0, kYearDigits), [](char c) { return c >= '0' && c <= '9'; });
}

void require_no_missing(const Column& column, std::span<const RowIndex> rows) {
  const auto missing = static_cast<std::uint64_t>(
      std::ranges::count_if(rows, [&](RowIndex row) { return column.is_missing(row); }));
  if (missing == 0) return;
  throw bad_input(
      {.attempted = fmt::format("ordering the rows by \"{}\"", column.name),
       .expected = "a time in every row",
       .found = fmt::format("{} of {} rows without one", format_count(missing), format_count(rows.size())),
       .remedy = "Fill in or remove these rows, or choose another --split."});
}

[[noreturn]] void refuse_order(const Column& column, std::string_view cell) {
  throw bad_input(
      {.attempted = fmt::format("ordering the rows by \"{}\"", column.name),
       .expected = "numbers, dates, or text that starts with the year and has one length (\"2011-03\")",
       .found = fmt::format("a {} column with the cell \"{}\"", column_type_name(column.type), cell),
       .remedy = fmt::format("Choose a column with times or numbers, or read it as one: --types {}=datetime.",
                             column.name)});
}

template <class Less>
TimeOrder sorted_order(std::span<const RowIndex> rows, const Less& less) {
  TimeOrder order;
  order.rows.assign(rows.begin(), rows.end());
  std::ranges::sort(order.rows, [&](RowIndex a, RowIndex b) {
    if (less(a, b)) return true;
    return !less(b, a) && a < b;
  });
  for (std::size_t i = 1; i < order.rows.size(); ++i) {
    if (less(order.rows[i - 1], order.rows[i])) order.cuts.push_back(i);
  }
  return order;
}

}  // namespace

std::optional<std::size_t> TimeOrder::cut_near(double position) const {
  if (cuts.empty()) return std::nullopt;
  return *std::ranges::min_element(
      cuts, {}, [&](std::size_t cut) { return std::abs(static_cast<double>(cut) - position); });
}

std::optional<std::vector<std::size_t>> TimeOrder::equal_cuts(std::size_t count) const {
  if (cuts.size() < count) return std::nullopt;
  std::vector<std::size_t> chosen;
  std::size_t first = 0;  // index into cuts of the earliest that may still be chosen
  for (std::size_t i = 0; i < count; ++i) {
    const double position =
        static_cast<double>(rows.size()) * static_cast<double>(i + 1) / static_cast<double>(count + 1);
    const std::size_t last = cuts.size() - (count - i);  // leaves one cut for each that is still to come
    std::size_t best = first;
    for (std::size_t j = first + 1; j <= last; ++j) {
      const auto distance = [&](std::size_t k) { return std::abs(static_cast<double>(cuts[k]) - position); };
      if (distance(j) < distance(best)) best = j;
    }
    chosen.push_back(cuts[best]);
    first = best + 1;
  }
  return chosen;
}

TimeOrder order_by_time(const Column& column, std::span<const RowIndex> rows) {
  require_no_missing(column, rows);
  if (column.is_numeric()) {
    return sorted_order(rows, [&](RowIndex a, RowIndex b) { return column.numbers[a] < column.numbers[b]; });
  }
  const auto cell = [&](RowIndex row) -> std::string_view {
    if (column.has_levels()) return column.levels[static_cast<std::size_t>(column.codes[row])];
    return column.text[row];
  };
  for (const RowIndex row : rows) {
    if (!starts_with_year(cell(row)) || cell(row).size() != cell(rows.front()).size()) {
      refuse_order(column, cell(row));
    }
  }
  return sorted_order(rows, [&](RowIndex a, RowIndex b) { return cell(a) < cell(b); });
}

}  // namespace astrolabe
