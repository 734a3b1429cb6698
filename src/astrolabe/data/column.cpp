// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/column.h"

#include <array>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

constexpr std::array<std::string_view, 8> kTypeNames = {"number",   "whole_number", "boolean",    "category",
                                                        "datetime", "text",         "identifier", "image"};

// "2011-01-01" at midnight, "2011-01-01T05:00:00" otherwise, with up to six digits of a fraction.
std::string format_datetime(double seconds) {
  constexpr double kMaxSeconds = 3e11;  // beyond year 9999 the calendar type would overflow
  if (!(std::abs(seconds) < kMaxSeconds)) return fmt::format("{}", seconds);
  const auto micros = static_cast<std::int64_t>(std::llround(seconds * 1e6));
  const std::chrono::sys_time<std::chrono::microseconds> time{std::chrono::microseconds(micros)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  std::string text = fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  const std::int64_t of_day = (time - day).count();
  if (of_day == 0) return text;
  const std::int64_t second = of_day / 1'000'000;
  text += fmt::format("T{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
  if (const std::int64_t fraction = of_day % 1'000'000; fraction != 0) {
    text += fmt::format(".{:06}", fraction);
    while (text.back() == '0') text.pop_back();
  }
  return text;
}

}  // namespace

std::string_view column_type_name(ColumnType type) {
  return kTypeNames[static_cast<std::size_t>(type)];
}

std::optional<ColumnType> find_column_type(std::string_view name) {
  for (std::size_t i = 0; i < kTypeNames.size(); ++i) {
    if (kTypeNames[i] == name) return static_cast<ColumnType>(i);
  }
  return std::nullopt;
}

void TextCells::reserve(std::size_t rows, std::size_t bytes) {
  ends_.reserve(rows);
  missing_.reserve(rows);
  bytes_.reserve(bytes);
}

void TextCells::add(std::string_view cell) {
  bytes_.append(cell);
  ends_.push_back(bytes_.size());
  missing_.push_back(false);
}

void TextCells::add_missing() {
  ends_.push_back(bytes_.size());
  missing_.push_back(true);
}

std::string_view TextCells::operator[](std::size_t row) const {
  const std::uint64_t begin = row == 0 ? 0 : ends_[row - 1];
  return std::string_view(bytes_).substr(begin, ends_[row] - begin);
}

std::size_t Column::rows() const {
  if (is_numeric()) return numbers.size();
  if (is_image()) return pixels.rows();
  return has_levels() ? codes.size() : text.size();
}

bool Column::is_missing(std::size_t row) const {
  if (is_numeric()) return std::isnan(numbers[row]);
  if (is_image()) return !no_picture.empty() && no_picture[row];
  return has_levels() ? codes[row] < 0 : text.is_missing(row);
}

std::string Column::cell(std::size_t row) const {
  if (is_missing(row)) return {};
  if (has_levels()) return levels[static_cast<std::size_t>(codes[row])];
  if (is_image()) return shape_words(pixels.shape) + " picture";
  if (!is_numeric()) return std::string(text[row]);
  if (type == ColumnType::datetime) return format_datetime(numbers[row]);
  constexpr double kExactInteger = 9007199254740992.0;  // 2^53
  const double number = numbers[row];
  if (number == std::floor(number) && std::abs(number) <= kExactInteger) {
    return fmt::format("{}", static_cast<std::int64_t>(number));
  }
  return fmt::format("{}", number);
}

}  // namespace astrolabe
