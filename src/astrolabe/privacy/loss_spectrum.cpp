// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/loss_spectrum.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <complex>
#include <numbers>
#include <utility>
#include <vector>

namespace astrolabe {
namespace {

constexpr double kTurn = 2 * std::numbers::pi;
// Points summed before their phase is looked at; a few sums at once do not wait for each other.
constexpr std::size_t kBlock = 256, kSums = 4;
// A transform costs about as much for each point as this many frequencies by the definition.
constexpr std::size_t kWorth = 16;

// A loss, moved by `centre` steps so that its mean is near 0 and the phases of its transform are small: their
// error is multiplied by the number of uses.
struct Part {
  const LossGrid& grid;
  double times = 1;
  std::int64_t centre = 0;
  double variance = 0;
};

Spectrum transform_of(const Part& part, std::size_t length, RealTransform& transform) {
  std::vector<double> circle(length, 0.0);
  std::size_t at = place_on_circle(part.grid.first - part.centre, length);
  for (const double mass : part.grid.mass) {
    circle[at] += mass;
    if (++at == length) at = 0;
  }
  return transform.forward(circle);
}

// Above this one no frequency of the sum counts, on a circle of `length`.
std::size_t last_that_counts(std::span<const Part> parts, std::size_t length, RealTransform& transform) {
  double variance = 0;
  for (const Part& part : parts) variance += part.times * part.variance;
  // The bound between frequencies is then less than exp(pi^2 / 8) times the larger one.
  const auto probes = std::bit_ceil(64 + static_cast<std::size_t>(std::min(2 * std::sqrt(variance), 1e15)));
  if (probes > length / 4) return length / 2;
  std::vector<double> log_bound(probes / 2, 0.0);
  const double apart = kTurn / static_cast<double>(probes);
  for (const Part& part : parts) {
    const Spectrum spectrum = transform_of(part, probes, transform);
    const double above = part.variance * apart * apart / 4;
    for (std::size_t k = 0; k < log_bound.size(); ++k)
      log_bound[k] +=
          part.times / 2 * std::log(std::max(std::norm(spectrum[k]), std::norm(spectrum[k + 1])) + above);
  }
  std::size_t last = log_bound.size();
  while (last > 0 && log_bound[last - 1] < -kNothingLog) --last;
  return std::min(length / 2, (last * length + probes - 1) / probes);
}

std::complex<double> turned(std::size_t frequency, std::size_t places, std::size_t length) {
  return std::polar(1.0,
                    -kTurn * static_cast<double>(frequency * places % length) / static_cast<double>(length));
}

// Adds up what it is given, and the error of that.
class CarefulSum {
 public:
  void add(std::complex<double> value) {
    const std::complex<double> corrected = value - error_;
    const std::complex<double> next = sum_ + corrected;
    error_ = (next - sum_) - corrected;
    sum_ = next;
  }
  [[nodiscard]] std::complex<double> sum() const { return sum_; }

 private:
  std::complex<double> sum_, error_;
};

std::complex<double> block_sum(std::span<const double> mass, std::span<const std::complex<double>> turns) {
  std::array<double, kSums> real{}, imaginary{};
  std::size_t i = 0;
  for (; i + kSums <= mass.size(); i += kSums)
    for (std::size_t j = 0; j < kSums; ++j) {
      real[j] += mass[i + j] * turns[i + j].real();
      imaginary[j] += mass[i + j] * turns[i + j].imag();
    }
  for (; i < mass.size(); ++i) {
    real[0] += mass[i] * turns[i].real();
    imaginary[0] += mass[i] * turns[i].imag();
  }
  return {(real[0] + real[1]) + (real[2] + real[3]),
          (imaginary[0] + imaginary[1]) + (imaginary[2] + imaginary[3])};
}

// Frequencies 0 to `last` by the definition.
Spectrum low_frequencies(const Part& part, std::size_t last, std::size_t length) {
  const std::span<const double> mass(part.grid.mass);
  const std::size_t first = place_on_circle(part.grid.first - part.centre, length);
  Spectrum low(last + 1);
  std::vector<std::complex<double>> turns(kBlock);
  for (std::size_t k = 0; k <= last; ++k) {
    for (std::size_t i = 0; i < kBlock; ++i) turns[i] = turned(k, i, length);
    CarefulSum sum;
    for (std::size_t begin = 0; begin < mass.size(); begin += kBlock) {
      const std::size_t count = std::min(kBlock, mass.size() - begin);
      sum.add(block_sum(mass.subspan(begin, count), turns) * turned(k, (first + begin) % length, length));
    }
    low[k] = sum.sum();
  }
  return low;
}

// Raises a transform to a power where that is not next to nothing, and multiplies it in.
void multiply_power(std::span<std::complex<double>> product, std::span<const std::complex<double>> factor,
                    double times) {
  const double least = std::exp(-2 * kNothingLog / times);
  for (std::size_t k = 0; k < product.size(); ++k) {
    const double squared = std::norm(factor[k]);
    if (squared <= least || product[k] == 0.0)
      product[k] = 0;
    else
      product[k] *= std::polar(std::exp(times * std::log(squared) / 2), times * std::arg(factor[k]));
  }
}

}  // namespace

std::size_t place_on_circle(std::int64_t at, std::size_t length) {
  const auto modulus = static_cast<std::int64_t>(length);
  return static_cast<std::size_t>(((at % modulus) + modulus) % modulus);
}

LossMoments moments_of(const LossGrid& grid) {
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

SumSpectrum spectrum_of_sum(std::span<const RepeatedLoss> losses, std::size_t length,
                            RealTransform& transform) {
  SumSpectrum sum{.product = Spectrum(length / 2 + 1, 0.0)};
  std::vector<Part> parts;
  std::size_t points = 0;
  for (const RepeatedLoss& loss : losses) {
    const LossMoments moments = moments_of(*loss.grid);
    parts.push_back({.grid = *loss.grid,
                     .times = static_cast<double>(loss.times),
                     .centre = std::llround(moments.mean),
                     .variance = moments.variance});
    sum.shift += static_cast<std::int64_t>(loss.times) * parts.back().centre;
    points += loss.grid->mass.size();
  }
  const std::size_t last = last_that_counts(parts, length, transform);
  const bool by_definition = (last + 1) * points < kWorth * length * parts.size();
  const std::span<std::complex<double>> counting = std::span(sum.product).first(last + 1);
  std::ranges::fill(counting, 1.0);
  for (const Part& part : parts)
    multiply_power(
        counting, by_definition ? low_frequencies(part, last, length) : transform_of(part, length, transform),
        part.times);
  return sum;
}

}  // namespace astrolabe
