// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/loss_sum.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <utility>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kMostSlopes = 20;
// A frequency below exp(-kNothing) counts as 0: all of them together are below what rounding does.
constexpr double kNothing = 50;
constexpr double kUnit = std::numeric_limits<double>::epsilon() / 2;

struct Moments {
  double mean = 0, variance = 0;  // in grid steps
};

Moments moments_of(const LossGrid& grid) {
  double total = 0, sum = 0, squares = 0;
  for (std::size_t i = 0; i < grid.mass.size(); ++i) {
    const auto at = static_cast<double>(grid.first + static_cast<std::int64_t>(i));
    total += grid.mass[i];
    sum += grid.mass[i] * at;
    squares += grid.mass[i] * at * at;
  }
  const double mean = total > 0 ? sum / total : 0;
  return {.mean = mean, .variance = total > 0 ? std::max(0.0, squares / total - mean * mean) : 0};
}

// log E[exp(slope * steps)] of the finite losses.
double log_moment(const LossGrid& grid, double slope) {
  const double shrink = std::exp(-std::abs(slope));
  // From the heavier end on, so that nothing overflows.
  double sum = 0;
  const std::size_t points = grid.mass.size();
  if (slope > 0)
    for (std::size_t i = 0; i < points; ++i) sum = sum * shrink + grid.mass[i];
  else
    for (std::size_t i = points; i-- > 0;) sum = sum * shrink + grid.mass[i];
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

// Raises a transform to a power where that is not next to nothing, and multiplies it in.
void multiply_power(Spectrum& product, const Spectrum& factor, double times) {
  const double least = std::exp(-2 * kNothing / times);
  for (std::size_t k = 0; k < product.size(); ++k) {
    const double squared = std::norm(factor[k]);
    if (squared <= least || product[k] == 0.0)
      product[k] = 0;
    else
      product[k] *= std::polar(std::exp(times * std::log(squared) / 2), times * std::arg(factor[k]));
  }
}

std::size_t wrapped(std::int64_t at, std::size_t length) {
  const auto modulus = static_cast<std::int64_t>(length);
  return static_cast<std::size_t>(((at % modulus) + modulus) % modulus);
}

// Of a grid, moved by `centre` steps so that its mean is near 0 and the phases of its transform are small:
// their error is multiplied by the number of uses.
Spectrum transform_of(const LossGrid& grid, std::int64_t centre, std::size_t length,
                      RealTransform& transform) {
  std::vector<double> circle(length, 0.0);
  std::size_t at = wrapped(grid.first - centre, length);
  for (const double mass : grid.mass) {
    circle[at] += mass;
    if (++at == length) at = 0;
  }
  return transform.forward(circle);
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
  Spectrum product(length / 2 + 1, {1, 0});
  double log_finite = 0, uses = 0;
  std::int64_t shift = 0;
  for (const RepeatedLoss& loss : losses) {
    ASTROLABE_CHECK(loss.grid->step == step, "grids of one step");
    const auto times = static_cast<double>(loss.times);
    const auto centre = static_cast<std::int64_t>(std::llround(moments_of(*loss.grid).mean));
    multiply_power(product, transform_of(*loss.grid, centre, length, transform), times);
    shift += static_cast<std::int64_t>(loss.times) * centre;
    log_finite += times * std::log1p(-loss.grid->infinite);
    uses += times;
  }
  double squares = 0;
  for (const std::complex<double>& value : product) squares += 2 * std::norm(value);
  ASTROLABE_CHECK(std::isfinite(squares) && std::isfinite(log_finite), "losses have finite probabilities");
  const std::vector<double> circle = transform.inverse(product, length);
  LossGrid grid{.step = step, .first = window.first};
  grid.infinite = -std::expm1(log_finite) + cut;
  grid.mass.resize(length);
  std::size_t at = wrapped(window.first - shift, length);
  for (double& mass : grid.mass) {
    mass = std::max(0.0, circle[at]);
    if (++at == length) at = 0;
  }
  const double bits = std::log2(static_cast<double>(length));
  const double rounding =
      4 * kUnit * bits * (uses + 1) * std::sqrt(squares) + static_cast<double>(length) * std::exp(-kNothing);
  return {std::move(grid), offset, rounding};
}

}  // namespace astrolabe
