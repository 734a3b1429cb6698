// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "astrolabe/learners/linear/quadratic.h"

namespace astrolabe::linear {

namespace {

constexpr int kMostPasses = 2000;

// Keeps the intercept at its optimum all the time: residuals then have weighted mean zero, and a column acts
// as if it were centred, without being touched where it is zero.
class Descent {
 public:
  Descent(const Design& design, const Quadratic& quadratic)
      : design_(design),
        quadratic_(quadratic),
        residual_(quadratic.residual.begin(), quadratic.residual.end()),
        coefficients_(quadratic.coefficients.begin(), quadratic.coefficients.end()),
        sums_(quadratic.eligible.size()),
        curvatures_(quadratic.eligible.size()) {
    double pull = 0;
    for (std::size_t row = 0; row < residual_.size(); ++row) {
      total_ += quadratic.weights[row];
      pull += quadratic.weights[row] * residual_[row];
    }
    intercept_ = pull / total_;
    for (std::size_t at = 0; at < quadratic.eligible.size(); ++at) measure(at);
  }

  // One visit of each of these places of `eligible`. Returns the largest gain.
  double pass(std::span<const std::uint32_t> places) {
    double largest = 0;
    for (const std::uint32_t at : places) largest = std::max(largest, move(at));
    return largest;
  }

  [[nodiscard]] std::vector<std::uint32_t> active() const {
    std::vector<std::uint32_t> places;
    for (std::uint32_t at = 0; at < quadratic_.eligible.size(); ++at)
      if (coefficients_[quadratic_.eligible[at]] != 0) places.push_back(at);
    return places;
  }

  [[nodiscard]] Step step() const {
    Step step{.coefficients = coefficients_, .intercept = intercept_};
    for (std::size_t j = 0; j < coefficients_.size(); ++j) step.coefficients[j] -= quadratic_.coefficients[j];
    return step;
  }

 private:
  void measure(std::size_t at) {
    double sum = 0;
    double square = 0;
    design_.visit(quadratic_.eligible[at], [&](std::size_t row, double x) {
      sum += quadratic_.weights[row] * x;
      square += quadratic_.weights[row] * x * x;
    });
    sums_[at] = sum;
    const double curvature = square - sum * sum / total_;
    curvatures_[at] = curvature > 1e-12 * square ? curvature : 0.0;
  }

  double move(std::size_t at) {
    if (curvatures_[at] == 0) return 0;
    const std::uint32_t feature = quadratic_.eligible[at];
    double pull = -intercept_ * sums_[at];
    design_.visit(feature,
                  [&](std::size_t row, double x) { pull += quadratic_.weights[row] * residual_[row] * x; });
    const double old = coefficients_[feature];
    const double moved = shrink(pull + curvatures_[at] * old, curvatures_[at], quadratic_.penalty);
    const double by = moved - old;
    if (by == 0) return 0;
    coefficients_[feature] = moved;
    design_.visit(feature, [&](std::size_t row, double x) { residual_[row] -= by * x; });
    intercept_ -= by * sums_[at] / total_;
    return curvatures_[at] * by * by;
  }

  const Design& design_;
  const Quadratic& quadratic_;
  std::vector<double> residual_;  // without what the intercept explains
  std::vector<double> coefficients_;
  std::vector<double> sums_, curvatures_;  // by place in `eligible`
  double total_ = 0;
  double intercept_ = 0;
};

class DescentSolver final : public QuadraticSolver {
 public:
  explicit DescentSolver(const Design& design) : design_(design) {}
  [[nodiscard]] bool wants_screening() const override { return true; }

  [[nodiscard]] Step solve(const Quadratic& quadratic, const Budget& budget) override {
    Descent descent(design_, quadratic);
    std::vector<std::uint32_t> all(quadratic.eligible.size());
    for (std::uint32_t at = 0; at < all.size(); ++at) all[at] = at;
    int passes = 0;
    const auto may_go_on = [&] { return ++passes <= kMostPasses && !budget.should_stop(); };
    while (may_go_on() && descent.pass(all) > quadratic.tolerance) {
      if (quadratic.penalty.absolute() == 0) continue;
      const std::vector<std::uint32_t> active = descent.active();
      while (may_go_on() && descent.pass(active) > quadratic.tolerance) {
      }
    }
    return descent.step();
  }

 private:
  const Design& design_;
};

}  // namespace

double Penalty::of(std::span<const double> coefficients) const {
  double sum = 0;
  double square_sum = 0;
  for (const double b : coefficients) {
    sum += std::abs(b);
    square_sum += b * b;
  }
  return absolute() * sum + square() / 2 * square_sum;
}

double shrink(double pull, double curvature, const Penalty& penalty) {
  const double excess = std::abs(pull) - penalty.absolute();
  if (excess <= 0) return 0;
  return std::copysign(excess / (curvature + penalty.square()), pull);
}

std::unique_ptr<QuadraticSolver> make_descent_solver(const Design& design) {
  return std::make_unique<DescentSolver>(design);
}

}  // namespace astrolabe::linear
