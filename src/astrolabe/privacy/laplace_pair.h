// SPDX-License-Identifier: Apache-2.0
// The pair of the Laplace mechanism, whole or on a Poisson sample. Its loss is bounded, and takes its ends
// with positive probability.
//
//   const LaplacePair removed(2, 1, Direction::remove);  // scale 2: losses in [-0.5, 0.5]
#pragma once

#include "astrolabe/privacy/sampled_gaussian_pair.h"

namespace astrolabe {

class LaplacePair final : public LossPair {
 public:
  // `scale`: of the noise, where a row moves the result by at most 1.
  LaplacePair(double scale, double rate, Direction direction);
  [[nodiscard]] LossTails tails(double loss) const override;
  [[nodiscard]] double lowest() const override;
  [[nodiscard]] double highest() const override;
  [[nodiscard]] double mean() const override;

 private:
  [[nodiscard]] double ratio_at(double x) const;

  double scale_, rate_;
  Direction direction_;
};

}  // namespace astrolabe
