// SPDX-License-Identifier: Apache-2.0
// Eigenvalues and traces against Eigen's, of plain matrices and of the whole Hessian of a tiny net.
#include "astrolabe/evidence/spectrum.h"

#include <cmath>

#include <Eigen/Dense>
#include <gtest/gtest.h>

#include "astrolabe/evidence/training_probe.h"

namespace astrolabe {
namespace {

using Matrix = Eigen::MatrixXd;

SymmetricMap map_of(const Matrix& matrix) {
  return [&matrix](std::span<const double> v, std::span<double> product) {
    Eigen::Map<Eigen::VectorXd>(product.data(), matrix.rows()) =
        matrix * Eigen::Map<const Eigen::VectorXd>(v.data(), matrix.rows());
  };
}

Matrix random_symmetric(Eigen::Index n, Key key) {
  RandomStream random(key);
  Matrix matrix(n, n);
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j <= i; ++j) matrix(i, j) = matrix(j, i) = random.normal();
  return matrix;
}

double largest_of(const Matrix& matrix) {
  return Eigen::SelfAdjointEigenSolver<Matrix>(matrix).eigenvalues().maxCoeff();
}

TEST(Lanczos, finds_the_largest_eigenvalue) {
  for (const Eigen::Index n : {1, 2, 5, 40, 200}) {
    const Matrix matrix = random_symmetric(n, Key::from_seed(static_cast<std::uint64_t>(n)));
    const double truth = largest_of(matrix);
    const double found =
        largest_eigenvalue(map_of(matrix), static_cast<std::size_t>(n), Key::from_seed(1), 1e-6);
    EXPECT_NEAR(found, truth, 1e-3 * std::abs(truth)) << n;
    EXPECT_LE(found, truth + 1e-9 * std::abs(truth)) << n;
  }
}

TEST(Lanczos, is_not_misled_by_a_larger_negative_one) {
  Matrix matrix = Matrix::Zero(6, 6);
  matrix.diagonal() << -100, 3, 1, 0, 0, -2;
  EXPECT_NEAR(largest_eigenvalue(map_of(matrix), 6, Key::from_seed(1)), 3, 1e-3);
}

TEST(Lanczos, of_nothing_is_zero) {
  const Matrix zero = Matrix::Zero(4, 4), empty;
  EXPECT_EQ(largest_eigenvalue(map_of(zero), 4, Key::from_seed(1)), 0);
  EXPECT_EQ(largest_eigenvalue(map_of(empty), 0, Key::from_seed(1)), 0);
  const Matrix broken = Matrix::Constant(3, 3, std::nan(""));
  EXPECT_TRUE(std::isnan(largest_eigenvalue(map_of(broken), 3, Key::from_seed(1))));
}

TEST(Hutchinson, is_exact_for_diagonal_matrices_and_right_within_its_error_for_others) {
  Matrix diagonal = Matrix::Zero(5, 5);
  diagonal.diagonal() << 1, 2, 3, 4, 5;
  EXPECT_DOUBLE_EQ(estimated_trace(map_of(diagonal), 5, 3, Key::from_seed(1)).value, 15);
  const Matrix matrix = random_symmetric(30, Key::from_seed(7));
  const TraceEstimate estimate = estimated_trace(map_of(matrix), 30, 400, Key::from_seed(1));
  EXPECT_GT(estimate.standard_error, 0);
  EXPECT_NEAR(estimate.value, matrix.trace(), 4 * estimate.standard_error);
  EXPECT_TRUE(std::isnan(estimated_trace(map_of(matrix), 30, 1, Key::from_seed(1)).standard_error));
}

// The Hessian column by column, by central differences of gradients: the slow way.
TEST(LossCurvature, is_that_of_the_whole_hessian) {
  const SmallTask task = draw_numbers(40, 10, Key::from_seed(2));
  const SmallNet net(task, {.architecture = "5", .activation = "tanh"});
  LossCurvature curvature(net);
  std::vector<float> w = net.first_weights(Initialization::lecun, Key::from_seed(3));
  const auto n = static_cast<Eigen::Index>(w.size());
  constexpr float kStep = 1.0F / 128;
  Matrix hessian(n, n);
  for (Eigen::Index j = 0; j < n; ++j) {
    const auto at = static_cast<std::size_t>(j);
    const float here = w[at];
    w[at] = here + kStep;
    const std::vector<float> above = curvature.gradient(w);
    w[at] = here - kStep;
    const std::vector<float> below = curvature.gradient(w);
    w[at] = here;
    for (Eigen::Index i = 0; i < n; ++i)
      hessian(i, j) =
          static_cast<double>(above[static_cast<std::size_t>(i)] - below[static_cast<std::size_t>(i)]) /
          (2 * static_cast<double>(kStep));
  }
  hessian = (hessian + hessian.transpose()) / 2;
  const double truth = largest_of(hessian);
  EXPECT_GT(truth, 0.1);
  EXPECT_NEAR(curvature.sharpness(w, Key::from_seed(4)), truth, 0.005 * truth);
  const TraceEstimate trace = curvature.trace(w, 300, Key::from_seed(5));
  EXPECT_NEAR(trace.value, hessian.trace(), 4 * trace.standard_error + 0.01 * std::abs(hessian.trace()));
}

TEST(Median, is_the_middle_one_and_knows_what_is_no_number) {
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 2, 3}), 2.5);
  EXPECT_TRUE(std::isnan(median({1, std::nan(""), 2})));
  EXPECT_EQ(median_of_last_quarter(std::vector<double>{9, 9, 9, 9, 9, 9, 1, 3}), 2);
  EXPECT_EQ(median_of_last_quarter(std::vector<double>{5, 1}), 1);
}

}  // namespace
}  // namespace astrolabe
