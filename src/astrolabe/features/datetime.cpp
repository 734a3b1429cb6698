// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/features/datetime.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <string_view>

#include <date/date.h>

#include "astrolabe/features/checked_reads.h"
#include "astrolabe/features/encoder_catalog.h"

namespace astrolabe {
namespace {

constexpr double kSecondsPerDay = 86400;
constexpr double kLatest = 9e11;  // seconds, either way: years that the calendar code can hold

struct DatePartEntry {
  DatePart part;
  std::string_view name;
  bool only_standardized;
};

constexpr std::array kDateParts{
    DatePartEntry{DatePart::days, "days", false},
    DatePartEntry{DatePart::year, "year", false},
    DatePartEntry{DatePart::month, "month", false},
    DatePartEntry{DatePart::day, "day", false},
    DatePartEntry{DatePart::weekday, "weekday", false},
    DatePartEntry{DatePart::hour, "hour", false},
    DatePartEntry{DatePart::minute_of_day, "minute_of_day", false},
    DatePartEntry{DatePart::is_weekend, "is_weekend", false},
    DatePartEntry{DatePart::month_sine, "month_sine", true},
    DatePartEntry{DatePart::month_cosine, "month_cosine", true},
    DatePartEntry{DatePart::weekday_sine, "weekday_sine", true},
    DatePartEntry{DatePart::weekday_cosine, "weekday_cosine", true},
    DatePartEntry{DatePart::hour_sine, "hour_sine", true},
    DatePartEntry{DatePart::hour_cosine, "hour_cosine", true},
};

double turn(double at, double period) {
  return 2 * std::numbers::pi * at / period;
}

std::vector<double> part_at(const Column& column, std::span<const RowIndex> rows, DatePart part,
                            double first) {
  std::vector<double> values;
  values.reserve(rows.size());
  for (const RowIndex row : rows) values.push_back(date_part(part, column.numbers[row], first));
  return values;
}

bool varies(std::span<const double> values) {
  double known = std::numeric_limits<double>::quiet_NaN();
  for (const double value : values) {
    if (std::isnan(value)) continue;
    if (std::isnan(known)) known = value;
    if (value != known) return true;
  }
  return false;
}

bool has_minutes(std::span<const double> minutes_of_day) {
  double first = std::numeric_limits<double>::quiet_NaN();
  for (const double minute : minutes_of_day) {
    if (std::isnan(minute)) continue;
    if (std::isnan(first)) first = std::fmod(minute, 60);
    if (std::fmod(minute, 60) != first) return true;
  }
  return false;
}

}  // namespace

double date_part(DatePart part, double seconds, double first) {
  if (!(std::abs(seconds) <= kLatest)) return std::numeric_limits<double>::quiet_NaN();
  const double day_number = std::floor(seconds / kSecondsPerDay);
  const double second_of_day = seconds - day_number * kSecondsPerDay;
  const double hour = std::floor(second_of_day / 3600);
  const date::sys_days day{date::days{static_cast<int>(day_number)}};
  const date::year_month_day calendar{day};
  const auto month = static_cast<double>(static_cast<unsigned>(calendar.month()));
  const auto weekday = static_cast<double>(date::weekday{day}.iso_encoding());
  switch (part) {
    case DatePart::days:
      return (seconds - first) / kSecondsPerDay;
    case DatePart::year:
      return static_cast<int>(calendar.year());
    case DatePart::month:
      return month;
    case DatePart::day:
      return static_cast<unsigned>(calendar.day());
    case DatePart::weekday:
      return weekday;
    case DatePart::hour:
      return hour;
    case DatePart::minute_of_day:
      return std::floor(second_of_day / 60);
    case DatePart::is_weekend:
      return weekday >= 6 ? 1 : 0;
    case DatePart::month_sine:
      return std::sin(turn(month - 1, 12));
    case DatePart::month_cosine:
      return std::cos(turn(month - 1, 12));
    case DatePart::weekday_sine:
      return std::sin(turn(weekday - 1, 7));
    case DatePart::weekday_cosine:
      return std::cos(turn(weekday - 1, 7));
    case DatePart::hour_sine:
      return std::sin(turn(hour, 24));
    case DatePart::hour_cosine:
      break;
  }
  return std::cos(turn(hour, 24));
}

DatetimeEncoder::DatetimeEncoder(const std::string& column, double first, std::vector<ScaledDatePart> parts)
    : first_(first), parts_(std::move(parts)) {
  for (const ScaledDatePart& scaled : parts_) {
    const DatePartEntry& entry = kDateParts[static_cast<std::size_t>(scaled.part)];
    scaled.scaling.describe(column + "." + std::string(entry.name), column, features_);
  }
}

EncoderKind DatetimeEncoder::kind() const {
  return EncoderKind::datetime;
}

std::vector<FeatureColumn> DatetimeEncoder::encode(const Column& column,
                                                   std::span<const RowIndex> rows) const {
  std::vector<FeatureColumn> columns;
  for (const ScaledDatePart& scaled : parts_) {
    scaled.scaling.encode(part_at(column, rows, scaled.part, first_), columns);
  }
  return columns;
}

void DatetimeEncoder::save(ArchiveWriter& archive) const {
  archive.put(first_);
  archive.put<std::uint8_t>(static_cast<std::uint8_t>(parts_.size()));
  for (const ScaledDatePart& scaled : parts_) {
    archive.put<std::uint8_t>(static_cast<std::uint8_t>(scaled.part));
    scaled.scaling.save(archive);
  }
}

std::unique_ptr<const ColumnEncoder> DatetimeEncoder::load(ArchiveReader& archive,
                                                           const WantedColumn& column) {
  const double first = get_finite(archive, "the first date of a column");
  const auto count = archive.get_between<std::uint8_t>(1, kDateParts.size(), "the parts of a date");
  std::vector<ScaledDatePart> parts;
  for (std::uint8_t i = 0; i < count; ++i) {
    const auto part = static_cast<DatePart>(
        archive.get_between<std::uint8_t>(0, kDateParts.size() - 1, "the part of a date"));
    if (i > 0 && part <= parts.back().part) ArchiveReader::damaged("the parts of a date");
    parts.push_back({part, NumberScaling::load(archive)});
  }
  return std::make_unique<DatetimeEncoder>(column.name, first, std::move(parts));
}

FittedColumn fit_datetime(const ColumnFit& fit) {
  double first = std::numeric_limits<double>::infinity();
  for (const RowIndex row : fit.rows) {
    const double seconds = fit.column.numbers[row];
    if (std::abs(seconds) <= kLatest) first = std::min(first, seconds);
  }
  if (!std::isfinite(first)) return {};

  std::vector<ScaledDatePart> parts;
  FittedColumn fitted;
  for (const DatePartEntry& entry : kDateParts) {
    if (entry.only_standardized && !fit.needs.standardized) continue;
    const std::vector<double> values = part_at(fit.column, fit.rows, entry.part, first);
    if (entry.part == DatePart::minute_of_day && !has_minutes(values)) continue;
    const bool says_missing = entry.part == DatePart::days;
    if (!says_missing && !varies(values)) continue;
    std::optional<NumberScaling> scaling = NumberScaling::fit(values, fit.needs);
    if (!scaling) continue;
    if (!says_missing) scaling = scaling->without_indicator();
    scaling->encode(values, fitted.train);
    parts.push_back({entry.part, *scaling});
  }
  if (parts.empty()) return {};
  fitted.encoder = std::make_unique<DatetimeEncoder>(fit.column.name, first, std::move(parts));
  return fitted;
}

}  // namespace astrolabe
