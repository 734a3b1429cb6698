// SPDX-License-Identifier: Apache-2.0
// Which penalty: the one whose fit does best on rows that it has not seen, the stronger of equals. Those are
// the watched rows, or rows held out of the fit: five folds, one when there are many rows.
#pragma once

#include <functional>

#include "astrolabe/base/random.h"
#include "astrolabe/learners/linear/linear_settings.h"
#include "astrolabe/learners/linear/path.h"
#include "astrolabe/model/learner.h"

namespace astrolabe::linear {

struct Selected {
  Coefficients coefficients;
  double penalty = 0;
  bool cut_short = false;
};

struct SelectionInput {
  const PathInput& fit;  // all rows
  const Labels& labels;
  const LinearSettings& settings;
  const TrainingData* watch;  // may be null
  Key key;
  std::function<void(double fraction)> progress;
};

// Fits and chooses as the settings say. Always gives a model: without time, the one without features.
[[nodiscard]] Selected select_and_fit(const SelectionInput& input);

// Intercepts of features as they come, not centred.
[[nodiscard]] std::vector<double> plain_intercepts(const Coefficients& coefficients, const Design& design);
[[nodiscard]] std::vector<double> flatten(const Coefficients& coefficients);

}  // namespace astrolabe::linear
