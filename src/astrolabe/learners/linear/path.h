// SPDX-License-Identifier: Apache-2.0
// One penalised model after another, from a strong penalty to a weak one, each starting where the last ended.
//
//   Path path({.design = design, .response = response, .weights = weights, .l1_ratio = 0, .pool = pool,
//              .budget = budget});
//   for (double penalty : path_penalties(path.largest_penalty(), 25, 1e-5)) path.move_to(penalty);
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/thread_pool.h"
#include "astrolabe/learners/linear/anderson.h"
#include "astrolabe/learners/linear/design.h"
#include "astrolabe/learners/linear/likelihood.h"
#include "astrolabe/learners/linear/quadratic.h"

namespace astrolabe::linear {

// For each block (path.h: one, or one per class): b0 and b, of centred features (Design).
struct Coefficients {
  std::vector<double> intercepts;           // [blocks]
  std::vector<std::vector<double>> slopes;  // [blocks][features]
};

struct PathInput {
  const Design& design;
  const Response& response;
  std::span<const double> weights;  // [rows] >= 0 with a sum above 0; rows that weigh 0 are only scored
  double l1_ratio = 0;
  ThreadPool& pool;
  const Budget& budget;
};

// From the strongest to the weakest, evenly spaced in the logarithm.
[[nodiscard]] std::vector<double> path_penalties(double strongest, std::size_t length, double end);

class Path {
 public:
  explicit Path(const PathInput& input);

  // Above this, a lasso has no coefficient, and a ridge next to none.
  [[nodiscard]] double largest_penalty() const;
  // Minimises to `tolerance`, relative to the loss without features. False when the budget ended it: the
  // coefficients are then better than before, but not the best. Throws nothing.
  bool move_to(double penalty, double tolerance = 1e-7);

  [[nodiscard]] const Coefficients& coefficients() const { return coefficients_; }
  // [blocks][rows] of all rows, those that weigh nothing included.
  [[nodiscard]] const std::vector<std::vector<double>>& scores() const { return likelihood_.scores(); }
  // Share of the loss without features that this model explains.
  [[nodiscard]] double explained() const;
  // The intercepts of classes that no row has, as they should be in a finished model.
  [[nodiscard]] Coefficients finished() const;

 private:
  [[nodiscard]] std::vector<double> gradient(std::size_t block) const;
  [[nodiscard]] double penalty_of(std::size_t block) const;
  [[nodiscard]] double minimise(const Penalty& penalty, double tolerance);
  double step(std::size_t block, const Penalty& penalty, double tolerance);
  // All coefficients as one point, each in the unit of scores; and back.
  [[nodiscard]] std::vector<double> to_point() const;
  [[nodiscard]] Coefficients from_point(const std::vector<double>& point) const;
  double leap(const Penalty& penalty, const std::vector<double>& point);
  void screen(double penalty, double previous);
  [[nodiscard]] bool admit_violators(double penalty);

  PathInput input_;
  Likelihood likelihood_;
  std::unique_ptr<QuadraticSolver> solver_;
  std::vector<double> shares_;  // the weights, summing to 1
  Coefficients coefficients_;
  std::vector<std::vector<std::uint32_t>> eligible_;  // [blocks] features that may move
  Penalty penalty_;
  double null_loss_ = 0;
  double loss_ = 0;  // without the penalty
  bool has_gram_ = false;
};

}  // namespace astrolabe::linear
