// SPDX-License-Identifier: Apache-2.0
// How the values of one dimension are distributed in some trials: shares of its cells. The cells of a choice
// are its options; those of numbers are slices of their unit scale, smoothed over their neighbours.
//
//   Parzen parzen(dimension);
//   parzen.add(value); ...
//   parzen.smooth();
//   const double value = parzen.draw(random);  parzen.share_of(value)
//
// Not thread-safe. Cost: add O(1), smooth O(cells x window), draw O(cells), share_of O(1).
#pragma once

#include <cstddef>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/search/space.h"

namespace astrolabe {

class Parzen {
 public:
  explicit Parzen(const Dimension& dimension);

  void add(double value);  // not NaN
  // Turns counts into shares, each above 0 by one more value that is spread evenly. Numbers: a triangular
  // window that narrows with the fourth root of their count, folded back at the borders. Once, after the last
  // add.
  void smooth();
  [[nodiscard]] double draw(RandomStream& random) const;
  [[nodiscard]] double share_of(double value) const;

 private:
  [[nodiscard]] std::size_t cell_of(double value) const;

  Dimension dimension_;
  std::vector<double> shares_;  // [cells] counts before smooth()
  double count_ = 0, sum_ = 0, squares_ = 0;
};

}  // namespace astrolabe
