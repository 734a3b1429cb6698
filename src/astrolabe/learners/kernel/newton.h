// SPDX-License-Identifier: Apache-2.0
// Logistic, multinomial and Poisson regression on kernel features: Newton steps, each by conjugate gradients
// with a preconditioner, so that the second derivatives of many classes are never built.
//
//   const FittedHead head = fit_likelihood(request);
//
// Minimises the mean loss (row_loss.h) + penalty / 2 |b|^2, the penalty in units of the mean z'z. The
// preconditioner is the curvature where the scores are constant, c Z'WZ / W + penalty, by one pass and a
// Cholesky factor for each penalty: the first Newton step of two classes then takes one step of conjugate
// gradients. Source: Rudi, Carratino and Rosasco, "FALKON" (NIPS 2017) and Marteau-Ferey, Bach and Rudi,
// "Globally convergent Newton methods for ill-conditioned generalized self-concordant losses" (NeurIPS 2019)
// for the same with centres; Nash, "A survey of truncated-Newton methods" (2000).
#pragma once

#include "astrolabe/learners/kernel/head.h"

namespace astrolabe::kernel {

// Always gives a head: without time the best so far, cut short. Memory: 2 width^2 doubles, and up to 128 MB
// of features that are kept between passes.
[[nodiscard]] FittedHead fit_likelihood(const HeadRequest& request);

}  // namespace astrolabe::kernel
