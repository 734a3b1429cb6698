// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/base/error.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/version.h"

namespace astrolabe {
namespace {

TEST(Complaint, with_all_parts_is_one_readable_line) {
  const Error error = bad_input({.attempted = "reading adult.csv",
                                 .expected = "15 cells on line 7",
                                 .found = "14",
                                 .remedy = "Mend the line, or drop it."});
  EXPECT_STREQ(error.what(),
               "reading adult.csv: expected 15 cells on line 7, found 14. Mend the line, or drop it.");
}

TEST(Complaint, leaves_out_empty_parts) {
  EXPECT_STREQ(failure({.attempted = "writing model.astro", .found = "No space left on device"}).what(),
               "writing model.astro: No space left on device");
  EXPECT_STREQ(failure({.attempted = "reading a.csv", .expected = "a header"}).what(),
               "reading a.csv: expected a header");
  EXPECT_STREQ(failure({.attempted = "resuming", .remedy = "Start afresh."}).what(),
               "resuming. Start afresh.");
  EXPECT_STREQ(failure({.remedy = "Start afresh."}).what(), "Start afresh.");
  EXPECT_STREQ(failure({.found = "nothing"}).what(), "nothing");
}

TEST(ErrorKind, decides_the_exit_code) {
  clear_cancel();
  EXPECT_EQ(exit_code(failure({}).kind()), 1);
  EXPECT_EQ(exit_code(usage_error({}).kind()), 2);
  EXPECT_EQ(exit_code(bad_input({}).kind()), 3);
  EXPECT_EQ(exit_code(nothing_fitted({}).kind()), 4);
  EXPECT_EQ(exit_code(try_again({}).kind()), 75);
  EXPECT_EQ(exit_code(cancelled({}).kind()), 1);
}

TEST(ErrorKind, of_a_cancelled_run_tells_the_signal) {
  request_cancel(SIGINT);
  EXPECT_EQ(exit_code(ErrorKind::cancelled), 130);
  clear_cancel();
  request_cancel(SIGTERM);
  EXPECT_EQ(exit_code(ErrorKind::cancelled), 143);
  clear_cancel();
}

TEST(Check, that_fails_names_the_condition_the_place_and_the_meaning) {
  try {
    ASTROLABE_CHECK(1 + 1 == 3, "arithmetic broke");
    FAIL();
  } catch (const InternalError& error) {
    const std::string message = error.what();
    EXPECT_TRUE(message.starts_with("arithmetic broke (1 + 1 == 3 does not hold at ")) << message;
    EXPECT_NE(message.find("error_test.cpp:"), std::string::npos) << message;
  }
  EXPECT_NO_THROW(ASTROLABE_CHECK(true, "never"));
}

TEST(Version, comes_from_the_build) {
  EXPECT_EQ(version().find_first_not_of("0123456789."), std::string::npos);
}

}  // namespace
}  // namespace astrolabe
