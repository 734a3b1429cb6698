// SPDX-License-Identifier: Apache-2.0
// How a model that a fit begins with reads features that are not its own, and answers for outputs that are
// not its own: after columns, categories or classes were added, columns went away, or the scale of the target
// moved.
//
//   const std::vector<double> before = start_answers(old, map, features);   // on the fit's own features
//   largest_difference(before, old.outputs(), now, fit.outputs(), map)      // 0: the fit starts as the old
//   one
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "astrolabe/model/feature_matrix.h"
#include "astrolabe/model/task.h"

namespace astrolabe {

class Model;

struct StartMap {
  static constexpr std::size_t kGone = std::numeric_limits<std::size_t>::max();

  // [features of the start] Which feature of the fit each is, or kGone.
  std::vector<std::size_t> feature_of;
  // One row of the start's features, as where every cell is missing: what those that are gone read as.
  FeatureMatrix missing;
  // [classes of the start] Which class of the fit each is; empty for numbers.
  std::vector<std::size_t> class_of;
  // Numbers: what the start says becomes shift + slope * it, where the target is on another scale now.
  double slope = 1, shift = 0;

  [[nodiscard]] bool has_gone() const;
  // Whether a fit of so many features has the start's own, in their order, and no others.
  [[nodiscard]] bool keeps_features(std::size_t features) const;
};

// What the start says of rows of the fit's features, [rows * outputs of the start], slope and shift included.
// Pure. Cost: one copy of the features, and predicting.
[[nodiscard]] std::vector<double> start_answers(const Model& start, const StartMap& map,
                                                const FeatureMatrix& features);

// Answers of the start, [rows * its outputs], against those of a fit of `outputs` outputs. Of classes: the
// shares among those that the start knows. The largest absolute difference; NaN is a difference of infinity.
[[nodiscard]] double largest_difference(const std::vector<double>& of_start, std::size_t start_outputs,
                                        const std::vector<double>& of_fit, std::size_t outputs,
                                        const StartMap& map);

// How a fit began with another model. For people: no file holds it, and a model that was loaded remembers
// nothing.
struct StartFacts {
  bool is_warm = false;     // it took over weights
  bool is_exact = false;    // and should compute what the start computes
  std::string why;          // it is not exact, or not warm
  std::string was, is;      // of a net: "64-64", "128-128-res"
  std::size_t rows = 0;     // looked at, before the first step
  double difference = 0;    // the largest between the start's answers on them and the fit's first ones
  double answer_scale = 1;  // of numbers: what a difference is to be seen against
};

class StartedFit {
 public:
  virtual ~StartedFit() = default;
  [[nodiscard]] virtual const StartFacts& start() const = 0;
};

}  // namespace astrolabe
