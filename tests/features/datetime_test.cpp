// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/features/datetime.h"

#include <cmath>

#include "tests/features/tables.h"
#include <gtest/gtest.h>

namespace astrolabe::testing {
namespace {

constexpr double kDay = 86400;
constexpr double kLeapDay = 951782400;      // Tuesday 2000-02-29T00:00
constexpr double kBeforeEpoch = -kDay + 1;  // Wednesday 1969-12-31T00:00:01

Column dates(std::vector<double> seconds) {
  return numbers("d", std::move(seconds), ColumnType::datetime);
}

TEST(DatePart, takes_a_date_apart) {
  const double at = kLeapDay + 13 * 3600 + 45 * 60 + 30;
  EXPECT_EQ(date_part(DatePart::year, at, 0), 2000);
  EXPECT_EQ(date_part(DatePart::month, at, 0), 2);
  EXPECT_EQ(date_part(DatePart::day, at, 0), 29);
  EXPECT_EQ(date_part(DatePart::weekday, at, 0), 2);
  EXPECT_EQ(date_part(DatePart::hour, at, 0), 13);
  EXPECT_EQ(date_part(DatePart::minute_of_day, at, 0), 13 * 60 + 45);
  EXPECT_EQ(date_part(DatePart::is_weekend, at, 0), 0);
  EXPECT_EQ(date_part(DatePart::is_weekend, at + 4 * kDay, 0), 1);
  EXPECT_DOUBLE_EQ(date_part(DatePart::days, at, kLeapDay - kDay), 1 + 49530 / kDay);
}

TEST(DatePart, works_before_1970) {
  EXPECT_EQ(date_part(DatePart::year, kBeforeEpoch, 0), 1969);
  EXPECT_EQ(date_part(DatePart::day, kBeforeEpoch, 0), 31);
  EXPECT_EQ(date_part(DatePart::weekday, kBeforeEpoch, 0), 3);
  EXPECT_EQ(date_part(DatePart::hour, kBeforeEpoch, 0), 0);
}

TEST(DatePart, puts_december_next_to_january) {
  const double december = date_part(DatePart::month_cosine, kBeforeEpoch, 0);
  const double january = date_part(DatePart::month_cosine, 0, 0);
  EXPECT_EQ(january, 1);
  EXPECT_NEAR(december, std::cos(std::acos(-1.0) / 6), 1e-12);
  EXPECT_EQ(date_part(DatePart::month_sine, 0, 0), 0);
}

TEST(DatePart, of_no_date_is_missing) {
  for (const double seconds : {kMissing, std::numeric_limits<double>::infinity(), 1e18, -1e300}) {
    EXPECT_TRUE(std::isnan(date_part(DatePart::year, seconds, 0)));
    EXPECT_TRUE(std::isnan(date_part(DatePart::days, seconds, 0)));
  }
}

TEST(Datetime, leaves_out_parts_that_do_not_vary) {
  // Three Tuesdays of one month at midnight.
  const Table table = table_of(dates({kLeapDay, kLeapDay - 7 * kDay, kLeapDay - 21 * kDay}));
  const FeatureMatrix train = fit_all(table, kTreesNeeds).train;
  EXPECT_EQ(names_of(train), (std::vector<std::string>{"d.days", "d.day"}));
  EXPECT_EQ(values_of(train, "d.days"), (std::vector<float>{21, 14, 0}));
  EXPECT_EQ(values_of(train, "d.day"), (std::vector<float>{29, 22, 8}));
}

TEST(Datetime, has_minutes_only_when_there_are_some) {
  const Table hours = table_of(dates({0, 3600, 7200}));
  EXPECT_EQ(names_of(fit_all(hours, kTreesNeeds).train), (std::vector<std::string>{"d.days", "d.hour"}));
  const Table minutes = table_of(dates({0, 3660, 7200}));
  EXPECT_EQ(names_of(fit_all(minutes, kTreesNeeds).train),
            (std::vector<std::string>{"d.days", "d.hour", "d.minute_of_day"}));
}

TEST(Datetime, has_circles_for_learners_that_want_standardised_features) {
  std::vector<double> seconds;
  for (int i = 0; i < 400; ++i) seconds.push_back(kLeapDay + i * 1.25 * kDay);
  const std::vector<std::string> names = names_of(fit_all(table_of(dates(seconds)), kLinearNeeds).train);
  const std::vector<std::string> expected{
      "d.days",           "d.year",       "d.month",      "d.day",          "d.weekday",
      "d.hour",           "d.is_weekend", "d.month_sine", "d.month_cosine", "d.weekday_sine",
      "d.weekday_cosine", "d.hour_sine",  "d.hour_cosine"};
  EXPECT_EQ(names, expected);
}

TEST(Datetime, tells_missing_once) {
  const Table table = table_of(dates({0, kMissing, 40 * kDay, 80 * kDay}));
  const FeatureMatrix train = fit_all(table, kPlainNeeds).train;
  const std::vector<std::string> names = names_of(train);
  EXPECT_EQ(std::count_if(names.begin(), names.end(),
                          [](const std::string& name) { return name.ends_with(".missing"); }),
            1);
  EXPECT_EQ(values_of(train, "d.days.missing"), (std::vector<float>{0, 1, 0, 0}));
}

TEST(Datetime, without_a_date_gives_no_feature) {
  EXPECT_EQ(fit_all(table_of(dates({kMissing, kMissing})), kTreesNeeds).train.features(), 0U);
}

}  // namespace
}  // namespace astrolabe::testing
