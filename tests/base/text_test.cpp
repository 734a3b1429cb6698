// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/base/text.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(ParseDuration, reads_units_and_bare_seconds) {
  EXPECT_EQ(parse_duration("60s", "--time"), 60);
  EXPECT_EQ(parse_duration("5m", "--time"), 300);
  EXPECT_EQ(parse_duration("1.5h", "--time"), 5400);
  EXPECT_EQ(parse_duration("90", "--time"), 90);
  EXPECT_EQ(parse_duration("250ms", "--time"), 0.25);
}

TEST(ParseDuration, refuses_what_is_no_positive_duration) {
  for (const char* text : {"", "s", "-5s", "0", "5x", "1h30m", "inf", "nan", "1e999", "5 parsecs"}) {
    try {
      (void)parse_duration(text, "--time");
      FAIL() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::usage);
      EXPECT_EQ(error.what(), "reading --time: expected a duration such as 60s, 5m or 1h, found '" +
                                  std::string(text) + "'");
    }
  }
}

TEST(ParseBytes, reads_powers_of_1024) {
  EXPECT_EQ(parse_bytes("4G", "--memory"), std::uint64_t{4} << 30);
  EXPECT_EQ(parse_bytes("512m", "--memory"), std::uint64_t{512} << 20);
  EXPECT_EQ(parse_bytes("100KB", "--memory"), 102'400U);
  EXPECT_EQ(parse_bytes("1.5GiB", "--memory"), std::uint64_t{3} << 29);
  EXPECT_EQ(parse_bytes("1048576", "--memory"), 1'048'576U);
}

TEST(ParseBytes, refuses_what_is_no_amount_of_memory) {
  for (const char* text : {"", "G", "-1G", "0", "4X", "1e30T", "0.5"}) {
    try {
      (void)parse_bytes(text, "--memory");
      FAIL() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::usage);
      EXPECT_EQ(error.what(),
                "reading --memory: expected an amount of memory such as 4G, 512M or 100K, found '" +
                    std::string(text) + "'");
    }
  }
}

