// SPDX-License-Identifier: Apache-2.0
// Dates as the parts that repeat and the part that runs on. Parts that do not vary over the fitting rows are
// left out.
//
//   "date.days"           days since the first date of the fitting rows, with fractions; it alone may have an
//                         indicator "date.days.missing"
//   "date.year" .month (1..12) .day (1..31) .weekday (1 Monday .. 7 Sunday) .hour (0..23)
//   "date.minute_of_day"  only when dates differ in more than full hours
//   "date.is_weekend"     1 on Saturday and Sunday
//   "date.month_sine", "date.month_cosine", the same of weekday and hour: for learners that want standardised
//                         features, so that December is next to January
//
// Seconds count from 1970-01-01 in the proleptic Gregorian calendar; beyond the years -28,000 .. 28,000 a
// date counts as missing.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/features/column_fit.h"
#include "astrolabe/features/scaling.h"

namespace astrolabe {

enum class DatePart : std::uint8_t {
  days,
  year,
  month,
  day,
  weekday,
  hour,
  minute_of_day,
  is_weekend,
  month_sine,
  month_cosine,
  weekday_sine,
  weekday_cosine,
  hour_sine,
  hour_cosine,
};

// NaN when the seconds are no date. `first` is what days are counted from, in seconds.
[[nodiscard]] double date_part(DatePart part, double seconds, double first);

struct ScaledDatePart {
  DatePart part;
  NumberScaling scaling;
};

class DatetimeEncoder final : public ColumnEncoder {
 public:
  DatetimeEncoder(const std::string& column, double first, std::vector<ScaledDatePart> parts);

  [[nodiscard]] EncoderKind kind() const override;
  [[nodiscard]] const std::vector<Feature>& features() const override { return features_; }
  [[nodiscard]] std::vector<FeatureColumn> encode(const Column& column,
                                                  std::span<const RowIndex> rows) const override;
  void save(ArchiveWriter& archive) const override;
  [[nodiscard]] static std::unique_ptr<const ColumnEncoder> load(ArchiveReader& archive,
                                                                 const WantedColumn& column);

 private:
  double first_;
  std::vector<ScaledDatePart> parts_;
  std::vector<Feature> features_;
};

[[nodiscard]] FittedColumn fit_datetime(const ColumnFit& fit);

}  // namespace astrolabe
