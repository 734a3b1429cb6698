// SPDX-License-Identifier: Apache-2.0
// What a mechanism's output looks like on two neighbours: the pair of distributions P and Q that are told
// apart most easily, and the privacy loss log(P/Q) as P draws it.
//
//   for (const auto& pair : loss_pairs({.noise_multiplier = 1.1, .sampling_rate = 0.01}))
//     fmt::print("delta(1) = {}\n", hockey_stick(*pair, 1));  // remove a row; add a row
//
// Everything that holds for any order, epsilon or delta follows from the tails of that loss. Sources: Sommer,
// Meiser & Mohammadi, "Privacy loss classes", PETS 2019; Zhu, Dong & Wang, "Optimal accounting of
// differential privacy via characteristic function", AISTATS 2022 (which pairs dominate). Immutable;
// thread-safe.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "astrolabe/privacy/mechanism.h"

namespace astrolabe {

// Of either tail of an interval of losses at most this much probability is cut off (exp(-50)).
inline constexpr double kCutMass = 1.9287498479639178e-22;

struct LossTails {
  double first = 0;   // P(loss > t)
  double second = 0;  // Q(loss > t)
};

class LossPair {
 public:
  LossPair() = default;
  LossPair(const LossPair&) = delete;
  LossPair& operator=(const LossPair&) = delete;
  virtual ~LossPair() = default;

  // Each to full relative precision, however small. O(1), about 100 ns.
  [[nodiscard]] virtual LossTails tails(double loss) const = 0;
  // The same at from, from + step, ...: `count` of them, in less time where neighbours help.
  [[nodiscard]] virtual std::vector<LossTails> tails_along(double from, double step, std::size_t count) const;
  // P draws a loss below or above with a probability of at most kCutMass each; both finite.
  [[nodiscard]] virtual double lowest() const = 0;
  [[nodiscard]] virtual double highest() const = 0;
  // The mean loss under P: the Kullback-Leibler divergence. About 12 digits.
  [[nodiscard]] virtual double mean() const = 0;
};

// The pairs that bound one use of the mechanism. add_remove: first that a row is removed (P has it), then
// that one is added; one pair where both are the same. replace_one: one pair, of a row that pulls one way and
// one that pulls the opposite way; Gaussian noise only (usage_error for Laplace).
[[nodiscard]] std::vector<std::unique_ptr<LossPair>> loss_pairs(
    const Mechanism& mechanism, Neighbours neighbours = Neighbours::add_remove);

// Gaussian noise of deviation `sigma` around a centre that is drawn with given chances.
struct GaussianMixture {
  std::vector<double> centres;
  std::vector<double> chances;  // sum to 1
};
// `first` against `second`: no centre of `first` below 0, none of `second` above it, so that the loss grows
// along the line. This is what several records of one person do to a sum, or a sensitivity that is drawn.
[[nodiscard]] std::unique_ptr<LossPair> mixture_pair(GaussianMixture first, GaussianMixture second,
                                                     double sigma);

// exp(loss) * mass without overflow. A mass so small that its digits are lost counts as none: what is
// subtracted from a bound must not be too large.
[[nodiscard]] double lifted(double mass, double loss);

// P(S) - exp(epsilon) Q(S) of the set S that makes it largest: the delta that one use costs at epsilon.
[[nodiscard]] double hockey_stick(const LossPair& pair, double epsilon);

}  // namespace astrolabe
