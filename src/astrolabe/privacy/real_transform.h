// SPDX-License-Identifier: Apache-2.0
// The Fourier transform of real numbers, by Eigen's. Keeps the tables of each length that it has met.
//
//   RealTransform transform;
//   const Spectrum spectrum = transform.forward(values);       // values.size() / 2 + 1 frequencies
//   const std::vector<double> same = transform.inverse(spectrum, values.size());
//
// Not for two threads at once. O(n log n); fast for lengths without large prime factors.
#pragma once

#include <complex>
#include <memory>
#include <vector>

namespace astrolabe {

using Spectrum = std::vector<std::complex<double>>;

class RealTransform {
 public:
  RealTransform();
  ~RealTransform();
  RealTransform(const RealTransform&) = delete;
  RealTransform& operator=(const RealTransform&) = delete;

  // Even lengths.
  [[nodiscard]] Spectrum forward(const std::vector<double>& values);
  // Faster where the upper frequencies are 0: what is smooth needs few of them.
  [[nodiscard]] std::vector<double> inverse(const Spectrum& spectrum, std::size_t length);

 private:
  std::vector<double> smooth_inverse(const Spectrum& spectrum, std::size_t used, std::size_t length,
                                     std::size_t part);

  struct Tables;
  std::unique_ptr<Tables> tables_;
};

}  // namespace astrolabe
