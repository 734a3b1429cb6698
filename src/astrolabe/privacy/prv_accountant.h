// SPDX-License-Identifier: Apache-2.0
// The accountant of privacy random variables: the loss rounded to the nearest grid point, its mean put right,
// and a theorem about how far off epsilon and delta can then be.
//
//   const PrvBounds e = prv_epsilon(uses, 1e-5);  // {.low = 2.37, .estimate = 2.38, .high = 2.39}
//
// Its own evidence beside loss_accountant.h: other rounding, other proof. Source: Gopi, Lee & Wutschitz,
// "Numerical composition of differential privacy", NeurIPS 2021, theorem 5.5. Pure; thread-safe.
#pragma once

#include <span>

#include "astrolabe/privacy/mechanism.h"

namespace astrolabe {

struct PrvOptions {
  Neighbours neighbours = Neighbours::add_remove;
  double epsilon_error = 0.01;  // asked for; larger where the grid would not fit
  double delta_error = 0;       // 0: a thousandth of delta
};

// The truth lies between low and high; high is infinite where delta is within what the error
// of delta and the rounding of numbers may hide.
struct PrvBounds {
  double low = 0, estimate = 0, high = 0;
};
// Errors as total_loss. About 50 ms; more than that where the number of uses is large.
[[nodiscard]] PrvBounds prv_epsilon(std::span<const Mechanism> uses, double delta,
                                    const PrvOptions& options = {});
// The delta at epsilon >= 0; options.delta_error is given.
[[nodiscard]] PrvBounds prv_delta(std::span<const Mechanism> uses, double epsilon, const PrvOptions& options);

}  // namespace astrolabe
