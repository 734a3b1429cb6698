// SPDX-License-Identifier: Apache-2.0
// Ridge regression on kernel features: one pass over the rows, whatever the number of penalties tried.
//
//   const FittedHead head = fit_ridge(request);
//
// Minimises sum w (y - b0 - z b)^2 / sum w + penalty |b|^2, the penalty in units of the mean z'z. Rows held
// out have normal equations of their own, which give the error of any coefficients: the path over penalties
// costs a Cholesky factor each, and no further pass. Memory: width^2 doubles for each fold, the total and
// every thread.
#pragma once

#include "astrolabe/learners/kernel/head.h"
#include "astrolabe/learners/kernel/moments.h"

namespace astrolabe::kernel {

// Always gives a head: without time, the constant one, cut short.
[[nodiscard]] FittedHead fit_ridge(const HeadRequest& request);

// Mean squared residual over (1 - df / rows)^2, df the trace of the matrix that turns targets into
// predictions: the error on new rows, from the fitted ones alone (Golub, Heath & Wahba, "Generalized
// cross-validation as a method for choosing a good ridge parameter", Technometrics 1979). Infinite where
// there is no solution, or as many parameters count as there are rows.
[[nodiscard]] double gcv_score(const Moments& moments, double penalty);

// Normal equations of all rows, by fold: [used + 1], the last of the rows that are never held out. Nothing
// when the budget ended. held: null for a single part. Calls progress up to `until`.
[[nodiscard]] std::optional<std::vector<Moments>> moments_of_rows(const HeadRequest& request,
                                                                  const FitRows& rows, const HeldOut* held,
                                                                  double until);

}  // namespace astrolabe::kernel
