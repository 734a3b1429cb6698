// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/loss_sum.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <limits>
#include <utility>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kMostSlopes = 20;
constexpr double kUnit = std::numeric_limits<double>::epsilon() / 2;

// Sums at once that do not wait for each other.
constexpr std::size_t kLanes = 8;

// Of masses, the heaviest end first, each times shrink^place: Horner's rule in lanes.
template <class MassAt>
double shrunk_sum(std::size_t points, double shrink, const MassAt& mass_at) {
  const double shrink_row = std::pow(shrink, static_cast<double>(kLanes));
  std::array<double, kLanes> sums{};
  std::size_t row = points / kLanes;
  for (std::size_t i = row * kLanes; i < points; ++i) sums[i % kLanes] = mass_at(i);
  while (row-- > 0)
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      sums[lane] = sums[lane] * shrink_row + mass_at(row * kLanes + lane);
  double sum = 0;
  for (std::size_t lane = kLanes; lane-- > 0;) sum = sum * shrink + sums[lane];
  return sum;
}

// log E[exp(slope * steps)] of the finite losses, from the heavier end on, so that nothing overflows.
double log_moment(const LossGrid& grid, double slope) {
  const double* const mass = grid.mass.data();
  const std::size_t points = grid.mass.size();
  const double shrink = std::exp(-std::abs(slope));
  const double sum = slope > 0
                         ? shrunk_sum(points, shrink, [&](std::size_t i) { return mass[points - 1 - i]; })
                         : shrunk_sum(points, shrink, [&](std::size_t i) { return mass[i]; });
  const auto end = static_cast<double>(grid.first + (slope > 0 ? static_cast<std::int64_t>(points) - 1 : 0));
  return sum > 0 ? std::log(sum) + slope * end : kInfinity;
}

// The next length from `least` on that has no prime factors above 3, and is even.
std::size_t handy_length(std::size_t least) {
  std::size_t best = 2;
  while (best < least) best *= 2;
  for (std::size_t three = 3; three < best; three *= 3) {
    std::size_t length = three * 4;
    while (length < least) length *= 2;
    best = std::min(best, length);
  }
  return best;
}

}  // namespace

LossSum::LossSum(LossGrid grid, double offset, double rounding)
    : grid_(std::move(grid)), offset_(offset), rounding_(rounding) {}

double LossSum::delta(double epsilon) const {
  double sum = 0;
  for (std::size_t i = grid_.mass.size(); i-- > 0;) {
    const double loss =
        static_cast<double>(grid_.first + static_cast<std::int64_t>(i)) * grid_.step + offset_;
    if (loss <= epsilon) break;
    sum += grid_.mass[i] * -std::expm1(epsilon - loss);
  }
  return std::min(1.0, grid_.infinite + sum);
}

double LossSum::epsilon(double delta) const {
  if (grid_.infinite > delta) return kInfinity;
  // From the top: P's mass so far, and Q's times exp(loss). The epsilon at which they give delta is the one,
  // once it is at or above the next loss.
  double first = grid_.infinite, second = 0, found = -kInfinity;
  const double shrink = std::exp(-grid_.step);
  for (std::size_t i = grid_.mass.size(); i-- > 0;) {
    const double loss =
        static_cast<double>(grid_.first + static_cast<std::int64_t>(i)) * grid_.step + offset_;
    if (found >= loss) break;
    first += grid_.mass[i];
    second = second * shrink + grid_.mass[i];
    found = first > delta ? loss + std::log((first - delta) / second) : -kInfinity;
    if (loss < 0 && found < 0) break;
  }
  return std::max(0.0, found);
}

LossWindow window_of(std::span<const RepeatedLoss> losses, double cut) {
  double variance = 0;
  LossWindow window;
  for (const RepeatedLoss& loss : losses) {
    const auto uses = static_cast<std::int64_t>(loss.times);
    variance += static_cast<double>(loss.times) * moments_of(*loss.grid).variance;
    window.first += uses * loss.grid->first;
    window.last += uses * (loss.grid->first + static_cast<std::int64_t>(loss.grid->mass.size()) - 1);
  }
  // Chernoff: at any slope the sum is above (log E[exp(slope * sum)] - log(cut)) / slope with a chance of
  // `cut` at most. One slope is best for a normal distribution; from there downhill, as long as it goes down.
  const auto bound_at = [&](double slope) {
    double log_total = -std::log(cut);
    for (const RepeatedLoss& loss : losses)
      log_total += static_cast<double>(loss.times) * log_moment(*loss.grid, slope);
    return log_total / slope;
  };
  const double normal_slope = std::sqrt(2 * -std::log(cut) / std::max(variance, 1e-12));
  for (const double sign : {-1.0, 1.0}) {
    double best = sign * bound_at(sign * normal_slope);
    for (const double factor : {0.6, 1.5}) {
      double slope = normal_slope * factor;
      for (int i = 0; i < kMostSlopes; ++i, slope *= factor) {
        const double bound = sign * bound_at(sign * slope);
        if (!(bound < best || !std::isfinite(best))) break;
        best = bound;
      }
    }
    if (!std::isfinite(best) || std::abs(best) > 1e15) continue;
    if (sign > 0)
      window.last = std::min(window.last, static_cast<std::int64_t>(std::ceil(best)));
    else
      window.first = std::max(window.first, static_cast<std::int64_t>(std::floor(-best)));
  }
  window.last = std::max(window.first, window.last);
  return window;
}

LossSum composed(std::span<const RepeatedLoss> losses, const LossWindow& window, double cut, double offset,
                 RealTransform& transform) {
  ASTROLABE_CHECK(!losses.empty(), "something is composed");
  const double step = losses[0].grid->step;
  const std::size_t length = handy_length(static_cast<std::size_t>(window.last - window.first) + 1);
  double log_finite = 0, uses = 0;
  for (const RepeatedLoss& loss : losses) {
    ASTROLABE_CHECK(loss.grid->step == step, "grids of one step");
    log_finite += static_cast<double>(loss.times) * std::log1p(-loss.grid->infinite);
    uses += static_cast<double>(loss.times);
  }
  const auto [product, shift] = spectrum_of_sum(losses, length, transform);
  double squares = 0;
  for (const std::complex<double>& value : product) squares += 2 * std::norm(value);
  ASTROLABE_CHECK(std::isfinite(squares) && std::isfinite(log_finite), "losses have finite probabilities");
  const std::vector<double> circle = transform.inverse(product, length);
  LossGrid grid{.step = step, .first = window.first};
  grid.infinite = -std::expm1(log_finite) + cut;
  grid.mass.resize(length);
  std::size_t at = place_on_circle(window.first - shift, length);
  for (double& mass : grid.mass) {
    mass = std::max(0.0, circle[at]);
    if (++at == length) at = 0;
  }
  const double bits = std::log2(static_cast<double>(length));
  const double rounding = 4 * kUnit * bits * (uses + 1) * std::sqrt(squares) +
                          static_cast<double>(length) * std::exp(-kNothingLog);
  return {std::move(grid), offset, rounding};
}

}  // namespace astrolabe
