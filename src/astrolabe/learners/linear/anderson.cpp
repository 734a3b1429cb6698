// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/linear/anderson.h"

#include <utility>

#include <Eigen/Cholesky>
#include <Eigen/Core>

namespace astrolabe::linear {

namespace {

constexpr std::size_t kMostRounds = 6;
constexpr double kSmoothing = 1e-10;  // of the normal equations, whose columns grow alike near the end

}  // namespace

void Anderson::record(const std::vector<double>& before, std::vector<double> after) {
  Round round{.after = std::move(after), .movement = {}};
  round.movement.resize(before.size());
  for (std::size_t i = 0; i < before.size(); ++i) round.movement[i] = round.after[i] - before[i];
  rounds_.push_back(std::move(round));
  if (rounds_.size() > kMostRounds) rounds_.pop_front();
}

std::vector<double> Anderson::propose() const {
  if (rounds_.size() < 2) return {};
  const auto count = static_cast<Eigen::Index>(rounds_.size() - 1);
  const Round& last = rounds_.back();
  const auto size = static_cast<Eigen::Index>(last.after.size());
  const auto as_vector = [&](const std::vector<double>& values) {
    return Eigen::Map<const Eigen::VectorXd>(values.data(), size);
  };
  Eigen::MatrixXd changes(size, count);
  for (Eigen::Index at = 0; at < count; ++at)
    changes.col(at) = as_vector(last.movement) - as_vector(rounds_[static_cast<std::size_t>(at)].movement);
  Eigen::MatrixXd normal = changes.transpose() * changes;
  const double ridge = kSmoothing * normal.trace();
  if (!(ridge > 0)) return {};
  normal.diagonal().array() += ridge;
  const Eigen::VectorXd mix = normal.ldlt().solve(changes.transpose() * as_vector(last.movement));

  Eigen::VectorXd guess = as_vector(last.after);
  for (Eigen::Index at = 0; at < count; ++at)
    guess -= mix[at] * (as_vector(last.after) - as_vector(rounds_[static_cast<std::size_t>(at)].after));
  if (!guess.allFinite()) return {};
  return {guess.data(), guess.data() + size};
}

}  // namespace astrolabe::linear
