// SPDX-License-Identifier: Apache-2.0
// Evidence that may be looked at after every pair: an e-value for "the mean difference is 0", and an interval
// that holds at all times at once.
//
//   PairedEvidence evidence;
//   while (evidence.e_value() < 1 / alpha && evidence.pairs() < 30) evidence.add(ours(seed) - theirs(seed));
//   Estimate interval = evidence.interval(alpha);
//
// The e-value is the Bayes factor of a normal effect of `scale` standard deviations against none, with the
// scale-invariant prior on the standard deviation. For normal differences with mean 0 it exceeds 1 / alpha at
// any time with probability at most alpha, however long one looks (Ville's inequality), and e-values of
// several hypotheses may be averaged or handed to e_benjamini_hochberg. Sources: Grunwald, de Heide & Koolen,
// "Safe testing", JRSS B 2024; Wang & Ramdas, "Anytime-valid t-tests and confidence sequences for Gaussian
// means with unknown variance", 2023; the Bayes factor: Gonen et al., American Statistician 2005. A value
// type: not for two threads at once. All costs O(1).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "astrolabe/stats/interval.h"

namespace astrolabe {

class PairedEvidence {
 public:
  // `scale` > 0: the size of effect, in standard deviations of the differences, that one hopes to see.
  explicit PairedEvidence(double scale = 1);

  void add(double difference);  // finite

  [[nodiscard]] std::size_t pairs() const { return pairs_; }
  [[nodiscard]] double mean() const { return mean_; }
  // Of the differences; NaN with fewer than two.
  [[nodiscard]] double deviation() const;
  // 1 with fewer than two pairs. Where all differences are the same: infinite, or 1 if they are 0.
  [[nodiscard]] double e_value() const;
  // All means that the evidence does not reject at 1 / alpha; unbounded (infinities) while it is thin.
  [[nodiscard]] Estimate interval(double alpha = 0.05) const;
  // The mean, pulled to 0 as the prior asks: what to expect of an effect that was looked at because it was
  // large. The posterior mean of the effect under the very prior of the e-value.
  [[nodiscard]] double shrunk_mean() const;

 private:
  double variance_of_effect_;  // scale squared
  std::size_t pairs_ = 0;
  double mean_ = 0;
  double squares_ = 0;  // about the mean (Welford)
};

// The share of `alpha` that the k-th look (from 1) at the same sealed rows may spend: alpha * 6 / (pi k)^2.
// All shares together are alpha, however many looks there will be.
[[nodiscard]] double alpha_of_look(double alpha, std::size_t look);

// Which hypotheses to reject so that at most a share `alpha` of the rejected ones is wrong, on average,
// however the e-values depend on one another. Source: Wang & Ramdas, "False discovery rate control with
// e-values", JRSS B 2022.
[[nodiscard]] std::vector<bool> e_benjamini_hochberg(std::span<const double> e_values, double alpha = 0.05);

}  // namespace astrolabe
