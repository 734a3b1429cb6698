// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/real_transform.h"

#include <unsupported/Eigen/FFT>

#include "astrolabe/base/error.h"

namespace astrolabe {

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
  std::vector<double> values(length);
  tables_->fft.inv(values, spectrum, static_cast<Eigen::Index>(length));
  return values;
}

}  // namespace astrolabe
