// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/loss_sum.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <utility>

#include <unsupported/Eigen/FFT>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

using Spectrum = std::vector<std::complex<double>>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
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

// The next length from `least` on that has no prime factors above 5.
std::size_t handy_length(std::size_t least) {
  std::size_t best = 2;
  while (best < least) best *= 2;
  for (std::size_t three = 1; three < 2 * least; three *= 3)
    for (std::size_t five = three; five < 2 * least; five *= 5) {
      std::size_t length = five * 4;
      while (length < least) length *= 2;
      best = std::min(best, length);
    }
  return best;
}

// Raises a transform to a power where it is not 0 to all digits, and multiplies it in.
void multiply_power(Spectrum& product, const Spectrum& factor, double times) {
  for (std::size_t k = 0; k < product.size(); ++k) {
    const double log_size = times * std::log(std::norm(factor[k])) / 2;
    if (!(log_size > -745)) {
      product[k] = 0;
      continue;
    }
    product[k] *= std::polar(std::exp(log_size), times * std::arg(factor[k]));
  }
}

std::size_t wrapped(std::int64_t at, std::size_t length) {
  const auto modulus = static_cast<std::int64_t>(length);
  return static_cast<std::size_t>(((at % modulus) + modulus) % modulus);
}

// Of a grid, moved by `centre` steps so that its mean is near 0 and the phases of its transform are small:
// their error is multiplied by the number of uses.
Spectrum transform_of(const LossGrid& grid, std::int64_t centre, std::size_t length,
                      Eigen::FFT<double>& fft) {
  std::vector<double> circle(length, 0.0);
  for (std::size_t i = 0; i < grid.mass.size(); ++i)
    circle[wrapped(grid.first + static_cast<std::int64_t>(i) - centre, length)] += grid.mass[i];
  Spectrum spectrum;
  fft.fwd(spectrum, circle);
  return spectrum;
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
  double mean = 0, variance = 0;
  LossWindow window;
  for (const RepeatedLoss& loss : losses) {
    const auto times = static_cast<double>(loss.times);
    const Moments moments = moments_of(*loss.grid);
    mean += times * moments.mean;
    variance += times * moments.variance;
    const auto uses = static_cast<std::int64_t>(loss.times);
    window.first += uses * loss.grid->first;
    window.last += uses * (loss.grid->first + static_cast<std::int64_t>(loss.grid->mass.size()) - 1);
  }
  // The best slope for a normal distribution, and others around it for those that are none.
  const double normal_slope = std::sqrt(2 * -std::log(cut) / std::max(variance, 1e-12));
  for (const double factor : {0.03, 0.06, 0.12, 0.25, 0.5, 0.7, 1.0, 1.4, 2.0, 4.0})
    for (const double sign : {-1.0, 1.0}) {
      const double slope = sign * factor * normal_slope;
      double log_total = -std::log(cut);
      for (const RepeatedLoss& loss : losses)
        log_total += static_cast<double>(loss.times) * log_moment(*loss.grid, slope);
      const double bound = log_total / slope;
      if (!std::isfinite(bound) || std::abs(bound) > 1e15) continue;
      if (sign > 0)
        window.last = std::min(window.last, static_cast<std::int64_t>(std::ceil(bound)));
      else
        window.first = std::max(window.first, static_cast<std::int64_t>(std::floor(bound)));
    }
  window.last = std::max(window.first, window.last);
  return window;
}

LossSum composed(std::span<const RepeatedLoss> losses, const LossWindow& window, double cut, double offset) {
  ASTROLABE_CHECK(!losses.empty(), "something is composed");
  const double step = losses[0].grid->step;
  const std::size_t length = handy_length(static_cast<std::size_t>(window.last - window.first) + 1);
  Eigen::FFT<double> fft;
  fft.SetFlag(Eigen::FFT<double>::HalfSpectrum);
  Spectrum product(length / 2 + 1, {1, 0});
  double log_finite = 0, uses = 0;
  std::int64_t shift = 0;
  for (const RepeatedLoss& loss : losses) {
    ASTROLABE_CHECK(loss.grid->step == step, "grids of one step");
    const auto times = static_cast<double>(loss.times);
    const auto centre = static_cast<std::int64_t>(std::llround(moments_of(*loss.grid).mean));
    multiply_power(product, transform_of(*loss.grid, centre, length, fft), times);
    shift += static_cast<std::int64_t>(loss.times) * centre;
    log_finite += times * std::log1p(-loss.grid->infinite);
    uses += times;
  }
  double squares = 0;
  for (const std::complex<double>& value : product) squares += 2 * std::norm(value);
  std::vector<double> circle(length);
  fft.inv(circle, product, static_cast<Eigen::Index>(length));
  LossGrid grid{.step = step, .first = window.first};
  grid.infinite = -std::expm1(log_finite) + cut;
  grid.mass.resize(length);
  for (std::size_t i = 0; i < length; ++i)
    grid.mass[i] =
        std::max(0.0, circle[wrapped(window.first - shift + static_cast<std::int64_t>(i), length)]);
  const double bits = std::log2(static_cast<double>(length));
  return {std::move(grid), offset, 4 * kUnit * bits * (uses + 1) * std::sqrt(squares)};
}

}  // namespace astrolabe
