// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/kernel/penalised_system.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>

namespace astrolabe::kernel {

struct PenalisedSystem::Factor {
  Eigen::LLT<Eigen::MatrixXd> llt;
};

std::optional<PenalisedSystem> PenalisedSystem::factor(std::span<const double> gram, std::size_t width,
                                                       double factor, double penalty) {
  const auto size = static_cast<Eigen::Index>(width);
  Eigen::MatrixXd matrix = factor * Eigen::Map<const Eigen::MatrixXd>(gram.data(), size, size);
  for (Eigen::Index at = 0; at + 1 < size; ++at) matrix(at, at) += penalty;
  auto made = std::make_shared<Factor>();
  made->llt.compute(matrix);
  if (made->llt.info() != Eigen::Success) return std::nullopt;
  PenalisedSystem system;
  system.factor_ = std::move(made);
  return system;
}

void PenalisedSystem::solve(std::span<double> right_side) const {
  Eigen::Map<Eigen::VectorXd> values(right_side.data(), static_cast<Eigen::Index>(right_side.size()));
  factor_->llt.solveInPlace(values);
}

double PenalisedSystem::inverse_trace() const {
  // Of L L' the inverse is the transposed inverse of L times the inverse of L.
  const Eigen::Index size = factor_->llt.rows();
  return factor_->llt.matrixL().solve(Eigen::MatrixXd::Identity(size, size - 1)).eval().squaredNorm();
}

}  // namespace astrolabe::kernel