TEST(FormatDuration, uses_the_two_units_that_matter) {
  EXPECT_EQ(format_duration(0), "0 ms");
  EXPECT_EQ(format_duration(0.0001), "<1 ms");
  EXPECT_EQ(format_duration(0.85), "850 ms");
  EXPECT_EQ(format_duration(0.9996), "1.0 s");
  EXPECT_EQ(format_duration(4.2), "4.2 s");
  EXPECT_EQ(format_duration(59.6), "1 min 00 s");
  EXPECT_EQ(format_duration(200), "3 min 20 s");
  EXPECT_EQ(format_duration(3599.6), "1 h 00 min");
  EXPECT_EQ(format_duration(90'000), "1 d 1 h");
  EXPECT_EQ(format_duration(-1), "0 ms");
  EXPECT_EQ(format_duration(kInfinity), "no limit");
  EXPECT_EQ(format_duration(std::nan("")), "unknown");
}

TEST(FormatBytes, keeps_two_digits_at_least) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(1023), "1023 B");
  EXPECT_EQ(format_bytes(1024), "1.0 KB");
  EXPECT_EQ(format_bytes(1'503'238'553), "1.4 GB");
  EXPECT_EQ(format_bytes(1'048'575), "1.0 MB");
  EXPECT_EQ(format_bytes(std::numeric_limits<std::uint64_t>::max()), "16 EB");
}

TEST(FormatCount, groups_thousands) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(32'561), "32,561");
  EXPECT_EQ(format_count(1'000'000), "1,000,000");
}

TEST(FormatScore, shows_four_digits) {
  EXPECT_EQ(format_score(0.9283), "0.9283");
  EXPECT_EQ(format_score(529.63), "529.6");
  EXPECT_EQ(format_score(0.99999), "1.0000");
  EXPECT_EQ(format_score(1), "1.0000");
  EXPECT_EQ(format_score(3.14159), "3.142");
  EXPECT_EQ(format_score(9.9996), "10.00");
  EXPECT_EQ(format_score(99.996), "100.0");
  EXPECT_EQ(format_score(999.96), "1000");
  EXPECT_EQ(format_score(12'345.6), "12346");
  EXPECT_EQ(format_score(-0.25), "-0.2500");
  EXPECT_EQ(format_score(0.0001234), "0.0001234");
  EXPECT_EQ(format_score(-0.0), "0.0000");
  EXPECT_EQ(format_score(std::nan("")), "nan");
  EXPECT_EQ(format_score(kInfinity), "inf");
}

TEST(ParseNumber, reads_the_whole_text_or_nothing) {
  EXPECT_EQ(parse_number("1e3"), 1000);
  EXPECT_EQ(parse_number("-4"), -4);
  EXPECT_EQ(parse_number("+.5"), 0.5);
  EXPECT_EQ(parse_number("5."), 5);
  EXPECT_EQ(parse_number("inf"), kInfinity);
  EXPECT_EQ(parse_number("-Infinity"), -kInfinity);
  for (const char* text :
       {"", " 1", "1 ", "+", "-", "+-1", "++1", ".", "1e", "1,5", "0x10", "nan", "nan(1)", "1_000"}) {
    EXPECT_EQ(parse_number(text), std::nullopt) << text;
  }
}

TEST(ParseNumber, too_large_is_infinite_and_too_small_is_zero) {
  EXPECT_EQ(parse_number("1e999"), kInfinity);
  EXPECT_EQ(parse_number("-1e999"), -kInfinity);
  EXPECT_EQ(parse_number("1e-999"), 0);
  EXPECT_EQ(parse_number("5e-324"), 5e-324);
}

TEST(Trim, removes_blanks_at_both_ends_only) {
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n "), "");
  EXPECT_EQ(trim(""), "");
}

TEST(Split, gives_one_item_more_than_separators) {
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(split("", ','), (std::vector<std::string>{""}));
  EXPECT_EQ(split(",", ','), (std::vector<std::string>{"", ""}));
}

TEST(NearestName, finds_what_was_probably_meant) {
  const std::vector<std::string> names{"age", "income", "education", "hours-per-week"};
  EXPECT_EQ(nearest_name("incom", names), "income");
  EXPECT_EQ(nearest_name("Income", names), "income");
  EXPECT_EQ(nearest_name("inocme", names), "income");
  EXPECT_EQ(nearest_name("hours_per_week", names), "hours-per-week");
  EXPECT_EQ(nearest_name("salary", names), std::nullopt);
  EXPECT_EQ(nearest_name("x", names), std::nullopt);
  EXPECT_EQ(nearest_name("", names), std::nullopt);
  EXPECT_EQ(nearest_name("income", {}), std::nullopt);
}

TEST(FindInvalidUtf8, accepts_every_well_formed_length) {
  EXPECT_EQ(find_invalid_utf8("plain ascii that is long enough for words"), std::nullopt);
  EXPECT_EQ(find_invalid_utf8("\x7F \xC2\x80 \xDF\xBF \xE0\xA0\x80 \xED\x9F\xBF \xEE\x80\x80 \xEF\xBF\xBF"),
            std::nullopt);
  EXPECT_EQ(find_invalid_utf8("\xF0\x90\x80\x80 \xF4\x8F\xBF\xBF"), std::nullopt);
  EXPECT_EQ(find_invalid_utf8(""), std::nullopt);
}

TEST(FindInvalidUtf8, tells_where_the_first_bad_sequence_starts) {
  const std::string prefix = "eight ok \xC3\xA9 ";
  for (const char* bad : {"\x80", "\xBF", "\xC0\xAF", "\xC1\xBF", "\xC2", "\xC2 ", "\xE0\x9F\xBF", "\xE2\x82",
                          "\xE2\x82 ", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF", "\xF0\x90\x80",
                          "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xFF"}) {
    EXPECT_EQ(find_invalid_utf8(prefix + bad), prefix.size()) << testing::PrintToString(bad);
    EXPECT_EQ(find_invalid_utf8(bad + prefix), 0U) << testing::PrintToString(bad);
  }
}

}  // namespace
}  // namespace astrolabe
