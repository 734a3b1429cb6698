// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evidence/spectrum.h"

#include <cmath>
#include <limits>
#include <vector>

#include <Eigen/Dense>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

using Vector = Eigen::VectorXd;

Vector times(const SymmetricMap& map, const Vector& v) {
  Vector product(v.size());
  const auto size = static_cast<std::size_t>(v.size());
  map({v.data(), size}, {product.data(), size});
  return product;
}

// The largest eigenpair of a tridiagonal matrix, and how far it is from one of the whole matrix.
struct Ritz {
  double value = 0, residual = 0;
};

Ritz largest_ritz(const std::vector<double>& diagonal, const std::vector<double>& beside) {
  const auto n = static_cast<Eigen::Index>(diagonal.size());
  Vector d(n), e(n - 1);
  for (Eigen::Index i = 0; i < n; ++i) d(i) = diagonal[static_cast<std::size_t>(i)];
  for (Eigen::Index i = 0; i + 1 < n; ++i) e(i) = beside[static_cast<std::size_t>(i)];
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver;
  solver.computeFromTridiagonal(d, e);
  return {.value = solver.eigenvalues()(n - 1),
          .residual = beside.back() * std::abs(solver.eigenvectors()(n - 1, n - 1))};
}

}  // namespace

double largest_eigenvalue(const SymmetricMap& map, std::size_t size, Key key, double tolerance) {
  if (size == 0) return 0;
  RandomStream random(key);
  Vector v(static_cast<Eigen::Index>(size));
  for (double& value : v) value = random.normal();
  v.normalize();
  std::vector<Vector> basis;
  std::vector<double> diagonal, beside;
  Ritz ritz;
  while (basis.size() < std::min(size, kMostLanczosSteps)) {
    Vector product = times(map, v);
    if (!product.allFinite()) return std::numeric_limits<double>::quiet_NaN();
    diagonal.push_back(v.dot(product));
    basis.push_back(v);
    for (int pass = 0; pass < 2; ++pass)  // twice is enough (Kahan, in Parlett 1980)
      for (const Vector& one : basis) product -= one.dot(product) * one;
    beside.push_back(product.norm());
    ritz = largest_ritz(diagonal, beside);
    const double scale = std::abs(ritz.value);
    if (ritz.residual <= tolerance * scale || beside.back() <= 1e-12 * scale || beside.back() == 0) break;
    v = product / beside.back();
  }
  return ritz.value;
}

TraceEstimate estimated_trace(const SymmetricMap& map, std::size_t size, std::size_t probes, Key key) {
  ASTROLABE_CHECK(probes >= 1, "a probe at least");
  double sum = 0, squares = 0;
  for (std::size_t probe = 0; probe < probes; ++probe) {
    RandomStream random(key.split(probe));
    Vector v(static_cast<Eigen::Index>(size));
    for (double& value : v) value = random.below(2) == 0 ? -1 : 1;
    const double quadratic = v.dot(times(map, v));
    sum += quadratic;
    squares += quadratic * quadratic;
  }
  const auto n = static_cast<double>(probes);
  const double mean = sum / n, variance = (squares - n * mean * mean) / (n - 1);
  return {.value = mean, .standard_error = std::sqrt(std::max(variance, 0.0) / n)};
}

}  // namespace astrolabe
