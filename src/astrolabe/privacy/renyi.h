// SPDX-License-Identifier: Apache-2.0
// Renyi differential privacy: a bound on every order of divergence, which adds up over steps, and the epsilon
// that the best order gives.
//
//   std::vector<double> spent(renyi_orders().size());
//   add_renyi({.noise_multiplier = 1.3, .sampling_rate = 0.0025, .times = 6000}, renyi_orders(), spent);
//   const RenyiEpsilon e = renyi_epsilon(renyi_orders(), spent, 1e-5);  // {0.72422340, 19}
//
// Always an upper bound, above the accountants that follow the whole distribution of the privacy loss.
// Sources: Mironov, "Renyi differential privacy", CSF 2017; Mironov, Talwar & Zhang, "Renyi differential
// privacy of the sampled Gaussian mechanism", arXiv 1908.10530, section 3.3; conversion: Canonne, Kamath &
// Steinke, "The discrete Gaussian for differential privacy", 2020, proposition 12. Pure; thread-safe.
#pragma once

#include <span>

#include "astrolabe/privacy/mechanism.h"

namespace astrolabe {

// 1.1, 1.2, ... 10.9, 11 to 63, 128, 256, 512, 1024: those of google's dp_accounting.
[[nodiscard]] std::span<const double> renyi_orders();
// 1.25 to 4.5, 5 to 63, 128, 256, 512: those of tensorflow-privacy's older figures. Coarser; 50 times
// cheaper.
[[nodiscard]] std::span<const double> classic_renyi_orders();

// The series of a fractional order has terms of either sign.
enum class RenyiTerms {
  with_sign,         // exact to rounding
  counted_positive,  // as google's and tensorflow's figures: larger at small fractional orders
};

// The divergence of one use, in both directions of add/remove; infinite where it does not exist. O(order);
// of a fractional order (below 1000) up to 1000 terms of a series, plus a bound on the rest.
[[nodiscard]] double renyi_divergence(const Mechanism& mechanism, double order,
                                      RenyiTerms terms = RenyiTerms::with_sign);
// The same for each order, times `mechanism.times`, added to `spent`.
void add_renyi(const Mechanism& mechanism, std::span<const double> orders, std::span<double> spent,
               RenyiTerms terms = RenyiTerms::with_sign);

struct RenyiEpsilon {
  double epsilon = 0;
  double order = 0;  // that gave it
};
// `orders` and `spent` are of one length, orders above 1, delta in (0, 1). Infinite if every order is.
[[nodiscard]] RenyiEpsilon renyi_epsilon(std::span<const double> orders, std::span<const double> spent,
                                         double delta);
// The other way round; epsilon >= 0. At most 1.
[[nodiscard]] double renyi_delta(std::span<const double> orders, std::span<const double> spent,
                                 double epsilon);

}  // namespace astrolabe
