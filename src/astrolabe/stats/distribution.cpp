// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/stats/distribution.h"

#include <cmath>
#include <limits>

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

namespace astrolabe {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Boost throws at the ends and outside; we answer.
template <class Distribution>
double quantile_of(const Distribution& distribution, double probability) {
  if (!(probability >= 0 && probability <= 1)) return kNan;
  if (probability == 0) return -kInfinity;
  if (probability == 1) return kInfinity;
  return boost::math::quantile(distribution, probability);
}

template <class Distribution>
double two_sided_p(const Distribution& distribution, double x) {
  if (std::isnan(x)) return kNan;
  if (std::isinf(x)) return 0;
  return 2 * boost::math::cdf(boost::math::complement(distribution, std::abs(x)));
}

// Of a distribution over [0, infinity).
template <class Distribution>
double upper_p(const Distribution& distribution, double x) {
  if (std::isnan(x)) return kNan;
  if (x <= 0) return 1;
  if (std::isinf(x)) return 0;
  return boost::math::cdf(boost::math::complement(distribution, x));
}

}  // namespace

double normal_quantile(double probability) {
  return quantile_of(boost::math::normal(), probability);
}

double student_t_quantile(double probability, double degrees_of_freedom) {
  if (!(degrees_of_freedom > 0)) return kNan;
  if (std::isinf(degrees_of_freedom)) return normal_quantile(probability);
  return quantile_of(boost::math::students_t(degrees_of_freedom), probability);
}

double normal_cdf(double x) {
  if (std::isnan(x)) return kNan;
  if (std::isinf(x)) return x > 0 ? 1 : 0;
  return boost::math::cdf(boost::math::normal(), x);
}

double chi_squared_upper_p(double x, double degrees_of_freedom) {
  if (!(degrees_of_freedom > 0)) return kNan;
  return upper_p(boost::math::chi_squared(degrees_of_freedom), x);
}

double f_upper_p(double x, double numerator_degrees, double denominator_degrees) {
  if (!(numerator_degrees > 0 && denominator_degrees > 0)) return kNan;
  return upper_p(boost::math::fisher_f(numerator_degrees, denominator_degrees), x);
}

double normal_two_sided_p(double x) {
  return two_sided_p(boost::math::normal(), x);
}

double student_t_two_sided_p(double x, double degrees_of_freedom) {
  if (!(degrees_of_freedom > 0)) return kNan;
  if (std::isinf(degrees_of_freedom)) return normal_two_sided_p(x);
  return two_sided_p(boost::math::students_t(degrees_of_freedom), x);
}

}  // namespace astrolabe
