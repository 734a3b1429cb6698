// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/stats/distribution.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace astrolabe {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Expected values: SciPy 1.17.1.
TEST(NormalQuantile, agrees_with_scipy) {
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-14);
  EXPECT_NEAR(normal_quantile(0.01), -2.3263478740408408, 1e-14);
  EXPECT_NEAR(normal_quantile(0.9999), 3.719016485455709, 1e-13);
  EXPECT_EQ(normal_quantile(0.5), 0);
}

TEST(StudentTQuantile, agrees_with_scipy) {
  EXPECT_NEAR(student_t_quantile(0.975, 9), 2.262157162798205, 1e-13);
  EXPECT_NEAR(student_t_quantile(0.975, 1), 12.706204736174694, 1e-12);
  EXPECT_NEAR(student_t_quantile(0.95, 2.5), 2.5582186141359355, 1e-13);
  EXPECT_NEAR(student_t_quantile(0.001, 30), -3.385184866829305, 1e-13);
}

TEST(StudentTQuantile, with_infinite_degrees_of_freedom_is_normal) {
  EXPECT_EQ(student_t_quantile(0.975, kInfinity), normal_quantile(0.975));
  EXPECT_NEAR(student_t_quantile(0.975, 1e12), normal_quantile(0.975), 1e-9);
}

TEST(TwoSidedP, agrees_with_scipy) {
  EXPECT_NEAR(student_t_two_sided_p(-2.5, 7), 0.04099221858575289, 1e-15);
  EXPECT_NEAR(normal_two_sided_p(1.5), 0.13361440253771614, 1e-15);
  EXPECT_EQ(normal_two_sided_p(0), 1);
  EXPECT_EQ(student_t_two_sided_p(kInfinity, 3), 0);
}

TEST(UpperP, agrees_with_scipy) {
  EXPECT_NEAR(chi_squared_upper_p(7.3, 3), 0.06292623645904312, 1e-15);
  EXPECT_NEAR(f_upper_p(3.69, 3, 39), 0.01974409968948888, 1e-14);
  EXPECT_NEAR(normal_cdf(1.3), 0.9031995154143897, 1e-15);
  EXPECT_EQ(chi_squared_upper_p(-1, 3), 1);
  EXPECT_EQ(normal_cdf(-kInfinity), 0);
}

TEST(Distribution, answers_at_the_ends_and_outside_instead_of_throwing) {
  EXPECT_EQ(normal_quantile(0), -kInfinity);
  EXPECT_EQ(student_t_quantile(1, 3), kInfinity);
  EXPECT_TRUE(std::isnan(normal_quantile(1.5)));
  EXPECT_TRUE(std::isnan(normal_quantile(kNan)));
  EXPECT_TRUE(std::isnan(student_t_quantile(0.5, 0)));
  EXPECT_TRUE(std::isnan(student_t_two_sided_p(1, kNan)));
  EXPECT_TRUE(std::isnan(normal_two_sided_p(kNan)));
}

}  // namespace
}  // namespace astrolabe
