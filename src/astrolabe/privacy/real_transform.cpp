// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/real_transform.h"

#include <numbers>

#include <unsupported/Eigen/FFT>

#include "astrolabe/base/error.h"

namespace astrolabe {

namespace {

constexpr std::size_t kLeastPart = 64;
constexpr std::size_t kTurnsAnew = 16;

// Of finite numbers: the operator's own looks for others, which costs as much again.
std::complex<double> product_of(const std::complex<double>& a, const std::complex<double>& b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

// The smallest divisor of `length` that is a power of two and holds `used` frequencies; `length` if it is not
// worth it.
std::size_t part_of(std::size_t length, std::size_t used) {
  for (std::size_t part = kLeastPart; part <= length / 8 && length % part == 0; part *= 2)
    if (part / 2 > used) return part;
  return length;
}

}  // namespace

struct RealTransform::Tables {
  Eigen::FFT<double> fft;
};

RealTransform::RealTransform() : tables_(std::make_unique<Tables>()) {
  tables_->fft.SetFlag(Eigen::FFT<double>::HalfSpectrum);
}

RealTransform::~RealTransform() = default;

Spectrum RealTransform::forward(const std::vector<double>& values) {
  ASTROLABE_CHECK(values.size() % 2 == 0, "an even length");
  Spectrum spectrum;
  tables_->fft.fwd(spectrum, values);
  return spectrum;
}

std::vector<double> RealTransform::inverse(const Spectrum& spectrum, std::size_t length) {
  ASTROLABE_CHECK(length % 2 == 0 && spectrum.size() == length / 2 + 1, "half a spectrum of an even length");
  std::size_t used = spectrum.size();
  while (used > 0 && spectrum[used - 1] == 0.0) --used;
  const std::size_t part = part_of(length, used);
  if (part < length) return smooth_inverse(spectrum, used, length, part);
  std::vector<double> values(length);
  tables_->fft.inv(values, spectrum, static_cast<Eigen::Index>(length));
  return values;
}

// With n = m * strides + r, exp(2 pi i k n / length) is exp(2 pi i k r / length) exp(2 pi i k m / part): for
// each r a short transform of turned frequencies.
std::vector<double> RealTransform::smooth_inverse(const Spectrum& spectrum, std::size_t used,
                                                  std::size_t length, std::size_t part) {
  const std::size_t strides = length / part;
  std::vector<double> values(length), some(part);
  Spectrum turned(part / 2 + 1, 0.0);
  const double scale = 1 / static_cast<double>(strides);
  const double turn = 2 * std::numbers::pi / static_cast<double>(length);
  Spectrum turns(used);
  for (std::size_t k = 0; k < used; ++k) turns[k] = std::polar(1.0, turn * static_cast<double>(k));
  for (std::size_t r = 0; r < strides; ++r) {
    // Turned further from one to the next, which adds up errors, and now and then anew.
    for (std::size_t k = 0; k < used; ++k)
      turned[k] = r % kTurnsAnew == 0 ? spectrum[k] * std::polar(scale, turn * static_cast<double>(k * r))
                                      : product_of(turned[k], turns[k]);
    tables_->fft.inv(some, turned, static_cast<Eigen::Index>(part));
    for (std::size_t m = 0; m < part; ++m) values[m * strides + r] = some[m];
  }
  return values;
}

}  // namespace astrolabe
