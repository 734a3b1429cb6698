// SPDX-License-Identifier: Apache-2.0
// G / W + penalty I, factored once and solved for as many right sides as there are: the ridge, and what
// Newton steps are preconditioned by. The last row is the constant's, which no penalty touches.
//
//   if (const auto system = PenalisedSystem::factor(moments.gram(), width, 1 / moments.weight(), 1e-3))
//     system->solve(right_side);
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

namespace astrolabe::kernel {

// Immutable; thread-safe.
class PenalisedSystem {
 public:
  // gram: [width, width]; the system is factor * gram + penalty I. Nothing where rounding leaves it not
  // positive definite. In double, by one thread. Cost: width^3 / 3.
  [[nodiscard]] static std::optional<PenalisedSystem> factor(std::span<const double> gram, std::size_t width,
                                                             double factor, double penalty);
  // In place. Cost: 2 width^2.
  void solve(std::span<double> right_side) const;
  // The sum of what stands on the diagonal of the inverse, without the constant's. Cost: width^3.
  [[nodiscard]] double inverse_trace() const;

 private:
  struct Factor;
  std::shared_ptr<const Factor> factor_;
};

}  // namespace astrolabe::kernel
