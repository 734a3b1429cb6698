// SPDX-License-Identifier: Apache-2.0
// Simple theorems about a part, checked by the machine: interval reasoning over its graph, so that an answer
// is a proof and not a sample. For the functions of mathematics; what f32 rounds is left out.
//
//   for (const Certificate& c : certify_activation(resolve_part(Vocabulary::activation, "gelu").expression,
//   {-10, 10}))
//     fmt::print("{}: {}, {}\n", c.name, certainty_name(c.certainty), c.words);
//
// Pure; thread-safe. Cost: some 100 ms for each property.
#pragma once

#include <string>
#include <vector>

#include "astrolabe/evidence/bounds.h"
#include "astrolabe/evidence/sweep.h"
#include "astrolabe/graph/expression.h"

namespace astrolabe {

struct Certificate {
  std::string name;  // "increasing"
  Certainty certainty = Certainty::not_decided;
  std::string where;  // "on [-10, 10]", "by x = -1.28"
  std::string words;  // what is known, with its numbers
};

// finite, differentiable, increasing, bounded, Lipschitz, convex, fixed points, variance kept (of a standard
// normal input, in value and slope: what a deep net does with a signal).
[[nodiscard]] std::vector<Certificate> certify_activation(const Expression& activation, const Bounds& domain);

// Of a loss for numbers, in z - y: finite, convex, least where z = y, Lipschitz. Of a loss of classes, as one
// of two classes sees it, in the raw output z: finite, convex, Lipschitz, and proper: for every probability q
// of the class, the expected loss is flat where the prediction is q.
[[nodiscard]] std::vector<Certificate> certify_loss(const Expression& loss, bool is_of_classes,
                                                    const Bounds& domain);

// Of an optimizer, on a quadratic of curvature 1: whether its step is linear in gradient, weight and memories
// and the same at every step, and for which learning rates it then converges.
[[nodiscard]] std::vector<Certificate> certify_optimizer(const Expression& optimizer);

// Of a schedule, over t from 0 to 1: finite, never negative, falling.
[[nodiscard]] std::vector<Certificate> certify_schedule(const Expression& schedule);

}  // namespace astrolabe
