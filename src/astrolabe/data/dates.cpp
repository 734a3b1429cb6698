// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/dates.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

namespace astrolabe {
namespace {

constexpr double kNoDate = std::numeric_limits<double>::quiet_NaN();

// Takes pieces off the front of a cell.
class Scan {
 public:
  explicit Scan(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool take(char c) {
    if (peek() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Between `least` and `most` digits.
  std::optional<int> digits(std::size_t least, std::size_t most) {
    std::size_t length = 0;
    int value = 0;
    while (length < rest_.size() && length < most && rest_[length] >= '0' && rest_[length] <= '9')
      value = 10 * value + (rest_[length++] - '0');
    if (length < least) return std::nullopt;
    rest_.remove_prefix(length);
    return value;
  }
  // ".25" as 0.25; at least one digit after the point.
  std::optional<double> fraction() {
    std::size_t length = 1;
    while (length < rest_.size() && rest_[length] >= '0' && rest_[length] <= '9') ++length;
    if (length < 2) return std::nullopt;
    double value = 0;
    const char* begin = rest_.data();
    std::from_chars(begin, begin + length, value);
    rest_.remove_prefix(length);
    return value;
  }

 private:
  std::string_view rest_;
};

double seconds_of_day(int year, int month, int day) {
  const std::chrono::year_month_day calendar{std::chrono::year{year},
                                             std::chrono::month{static_cast<unsigned>(month)},
                                             std::chrono::day{static_cast<unsigned>(day)}};
  if (!calendar.ok() || year < 1) return kNoDate;
  return 86400.0 * static_cast<double>(std::chrono::sys_days{calendar}.time_since_epoch().count());
}

// "Z", "+02:00", "+0200", "+02" as seconds east of UTC.
std::optional<double> parse_zone(Scan& scan) {
  if (scan.take('Z') || scan.take('z')) return 0.0;
  const double sign = scan.peek() == '-' ? -1.0 : 1.0;
  if (!scan.take('+') && !scan.take('-')) return std::nullopt;
  const std::optional<int> hours = scan.digits(2, 2);
  if (!hours || *hours > 15) return std::nullopt;
  if (scan.at_end()) return sign * 3600.0 * *hours;
  scan.take(':');
  const std::optional<int> minutes = scan.digits(2, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  return sign * (3600.0 * *hours + 60.0 * *minutes);
}

// What follows the date, up to the end of the cell, in seconds (UTC when there is a zone).
std::optional<double> parse_time(Scan& scan) {
  if (scan.at_end()) return 0.0;
  if (!scan.take('T') && !scan.take('t') && !scan.take(' ')) return std::nullopt;
  while (scan.take(' ')) {
  }
  const std::optional<int> hour = scan.digits(1, 2);
  if (!hour || *hour > 23 || !scan.take(':')) return std::nullopt;
  const std::optional<int> minute = scan.digits(2, 2);
  if (!minute || *minute > 59) return std::nullopt;
  double seconds = 3600.0 * *hour + 60.0 * *minute;
  if (scan.take(':')) {
    const std::optional<int> second = scan.digits(2, 2);
    if (!second || *second > 60) return std::nullopt;  // 60: a leap second
    seconds += *second;
    if (scan.peek() == '.') {
      const std::optional<double> part = scan.fraction();
      if (!part) return std::nullopt;
      seconds += *part;
    }
  }
  if (scan.at_end()) return seconds;
  while (scan.take(' ')) {
  }
  const std::optional<double> zone = parse_zone(scan);
  if (!zone || !scan.at_end()) return std::nullopt;
  return seconds - *zone;
}

}  // namespace

double DateCell::seconds_if(DateOrder order) const {
  if (order == DateOrder::day_first) return day_first_seconds;
  if (order == DateOrder::month_first) return month_first_seconds;
  if (std::isnan(day_first_seconds)) return month_first_seconds;
  if (std::isnan(month_first_seconds)) return day_first_seconds;
  return day_first_seconds == month_first_seconds ? day_first_seconds : kNoDate;
}

bool parse_date(std::string_view cell, DateCell& date) {
  if (cell.size() < 8) return false;
  Scan scan(cell);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool year_first = is_digit(cell[1]) && is_digit(cell[2]);
  std::array<int, 3> parts{};
  char separator = '\0';
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool is_year = i == (year_first ? 0U : 2U);
    const std::optional<int> part = is_year ? scan.digits(4, 4) : scan.digits(1, 2);
    if (!part) return false;
    parts[i] = *part;
    if (i == 2) break;
    if (i == 0) separator = scan.peek();
    if (separator != '-' && separator != '/' && separator != '.') return false;
    if (!scan.take(separator)) return false;
  }
  const std::optional<double> time = parse_time(scan);
  if (!time) return false;
  date.year_first = year_first;
  if (year_first) {
    date.day_first_seconds = date.month_first_seconds = seconds_of_day(parts[0], parts[1], parts[2]) + *time;
  } else {
    date.day_first_seconds = seconds_of_day(parts[2], parts[1], parts[0]) + *time;
    // Points between day, month and year are written only with the day first.
    date.month_first_seconds =
        separator == '.' ? kNoDate : seconds_of_day(parts[2], parts[0], parts[1]) + *time;
  }
  return !std::isnan(date.day_first_seconds) || !std::isnan(date.month_first_seconds);
}

}  // namespace astrolabe
