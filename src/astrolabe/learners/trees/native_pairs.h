// SPDX-License-Identifier: Apache-2.0
// Gradients and hessians of a loss, a few rows at a time, straight from the scores: they need no memory of
// their own, and the rows are read once.
//
//   if (NativePairs::suits(objective)) {
//     const NativePairs source(objective, labels, scores);
//     source(rows, pairs);                                     // pairs[i] of rows[i]
//     packed.pack(labels.rows(), source, source.bound(), rows, key, pool);
//   }
//
// The pairs have the bytes of apply_link and find_gradients (loss.h).
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "astrolabe/learners/trees/fixed_point.h"
#include "astrolabe/learners/trees/loss.h"

namespace astrolabe::trees {

// Thread-safe to use. What it was made of must outlive it.
class NativePairs {
 public:
  // The squared and the logistic loss.
  [[nodiscard]] static bool suits(const Objective& objective);

  NativePairs(const Objective& objective, const Labels& labels, std::span<const double> scores);

  // For any number of rows, ascending.
  void operator()(std::span<const std::uint32_t> rows, GradientPair* pairs) const;
  // What no gradient and no hessian exceeds, where that is known before any is found.
  [[nodiscard]] const std::optional<GradientPair>& bound() const { return bound_; }

 private:
  Loss loss_;
  const Labels& labels_;
  std::span<const double> scores_;
  std::optional<GradientPair> bound_;
};

}  // namespace astrolabe::trees
