// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evidence/gauss_newton.h"

#include <cmath>

#include <Eigen/Dense>

namespace astrolabe {
namespace {

constexpr double kFirstDamping = 1e-3;  // of the mean of the diagonal
constexpr double kLess = 0.25, kMore = 8;
constexpr int kTries = 8;  // dampings of one step
constexpr double kNothing = 1e-300;

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Rows scaled so that the parabola has curvature 1 in each: B and r of |B d + r|^2 / 2.
struct Scaled {
  Matrix b;
  Eigen::VectorXd r;

  explicit Scaled(const Linearized& at)
      : b(static_cast<Eigen::Index>(at.units), static_cast<Eigen::Index>(at.parameters)),
        r(static_cast<Eigen::Index>(at.units)) {
    for (std::size_t i = 0; i < at.units; ++i) {
      const double root = std::sqrt(at.bend[i]);
      const auto row = static_cast<Eigen::Index>(i);
      for (std::size_t p = 0; p < at.parameters; ++p)
        b(row, static_cast<Eigen::Index>(p)) = root * static_cast<double>(at.jacobian[i * at.parameters + p]);
      r(row) = at.slope[i] / root;
    }
  }
};

}  // namespace

GaussNewtonFit fit_gauss_newton(const GaussNewtonProblem& problem, std::span<const float> start,
                                std::size_t steps) {
  GaussNewtonFit fit{.w = {start.begin(), start.end()}, .losses = {problem.loss(start)}};
  double damping = kFirstDamping;
  for (std::size_t step = 0; step < steps; ++step) {
    if (problem.should_stop && problem.should_stop()) break;
    const Scaled at(problem.linearize(fit.w));
    const Eigen::MatrixXd kernel = at.b * at.b.transpose();
    const double mean = kernel.trace() / static_cast<double>(kernel.rows());
    if (!(mean > kNothing)) break;  // nothing moves anything
    bool has_fallen = false;
    for (int i = 0; i < kTries && !has_fallen; ++i) {
      Eigen::MatrixXd damped = kernel;
      damped.diagonal().array() += damping * mean;
      const Eigen::VectorXd move = -at.b.transpose() * damped.ldlt().solve(at.r);
      std::vector<float> next = fit.w;
      for (std::size_t p = 0; p < next.size(); ++p)
        next[p] += static_cast<float>(move(static_cast<Eigen::Index>(p)));
      const double loss = problem.loss(next);
      has_fallen = loss < fit.losses.back();
      damping *= has_fallen ? kLess : kMore;
      if (!has_fallen) continue;
      fit.w = std::move(next);
      fit.losses.push_back(loss);
    }
    if (!has_fallen) break;
  }
  return fit;
}

}  // namespace astrolabe
