// SPDX-License-Identifier: Apache-2.0
// Small samples that several tests of stats share. Values in the tests that carry many digits come from
// scikit-learn 1.9.1 and SciPy 1.17.1 on these samples, with and without the weights.
#pragma once

#include <vector>

#include "astrolabe/stats/metric.h"

namespace astrolabe {

// Owns what a Scored looks at.
struct Sample {
  std::vector<double> truth, prediction, weight;
  std::size_t outputs = 1;

  [[nodiscard]] Scored unweighted() const { return {truth, prediction, outputs, {}}; }
  [[nodiscard]] Scored weighted() const { return {truth, prediction, outputs, weight}; }
};

inline const Sample kBinary{.truth = {0, 0, 1, 1, 0, 1, 0, 1, 1, 0},
                            .prediction = {.1, .4, .35, .8, .4, .4, .65, .9, .7, .05},
                            .weight = {1, 2, .5, 1, 3, 1.5, 1, 2, 1, .25},
                            .outputs = 1};
// Another predictor of the same rows.
inline const Sample kBinaryRival{.truth = kBinary.truth,
                                 .prediction = {.2, .3, .5, .6, .1, .3, .55, .95, .4, .3},
                                 .weight = kBinary.weight,
                                 .outputs = 1};

inline const Sample kThreeClasses{
    .truth = {0, 1, 2, 2, 1, 0},
    .prediction = {.7, .2, .1, .3, .4, .3, .2, .5, .3, .1, .1, .8, .25, .5, .25, .3, .4, .3},
    .weight = {1, 2, .5, 1, 3, 1.5},
    .outputs = 3};

inline const Sample kNumbers{.truth = {3, 1, 4, 1, 5, 9},
                             .prediction = {2.5, 1.2, 3.9, 1.5, 6, 7.5},
                             .weight = {1, 2, .5, 1, 3, 1.5},
                             .outputs = 1};

}  // namespace astrolabe
