// SPDX-License-Identifier: Apache-2.0
// One Newton step of a penalised model is a penalised weighted least-squares problem:
//
//   minimise over d0, d:  1/2 sum_i u_i (r_i - d0 - x_i d)^2 + penalty(b + d)
//
// Two solvers, one answer. The Gram solver forms X'UX once and never looks at rows again: right for up to a
// few hundred features, where coordinate descent would crawl along collinear ones. The descent solver walks
// columns against a residual: right for thousands of sparse features, of which it visits only the active
// ones.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/thread_pool.h"
#include "astrolabe/learners/linear/design.h"

namespace astrolabe::linear {

struct Penalty {
  double strength = 0;  // > 0
  double l1_ratio = 0;

  [[nodiscard]] double absolute() const { return strength * l1_ratio; }
  [[nodiscard]] double square() const { return strength * (1 - l1_ratio); }
  [[nodiscard]] double of(std::span<const double> coefficients) const;
};

// The value that minimises 1/2 curvature b^2 - pull b + penalty(b).
[[nodiscard]] double shrink(double pull, double curvature, const Penalty& penalty);

struct Quadratic {
  std::span<const double> weights;       // u [rows] >= 0, with a sum above 0
  std::span<const double> residual;      // r [rows]
  std::span<const double> coefficients;  // b [features]
  Penalty penalty;
  bool same_weights = false;  // as in the last call to this solver: what was made of them may be used again
  // Features that may move, ascending; the others stay. Ignored by the Gram solver, for which all are cheap.
  std::span<const std::uint32_t> eligible;
  double tolerance = 1e-10;  // stop when no step lowers the objective by more
};

struct Step {
  std::vector<double> coefficients;  // d [features]
  double intercept = 0;              // d0
};

class QuadraticSolver {
 public:
  virtual ~QuadraticSolver() = default;
  // Ends early, with what it has, when the budget does.
  [[nodiscard]] virtual Step solve(const Quadratic& quadratic, const Budget& budget) = 0;
  [[nodiscard]] virtual bool wants_screening() const = 0;
};

[[nodiscard]] std::unique_ptr<QuadraticSolver> make_gram_solver(const Design& design, ThreadPool& pool);
[[nodiscard]] std::unique_ptr<QuadraticSolver> make_descent_solver(const Design& design);
// The cheaper one for this shape.
[[nodiscard]] std::unique_ptr<QuadraticSolver> make_solver(const Design& design, ThreadPool& pool);

}  // namespace astrolabe::linear
