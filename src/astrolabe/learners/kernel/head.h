// SPDX-License-Identifier: Apache-2.0
// The linear head on kernel features: what a fit of it is asked, and what comes out.
//
//   const FittedHead head = fit_ridge(request);     // ridge.h: numbers, by the normal equations
//   const FittedHead head = fit_likelihood(request);  // newton.h: classes and counts
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "astrolabe/base/budget.h"
#include "astrolabe/learners/kernel/featurizer.h"
#include "astrolabe/learners/kernel/survey.h"

namespace astrolabe::kernel {

// Targets in the unit that penalties are measured in: (y - center) / scale; classes are indices.
struct Response {
  Family family = Family::gaussian;
  std::size_t outputs = 1;  // columns of scores: the classes of a multinomial, else 1
  double center = 0, scale = 1;
  double highest = 0;  // poisson: the largest target, in that unit

  [[nodiscard]] double of(double target) const { return target / scale - center / scale; }
};

struct HeadRequest {
  const FitRows& rows;
  const TrainingData* watch = nullptr;  // rows to choose the penalty by; null: rows held out
  const Survey& survey;
  const Featurizer& featurizer;
  const Response& response;
  double penalty = 0;  // 0: chosen
  PenaltyChoice choice = PenaltyChoice::held_out;
  Key key;
  ThreadPool& pool;
  const Budget& budget;
  std::function<void(double fraction)> progress = {};
};

struct FittedHead {
  std::vector<double> coefficients;  // [width, outputs] row-major
  double penalty = 0;                // in units of the mean k(x, x)
  bool cut_short = false;
};

// The scores without any feature: the best constant, with half a row's share for what was never seen.
[[nodiscard]] std::vector<double> constant_scores(const Survey& survey, const Response& response);
[[nodiscard]] FittedHead constant_head(const HeadRequest& request);

// Penalties to try, from strong to weak, in units of the mean k(x, x).
[[nodiscard]] std::vector<double> penalties_to_try(int per_decade);
inline constexpr double kPenaltyOfFewRows = 0.01;  // where nothing can be held out
inline constexpr std::size_t kPatience = 3;        // penalties without a better one

// Rows held out to choose the penalty: each row by its own random number, so that blocks do not matter.
struct HeldOut {
  Key key;
  std::size_t folds = 5;  // that the rows are dealt to
  std::size_t used = 1;   // that are held out in turn: one of many rows says enough
  [[nodiscard]] std::size_t fold_of(std::uint64_t row) const { return random_bits(key, row) % folds; }
};
// Nothing where there are too few rows.
[[nodiscard]] std::optional<HeldOut> choose_held_out(const HeadRequest& request);

}  // namespace astrolabe::kernel
