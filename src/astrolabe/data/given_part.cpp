// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/given_part.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

constexpr std::array<std::string_view, 3> kTrainWords = {"train", "training", "fit"};
constexpr std::array<std::string_view, 10> kJudgeWords = {
    "test", "testing", "valid", "validation", "val", "eval", "evaluation", "holdout", "hold-out", "hold_out"};

std::string lower(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lowered;
}

[[noreturn]] void refuse(const Column& column, std::string found) {
  throw bad_input({.attempted = fmt::format("splitting by the given column \"{}\"", column.name),
                   .expected = "train or test in every row, or fold numbers",
                   .found = std::move(found),
                   .remedy = "Write train or test into the column, or choose another --split."});
}

// Whether true (or 1) means "judge"; the name of the column must say so.
bool true_means_judge(const Column& column) {
  const std::string name = lower(column.name);
  const auto contains = [&](std::string_view word) { return name.find(word) != std::string::npos; };
  const bool judges = contains("test") || contains("valid") || contains("hold") || contains("eval");
  const bool trains = contains("train");
  if (judges == trains) {
    refuse(column, "two values, and a name that does not say whether true means train or test");
  }
  return judges;
}

std::optional<bool> find_word(std::string_view cell) {
  const std::string word = lower(cell);
  if (std::ranges::find(kJudgeWords, word) != kJudgeWords.end()) return true;
  if (std::ranges::find(kTrainWords, word) != kTrainWords.end()) return false;
  return std::nullopt;
}

bool word_means_judge(const Column& column, std::string_view cell) {
  const std::optional<bool> judges = find_word(cell);
  if (!judges) refuse(column, fmt::format("\"{}\"", cell));
  return *judges;
}

std::vector<bool> part_by_words(const Column& column) {
  std::vector<bool> held_out(column.rows());
  if (column.has_levels()) {
    std::vector<std::optional<bool>> judges(column.levels.size());
    for (std::size_t row = 0; row < held_out.size(); ++row) {
      const auto code = static_cast<std::size_t>(column.codes[row]);
      if (!judges[code]) judges[code] = word_means_judge(column, column.levels[code]);
      held_out[row] = *judges[code];
    }
    return held_out;
  }
  for (std::size_t row = 0; row < held_out.size(); ++row) {
    held_out[row] = word_means_judge(column, column.text[row]);
  }
  return held_out;
}

std::vector<bool> part_by_numbers(const Column& column) {
  const std::vector<double>& numbers = column.numbers;
  for (const double number : numbers) {
    if (number != std::floor(number) || std::isinf(number))
      refuse(column, fmt::format("the number {}", number));
  }
  double judge = *std::ranges::max_element(numbers);
  if (std::ranges::all_of(numbers, [](double number) { return number == 0 || number == 1; })) {
    judge = true_means_judge(column) ? 1 : 0;
  }
  std::vector<bool> held_out(numbers.size());
  for (std::size_t row = 0; row < held_out.size(); ++row) held_out[row] = numbers[row] == judge;
  return held_out;
}

// The levels of a boolean column are sorted, and every spelling of false sorts before its true: 0/1, f/t,
// false/true, n/y, no/yes.
std::vector<bool> part_by_boolean(const Column& column) {
  const std::int32_t judge = true_means_judge(column) ? 1 : 0;
  std::vector<bool> held_out(column.rows());
  for (std::size_t row = 0; row < held_out.size(); ++row) held_out[row] = column.codes[row] == judge;
  return held_out;
}

}  // namespace

std::vector<bool> given_part(const Column& column) {
  for (std::size_t row = 0; row < column.rows(); ++row) {
    if (column.is_missing(row)) refuse(column, fmt::format("an empty cell in row {}", row + 1));
  }
  if (column.rows() == 0) refuse(column, "no rows");
  std::vector<bool> held_out;
  if (column.type == ColumnType::datetime) refuse(column, "dates");
  if (column.type == ColumnType::boolean && column.levels.size() == 2 && !find_word(column.levels[0])) {
    held_out = part_by_boolean(column);
  } else if (column.is_numeric()) {
    held_out = part_by_numbers(column);
  } else {
    held_out = part_by_words(column);
  }
  const auto judged = std::ranges::count(held_out, true);
  if (judged == 0) refuse(column, "no row for judging");
  if (judged == std::ssize(held_out)) refuse(column, "no row for training");
  return held_out;
}

}  // namespace astrolabe
