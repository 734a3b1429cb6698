// SPDX-License-Identifier: Apache-2.0
// Gaussian differential privacy: as hard to tell apart as N(0, 1) and N(mu, 1).
//
//   gaussian_epsilon(1 / 0.7, 1e-5);                              // exact: one Gaussian step, sigma 0.7
//   const double mu = clt_mu_poisson(1.1, 256 / 60000.0, 14062.5);  // 0.5736
//   gaussian_epsilon(mu, 1e-5);                                   // 2.324: an ESTIMATE, can be too low
//
// The central limit theorem describes many steps on small samples in the limit only: at finite numbers of
// steps it is below the truth as often as not, so nothing here that says clt is a guarantee. Sources: Dong,
// Roth & Su, "Gaussian differential privacy", JRSS B 2022; Bu, Dong, Long & Su, "Deep learning with Gaussian
// differential privacy", HDSR 2020. Pure; thread-safe; O(1).
#pragma once

namespace astrolabe {

// Exact for mu-GDP, in logarithms: no epsilon is too large. mu >= 0; delta in (0, 1).
[[nodiscard]] double log_gaussian_delta(double mu, double epsilon);
[[nodiscard]] double gaussian_delta(double mu, double epsilon);
// The least epsilon >= 0, to 12 digits.
[[nodiscard]] double gaussian_epsilon(double mu, double delta);

// Chance to catch a member at most `false_positives` of the time that it is none: the other face of mu.
[[nodiscard]] double gaussian_true_positives(double mu, double false_positives);

// mu of `steps` (may be a fraction: passes * rows / batch) as they become many: every row on its own
// (Poisson, add/remove), and samples of fixed size (uniform, replace-one). Estimates.
[[nodiscard]] double clt_mu_poisson(double sigma, double rate, double steps);
[[nodiscard]] double clt_mu_uniform(double sigma, double rate, double steps);

}  // namespace astrolabe
