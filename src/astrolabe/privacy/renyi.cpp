// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/renyi.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "astrolabe/base/error.h"
#include "astrolabe/privacy/normal_tail.h"

namespace astrolabe {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kMostTerms = 1000;  // more than the largest fractional order
// A term this far below the sum, in logarithms, changes nothing.
constexpr double kNegligible = 36;

constexpr std::size_t kFine = 99 + 53 + 4;
constexpr std::array<double, kFine> make_orders() {
  std::array<double, kFine> orders = {};
  std::size_t at = 0;
  for (int tenth = 11; tenth < 110; ++tenth) orders[at++] = tenth / 10.0;
  for (int whole = 11; whole < 64; ++whole) orders[at++] = whole;
  for (const double large : {128.0, 256.0, 512.0, 1024.0}) orders[at++] = large;
  return orders;
}
constexpr std::array<double, kFine> kOrders = make_orders();

constexpr std::size_t kClassic = 10 + 59 + 3;
constexpr std::array<double, kClassic> make_classic_orders() {
  std::array<double, kClassic> orders = {1.25, 1.5, 1.75, 2, 2.25, 2.5, 3, 3.5, 4, 4.5};
  std::size_t at = 10;
  for (int whole = 5; whole < 64; ++whole) orders[at++] = whole;
  for (const double large : {128.0, 256.0, 512.0}) orders[at++] = large;
  return orders;
}
constexpr std::array<double, kClassic> kClassicOrders = make_classic_orders();

// log E_{N(0, s^2)}[(mixture / N(0, s^2))^order] of a whole order: the binomial theorem (equation 30 of
// arXiv 1908.10530).
double log_moment_whole(double rate, double sigma, double order) {
  double sum = -kInfinity, log_choose = 0;
  for (double i = 0; i <= order; ++i) {
    const double log_weight = i * std::log(rate) + (order - i) * std::log1p(-rate);
    sum = log_add(sum, log_choose + log_weight + (i * i - i) / (2 * sigma * sigma));
    log_choose += std::log(order - i) - std::log(i + 1);
  }
  return sum;
}

// The same of any order: the line is cut where both parts of the mixture are equal, each side has its own
// binomial series (section 3.3 there). Beyond the order the terms alternate in sign and shrink, so that the
// first one that is left out bounds what is missing: it is added, the sum never falls short.
double log_moment_fractional(double rate, double sigma, double order, RenyiTerms terms) {
  const double cut = sigma * sigma * std::log(1 / rate - 1) + 0.5;
  const double log_rate = std::log(rate), log_rest = std::log1p(-rate);
  double positive = -kInfinity, negative = -kInfinity, last = -kInfinity, log_choose = 0;
  bool is_positive = true;
  for (int term = 0;; ++term) {
    const double i = term, j = order - i;
    const double below = log_choose + i * log_rate + j * log_rest + (i * i - i) / (2 * sigma * sigma) +
                         log_normal_cdf((cut - i) / sigma);
    const double above = log_choose + j * log_rate + i * log_rest + (j * j - j) / (2 * sigma * sigma) +
                         log_normal_cdf((j - cut) / sigma);
    const double both = log_add(below, above), sum = log_add(positive, negative);
    const bool is_settled = i > order && both < last && both < sum - kNegligible;
    if (is_settled && terms == RenyiTerms::counted_positive) return log_add(sum, both);
    if (is_settled || term == kMostTerms) return log_subtract(log_add(positive, both), negative);
    double& side = is_positive ? positive : negative;
    side = log_add(side, both);
    last = both;
    log_choose += std::log(std::abs(j)) - std::log(i + 1);
    if (j < 0) is_positive = !is_positive;
  }
}

double gaussian_divergence(const Mechanism& mechanism, double order, RenyiTerms terms) {
  const double sigma = mechanism.noise_multiplier, rate = mechanism.sampling_rate;
  if (rate == 1) return order / (2 * sigma * sigma);
  const double log_moment = order == std::floor(order) ? log_moment_whole(rate, sigma, order)
                                                       : log_moment_fractional(rate, sigma, order, terms);
  return std::max(0.0, log_moment / (order - 1));
}

// Of the whole table: closed form (Mironov 2017, proposition 6). Of a sample: a mixture with the reference
// itself; exp((order - 1) D) is convex in the sampled distribution, so that the rate scales its excess over 1
// (joint convexity).
double laplace_divergence(const Mechanism& mechanism, double order) {
  const double inverse = 1 / mechanism.noise_multiplier;
  const double log_moment = log_add(std::log(order / (2 * order - 1)) + (order - 1) * inverse,
                                    std::log((order - 1) / (2 * order - 1)) - order * inverse);
  if (mechanism.sampling_rate == 1) return log_moment / (order - 1);
  const double rate = mechanism.sampling_rate;
  return log_add(std::log1p(-rate), std::log(rate) + log_moment) / (order - 1);
}

}  // namespace

std::span<const double> renyi_orders() {
  return kOrders;
}

std::span<const double> classic_renyi_orders() {
  return kClassicOrders;
}

double renyi_divergence(const Mechanism& mechanism, double order, RenyiTerms terms) {
  ASTROLABE_CHECK(order > 1, "a Renyi order is above 1");
  if (std::isinf(order))
    return mechanism.noise == Noise::laplace ? 1 / mechanism.noise_multiplier : kInfinity;
  return mechanism.noise == Noise::gaussian ? gaussian_divergence(mechanism, order, terms)
                                            : laplace_divergence(mechanism, order);
}

void add_renyi(const Mechanism& mechanism, std::span<const double> orders, std::span<double> spent,
               RenyiTerms terms) {
  ASTROLABE_CHECK(orders.size() == spent.size(), "one divergence for each order");
  for (std::size_t i = 0; i < orders.size(); ++i)
    spent[i] += static_cast<double>(mechanism.times) * renyi_divergence(mechanism, orders[i], terms);
}

RenyiEpsilon renyi_epsilon(std::span<const double> orders, std::span<const double> spent, double delta) {
  ASTROLABE_CHECK(orders.size() == spent.size(), "one divergence for each order");
  RenyiEpsilon best{.epsilon = kInfinity, .order = orders.empty() ? 0 : orders[0]};
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const double order = orders[i];
    double epsilon = kInfinity;
    // delta <= sqrt(1 - exp(-KL)) at epsilon 0 (Bretagnolle & Huber), and every order bounds KL.
    if (delta * delta + std::expm1(-spent[i]) > 0)
      epsilon = 0;
    else if (std::isfinite(spent[i]))
      epsilon = spent[i] + std::log1p(-1 / order) - (std::log(delta) + std::log(order)) / (order - 1);
    if (epsilon < best.epsilon) best = {.epsilon = std::max(0.0, epsilon), .order = order};
  }
  return best;
}

double renyi_delta(std::span<const double> orders, std::span<const double> spent, double epsilon) {
  ASTROLABE_CHECK(orders.size() == spent.size(), "one divergence for each order");
  double log_delta = 0;
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const double order = orders[i];
    if (!std::isfinite(spent[i])) continue;
    log_delta = std::min(log_delta, std::log(-std::expm1(-spent[i])) / 2);
    log_delta =
        std::min(log_delta, (order - 1) * (spent[i] - epsilon + std::log1p(-1 / order)) - std::log(order));
  }
  return std::exp(log_delta);
}

}  // namespace astrolabe
