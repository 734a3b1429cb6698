// SPDX-License-Identifier: Apache-2.0
// A length for each column, by gradient: the ridge loss on held-out rows of the sample goes down.
//
//   const std::vector<double> stretch = find_stretches({.choice = choice, .sample = survey.sample, .features
//   = 28,
//       .length = median, .targets = targets, .outputs = 1, .key = key, .pool = pool, .budget = budget});
//   // column j has the length  median / exp(stretch[j])
//
// Half of up to 2000 rows is fitted by ridge regression on 256 random features, the other half is the loss.
// Its derivative passes through the solution of the ridge in closed form, and through the features by the
// engine (length_program.h); Adam takes 60 steps. What did best on the held-out half is kept: one length for
// all, where nothing was better.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "astrolabe/base/budget.h"
#include "astrolabe/learners/kernel/kernel_settings.h"
#include "astrolabe/learners/kernel/survey.h"

namespace astrolabe::kernel {

struct LengthSearch {
  const KernelChoice& choice;  // stationary
  const Sample& sample;
  std::size_t features = 0;
  double length = 1;                // to start with, in all columns
  std::span<const double> targets;  // [sample rows, outputs]
  std::size_t outputs = 1;
  Key key;
  ThreadPool& pool;
  const Budget& budget;
};

// [features]. Zeros for less than 20 rows.
[[nodiscard]] std::vector<double> find_stretches(const LengthSearch& search);

// The loss and its slope by the stretches and by the logarithm of the penalty.
struct LengthSlope {
  double loss = 0;
  std::vector<double> by_stretch;
  double by_penalty = 0;
};
// For tests: at one point.
[[nodiscard]] LengthSlope slope_of_lengths(const LengthSearch& search, std::span<const double> stretch,
                                           double log_penalty);

}  // namespace astrolabe::kernel
