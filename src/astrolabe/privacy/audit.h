// SPDX-License-Identifier: Apache-2.0
// The other side of accounting: how much an attack that was really run shows to have leaked. An accountant
// bounds the true epsilon from above; right and wrong guesses about who took part bound it from below.
//
//   // 5000 trainings with the canary, 5000 without; the attack says "took part" above a threshold.
//   const AttackCounts counts = count_attack(scores_with, scores_without, threshold);
//   const double shown = shown_epsilon(counts, 1e-5);  // true epsilon >= shown, with 95 % confidence
//
// The threshold is fixed before the counts are made: choose it on other runs. A lower bound above an
// accountant's guarantee means that one of the two, or the training, is wrong. Sources: Jagielski, Ullman &
// Oprea, "Auditing differentially private machine learning", NeurIPS 2020; Nasr et al., "Adversary
// instantiation", S&P 2021. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <span>

namespace astrolabe {

struct AttackCounts {
  std::uint64_t members = 0;          // trials in which the row took part
  std::uint64_t true_positives = 0;   // of them, those that the attack recognised
  std::uint64_t strangers = 0;        // trials in which it did not
  std::uint64_t false_positives = 0;  // of them, those where the attack said that it did
};

// Scores above the threshold count as "took part".
[[nodiscard]] AttackCounts count_attack(std::span<const double> member_scores,
                                        std::span<const double> stranger_scores, double threshold);

// The threshold that shows the most on these scores, at `delta`: for the choice only, on runs that are not
// counted afterwards. O(n log n).
[[nodiscard]] double best_threshold(std::span<const double> member_scores,
                                    std::span<const double> stranger_scores, double delta,
                                    double confidence = 0.95);

// The largest epsilon >= 0 that the counts refute being below: each rate within exact bounds (Clopper &
// Pearson, half of the error each), true positives <= exp(epsilon) false positives + delta, and the same of
// the negatives. Throws usage_error for a delta outside [0, 1), a confidence outside (0, 1), or more
// positives than trials.
[[nodiscard]] double shown_epsilon(const AttackCounts& counts, double delta, double confidence = 0.95);

}  // namespace astrolabe
